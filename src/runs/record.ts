/**
 * The folder of a run.
 *
 * | file | content |
 * |---|---|
 * | `run.json` | the {@link RunRecord} |
 * | `config.toml` | every setting, ready for `--config` |
 * | `data/` | ids, titles and interactions in this project's own format, without features |
 * | `metrics.jsonl` | a line for every epoch: loss, rate, metrics on validation, and three times, see `Epoch` |
 * | `best.safetensors` | the parameters of the best evaluation so far |
 * | `earlier.safetensors` | the best before the last evaluation, if only the end of the training asked for that one |
 * | `last.safetensors` | the training after the last epoch, for `--resume` |
 * | `embeddings.safetensors` | the encoded best parameters: with `data/`, ranking needs nothing else |
 * | `modalities.safetensors` | the items' vectors of each modality before and after propagation, if the model has them |
 * | `lock` | the process that writes the folder, while it does |
 *
 * @module
 */
import type { GenericSchema } from "valibot";
import type { Adapter, DeviceName } from "../../kernels/mod.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Files } from "../data/files.ts";
import { readText, unreadable } from "../data/formats/files.ts";
import type { Reading } from "../data/open.ts";
import { statistics } from "../data/statistics.ts";
import type { ValidationRule } from "../data/validation.ts";
import type { ModelModule } from "./catalogue.ts";
import type { TrainingStatus } from "./resume_point.ts";
import type * as Schemas from "./schema.ts";

/** The version of the format. A change that older releases cannot read raises it. Version 1 is read too. */
export const VERSION = 2;

/** The metrics of a model; `null` for a split without interactions. */
export interface SplitMetrics {
  /** The means on validation. */
  readonly validation: Readonly<Record<string, number>> | null;
  /** The means on test. */
  readonly test: Readonly<Record<string, number>> | null;
}

/** The data set of a run. */
export interface DataRecord {
  /** The absolute path of a folder or file, `garden`, or `memory` for a data set that a program made. */
  readonly source: string;
  /** The options with which the source was read, if there were any. */
  readonly reading?: Reading | undefined;
  /** The name of the data set. */
  readonly name: string;
  /** The fingerprint of the data set, features included. */
  readonly fingerprint: string;
  /** The number of users. */
  readonly users: number;
  /** The number of items. */
  readonly items: number;
  /** The modalities by name. Their features are those of the source; a run folder does not keep them. */
  readonly modalities: Readonly<Record<string, { readonly kind: string; readonly columns: number }>>;
  /** The number of interactions, by split and in `all`. */
  readonly interactions: Readonly<Record<string, number>>;
}

/** Returns the record of a data set that was read from a source. The order of its members is that of the schema. */
export function dataRecord(
  data: Dataset,
  { source, reading, fingerprint }: Pick<DataRecord, "source" | "reading" | "fingerprint">,
): DataRecord {
  const { name, users, items, interactions, modalities } = statistics(data);
  const sizes = Object.entries(modalities).map(([name, { kind, columns }]) => [name, { kind, columns }]);
  return { source, reading, name, fingerprint, users, items, modalities: Object.fromEntries(sizes), interactions };
}

/** The content of `run.json`. */
export interface RunRecord {
  /** The name of the format. */
  readonly format: "giverny run";
  /** The version of the format. */
  readonly version: 2 | 1;
  /** `failed` if an error ended a run after its first epoch. */
  readonly status: "running" | "interrupted" | "finished" | "failed";
  /** The words of the command that repeats it; empty for a run that a program began. */
  readonly command: readonly string[];
  /** The versions of the library and of the runtime. */
  readonly versions: Readonly<Record<string, string>>;
  /** The name of the model. */
  readonly model: string;
  /** The module of a model that is not in the catalogue; `null` for a model that is. */
  readonly module: ModelModule | null;
  /** The data set. */
  readonly data: DataRecord;
  /** The seed of all randomness. */
  readonly seed: number;
  /** The device. */
  readonly device: DeviceRecord;
  /** The time when the run began, in UTC; `null` without a clock. */
  readonly started: string | null;
  /** Seconds of training, evaluations on validation included. */
  readonly seconds: number;
  /** The number of finished epochs. */
  readonly epochs: number;
  /** The number of epochs before the best evaluation; `null` without evaluations. */
  readonly best: number | null;
  /** The metrics of the model and of popularity, by name; empty until the end. */
  readonly results: Readonly<Record<string, SplitMetrics>>;
}

/** The device of a run. */
export interface DeviceRecord {
  /** The device that was asked for. */
  readonly asked: string;
  /** The device that computed. */
  readonly ran: DeviceName;
  /** The device's description of itself. */
  readonly about: string;
  /** The reason for the choice. */
  readonly reason: string;
  /** The number of threads that computed. */
  readonly threads: number;
  /** The GPU, as it described itself after the first kernel. */
  readonly adapter?: Adapter | undefined;
  /** The work of a GPU during training: blocks and bytes copied in both directions, and kernels run. */
  readonly traffic?: Readonly<Record<string, number>> | undefined;
}

const means = (v: typeof Schemas) => v.nullable(v.record(v.string(), v.number()));
const adapter = (v: typeof Schemas) =>
  v.object({ name: v.string(), hardware: v.boolean(), mode: v.string(), largestBlock: v.number() });

/** Returns the schema of {@link RunRecord}. It is made when a file is read: bundles without runs have none. */
const runSchema = (v: typeof Schemas): GenericSchema<unknown, RunRecord> =>
  v.object({
    format: v.literal("giverny run"),
    version: v.picklist([1, VERSION]),
    status: v.picklist(["running", "interrupted", "finished", "failed"]),
    command: v.array(v.string()),
    versions: v.record(v.string(), v.string()),
    model: v.string(),
    module: v.optional(v.nullable(v.object({ path: v.string(), sha256: v.string() })), null),
    data: v.object({
      source: v.string(),
      reading: v.exactOptional(v.object({
        validation: v.exactOptional(v.custom<ValidationRule>((rule) => typeof rule === "string")),
        order: v.exactOptional(v.picklist(["time", "file"])),
        encode: v.exactOptional(v.picklist(["missing", "all"])),
      })),
      name: v.string(),
      fingerprint: v.string(),
      users: v.number(),
      items: v.number(),
      modalities: v.optional(v.record(v.string(), v.object({ kind: v.string(), columns: v.number() })), {}),
      interactions: v.record(v.string(), v.number()),
    }),
    seed: v.number(),
    device: v.object({
      asked: v.string(),
      ran: v.picklist(["native", "wasm", "webgpu", "reference"]),
      about: v.string(),
      reason: v.string(),
      // Runs that do not record the number of threads had one.
      threads: v.optional(v.number(), 1),
      adapter: v.exactOptional(adapter(v)),
      traffic: v.exactOptional(v.record(v.string(), v.number())),
    }),
    started: v.nullable(v.string()),
    seconds: v.number(),
    epochs: v.number(),
    best: v.nullable(v.number()),
    results: v.record(v.string(), v.object({ validation: means(v), test: means(v) })),
  });

/** The names of the files and folders of a run. */
export const FILES = [
  "run.json",
  "config.toml",
  "data",
  "metrics.jsonl",
  "best.safetensors",
  "earlier.safetensors",
  "last.safetensors",
  "embeddings.safetensors",
  "modalities.safetensors",
] as const;

/** The name of a file of a run. */
export type RunFile = (typeof FILES)[number];

/** Returns the path of a file of a run. */
export function within(folder: string, file: RunFile): string {
  return `${folder.replace(/(?<=.)[/\\]+$/, "")}/${file}`;
}

/** Marks a run as failed, if the disk allows that. */
export async function markFailed(
  folder: string,
  record: RunRecord,
  { epochs, best }: TrainingStatus,
  files: Files,
): Promise<void> {
  await writeRecord(folder, { ...record, status: "failed", epochs, best: best?.epochs ?? null }, files).catch(() => {});
}

/** Writes `run.json`. */
export async function writeRecord(folder: string, record: RunRecord, files: Files): Promise<void> {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  await files.write(within(folder, "run.json"), new TextEncoder().encode(text));
}

/**
 * Reads `run.json`.
 *
 * @throws {FormatError} if the folder holds no run, or one of a newer release.
 */
export async function readRecord(folder: string, files: Files): Promise<RunRecord> {
  const path = within(folder, "run.json");
  if (await files.stat(path) === null) {
    const rule = await files.stat(folder)
      ? 'it has no "run.json"; name a folder that train wrote'
      : "there is no such folder; name a folder that train wrote";
    throw unreadable("a run", folder, rule);
  }
  const text = await readText(path, "a run", files);
  const v = await import("./schema.ts");
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), runSchema(v)), text);
  if (result.success) return result.output;
  const part = v.getDotPath(result.issues[0]);
  const rule = part === null ? "expected a JSON object" : `"${part}": ${EXPECTED[part] ?? "it is missing or damaged"}`;
  throw unreadable("a run", path, `${rule}; put back the file that train wrote, or train again`);
}

/** The rules for parts of `run.json`, for messages that say more than that a part is damaged. */
const EXPECTED: Readonly<Record<string, string>> = {
  format: 'expected "giverny run"',
  version: `expected ${VERSION} or 1; a newer release wrote it, and can read it`,
};
