/**
 * Folders of tab-separated text: `inter.tsv` with a header `user item split …`, and the files that `side.ts` lists.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import { assemble } from "./assemble.ts";
import { filesIn, nameOf } from "./files.ts";
import { logOf } from "./interactions.ts";
import type { ReadOptions } from "./options.ts";
import { readSide } from "./side.ts";
import { readTable } from "./table.ts";

/**
 * Returns the data set of such a folder.
 *
 * @throws {FormatError} if a file cannot be read.
 * @throws {ValueError} if features do not fit the items.
 */
export async function readTsvFolder(folder: string, options: ReadOptions = {}): Promise<Dataset> {
  const table = await readTable(`${folder}/inter.tsv`, "interactions", {
    header: true,
    separator: "\t",
    files: options.files,
  });
  const names = await filesIn(folder, options.files) ?? [];
  const side = await readSide(folder, names.filter((name) => name !== "inter.tsv"), options);
  return assemble(nameOf(folder), logOf(table, options), side, options);
}
