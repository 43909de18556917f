/**
 * Folders of JPEG and PNG files, one for each item and named by its id.
 *
 * @module
 */
import { FormatError, ValueError } from "../../../kernels/errors.ts";
import { type Files, localFiles } from "../files.ts";
import { clipped, filesIn, readBytes } from "./files.ts";

/** Pictures of one size, in the order of their ids. */
export interface NamedPictures {
  readonly source: string;
  readonly ids: readonly string[];
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** The pictures of a folder, and its files that were not read, as a sentence names them. */
export interface PictureFolder {
  readonly pictures: NamedPictures | null;
  readonly unused: readonly string[];
}

/** The side of every picture, in pixels, and the most bytes of a file and of all pixels. */
const SIDE = 48, LARGEST_FILE = 2 ** 26, MOST = 2 ** 31;
const PICTURE = /^(.+)\.(?:jpe?g|png)$/i;

/** Returns the folder of pictures among the entries of a folder, if there is one: `images/` or a name like this. */
export function pictureFolder(names: readonly string[]): string | undefined {
  const forms = /^(?:images?|imgs?|pictures?|pics|photos?|posters?|covers?|thumbnails?|thumbs|artworks?)\/$/i;
  return names.find((name) => forms.test(name));
}

/**
 * Returns the pictures that are named by items, each of 48 × 48 pixels.
 *
 * @throws {FormatError} if a file cannot be read.
 */
export async function readPictureFolder(
  folder: string,
  items: readonly string[],
  files: Files = localFiles,
): Promise<PictureFolder> {
  const name = `${folder.replace(/^.*\//, "")}/`, known = new Set(items);
  const found = new Map<string, string>();
  const unused: string[] = [];
  let strangers = 0;
  for (const file of await filesIn(folder, files) ?? []) {
    const id = PICTURE.exec(file)?.[1];
    if (id === undefined) unused.push(`"${name}${file}"`);
    else if (!known.has(id)) strangers++;
    else if (found.has(id)) unused.push(`"${name}${file}" (a second picture of an item)`);
    else found.set(id, file);
  }
  if (strangers > 0) unused.push(`pictures in "${name}" that are named by no item: ${strangers}`);
  const size = SIDE * SIDE * 3;
  const pixels = new Uint8Array(Math.min(found.size, Math.floor(MOST / size)) * size);
  const ids: string[] = [];
  const { decodePicture } = await import("./decode_picture.ts");
  for (const [id, file] of found) {
    try {
      if ((ids.length + 1) * size > pixels.length) throw new ValueError("there are too many pictures");
      const info = await files.stat(`${folder}/${file}`);
      if (info && info.size > LARGEST_FILE) throw new ValueError("the file has more than 64 MiB");
      const bytes = await readBytes(`${folder}/${file}`, "pictures", files, LARGEST_FILE);
      pixels.set(await decodePicture(bytes, { height: SIDE, width: SIDE }), ids.length * size);
      ids.push(id);
    } catch (error) {
      if (!(error instanceof ValueError || error instanceof FormatError)) throw error;
      const [, reason] = /^Cannot read pictures from ".*": (.*)$/.exec(error.message) ?? ["", error.message];
      unused.push(`"${name}${file}" (${clipped(reason)})`);
    }
  }
  const all = { ids, count: ids.length, height: SIDE, width: SIDE, pixels: pixels.subarray(0, ids.length * size) };
  return { pictures: ids.length > 0 ? { source: folder, ...all } : null, unused };
}
