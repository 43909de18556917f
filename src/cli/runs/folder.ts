/**
 * The folder of a run: what was asked for, what came of it, and all that evaluating, recommending and resuming need.
 *
 * | file | what it holds |
 * |---|---|
 * | `run.json` | the {@link RunRecord} |
 * | `config.toml` | every setting, ready for `--config` |
 * | `data/` | ids, titles and interactions in this project's own format, without features |
 * | `metrics.jsonl` | a line for every epoch |
 * | `best.safetensors` | the parameters of the best evaluation so far |
 * | `last.safetensors` | the training after the last epoch, for `--resume` |
 * | `embeddings.safetensors` | what the best parameters encode to: with `data/`, all that ranking needs |
 *
 * @module
 */
import * as v from "valibot";
import type { Adapter, DeviceName } from "../../../kernels/mod.ts";
import { readText, unreadable, writeFile } from "../../data/formats/files.ts";
import { writeDataset } from "../../data/formats/mod.ts";
import { writtenSettings } from "./config.ts";
import { Misuse } from "../shell/failure.ts";
import type { Standing } from "./position.ts";
import type { Task } from "./task.ts";

/** The version of the format, which a change that older releases cannot read raises. */
export const VERSION = 1 as const;
/** The means of every metric; `null` where nothing is held out. */
type Metrics = Readonly<Record<string, number>> | null;

/** What `run.json` says. */
export interface RunRecord {
  readonly format: "giverny run";
  readonly version: typeof VERSION;
  /** `failed` where an error ended a run that had finished an epoch. */
  readonly status: "running" | "interrupted" | "finished" | "failed";
  /** The words that repeat it. */
  readonly command: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly model: string;
  readonly data: {
    /** The absolute path of a folder or file, or `garden`. */
    readonly source: string;
    readonly name: string;
    readonly fingerprint: string;
    readonly users: number;
    readonly items: number;
    readonly interactions: Readonly<Record<string, number>>;
  };
  readonly seed: number;
  readonly device: {
    readonly asked: string;
    readonly ran: DeviceName;
    readonly about: string;
    readonly reason: string;
    /** How many threads computed. */
    readonly threads: number;
    /** What a GPU said of itself when it had run a kernel. */
    readonly adapter?: Adapter;
    /** What a GPU did while it trained and was judged: blocks and bytes copied to it and back, and kernels run. */
    readonly traffic?: Readonly<Record<string, number>>;
  };
  /** When it began, in UTC. */
  readonly started: string;
  /** Seconds of training, evaluations on validation included. */
  readonly seconds: number;
  /** Epochs finished. */
  readonly epochs: number;
  /** After how many of them the best evaluation was; `null` where there was none. */
  readonly best: number | null;
  /** How well the model and popularity rank, by name; empty until the end. */
  readonly results: Readonly<Record<string, { readonly validation: Metrics; readonly test: Metrics }>>;
}

const Means = v.nullable(v.record(v.string(), v.number()));
const RunSchema: v.GenericSchema<unknown, RunRecord> = v.object({
  format: v.literal("giverny run"),
  version: v.literal(VERSION),
  status: v.picklist(["running", "interrupted", "finished", "failed"]),
  command: v.array(v.string()),
  versions: v.record(v.string(), v.string()),
  model: v.string(),
  data: v.object({
    source: v.string(),
    name: v.string(),
    fingerprint: v.string(),
    users: v.number(),
    items: v.number(),
    interactions: v.record(v.string(), v.number()),
  }),
  seed: v.number(),
  device: v.object({
    asked: v.string(),
    ran: v.picklist(["wasm", "webgpu", "reference"]),
    about: v.string(),
    reason: v.string(),
    // Before runs said how many, there was one.
    threads: v.optional(v.number(), 1),
    adapter: v.exactOptional(
      v.object({ name: v.string(), hardware: v.boolean(), mode: v.string(), largestBlock: v.number() }),
    ),
    traffic: v.exactOptional(v.record(v.string(), v.number())),
  }),
  started: v.string(),
  seconds: v.number(),
  epochs: v.number(),
  best: v.nullable(v.number()),
  results: v.record(v.string(), v.object({ validation: Means, test: Means })),
});

const FILES = [
  "run.json",
  "config.toml",
  "data",
  "metrics.jsonl",
  "best.safetensors",
  "last.safetensors",
  "embeddings.safetensors",
] as const;

/** The name of a file of a run. */
export type RunFile = (typeof FILES)[number];

/** What there is of a run only since this command began it, and what it may therefore take away again. */
export type Made = "folder" | "files" | "nothing";

/** Returns the path of a file of a run. */
export function within(folder: string, file: RunFile): string {
  return `${folder.replace(/(?<=.)[/\\]+$/, "")}/${file}`;
}

/**
 * Refuses a folder that a new run cannot have, or that trials cannot share.
 *
 * @throws {Misuse} if it is there, not empty, and holds no trials that it may be shared with.
 */
export async function checkVacant(folder: string, what: "a run" | "trials" = "a run"): Promise<void> {
  const kind = await Deno.stat(folder).catch(() => null);
  if (!kind) return;
  const refuse = (rule: string) => new Misuse(`Cannot keep ${what} in "${folder}": ${rule}`);
  if (!kind.isDirectory) throw refuse("it is a file; name a new folder");
  const shared = what === "trials";
  if (shared && await exists(`${folder}/trials`)) return;
  for await (const _ of Deno.readDir(folder)) {
    throw refuse(`the folder is not empty${shared ? ", and has none" : ""}; name a new one`);
  }
}

/** Makes a place for a new run: in the folder asked for, or in the first that is free under `runs/`. */
export async function makeFolder(
  asked: string | undefined,
  stem: string,
): Promise<{ readonly folder: string; readonly made: Made }> {
  if (asked !== undefined) {
    const made = await exists(asked) ? "files" : "folder";
    await Deno.mkdir(asked, { recursive: true });
    return { folder: asked, made };
  }
  await Deno.mkdir("runs", { recursive: true });
  for (let n = 1;; n++) {
    const folder = `runs/${stem}-${n}`;
    try {
      await Deno.mkdir(folder);
      return { folder, made: "folder" };
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

/** Writes what a run knows before it begins. */
export async function beginFolder(folder: string, record: RunRecord, { model, config, data }: Task): Promise<void> {
  await writeDataset(within(folder, "data"), data, { modalities: false });
  await writeFile(within(folder, "config.toml"), new TextEncoder().encode(writtenSettings(model, config)));
  await writeRecord(folder, record);
}

/** Takes away what was made for a run of which nothing is worth keeping. */
export async function removeMade(folder: string, made: Made): Promise<void> {
  if (made === "nothing") return;
  for (const file of FILES) await Deno.remove(within(folder, file), { recursive: true }).catch(() => {});
  if (made === "folder") await Deno.remove(folder).catch(() => {});
}

/** Marks a run as failed, as well as the disk allows. */
export async function markFailed(folder: string, record: RunRecord, { epochs, best }: Standing): Promise<void> {
  await writeRecord(folder, { ...record, status: "failed", epochs, best: best?.epochs ?? null }).catch(() => {});
}

/** Writes `run.json`. */
export async function writeRecord(folder: string, record: RunRecord): Promise<void> {
  await writeFile(within(folder, "run.json"), new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`));
}

/**
 * Reads `run.json`.
 *
 * @throws {FormatError} if the folder holds no run, or one that this program cannot read.
 */
export async function readRecord(folder: string): Promise<RunRecord> {
  const path = within(folder, "run.json");
  if (!await exists(path)) {
    const rule = await exists(folder)
      ? 'it has no "run.json"; name a folder that train wrote'
      : "there is no such folder";
    throw unreadable("a run", folder, rule);
  }
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), RunSchema), await readText(path, "a run"));
  if (result.success) return result.output;
  const part = v.getDotPath(result.issues[0]);
  const rule = part === null ? "expected a JSON object" : `"${part}": ${EXPECTED[part] ?? "it is missing or damaged"}`;
  throw unreadable("a run", path, `${rule}; put back the file that train wrote, or train anew`);
}

/** What parts of `run.json` must be of which more can be said than that they are damaged. */
const EXPECTED: Readonly<Record<string, string>> = {
  format: 'expected "giverny run"',
  version: `expected ${VERSION}; a newer release wrote it, and can read it`,
};

/** Returns what embeddings say of the run they belong to, and after how many epochs they were made. */
export function belonging(
  { model, data: { fingerprint } }: RunRecord,
  epochs: number,
): Readonly<Record<string, string>> {
  return { model, fingerprint, epochs: String(epochs) };
}

/** Returns whether there is a file or folder. */
export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
