/**
 * Files in memory, for tests, browsers and other places without a disk.
 *
 * @module
 */
import { FileError } from "../../kernels/errors.ts";
import type { FileInfo, Files, FolderEntry } from "./files.ts";

/**
 * Returns an empty set of files in memory. Paths are separated by `/`; a path is the same with and without a leading
 * `/` or `./`. The folder above all others exists. Locks hold among the users of this one value.
 *
 * @example
 * ```ts
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * await files.write("notes.txt", new TextEncoder().encode("water lilies"));
 * deepEqual(await files.stat("notes.txt"), { kind: "file", size: 12 });
 * ```
 */
export function memoryFiles(): Files {
  const entries: Entries = new Map([["", null]]);
  const locks = new Set<string>();
  return {
    read: (path) => promise(() => bytesOf(entries, path).slice()),
    readRange: (path, from, length) => promise(() => bytesOf(entries, path).slice(from, from + length)),
    write: (path, bytes) => promise(() => put(entries, path, bytes.slice())),
    append: (path, bytes) =>
      promise(() => put(entries, path, joined(entries.has(plain(path)) ? bytesOf(entries, path) : NONE, bytes))),
    stat: (path) =>
      promise(() => {
        const found = entries.get(plain(path));
        return found === undefined ? null : infoOf(found);
      }),
    list: (folder) => promise(() => listOf(entries, folder)),
    makeFolder: (path, { fresh = false } = {}) => promise(() => makeFolder(entries, path, fresh)),
    rename: (from, to) => promise(() => move(entries, from, to)),
    remove: (path) => promise(() => remove(entries, path)),
    realPath: (path) => promise(() => absolute(entries, path)),
    lock: (folder) =>
      promise(() => {
        const path = `${absolute(entries, folder)}/lock`;
        if (locks.has(path)) return null;
        put(entries, path, NONE);
        locks.add(path);
        let held = true;
        return () =>
          promise(() => {
            if (held && locks.delete(path)) remove(entries, path);
            held = false;
          });
      }),
  };
}

/** The bytes of each file by path; `null` for a folder. */
type Entries = Map<string, Uint8Array<ArrayBuffer> | null>;

const NONE: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Returns the result of a function as a promise, rejected if the function throws. */
function promise<T>(body: () => T): Promise<T> {
  return new Promise((resolve) => resolve(body()));
}

function bytesOf(entries: Entries, path: string): Uint8Array<ArrayBuffer> {
  const bytes = entries.get(plain(path));
  if (!bytes) throw failure(bytes === null ? "EISDIR" : "ENOENT", path);
  return bytes;
}

function put(entries: Entries, path: string, bytes: Uint8Array<ArrayBuffer> | null): void {
  const above = entries.get(parentOf(plain(path)));
  if (above !== null) throw failure(above ? "ENOTDIR" : "ENOENT", path);
  if (bytes && entries.get(plain(path)) === null) throw failure("EISDIR", path);
  entries.set(plain(path), bytes);
}

function infoOf(bytes: Uint8Array | null): FileInfo {
  return bytes ? { kind: "file", size: bytes.length } : { kind: "folder", size: 0 };
}

function listOf(entries: Entries, folder: string): FolderEntry[] {
  const path = plain(folder), found = entries.get(path);
  if (found !== null) throw failure(found ? "ENOTDIR" : "ENOENT", folder);
  return [...entries].filter(([name]) => name !== "" && parentOf(name) === path)
    .map(([name, bytes]) => ({ name: name.slice(name.lastIndexOf("/") + 1), kind: infoOf(bytes).kind }))
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

function makeFolder(entries: Entries, path: string, fresh: boolean): boolean {
  const known = entries.get(plain(path));
  if (known && !fresh) throw failure("EEXIST", path);
  if (known !== undefined) return false;
  if (!fresh) makeFolder(entries, parentOf(plain(path)), false);
  put(entries, path, null);
  return true;
}

function move(entries: Entries, from: string, to: string): void {
  const [old, next] = [plain(from), plain(to)], found = entries.get(old);
  if (found === undefined) throw failure("ENOENT", from);
  if (entries.get(next) === null) {
    if (found) throw failure("EISDIR", to);
    if (listOf(entries, next).length > 0) throw failure("ENOTEMPTY", to);
  }
  const moved = [...entries].filter(([path]) => isWithin(path, old));
  put(entries, to, found);
  for (const [path] of moved) entries.delete(path);
  for (const [path, bytes] of moved) entries.set(next + path.slice(old.length), bytes);
}

function remove(entries: Entries, path: string): void {
  for (const name of [...entries.keys()]) if (name !== "" && isWithin(name, plain(path))) entries.delete(name);
}

function absolute(entries: Entries, path: string): string {
  if (!entries.has(plain(path))) throw failure("ENOENT", path);
  return `/${plain(path)}`;
}

function isWithin(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}

function plain(path: string): string {
  return path.split("/").filter((part) => part !== "" && part !== ".").join("/");
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

const RULES = {
  ENOENT: "there is no such file or folder",
  EISDIR: "it is a folder, not a file",
  ENOTDIR: "it is a file, not a folder",
  EEXIST: "there is a file already",
  ENOTEMPTY: "the folder is not empty",
} as const;

function failure(code: keyof typeof RULES, path: string): FileError {
  return Object.assign(new FileError(`Cannot use "${path}": ${RULES[code]}`), { code });
}
