/**
 * MMRec's and GUME's folders: `NAME.inter`, tab-separated with a header `userID itemID x_label` and others, such as
 * `rating timestamp`, in any order (x_label 0 is train, 1 validation, 2 test), and `image_feat.npy`, `text_feat.npy`
 * whose row r belongs to item r.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import { assemble } from "./assemble.ts";
import { filesIn, readText, unreadable } from "./files.ts";
import { logOf, trainedOnly } from "./interactions.ts";
import type { ReadOptions } from "./options.ts";
import { readSide } from "./side.ts";
import { type Files, localFiles } from "../files.ts";
import { readTable } from "./table.ts";

/** The names of tables of interactions. */
const TABLE = /^(.+)\.inter(?:\.gz)?$/;

/** Returns whether a folder with files of these names is MMRec's: it has one `.inter` file, with a column `x_label`. */
export async function isMmrec(
  folder: string,
  names: readonly string[],
  files: Files = localFiles,
): Promise<boolean> {
  const tables = names.filter((name) => TABLE.test(name));
  if (tables.length !== 1) return false;
  const [header] = (await readText(`${folder}/${tables[0]}`, "interactions", files)).split("\n", 1);
  return header.split("\t").map((name) => name.trim()).includes("x_label");
}

/**
 * Returns the data set of such a folder, by the named file if it has several. As MMRec does, it leaves out held-out
 * interactions of users who have no training interactions.
 *
 * @throws {FormatError} if a file cannot be read, or there is not exactly one `.inter` file.
 * @throws {ValueError} if features do not fit the items.
 */
export async function readMmrec(folder: string, options: ReadOptions = {}, named?: string): Promise<Dataset> {
  const { files } = options;
  const names = await filesIn(folder, files) ?? [];
  const [file, ...others] = named === undefined ? names.filter((name) => TABLE.test(name)) : [named];
  if (file === undefined || others.length > 0) {
    const found = file ? `"${[file, ...others].join('", "')}"; move the others away, or name the file` : "none";
    throw unreadable("a data set", folder, `expected one file NAME.inter, found ${found}`);
  }
  const table = await readTable(`${folder}/${file}`, "interactions", { header: true, separator: "\t", files });
  const log = trainedOnly(logOf(table, { ...options, columns: { split: "x_label", ...options.columns } }));
  const side = await readSide(folder, names.filter((name) => name !== file), log, options);
  return assemble(TABLE.exec(file)![1], log, side, options);
}
