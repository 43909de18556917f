/**
 * `serve`: puts a run behind an address, until a signal ends it.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import { readTable } from "../data/formats/table.ts";
import type { DeviceRequest } from "../runs/device.ts";
import { openRun } from "../runs/open.ts";
import type { Run } from "../runs/run.ts";
import { type RunningServer, serve as serveRun } from "../serve/serve.ts";
import { type Io, note, type Report } from "./io.ts";

/** The options of `serve`. */
export interface ServeOptions {
  /** The run folder. */
  readonly run: string;
  readonly port: number;
  readonly host: string;
  /** The file of SQLite that keeps interactions; without it, interactions are refused. */
  readonly events: string | undefined;
  /** The data set whose pictures are shown. */
  readonly pictures: string | undefined;
  /** The file of the items' categories. */
  readonly categories: string | undefined;
  /** Whether to load a newer run when one is in the folder. */
  readonly watch: boolean;
  readonly device: DeviceRequest | undefined;
  /** The number of threads; all of the machine by default. */
  readonly threads: number | undefined;
}

/** The variable with the token. */
const TOKEN = "GIVERNY_TOKEN";
/** The milliseconds between two looks at the folder of a run. */
const LOOK = 1000;

/** Serves a run until SIGTERM or Ctrl-C. */
export async function serve(options: ServeOptions, io: Io): Promise<Report> {
  const remark = (text: string) => note(io, text);
  const { run, device, threads } = options;
  const open = () => openRun(run, { device, threads, ...io, note: remark });
  // Before the run is opened: a run that takes its place from then on is newer.
  const first = await stateOf(run, io);
  const server = await serveRun(await open(), {
    port: options.port,
    host: options.host,
    events: options.events,
    token: tokenOf(),
    pictures: await picturesOf(options.pictures, io),
    categories: await categoriesOf(options.categories, io),
    note: remark,
  });
  const ended = endOf(io);
  io.err.write(`${run} is served at ${server.url}; ${server.url}/openapi.json lists the routes\n`);
  await following(server, open, { ...options, first, ended, remark }, io);
  await server.close();
  return { data: { run, url: server.url }, text: () => "" };
}

/** Returns the token; none if the variable is not set, or may not be read. */
function tokenOf(): string | undefined {
  const readable = Deno.permissions.querySync({ name: "env", variable: TOKEN }).state === "granted";
  return readable && Deno.env.get(TOKEN) || undefined;
}

/** Returns a signal that aborts when the server is to end. */
function endOf(io: Io): AbortSignal {
  const stop = new AbortController();
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => stop.abort());
  const interrupted = io.interruption();
  if (interrupted.aborted) stop.abort();
  interrupted.addEventListener("abort", () => stop.abort());
  return stop.signal;
}

/** The parts of following a run. */
interface Following {
  readonly run: string;
  readonly watch: boolean;
  /** The state of the folder before the run was opened. */
  readonly first: string | null;
  readonly ended: AbortSignal;
  readonly remark: (text: string) => void;
}

/** Loads newer runs until the end: on SIGHUP and, if asked for, when the folder has another run. */
async function following(
  server: RunningServer,
  open: () => Promise<Run>,
  { run, watch, first, ended, remark }: Following,
  io: Io,
): Promise<void> {
  let [seen, former] = [first, first];
  let loading = Promise.resolve();
  const load = () => {
    loading = loading.then(async () => {
      try {
        await server.load(open);
        remark(`${run} is loaded again`);
      } catch (error) {
        remark(
          `${run} could not be loaded, so the former run stays: ${error instanceof Error ? error.message : error}`,
        );
      }
    });
  };
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGHUP", load);
  while (!ended.aborted) {
    await pause(LOOK, ended);
    if (!watch || ended.aborted) continue;
    // A folder that is still being written changes from look to look.
    const state = await stateOf(run, io);
    if (state !== null && state !== seen && state === former) {
      seen = state;
      load();
    }
    former = state;
  }
  if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGHUP", load);
  await loading;
}

/** Returns a text that changes when another run is in a folder; `null` while its files are being written. */
async function stateOf(run: string, { files }: Io): Promise<string | null> {
  try {
    const folder = await files.realPath(run);
    const { mtime, size } = await Deno.stat(`${folder}/embeddings.safetensors`);
    return `${folder} ${mtime?.getTime()} ${size}`;
  } catch {
    return null;
  }
}

/** Waits for some milliseconds, or for the end. */
function pause(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      ended.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    ended.addEventListener("abort", end);
  });
}

/** Returns the pictures of a data set. */
async function picturesOf(
  source: string | undefined,
  io: Io,
): Promise<Pick<Dataset, "items" | "pictures"> | undefined> {
  if (source === undefined) return undefined;
  const { readDataset } = await import("../data/mod.ts");
  const { openDataset } = await import("../data/open.ts");
  const data = source === "garden" ? await openDataset(source) : await readDataset(source, { files: io.files });
  if (data.pictures) return data;
  throw new ValueError(`Cannot show the pictures of "${source}": the data set has none`);
}

/** Returns the categories in a file of two columns, an item and a category. An item may have several lines. */
async function categoriesOf(path: string | undefined, { files }: Io): Promise<ReadonlyMap<string, readonly string[]>> {
  if (path === undefined) return new Map();
  const { rows } = await readTable(path, "categories", { files });
  if (rows[0]?.length !== 2) {
    throw new ValueError(`Cannot read categories from "${path}": expected 2 columns, an item and a category`);
  }
  const found = new Map<string, string[]>();
  for (const [item, category] of rows) found.set(item, [...found.get(item) ?? [], category]);
  return found;
}
