/**
 * Reading and writing whole files, with errors that say what could not be read, where, and how to mend it.
 *
 * @module
 */

/** The longest text the engine can hold. */
const LONGEST = 2 ** 29 - 24;

/** Returns the error for a file that cannot be read: `Cannot read WHAT from "PATH" line LINE: RULE`. */
export function unreadable(
  what: string,
  path: string,
  rule: string,
  at: { line?: number; cause?: unknown } = {},
): SyntaxError {
  const line = at.line === undefined ? "" : ` line ${at.line}`;
  return new SyntaxError(`Cannot read ${what} from "${path}"${line}: ${rule}`, { cause: at.cause });
}

/**
 * Returns the bytes of a file that holds `what`.
 *
 * @throws {SyntaxError} if there is none, it is empty, or it may not be read.
 */
export async function readBytes(path: string, what: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile(path).catch((cause) => {
    throw unreadable(what, path, reason(cause), { cause });
  });
  if (bytes.length === 0) throw unreadable(what, path, "the file is empty");
  return bytes;
}

/**
 * Returns the text of a file that holds `what`, without its byte order mark.
 *
 * @throws {SyntaxError} as {@link readBytes} does, and if the bytes are not text.
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

/**
 * Writes files to a folder, all of them or none: into a new folder beside it that then takes its name. A folder that is
 * there already is replaced if it holds a file named `marker`, or nothing.
 *
 * @throws {RangeError} if the folder holds something else.
 * @throws {Error} if it cannot be written.
 */
export async function writeFolder(
  path: string,
  files: Iterable<readonly [name: string, bytes: Uint8Array]>,
  marker: string,
): Promise<void> {
  const target = path.replace(/(?<=.)[/\\]+$/, "");
  const partial = `${target}.partial`, old = `${target}.old`;
  try {
    const present = await entriesOf(target);
    if (present && present.length > 0 && !present.includes(marker)) {
      throw new RangeError(
        `Cannot write a data set to "${path}": the folder holds other files; name a new or empty one`,
      );
    }
    await remove(partial);
    await Deno.mkdir(partial, { recursive: true });
    for (const [name, bytes] of files) await writeThrough(`${partial}/${name}`, bytes);
    if (present) await Deno.rename(target, old);
    await Deno.rename(partial, target);
    await remove(old);
  } catch (cause) {
    await remove(partial).catch(() => {});
    if (cause instanceof RangeError) throw cause;
    throw new Error(`Cannot write a data set to "${path}": ${reason(cause)}`, { cause });
  }
}

/**
 * Writes a file, all of it or nothing: under another name first, which then takes the place of the old one.
 *
 * @throws {Error} if it cannot be written; what was there before is then still whole.
 */
export async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeThrough(partial, bytes);
    await Deno.rename(partial, path);
  } catch (cause) {
    await remove(partial).catch(() => {});
    throw new Error(`Cannot write "${path}": ${reason(cause)}`, { cause });
  }
}

async function entriesOf(path: string): Promise<string[] | null> {
  try {
    return (await Array.fromAsync(Deno.readDir(path))).map((entry) => entry.name);
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
