/**
 * Zip archives: their directory, and the extraction of all files to a folder, a part at a time and within bounds.
 *
 * @module
 */
import { FormatError } from "../../../kernels/errors.ts";
import type { Files } from "../files.ts";
import { unreadable } from "./files.ts";

/** An entry of an archive. */
export interface ZipEntry {
  readonly name: string;
  /** 0 if the content is stored as it is, 8 if it is deflated. */
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly crc: number;
  /** The byte at which the header of the entry begins. */
  readonly offset: number;
}

type Refuse = (rule: string, cause?: unknown) => FormatError;

/** The most bytes of an archive's content, the most entries, and the bytes that are read at a time. */
const MOST = 2 ** 34, ENTRIES = 1e5, PIECE = 2 ** 16;
/** The lengths of the fixed parts of an archive. */
const END = 22, ENTRY = 46, HEADER = 30;

/**
 * Returns the entries of an archive, given its last bytes and the position of the first of them.
 *
 * @throws {FormatError} the result of `refuse` if they are not the end of an archive.
 */
export function zipEntries(tail: Uint8Array, from: number, refuse: Refuse): ZipEntry[] {
  const data = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const last = tail.length - END;
  let end = last;
  while (end >= 0 && end > last - 65536 && data.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0 || data.getUint32(end, true) !== 0x06054b50) throw refuse("the file is no zip archive, or is cut off");
  const entries: ZipEntry[] = [];
  let at = data.getUint32(end + 16, true) - from;
  for (let n = data.getUint16(end + 10, true); n > 0; n--) {
    if (at < 0 || at + ENTRY > tail.length || data.getUint32(at, true) !== 0x02014b50) {
      throw refuse("its directory is damaged");
    }
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => data.getUint16(at + offset, true));
    const [crc, packed, size, offset] = [16, 20, 24, 42].map((offset) => data.getUint32(at + offset, true));
    const name = new TextDecoder().decode(tail.subarray(at + ENTRY, at + ENTRY + nameLength));
    entries.push({ name, method: data.getUint16(at + 10, true), packed, size, crc, offset });
    at += ENTRY + nameLength + extra + comment;
  }
  return entries;
}

/** Returns whether a file is a zip archive, by its first bytes. */
export async function isZip(path: string, files: Files): Promise<boolean> {
  const [p, k, three, four] = await files.readRange(path, 0, 4);
  return p === 0x50 && k === 0x4b && three === 3 && four === 4;
}

/**
 * Writes all files of an archive to a new folder, in the folders in which the archive has them.
 *
 * @throws {FormatError} if the archive is damaged, a name leads out of the folder, or it unpacks to more than 16 GiB.
 */
export async function unzip(path: string, folder: string, files: Files): Promise<void> {
  const refuse: Refuse = (rule, cause) => unreadable("an archive", path, rule, { cause });
  const length = (await files.stat(path))?.size ?? 0;
  const ending = await files.readRange(path, Math.max(0, length - 65536 - END), 65536 + END);
  const start = directoryStart(ending, refuse);
  if (start > length) throw refuse("its directory is damaged");
  const entries = zipEntries(await files.readRange(path, start, length - start), start, refuse);
  if (entries.length > ENTRIES || entries.reduce((sum, { size }) => sum + size, 0) > MOST) {
    throw refuse("it unpacks to more than 16 GiB or 100,000 files");
  }
  for (const entry of entries) {
    const { name } = entry;
    if (name.split(/[/\\]/).some((part) => part === "..") || /^[/\\]|^[a-z]:|\0/i.test(name)) {
      throw refuse(`"${name.slice(0, 80)}" leads out of the folder`);
    }
    const target = `${folder}/${name}`;
    await files.makeFolder(name.endsWith("/") ? target : target.replace(/\/[^/]*$/, ""));
    if (!name.endsWith("/")) await extract(path, entry, target, files, refuse);
  }
}

/** Returns the position of the directory, which the end of an archive has. */
function directoryStart(ending: Uint8Array, refuse: Refuse): number {
  const data = new DataView(ending.buffer, ending.byteOffset, ending.byteLength);
  for (let at = ending.length - END; at >= 0; at--) {
    if (data.getUint32(at, true) === 0x06054b50) return data.getUint32(at + 16, true);
  }
  throw refuse("the file is no zip archive, or is cut off");
}

/** Writes the content of an entry to a file. */
async function extract(path: string, entry: ZipEntry, target: string, files: Files, refuse: Refuse): Promise<void> {
  const { name, method, packed, size, crc, offset } = entry;
  if (method !== 0 && method !== 8) {
    throw refuse(`"${name}" is packed by method ${method}; unpack the archive yourself`);
  }
  const header = await files.readRange(path, offset, HEADER);
  if (header.length < HEADER) throw refuse(`"${name}" is cut off`);
  const view = new DataView(header.buffer);
  const start = offset + HEADER + view.getUint16(26, true) + view.getUint16(28, true);
  const { Inflate } = await import("fflate");
  let parts: Uint8Array[] = [], length = 0, sum = ~0;
  const add = (part: Uint8Array) => {
    length += part.length;
    sum = crcOf(part, sum);
    parts.push(part.slice());
    if (length > size) throw refuse(`"${name}" is longer than the archive says`);
  };
  const stream = method === 8 ? new Inflate(add) : null;
  await files.write(target, new Uint8Array(0));
  for (let at = 0; at < packed || at === 0; at += PIECE) {
    const piece = await files.readRange(path, start + at, Math.min(PIECE, packed - at));
    try {
      if (stream) stream.push(piece, at + PIECE >= packed);
      else add(piece);
    } catch (cause) {
      throw cause instanceof FormatError ? cause : refuse(`"${name}" is damaged`, cause);
    }
    if (parts.length > 0) await files.append(target, joined(parts));
    parts = [];
  }
  if (length !== size || ~sum >>> 0 !== crc) throw refuse(`"${name}" is damaged: its check sum differs`);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The remainders of each byte by the polynomial of zip's check sum (CRC-32). */
const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ value >>> 1 : value >>> 1;
  return value;
});

/** Returns the state of the check sum after more bytes. */
function crcOf(bytes: Uint8Array, state: number): number {
  for (const byte of bytes) state = REMAINDERS[(state ^ byte) & 255] ^ state >>> 8;
  return state;
}
