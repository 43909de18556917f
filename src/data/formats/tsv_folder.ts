/**
 * Folders of tab-separated text: `inter.tsv` with a header `user item split …`, and the files that `side.ts` lists.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import { assemble } from "./assemble.ts";
import { filesIn, nameOf, withoutGz } from "./files.ts";
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
  const names = await filesIn(folder, options.files) ?? [];
  const file = names.find((name) => withoutGz(name) === "inter.tsv") ?? "inter.tsv";
  const table = await readTable(`${folder}/${file}`, "interactions", {
    header: true,
    separator: "\t",
    files: options.files,
  });
  const log = logOf(table, options);
  const side = await readSide(folder, names.filter((name) => name !== file), log, options);
  return assemble(nameOf(folder), log, side, options);
}
