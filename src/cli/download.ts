/**
 * Downloads that go on where they broke off, within bounds, and are checked.
 *
 * @module
 */
import { FileError, FormatError } from "../../kernels/errors.ts";
import type { Files } from "../data/files.ts";
import { sha256 } from "../data/sha256.ts";
import type { PublishedFile } from "../data/published.ts";

/** The place and the means of a download. */
export interface DownloadOptions {
  readonly files: Files;
  /** Ends the download; its bytes stay. */
  readonly signal: AbortSignal;
  /** Receives the bytes so far and of the whole file; `null` if the server does not say. */
  readonly progress: (done: number, total: number | null) => void;
  /** Receives remarks. */
  readonly note: (text: string) => void;
  /** Waits before another attempt. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** The most bytes of a file, the bytes that are written at a time, and the attempts in a row that bring nothing. */
const MOST = 2 ** 35, BLOCK = 2 ** 22, ATTEMPTS = 3;
/** The milliseconds without a byte after which a connection counts as broken. */
const PATIENCE = 60_000;

/** The origin of the bytes that a broken download left. */
interface Origin {
  readonly url: string;
  /** The server's mark of this version of the file, or `null`. */
  readonly version: string | null;
}

/** The connection ended before the file did. */
interface Broken {
  readonly have: number;
  readonly total: number | null;
  readonly cause: unknown;
}

/**
 * Downloads a file to a path. Its bytes are in `PATH.part` until it is whole. A later call goes on with them if the
 * server says that it still has the same version, or the digest is known.
 *
 * @throws {FileError} if the server refuses, or the connection breaks again and again.
 * @throws {FormatError} if the file has another length or digest than expected; its bytes are removed.
 */
export async function download(file: PublishedFile, path: string, options: DownloadOptions): Promise<void> {
  const { files, signal, wait } = options;
  if (await files.stat(path)) return;
  for (let idle = 0, had = -1;;) {
    const broken = await attempt(file, path, options);
    if (broken === null) break;
    signal.throwIfAborted();
    idle = broken.have > had ? 0 : idle + 1;
    had = broken.have;
    if (idle >= ATTEMPTS) {
      const whole = broken.total === null ? "" : ` of ${broken.total}`;
      throw new FileError(
        `Cannot get "${file.url}": the connection ended after ${broken.have}${whole} bytes, ${ATTEMPTS + 1} times; ` +
          "run the command again to go on from there",
        { cause: broken.cause },
      );
    }
    if (idle > 0) await wait(1000 * 2 ** idle);
  }
  await files.rename(`${path}.part`, path);
  await files.remove(`${path}.part.json`);
}

/** Reads what is missing of a file. Returns `null` when it is whole. */
async function attempt(file: PublishedFile, path: string, options: DownloadOptions): Promise<Broken | null> {
  const { files, signal, note } = options;
  const part = `${path}.part`;
  let have = await bytesToKeep(file, path, files);
  const response = await ask(file.url, have, await originOf(path, files), signal);
  if (response instanceof Error) return { have, total: null, cause: response };
  const total = totalOf(response, have);
  if (response.status === 416 && total === have) return null;
  if (response.status === 206 && startOf(response) !== have || response.status === 416) {
    await response.body?.cancel();
    await files.remove(part);
    note("the server cannot go on with the bytes that are here; the download begins again");
    return { have: 0, total, cause: null };
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new FileError(
      `Cannot get "${file.url}": the server answers ${response.status} ${response.statusText}`.trim(),
    );
  }
  if (response.status === 200) {
    if (have > 0) note("the server sends the whole file again");
    await files.remove(part);
    have = 0;
  }
  await checkLength(file, total, response);
  const version = response.headers.get("etag") ?? response.headers.get("last-modified");
  const origin: Origin = { url: file.url, version: version?.startsWith("W/") ? null : version };
  await files.write(`${part}.json`, new TextEncoder().encode(JSON.stringify(origin)));
  return await receive(response, { file, part, have, total }, options);
}

/** Returns the response to a request for the rest of a file, or the error of the connection. */
async function ask(url: string, have: number, origin: Origin | null, signal: AbortSignal): Promise<Response | Error> {
  const headers = new Headers({ "accept-encoding": "identity" });
  if (have > 0) {
    headers.set("range", `bytes=${have}-`);
    if (origin?.version) headers.set("if-range", origin.version);
  }
  try {
    return await fetch(url, { headers, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) throw error;
    return error;
  }
}

/** Returns the number of bytes of an earlier download that can be gone on with; others are removed. */
async function bytesToKeep(file: PublishedFile, path: string, files: Files): Promise<number> {
  const have = (await files.stat(`${path}.part`))?.size ?? 0;
  const origin = await originOf(path, files);
  const same = origin?.url === file.url && (origin.version !== null || file.sha256 !== undefined);
  if (have > 0 && same) return have;
  await files.remove(`${path}.part`);
  return 0;
}

async function originOf(path: string, files: Files): Promise<Origin | null> {
  try {
    return JSON.parse(new TextDecoder().decode(await files.read(`${path}.part.json`))) as Origin;
  } catch {
    return null;
  }
}

/** Returns the bytes of the whole file, or `null` if the server does not say. */
function totalOf({ status, headers }: Response, have: number): number | null {
  const [, total] = /\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (total !== undefined) return Number(total);
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? null : Number(length) + (status === 206 ? have : 0);
}

/** Returns the byte from which a part of a file is sent. */
function startOf({ headers }: Response): number {
  return Number(/^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1] ?? -1);
}

async function checkLength(file: PublishedFile, total: number | null, response: Response): Promise<void> {
  const other = total !== null && file.bytes !== undefined && total !== file.bytes;
  if (!other && (total ?? 0) <= MOST) return;
  await response.body?.cancel();
  const expected = other ? `${file.bytes}: the publisher has changed it, or this is another file` : "at most 32 GiB";
  throw new FormatError(`Cannot get "${file.url}": the file has ${total} bytes, expected ${expected}`);
}

/** The state of a download. */
interface Incoming {
  readonly file: PublishedFile;
  readonly part: string;
  readonly have: number;
  readonly total: number | null;
}

/** Writes the body of a response after the bytes that are there. */
async function receive(
  response: Response,
  { file, part, have, total }: Incoming,
  { files, signal, progress }: DownloadOptions,
): Promise<Broken | null> {
  const reader = response.body!.getReader();
  let held: Uint8Array[] = [], holding = 0, cause: unknown = null;
  const store = async () => {
    for (const bytes of held.length > 0 ? [joined(held, holding)] : []) await files.append(part, bytes);
    [held, holding] = [[], 0];
  };
  for (;;) {
    const silence = setTimeout(() => {
      cause = new FileError(`Cannot get "${file.url}": the server sent nothing for a minute`);
      reader.cancel();
    }, PATIENCE);
    const next = await reader.read().catch((error) => ({ value: undefined, error }));
    clearTimeout(silence);
    if (next.value === undefined) {
      if ("error" in next) cause = next.error;
      break;
    }
    held.push(next.value);
    holding += next.value.length;
    have += next.value.length;
    progress(have, total);
    if (have > (total ?? MOST)) {
      await reader.cancel();
      await files.remove(part);
      throw new FormatError(`Cannot get "${file.url}": the server sends more than ${total ?? MOST} bytes`);
    }
    if (holding >= BLOCK) await store();
  }
  await store();
  signal.throwIfAborted();
  if (have === 0) await files.write(part, new Uint8Array(0));
  return cause === null && (total === null || have === total) ? null : { have, total, cause };
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const bytes of parts) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}

/**
 * Returns the SHA-256 of a file in hexadecimal digits, after comparing it with the expected one.
 *
 * @throws {FormatError} if it is another; the file is removed.
 */
export async function verified({ url, sha256: expected }: PublishedFile, path: string, files: Files): Promise<string> {
  const digest = await sha256(blocksOf(path, files));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (expected === undefined || found === expected.toLowerCase()) return found;
  await files.remove(path);
  throw new FormatError(
    `Cannot use "${url}": its SHA-256 is ${found}, expected ${expected}; the bytes are removed. If the publisher has ` +
      "changed the file, give the new digest by --sha256",
  );
}

async function* blocksOf(path: string, files: Files): AsyncGenerator<Uint8Array> {
  for (let at = 0;;) {
    const bytes = await files.readRange(path, at, BLOCK);
    if (bytes.length === 0) return;
    yield bytes;
    at += bytes.length;
  }
}
