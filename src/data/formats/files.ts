/**
 * Reads and writes whole files and folders, with errors that name the file, the line and the remedy.
 *
 * @module
 */
import { FileError, FormatError, ValueError } from "../../../kernels/errors.ts";
import { codeOf, type Files, type FolderEntry, localFiles } from "../files.ts";

/** The longest text that the engine can hold. */
const LONGEST = 2 ** 29 - 24;
/** The most bytes of a compressed file: it cannot fill the memory. */
const LARGEST = 2 ** 31;
/** The most names that a sentence lists, the most letters of each, and the most letters of a text that it quotes. */
const NAMED = 20, LISTED = 200, QUOTED = 80;

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
 * Returns the bytes of a file, decompressed if they are gzip. `what` says in errors what the file should hold.
 *
 * @throws {FormatError} if there is no such file, it is empty, it may not be read, or its gzip data are damaged or
 * longer than `most`, 2 GiB by default.
 */
export async function readBytes(
  path: string,
  what: string,
  files: Files = localFiles,
  most: number = LARGEST,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await files.read(path).catch((cause) => {
    throw unreadable(what, path, reason(cause), { cause });
  });
  if (bytes.length === 0) throw unreadable(what, path, "the file is empty");
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const { inflate } = await import("./inflate.ts");
  const content = await inflate(bytes, "gzip", most, (rule, cause) => unreadable(what, path, rule, { cause }));
  if (content.length === 0) throw unreadable(what, path, "the file is empty");
  return content;
}

/**
 * Returns the first bytes of a file, fewer where it is shorter, and its size.
 *
 * @throws {FormatError} as {@link readBytes} does.
 */
export async function readStart(
  path: string,
  what: string,
  count: number,
  files: Files = localFiles,
): Promise<{ start: Uint8Array<ArrayBuffer>; size: number }> {
  try {
    const [start, info] = [await files.readRange(path, 0, count), await files.stat(path)];
    if (start.length > 0) return { start, size: info?.size ?? start.length };
  } catch (cause) {
    throw unreadable(what, path, reason(cause), { cause });
  }
  throw unreadable(what, path, "the file is empty");
}

/**
 * Returns the text of a file without its byte order mark. With `latin`, bytes that are not UTF-8 are Windows-1252.
 *
 * @throws {FormatError} as {@link readBytes} does, and if the bytes are not text.
 */
export async function readText(
  path: string,
  what: string,
  files: Files = localFiles,
  { latin = false }: { readonly latin?: boolean | undefined } = {},
): Promise<string> {
  const bytes = await readBytes(path, what, files, LONGEST);
  if (bytes.length > LONGEST) throw unreadable(what, path, "the text is longer than 512 MiB; split the file");
  if (bytes.includes(0)) {
    const { binaryKind } = await import("./inflate.ts");
    throw unreadable(what, path, `the file is ${binaryKind(bytes)}; expected text in UTF-8`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    if (latin) return new TextDecoder("windows-1252").decode(bytes);
    throw unreadable(what, path, "the text is not UTF-8; save it in that encoding", { cause });
  }
}

/** Returns a name without the ending of gzip, `.gz`. */
export function withoutGz(name: string): string {
  return name.replace(/\.gz$/i, "");
}

/**
 * Returns the names of the entries of a folder in ascending order, or `null` if the path is not a folder. The name of a
 * folder ends in `/`, and the name of a pipe or device in `|`, so that no reader takes it for a file. Hidden entries,
 * whose names begin with a dot, are left out.
 */
export async function filesIn(path: string, files: Files = localFiles): Promise<string[] | null> {
  const refuse = (cause: unknown): never => {
    throw unreadable("a data set", path, reason(cause), { cause });
  };
  const info = await files.stat(path).catch(refuse);
  if (info === null) throw unreadable("a data set", path, MISSING);
  if (info.kind !== "folder") return null;
  const entries = await files.list(path).catch(refuse);
  return await Promise.all(
    entries.filter(({ name }) => !name.startsWith(".")).map(async ({ name, kind }) => {
      // A link has the kind of its target.
      const target = kind === "other" ? (await files.stat(`${path}/${name}`).catch(() => null))?.kind : kind;
      return name + (target === "folder" ? "/" : target === "other" ? "|" : "");
    }),
  );
}

/** Returns names as a sentence lists them, at most twenty. */
export function few(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map((name) => clipped(name, LISTED)).join(", ");
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
}

/** Returns a text as a sentence quotes it: its first letters, 80 by default. */
export function clipped(text: string, most: number = QUOTED): string {
  return text.length > most ? `${text.slice(0, most)}…${text.endsWith('"') ? '"' : ""}` : text;
}

/** Returns the last part of a path. */
export function nameOf(path: string): string {
  return path.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "");
}

/** How a folder of a format differs from other folders. */
export interface FolderForm {
  /** The file that every such folder has. */
  readonly marker: string;
  /** The names that its files may have. */
  readonly names: RegExp;
}

/** The bytes of a file, or parts of it in their order. */
export type Content = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Writes files to a folder, all of them or none: into a new folder next to it that then takes its place. An existing
 * folder is replaced if it is empty, or if it has the marker of the form and only files of this form.
 *
 * @throws {ValueError} if the folder has other files.
 * @throws {FormatError} if the content comes from files that cannot be read.
 * @throws {FileError} if it cannot be written; the old folder is then still whole.
 */
export async function writeFolder(
  path: string,
  contents: Iterable<readonly [name: string, content: Content]>,
  form: FolderForm,
  files: Files = localFiles,
): Promise<void> {
  const target = path.replace(/(?<=.)[/\\]+$/, "");
  try {
    const present = await files.stat(target) && await files.list(target);
    const foreign = present && foreignIn(present, form);
    if (foreign) {
      throw new ValueError(
        `Cannot write a data set to "${path}": the folder holds ${foreign}; ` +
          "move it away, or name a new or empty folder",
      );
    }
    await files.makeFolder(parentOf(target));
    await inFreshFolder(target, files, async (made, old) => {
      await files.makeFolder(made);
      for (const [name, content] of contents) await writeContent(`${made}/${name}`, content, files);
      if (present) await files.rename(target, old);
      await files.rename(made, target).catch(async (cause) => {
        if (present) await putBack(old, target, cause, files);
        throw cause;
      });
    });
  } catch (cause) {
    if (cause instanceof ValueError || cause instanceof FormatError) throw cause;
    throw new FileError(`Cannot write a data set to "${path}": ${reason(cause)}`, { cause });
  }
}

/**
 * Writes a file, all of it or nothing.
 *
 * @throws {FileError} if it cannot be written; the old file is then still whole.
 */
export async function writeFile(path: string, bytes: Uint8Array, files: Files = localFiles): Promise<void> {
  await files.write(path, bytes).catch((cause) => {
    throw new FileError(`Cannot write "${path}": ${reason(cause)}`, { cause });
  });
}

/** Returns a clause that says why a file cannot be used. */
export function reason(cause: unknown): string {
  const known = REASONS[codeOf(cause) ?? (cause instanceof Error ? cause.name : "")];
  return known ?? (cause instanceof Error ? cause.message : String(cause));
}

const MISSING = "there is no such file or folder";
const DENIED = "permission was denied";

/** Clauses by the code of an error, or by its name where Deno denies a permission. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: MISSING,
  EACCES: DENIED,
  EPERM: DENIED,
  EISDIR: "it is a folder, not a file",
  ENOTDIR: "it is a file, not a folder",
  ENOSPC: "the disk is full",
  ENODEV: "it is a device; name a file or a pipe",
  EFBIG: "the pipe or file is too large; split it",
};

async function writeContent(path: string, content: Content, files: Files): Promise<void> {
  if (content instanceof Uint8Array) return await files.write(path, content);
  for await (const part of content) await files.append(path, part);
}

/**
 * Runs `work` with two free paths on the disk of a target: for the new folder, and for the old one. They lie in a fresh
 * folder next to it.
 */
async function inFreshFolder(
  target: string,
  files: Files,
  work: (made: string, old: string) => Promise<void>,
): Promise<void> {
  let n = 0;
  while (!await files.makeFolder(`${target}.${n}.partial`, { fresh: true })) n++;
  const fresh = `${target}.${n}.partial`, made = `${fresh}/new`, old = `${fresh}/old`;
  try {
    await work(made, old);
    await files.remove(old);
  } finally {
    await files.remove(made).catch(() => {});
    // The old folder stays if it could not be put back.
    const rest = await files.list(fresh).catch(() => [made]);
    if (rest.length === 0) await files.remove(fresh).catch(() => {});
  }
}

async function putBack(old: string, target: string, cause: unknown, files: Files): Promise<void> {
  await files.rename(old, target).catch(() => {
    throw new FileError(`${reason(cause)}; its old content is now in "${old}"`, { cause });
  });
}

function parentOf(path: string): string {
  return path.slice(0, path.length - nameOf(path).length) || ".";
}

/** Returns the entry that is not of a form, as errors name it, or `null` if the folder may be replaced. */
function foreignIn(entries: readonly FolderEntry[], { marker, names }: FolderForm): string | null {
  const foreign = entries.find(({ name, kind }) => kind !== "file" || !names.test(name));
  if (foreign) return `"${foreign.name}", which is no file of a data set`;
  const marked = entries.length === 0 || entries.some(({ name }) => name === marker);
  return marked ? null : `"${entries[0].name}", but no "${marker}"`;
}
