/**
 * Interactions in large delimited files, block by block: every id is kept once, and times in typed arrays.
 *
 * @module
 */
import type { Files } from "../files.ts";
import { unreadable } from "./files.ts";
import { type Log, logOf } from "./interactions.ts";
import { lineBlocks } from "./line_blocks.ts";
import type { ReadOptions } from "./options.ts";
import { tableOfLines } from "./table.ts";

/**
 * Returns the interactions of a file. A quoted cell must not have a line break at the end of a block.
 *
 * @throws {FormatError} as `readLog` does.
 */
export async function readLargeLog(
  path: string,
  options: ReadOptions,
  files: Files | undefined,
  block?: number,
): Promise<Log> {
  const known = new Map<string, string>();
  const interned = (id: string) => known.get(id) ?? (known.set(id, id), id);
  const users: string[] = [], items: string[] = [];
  const times: Float64Array[] = [], splits: Uint8Array[] = [];
  let header: readonly string[] | null = null, separator = options.separator, described: Log | null = null;
  for await (const { lines, first } of lineBlocks(path, "interactions", files, block)) {
    const form = { separator, header: described ? false : options.header, first };
    const table = tableOfLines(path, "interactions", lines, form);
    if (!described) [header, separator] = [table.header, table.separator];
    const log = logOf({ ...table, header }, options);
    described ??= log;
    for (const user of log.users) users.push(interned(user));
    for (const item of log.items) items.push(interned(item));
    if (log.times) times.push(log.times);
    if (log.split) splits.push(log.split);
  }
  if (!described) throw unreadable("interactions", path, "the file is empty");
  return {
    ...described,
    users,
    items,
    times: described.times && joined(new Float64Array(users.length), times),
    split: described.split && joined(new Uint8Array(users.length), splits),
  };
}

function joined<T extends Float64Array | Uint8Array>(whole: T, parts: readonly T[]): T {
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
