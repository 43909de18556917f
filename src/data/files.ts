/**
 * The file layer of the library: the interface {@link Files}, and {@link localFiles}, the files of this machine.
 *
 * @module
 */
import type { FileHandle } from "node:fs/promises";
import { FileError } from "../../kernels/errors.ts";

/** The kind of an entry of a folder. Links and devices are `"other"`. */
export type FileKind = "file" | "folder" | "other";

/** The kind and the size of a file or folder. */
export interface FileInfo {
  /** Links are followed: a link to a file is a file. */
  readonly kind: FileKind;
  /** The size in bytes; of a folder, any number. */
  readonly size: number;
}

/** The name and the kind of an entry of a folder. Links are not followed: their kind is `"other"`. */
export interface FolderEntry {
  /** The last part of the path. */
  readonly name: string;
  /** The kind of the entry itself. */
  readonly kind: FileKind;
}

/** The options of {@link Files.makeFolder}. */
export interface MakeFolderOptions {
  /** Whether the folder must be new, and lie in a folder that exists; `false` by default. */
  readonly fresh?: boolean | undefined;
}

/**
 * Access to files. Every function that reads or writes takes one as the option `files`, {@link localFiles} by
 * default. A failed call rejects with an error that has one of Node's codes, `ENOENT`, `EACCES`, `EISDIR` or `EEXIST`
 * for example, as its property `code`.
 */
export interface Files {
  /** Returns the bytes of a file. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Returns `length` bytes of a file from the byte `from` on, fewer where the file ends before. */
  readRange(path: string, from: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Writes a file, all of it or nothing: a crash leaves the old file or the new one. Its folder must exist. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Adds bytes to the end of a file, which is made if it does not exist. */
  append(path: string, bytes: Uint8Array): Promise<void>;
  /** Returns the kind and size of a file or folder, or `null` if there is none at this path. */
  stat(path: string): Promise<FileInfo | null>;
  /** Returns the entries of a folder in ascending order of their names. */
  list(folder: string): Promise<readonly FolderEntry[]>;
  /**
   * Makes a folder and the folders above it, and returns whether it was made: `false` if it existed. With `fresh`
   * only the folder itself is made.
   */
  makeFolder(path: string, options?: MakeFolderOptions): Promise<boolean>;
  /** Gives a file or folder another path. A file at the new path is replaced. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, or a folder and all that it holds. A path without a file or folder is no error. */
  remove(path: string): Promise<void>;
  /** Returns the absolute path of a file or folder, without links. */
  realPath(path: string): Promise<string>;
  /**
   * Locks a folder for this process and returns the function that releases the lock, or returns `null` if a running
   * process, this one too, holds the lock. The lock of a process that no longer runs is taken over. The lock is the
   * file `lock` in the folder.
   */
  lock(folder: string): Promise<(() => Promise<void>) | null>;
}

/** Bytes in one call of the system, for files and for pipes, and the most bytes of a pipe, which may have no end. */
const CHUNK = 2 ** 30, PIPED = 2 ** 20, LONGEST_PIPE = 2 ** 30;

/** The lock files of this process. */
const claimed = new Set<string>();

/**
 * The files of this machine, by `node:fs/promises` of Deno, Node or Bun. That module is imported at the first call,
 * so a browser can load this module, but cannot use these files.
 *
 * @example
 * ```ts
 * import { localFiles } from "@giverny/giverny/data";
 * import { equal } from "node:assert/strict";
 * equal((await localFiles.stat("deno.json"))?.kind, "file");
 * equal(await localFiles.stat("no/such/file"), null);
 * ```
 */
export const localFiles: Files = {
  read: (path) =>
    withFile(path, "r", async (file) => {
      const info = await file.stat();
      if (info.isCharacterDevice() || info.isBlockDevice()) {
        throw refusal(path, "ENODEV", "it is a device; name a file or a pipe");
      }
      // A pipe has no size, and a folder gives the system's own error here.
      return info.isFile() ? await rangeOf(file, 0, info.size) : await wholeOf(file, path);
    }),
  readRange: (path, from, length) => withFile(path, "r", (file) => rangeOf(file, from, length)),
  write: writeAtomically,
  append: (path, bytes) => withFile(path, "a", (file) => writeThrough(file, bytes)),
  async stat(path) {
    try {
      const info = await (await fs()).stat(path);
      return { kind: kindOf(info), size: info.size };
    } catch (error) {
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return null;
      throw error;
    }
  },
  async list(folder) {
    const found = await (await fs()).readdir(folder, { withFileTypes: true });
    return found.map((entry) => ({ name: entry.name, kind: kindOf(entry) })).sort((a, b) => a.name < b.name ? -1 : 1);
  },
  async makeFolder(path, { fresh = false } = {}) {
    try {
      return await (await fs()).mkdir(path, { recursive: !fresh }) !== undefined || fresh;
    } catch (error) {
      if (fresh && codeOf(error) === "EEXIST") return false;
      throw error;
    }
  },
  rename: async (from, to) => await (await fs()).rename(from, to),
  remove: async (path) => await (await fs()).rm(path, { recursive: true, force: true }),
  realPath: async (path) => await (await fs()).realpath(path),
  lock: lockFolder,
};

/** Returns the code of an error of {@link Files}, or `undefined` if it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

async function fs(): Promise<typeof import("node:fs/promises")> {
  try {
    return await import("node:fs/promises");
  } catch (cause) {
    throw new FileError("Cannot use localFiles: this runtime has no files; hand in others, memoryFiles() for example", {
      cause,
    });
  }
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): FileKind {
  return entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "other";
}

async function withFile<T>(path: string, flags: "r" | "a" | "wx", use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await (await fs()).open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function rangeOf(file: FileHandle, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, Math.min(length - filled, CHUNK), from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled === length ? bytes : bytes.slice(0, filled);
}

/** Returns the error for a file that is not read, with a code as the errors of the system have it. */
function refusal(path: string, code: string, rule: string): FileError {
  return Object.assign(new FileError(`Cannot read "${path}": ${rule}`), { code });
}

/** Returns the bytes of a pipe until its end. */
async function wholeOf(file: FileHandle, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(PIPED), 0, PIPED, null);
    if (bytesRead === 0) break;
    parts.push(buffer.slice(0, bytesRead));
    length += bytesRead;
    if (length > LONGEST_PIPE) throw refusal(path, "EFBIG", "the pipe gives more than 1 GiB; write a file");
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Writes bytes where the file stands, and waits until the disk has them. */
async function writeThrough(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written, Math.min(bytes.length - written, CHUNK))).bytesWritten;
  }
  await file.sync();
}

/** Writes a file under a name that no file has, and then gives it the name it should have. */
async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const { rename, rm } = await fs();
  for (let n = 0;; n++) {
    const partial = `${path}.${n}.partial`;
    let made = false;
    try {
      await withFile(partial, "wx", (file) => {
        made = true;
        return writeThrough(file, bytes);
      });
      return await rename(partial, path);
    } catch (error) {
      if (made) await rm(partial, { force: true });
      else if (codeOf(error) === "EEXIST") continue;
      throw error;
    }
  }
}

async function lockFolder(folder: string): Promise<(() => Promise<void>) | null> {
  const path = `${await localFiles.realPath(folder)}/lock`;
  if (!(await claim(path) || await takeOver(path))) return null;
  let held = true;
  return async () => {
    if (held) await release(path);
    held = false;
  };
}

/** Makes a lock file with the number of this process, and returns whether there was none. */
async function claim(path: string): Promise<boolean> {
  const { pid } = (await import("node:process")).default;
  if (claimed.has(path)) return false;
  claimed.add(path);
  try {
    await withFile(path, "wx", (file) => writeThrough(file, new TextEncoder().encode(`${pid}\n`)));
    return true;
  } catch (error) {
    claimed.delete(path);
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Removes a lock file of this process. */
async function release(path: string): Promise<void> {
  await localFiles.remove(path);
  claimed.delete(path);
}

/**
 * Replaces the lock file of a process that no longer runs, and returns whether this was possible. A second file decides
 * which of several processes does so: without it, one could remove the lock that another has just made.
 */
async function takeOver(path: string): Promise<boolean> {
  if (!await isStale(path)) return false;
  const decision = `${path}.takeover`;
  if (await isStale(decision)) await localFiles.remove(decision);
  if (!await claim(decision)) return false;
  try {
    if (await isStale(path)) await localFiles.remove(path);
    return await claim(path);
  } finally {
    await release(decision);
  }
}

/** Returns whether a lock file was left by a process that no longer runs. */
async function isStale(path: string): Promise<boolean> {
  const process = (await import("node:process")).default;
  const text = await localFiles.read(path).catch(() => new Uint8Array(0));
  const holder = parseInt(new TextDecoder().decode(text));
  if (!(holder > 0)) return false;
  // The numbers of processes are used again, in a container the same ones at every start.
  if (holder === process.pid) return !claimed.has(path);
  try {
    process.kill(holder, 0);
    return false;
  } catch (error) {
    // Without the permission to ask, the process counts as running.
    return codeOf(error) === "ESRCH";
  }
}
