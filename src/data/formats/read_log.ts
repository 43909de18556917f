/**
 * Reads a file of interactions, at once or in blocks.
 *
 * @module
 */
import { ITEM_COLUMNS, type Log, logOf } from "./interactions.ts";
import { isLarge } from "./line_blocks.ts";
import type { ReadOptions } from "./options.ts";
import { readTable } from "./table.ts";

/**
 * Returns the interactions of a file, with lists of items taken apart.
 *
 * @throws {FormatError} as {@link logOf} and `readTable` do.
 */
export async function readLog(path: string, options: ReadOptions): Promise<Log> {
  const { files, columns } = options;
  if (/\.(?:csv|tsv|dat|txt|data|inter)$/i.test(path) && await isLarge(path, files)) {
    const { readLargeLog } = await import("./large_log.ts");
    return await readLargeLog(path, options, files);
  }
  const { item = null } = columns ?? {};
  const lists = typeof item === "string" ? [item] : ITEM_COLUMNS;
  return logOf(await readTable(path, "interactions", { ...options, lists }), options);
}
