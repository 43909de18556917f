/**
 * `data get`: downloads a data set that others publish, by its name or its address, checks it and converts it.
 *
 * @module
 */
import { FileError, ValueError } from "../../kernels/errors.ts";
import type { Files } from "../data/files.ts";
import { nameOf, withoutGz } from "../data/formats/files.ts";
import { isZip, unzip } from "../data/formats/zip.ts";
import { PUBLISHED, type PublishedData, type PublishedFile } from "../data/published.ts";
import { table } from "../reports/text_table.ts";
import { convert, type ConvertOptions } from "./data.ts";
import { exitOf } from "./failure.ts";
import { download, verified } from "./download.ts";
import type { Io, Report } from "./io.ts";
import { note } from "./io.ts";
import { type Progress, startProgress } from "./progress.ts";

/** The options of `data get`. */
export interface GetOptions
  extends Pick<ConvertOptions, "validation" | "order" | "encode" | "minRating" | "kCore" | "split" | "seed"> {
  /** The name of a published data set, or an address; without it, the names are listed. */
  readonly source: string | undefined;
  /** The folder to write; by default the name. */
  readonly out: string | undefined;
  /** The expected digest. */
  readonly sha256: string | undefined;
  /** Whether the downloaded files stay. */
  readonly keep: boolean;
}

const MB = 1e6;

/** Downloads, checks and converts a data set; without a name, lists the names. */
export async function get(options: GetOptions, io: Io): Promise<Report> {
  const { source } = options;
  if (source === undefined) return listing();
  const found = publishedAt(source);
  const { files } = io;
  const out = options.out ?? found.name;
  if (await files.stat(`${out}/dataset.json`)) {
    throw new ValueError(
      `Cannot get "${source}": "${out}" holds a data set already; remove it, or name another (--out)`,
    );
  }
  note(io, `${found.title}, from ${found.page}. Conditions: ${found.licence}`);
  const work = `${out}.download`;
  await files.makeFolder(work);
  const release = await files.lock(work);
  if (!release) throw new FileError(`Cannot get "${source}": another command is downloading to "${work}"`);
  try {
    const stop = io.interruption();
    for (const file of withDigest(found.files, options.sha256)) {
      if (!await fetched(file, work, stop, io)) return interrupted(work, stop);
    }
    const place = await unpacked(found.files, work, files);
    const report = await convert({ ...COLUMNS, ...options, source: place, out, missing: "mean" }, io);
    if (!options.keep) await files.remove(work);
    return report;
  } finally {
    await release();
  }
}

/** The columns are those of the published files. */
const COLUMNS = {
  userColumn: undefined,
  itemColumn: undefined,
  timeColumn: undefined,
  ratingColumn: undefined,
  table: undefined,
  query: undefined,
  noHeader: false,
};

function publishedAt(source: string): PublishedData & { readonly name: string } {
  if (Object.hasOwn(PUBLISHED, source)) return { name: source, ...PUBLISHED[source] };
  const url = URL.canParse(source) ? new URL(source) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new ValueError(
      `Cannot get "${source}": expected an address, https://…, or one of ${Object.keys(PUBLISHED).join(", ")}`,
    );
  }
  const file = nameOf(decodeURIComponent(url.pathname)).replaceAll(/[^\p{L}\p{N}_.-]/gu, "_").replace(/^\.+/, "");
  const name = withoutGz(file).replace(/\.[^.]*$/, "") || "download";
  const licence = "not known to this program; read the publisher's page";
  return { name, title: file, page: source, licence, files: [{ url: source, name: file || "download" }] };
}

function withDigest(files: readonly PublishedFile[], sha256: string | undefined): readonly PublishedFile[] {
  if (sha256 === undefined) return files;
  if (!/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new ValueError(`Cannot use --sha256 ${sha256}: expected 64 hexadecimal digits`);
  }
  if (files.length > 1) throw new ValueError(`Cannot use --sha256 for ${files.length} files: it is the digest of one`);
  // A digest that is given is of a later version of the file, which may have another length.
  return [{ ...files[0], sha256, bytes: undefined }];
}

/** Downloads a file to a folder, with a display of progress, and checks it. Returns `false` if it was interrupted. */
async function fetched(file: PublishedFile, folder: string, signal: AbortSignal, io: Io): Promise<boolean> {
  const { files } = io;
  const path = `${folder}/${file.name}`;
  let display: Promise<Progress> | null = null, shown: Progress | null = null;
  try {
    await download(file, path, {
      files,
      signal,
      note: (text) => note(io, text),
      wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      progress: (done, total) => {
        display ??= startProgress(io, { total: Math.ceil((total ?? 0) / MB), unit: "MB" })
          .then((made) => shown = made);
        shown?.update(Math.floor(done / MB));
      },
    });
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    (await (display as Promise<Progress> | null))?.end();
  }
  const digest = await verified(file, path, files);
  note(
    io,
    file.sha256 === undefined
      ? `"${file.name}" has no known digest, and was not verified; its SHA-256 is ${digest}`
      : `"${file.name}" has the expected SHA-256, ${digest.slice(0, 16)}…`,
  );
  return true;
}

function interrupted(work: string, stop: AbortSignal): Report {
  return {
    data: { status: "interrupted", kept: work },
    text: () => `Stopped. The bytes so far are in "${work}"; run the command again to go on.\n`,
    exit: exitOf(stop),
  };
}

/** Unpacks an archive, and returns the folder or file of the data. */
async function unpacked([first, ...others]: readonly PublishedFile[], work: string, files: Files): Promise<string> {
  const path = `${work}/${first.name}`;
  if (others.length > 0) return work;
  if (!await isZip(path, files) || /\.npz$/i.test(path)) return path;
  const folder = `${work}/unpacked`;
  await files.remove(folder);
  await unzip(path, folder, files);
  const entries = (await files.list(folder)).filter(({ name }) => !/^(?:\.|__MACOSX$)/.test(name));
  return entries.length === 1 ? `${folder}/${entries[0].name}` : folder;
}

function listing(): Report {
  const rows = Object.entries(PUBLISHED).map(([name, { title, page }]) => [name, title, page]);
  return {
    data: { published: Object.fromEntries(Object.entries(PUBLISHED)) },
    text: (sink) => table([{ title: "name" }, { title: "data" }, { title: "page of the publisher" }], rows, sink),
  };
}
