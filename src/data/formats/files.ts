/**
 * Reading and writing whole files, with errors that say what could not be read, where, and how to mend it.
 *
 * @module
 */
import { FileError, FormatError, ValueError } from "../../../kernels/errors.ts";

/** The longest text the engine can hold. */
const LONGEST = 2 ** 29 - 24;

/** Returns the error for a file that cannot be read: `Cannot read WHAT from "PATH" line LINE: RULE`. */
export function unreadable(
  what: string,
  path: string,
  rule: string,
  at: { line?: number; cause?: unknown } = {},
): FormatError {
  const line = at.line === undefined ? "" : ` line ${at.line}`;
  return new FormatError(`Cannot read ${what} from "${path}"${line}: ${rule}`, { cause: at.cause });
}

/**
 * Returns the bytes of a file that holds `what`.
 *
 * @throws {FormatError} if there is none, it is empty, or it may not be read.
 */
export async function readBytes(path: string, what: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile(path).catch((cause) => {
    throw unreadable(what, path, reason(cause), { cause });
  });
  if (bytes.length === 0) throw unreadable(what, path, "the file is empty");
  return bytes;
}

/**
 * Returns the first bytes of a file that holds `what`, fewer where it is shorter, and how many there are in all.
 *
 * @throws {FormatError} as {@link readBytes} does.
 */
export async function readStart(
  path: string,
  what: string,
  count: number,
): Promise<{ start: Uint8Array<ArrayBuffer>; size: number }> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const start = new Uint8Array(Math.min(count, size));
    for (let filled = 0; filled < start.length;) {
      const read = await file.read(start.subarray(filled));
      if (read === null) return { start: start.slice(0, filled), size: filled };
      filled += read;
    }
    if (size > 0) return { start, size };
  } catch (cause) {
    throw unreadable(what, path, reason(cause), { cause });
  }
  throw unreadable(what, path, "the file is empty");
}

/**
 * Returns the text of a file that holds `what`, without its byte order mark.
 *
 * @throws {FormatError} as {@link readBytes} does, and if the bytes are not text.
 */
export async function readText(path: string, what: string): Promise<string> {
  const bytes = await readBytes(path, what);
  if (bytes.length > LONGEST) throw unreadable(what, path, "the text is longer than 512 MiB; split the file");
  if (bytes.includes(0)) throw unreadable(what, path, "the file is binary; expected text in UTF-8");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(what, path, "the text is not UTF-8; save it in that encoding", { cause });
  }
}

/** Returns the names of the files in a folder in ascending order, or `null` if the path is not a folder. */
export async function filesIn(path: string): Promise<string[] | null> {
  const kind = await Deno.stat(path).catch((cause) => {
    throw unreadable("a data set", path, reason(cause), { cause });
  });
  if (!kind.isDirectory) return null;
  return (await Array.fromAsync(Deno.readDir(path))).filter((entry) => !entry.isDirectory).map((entry) => entry.name)
    .sort();
}

/** Returns the last part of a path. */
export function nameOf(path: string): string {
  return path.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "");
}

/** How a folder of a format is told from any other. */
export interface FolderForm {
  /** The file that no such folder lacks. */
  readonly marker: string;
  /** What the names of its files look like. */
  readonly names: RegExp;
}

/**
 * Writes files to a folder, all of them or none: into a new folder beside it that then takes its place. A folder that is
 * there already is replaced if it is empty, or holds the marker of the form and nothing that is not of this form.
 *
 * @throws {ValueError} if the folder holds something else.
 * @throws {Error} if it cannot be written; what was there before is then still whole.
 */
export async function writeFolder(
  path: string,
  files: Iterable<readonly [name: string, bytes: Uint8Array]>,
  form: FolderForm,
): Promise<void> {
  const target = path.replace(/(?<=.)[/\\]+$/, "");
  try {
    const present = await entriesOf(target);
    const foreign = present && foreignIn(present, form);
    if (foreign) {
      throw new ValueError(
        `Cannot write a data set to "${path}": the folder holds ${foreign}; move it away, or name a new or empty folder`,
      );
    }
    await Deno.mkdir(parentOf(target), { recursive: true });
    await beside(target, async (made, old) => {
      await Deno.mkdir(made);
      for (const [name, bytes] of files) await writeThrough(`${made}/${name}`, bytes);
      if (present) await Deno.rename(target, old);
      await Deno.rename(made, target).catch(async (cause) => {
        if (present) {
          await Deno.rename(old, target).catch(() => {
            throw new FileError(`${reason(cause)}; what it held is now in "${old}"`, { cause });
          });
        }
        throw cause;
      });
    });
  } catch (cause) {
    if (cause instanceof ValueError) throw cause;
    throw new FileError(`Cannot write a data set to "${path}": ${reason(cause)}`, { cause });
  }
}

/**
 * Writes a file, all of it or nothing: under another name first, which then takes the place of the old one.
 *
 * @throws {Error} if it cannot be written; what was there before is then still whole.
 */
export async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await beside(path, async (made) => {
      await writeThrough(made, bytes);
      await Deno.rename(made, path);
    });
  } catch (cause) {
    throw new FileError(`Cannot write "${path}": ${reason(cause)}`, { cause });
  }
}

/**
 * Runs `work` with two free paths on the disk of a target, for what is to take its place and for what was there. They lie
 * in a fresh folder beside it, because temporary files themselves could be read by their owner only.
 */
async function beside(target: string, work: (made: string, old: string) => Promise<void>): Promise<void> {
  const fresh = await Deno.makeTempDir({ dir: parentOf(target), prefix: `${nameOf(target)}.`, suffix: ".partial" });
  const made = `${fresh}/new`, old = `${fresh}/old`;
  try {
    await work(made, old);
    await remove(old);
  } finally {
    await remove(made).catch(() => {});
    // Not recursive: what was there stays, should it be impossible to put it back.
    await Deno.remove(fresh).catch(() => {});
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.length - nameOf(path).length) || ".";
}

/** Returns what in a folder is not of a form, as errors say it, or `null` if the folder may be replaced. */
function foreignIn(entries: readonly Deno.DirEntry[], { marker, names }: FolderForm): string | null {
  const foreign = entries.find(({ name, isFile }) => !isFile || !names.test(name));
  if (foreign) return `"${foreign.name}", which is no file of a data set`;
  const marked = entries.length === 0 || entries.some(({ name }) => name === marker);
  return marked ? null : `"${entries[0].name}", but no "${marker}"`;
}

/** Returns the entries of a folder by name, or `null` if there is no such folder. */
async function entriesOf(path: string): Promise<Deno.DirEntry[] | null> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(path));
    return entries.sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw cause;
  }
}

/** Writes a file and waits until the disk has it. */
async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.writeFile(path, bytes);
  using file = await Deno.open(path, { read: true, write: true });
  await file.sync();
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  });
}

function reason(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "there is no such file or folder";
  if (cause instanceof Deno.errors.PermissionDenied) return "permission was denied";
  if (cause instanceof Deno.errors.IsADirectory) return "it is a folder, not a file";
  return cause instanceof Error ? cause.message : String(cause);
}
