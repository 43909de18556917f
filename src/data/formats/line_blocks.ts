/**
 * Large files of text, read in blocks of whole lines: a text of more than 512 MiB does not fit a string.
 *
 * @module
 */
import { type Files, localFiles } from "../files.ts";
import { unreadable } from "./files.ts";

/** The bytes from which a file is large, and the bytes of a block. */
export const LARGE: number = 2 ** 28;
const BLOCK = 2 ** 24;

/** Whole lines of a file, and the number of the first of them, from 1. */
export interface LineBlock {
  readonly lines: readonly string[];
  readonly first: number;
}

/** Returns whether a file is too large to be read at once; compressed files and pipes are not. */
export async function isLarge(path: string, files: Files = localFiles, large: number = LARGE): Promise<boolean> {
  if (/\.gz$/i.test(path)) return false;
  const info = await files.stat(path).catch(() => null);
  return info?.kind === "file" && info.size > large;
}

/**
 * Returns the lines of a file in UTF-8, some 16 MiB of them at a time.
 *
 * @throws {FormatError} if the file is no text, or a line is longer than a block.
 */
export async function* lineBlocks(
  path: string,
  what: string,
  files: Files = localFiles,
  size: number = BLOCK,
): AsyncGenerator<LineBlock> {
  let first = 1, rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  for (let at = 0;;) {
    const read = await files.readRange(path, at, size);
    const bytes = new Uint8Array(rest.length + read.length);
    bytes.set(rest);
    bytes.set(read, rest.length);
    at += read.length;
    const last = read.length < size;
    const end = last ? bytes.length : bytes.lastIndexOf(10) + 1;
    if (end === 0 && !last) throw unreadable(what, path, "the line is too long", { line: first });
    if (bytes.subarray(0, end).includes(0)) throw unreadable(what, path, "the file is binary; expected text in UTF-8");
    const lines = decoded(bytes.subarray(0, end), path, what).split(/\r\n|\n|\r/);
    if (lines.at(-1) === "") lines.pop();
    if (lines.length > 0) yield { lines, first };
    if (last) return;
    first += lines.length;
    rest = bytes.slice(end);
  }
}

function decoded(bytes: Uint8Array, path: string, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(what, path, "the text is not UTF-8; save it in that encoding", { cause });
  }
}
