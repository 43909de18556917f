/**
 * A disk in memory and processes that use it, each of which dies at one of its operations. The disk then has what a
 * killed process or a power failure leaves.
 *
 * @module
 */
import type { Files } from "../../src/data/files.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";

/** The error of every operation of a dead process. */
export class Death extends Error {}

/**
 * The way to die at an operation that changes the disk. `before`: it does not take place. `torn`: half of it takes
 * place: half of the bytes, or some of the removed files. `lost`: it does not take place, and the disk forgets the last
 * rename before it, as disks do in a power failure: writes rename a complete file at their end.
 */
export type Manner = "before" | "torn" | "lost";

/** All manners. */
export const MANNERS: readonly Manner[] = ["before", "torn", "lost"];

/** A process: its files, and the number of operations that it has begun. */
export interface Process {
  readonly files: Files;
  readonly operations: () => number;
}

/** A disk. */
export interface Disk {
  /** Starts a process that dies at operation `at`, counted from 1; by default it lives. */
  readonly start: (death?: { readonly at: number; readonly manner: Manner }) => Process;
  /** Returns the texts of all files by path, in order; folders end in `/`. */
  readonly content: (folder?: string) => Promise<Readonly<Record<string, string>>>;
}

/** Returns an empty disk. */
export function disk(): Disk {
  const inner = memoryFiles();
  return {
    start: (death) => processOn(inner, death ?? { at: Infinity, manner: "before" }),
    content: async (folder = "") => Object.fromEntries(await contentOf(inner, folder)),
  };
}

async function contentOf(files: Files, folder: string): Promise<[path: string, text: string][]> {
  const found = (await files.list(folder)).map(async ({ name, kind }): Promise<[string, string][]> => {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (kind === "folder") return [[`${path}/`, ""], ...await contentOf(files, path)];
    return [[path, Array.from(await files.read(path), (byte) => String.fromCharCode(byte)).join("")]];
  });
  return (await Promise.all(found)).flat();
}

function processOn(inner: Files, { at, manner }: { readonly at: number; readonly manner: Manner }): Process {
  let [count, dead] = [0, false];
  let undo = () => Promise.resolve();
  const locks = new Set<string>();

  /** Runs an operation that reads. */
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dead) throw new Death();
    return await work();
  };
  /** Runs an operation that changes the disk; `half` is a part of it, and `back` takes it back where it renames. */
  const change = async <T>(
    work: () => Promise<T>,
    half: () => Promise<unknown> = () => Promise.resolve(),
    back: () => Promise<() => Promise<void>> = () => Promise.resolve(() => Promise.resolve()),
  ): Promise<T> => {
    if (dead) throw new Death();
    if (++count >= at) {
      dead = true;
      if (manner === "torn") await half();
      if (manner === "lost") await undo();
      throw new Death();
    }
    undo = await back();
    return await work();
  };
  const partial = (path: string) => `${path}.0.partial`;
  const files: Files = {
    read: (path) => alive(() => inner.read(path)),
    readRange: (path, from, length) => alive(() => inner.readRange(path, from, length)),
    stat: (path) => alive(() => inner.stat(path)),
    list: (folder) => alive(() => inner.list(folder)),
    realPath: (path) => alive(() => inner.realPath(path)),
    write: (path, bytes) =>
      change(
        () => inner.write(path, bytes),
        () => inner.write(partial(path), bytes.slice(0, bytes.length >> 1)),
        async () => {
          const before = await inner.read(path).catch(() => null);
          return async () => {
            await inner.write(partial(path), bytes);
            await (before ? inner.write(path, before) : inner.remove(path));
          };
        },
      ),
    append: (path, bytes) =>
      change(() => inner.append(path, bytes), () => inner.append(path, bytes.slice(0, bytes.length >> 1))),
    makeFolder: (path, options) => change(() => inner.makeFolder(path, options)),
    rename: (from, to) =>
      change(() => inner.rename(from, to), undefined, async () => {
        const before = await inner.read(to).catch(() => null);
        return async () => {
          await inner.rename(to, from);
          if (before) await inner.write(to, before);
        };
      }),
    remove: (path) =>
      change(() => inner.remove(path), async () => {
        const entries = await inner.list(path).catch(() => []);
        for (const { name } of entries.slice(0, entries.length >> 1)) await inner.remove(`${path}/${name}`);
      }),
    lock: (folder) =>
      change(async () => {
        const path = `${await inner.realPath(folder)}/lock`;
        // The lock of another process is stale: one process runs at a time.
        if (locks.has(path)) return null;
        locks.add(path);
        await inner.write(path, new TextEncoder().encode("1\n"));
        return () =>
          change(async () => {
            locks.delete(path);
            await inner.remove(path);
          });
      }),
  };
  return { files, operations: () => count };
}
