/**
 * Measurements that `auto` remembers: the time of a step of a training on the processor and on the GPU of this machine.
 * The memory is a small file that may be deleted: filling it again takes a few steps.
 *
 * @module
 */
import type { GenericSchema, InferOutput } from "valibot";
import { version } from "../core/version.ts";
import type { Files } from "../data/files.ts";
import type { RunConfig } from "./settings.ts";
import type * as Schemas from "./schema.ts";

/** All that the time of a step depends on. */
export interface Circumstances {
  /** The version of the library: a later one may be faster. */
  readonly giverny: string;
  /** The name of the GPU. */
  readonly gpu: string;
  /** The processor device's description of itself. */
  readonly processor: string;
  /** The name of the model. */
  readonly model: string;
  /** The data set. */
  readonly data: { readonly name: string; readonly fingerprint: string };
  /** The settings, without those that change no step's time. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

/** A measurement. */
export interface DeviceTiming extends Circumstances {
  /** The number of steps in an epoch. */
  readonly steps: number;
  /** Milliseconds of a step on the processor. */
  readonly onProcessor: number;
  /** Milliseconds of a step on the GPU; `null` if the training is so short that no GPU could gain. */
  readonly onGpu: number | null;
}

const timingSchema = (v: typeof Schemas): GenericSchema<unknown, DeviceTiming> =>
  v.object({
    giverny: v.string(),
    gpu: v.string(),
    processor: v.string(),
    model: v.string(),
    data: v.object({ name: v.string(), fingerprint: v.string() }),
    settings: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
    steps: v.number(),
    onProcessor: v.number(),
    onGpu: v.nullable(v.number()),
  });
const fileSchema = (v: typeof Schemas) =>
  v.object({
    format: v.literal("giverny measurements"),
    version: v.literal(1),
    measured: v.array(timingSchema(v)),
  });

/** The settings that change no step's time. */
const NO_EFFECT: readonly string[] = [
  "lr",
  "schedule",
  "decay",
  "warmup",
  "weightDecay",
  "epochs",
  "every",
  "patience",
  "maskValidation",
  "seed",
];

/** The number of measurements that are remembered. */
const MOST = 200;

/** Returns the circumstances of a training. */
export function circumstances(
  { config, ...others }: Omit<Circumstances, "giverny" | "settings"> & { readonly config: RunConfig },
): Circumstances {
  const settings = Object.fromEntries(Object.entries(config).filter(([name]) => !NO_EFFECT.includes(name)));
  return { giverny: version, ...others, settings };
}

/** Returns all remembered measurements, the latest first; none if the file does not exist or is damaged. */
export async function deviceTimings(path: string | null, files: Files): Promise<readonly DeviceTiming[]> {
  const bytes = path === null ? null : await files.read(path).catch(() => null);
  const text = bytes && new TextDecoder().decode(bytes);
  const v = await import("./schema.ts");
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), fileSchema(v)), text);
  return result.success ? result.output.measured : [];
}

/** Returns the measurement under these circumstances; `undefined` if there is none. */
export async function findTiming(
  path: string | null,
  now: Circumstances,
  files: Files,
): Promise<DeviceTiming | undefined> {
  const known = identity(now);
  return (await deviceTimings(path, files)).find((timing) => identity(timing) === known);
}

/** Remembers a measurement, if the disk allows that. */
export async function rememberTiming(path: string | null, timing: DeviceTiming, files: Files): Promise<void> {
  if (path === null) return;
  const others = (await deviceTimings(path, files)).filter((other) => identity(other) !== identity(timing));
  const file: InferOutput<ReturnType<typeof fileSchema>> = {
    format: "giverny measurements",
    version: 1,
    measured: [timing, ...others].slice(0, MOST),
  };
  try {
    await files.makeFolder(path.slice(0, path.lastIndexOf("/")));
    await files.write(path, new TextEncoder().encode(`${JSON.stringify(file, null, 2)}\n`));
  } catch {
    // The next training measures again.
  }
}

function identity({ giverny, gpu, processor, model, data: { fingerprint }, settings }: Circumstances): string {
  return JSON.stringify([giverny, gpu, processor, model, fingerprint, Object.entries(settings).sort()]);
}
