/**
 * What was measured once and is remembered: how long a step of a training takes on the processor and on the GPU of this machine.
 * The memory is one small file of the user's, and may be deleted: it costs a few steps to fill again.
 *
 * @module
 */
import * as v from "valibot";
import giverny from "../../../deno.json" with { type: "json" };
import { writeFile } from "../../data/formats/files.ts";
import type { RunConfig } from "./config.ts";
import type { Machine } from "../shell/machine.ts";

/** What decides how long a step takes. */
export interface Circumstances {
  /** The release of this program: a later one may be faster. */
  readonly giverny: string;
  /** What the GPU is called. */
  readonly gpu: string;
  /** What the processor's device says about itself. */
  readonly processor: string;
  readonly model: string;
  readonly data: { readonly name: string; readonly fingerprint: string };
  /** The settings, without those that change no step's length. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

/** A measurement. */
export interface Measured extends Circumstances {
  /** Steps in an epoch. */
  readonly steps: number;
  /** Milliseconds of a step on the processor. */
  readonly onProcessor: number;
  /** Milliseconds of a step on the GPU; `null` where the processor left too little to gain to try. */
  readonly onGpu: number | null;
}

const MeasuredSchema: v.GenericSchema<unknown, Measured> = v.object({
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
const FileSchema = v.object({
  format: v.literal("giverny measurements"),
  version: v.literal(1),
  measured: v.array(MeasuredSchema),
});

/** The settings that change no step's length. */
const WITHOUT_WEIGHT: readonly string[] = ["lr", "decay", "epochs", "every", "patience", "maskValidation", "seed"];

/** Measurements that are remembered; older ones are forgotten. */
const MOST = 200;

/** Returns what decides how long a step takes. */
export function circumstances(
  { config, ...others }: Omit<Circumstances, "giverny" | "settings"> & { readonly config: RunConfig },
): Circumstances {
  const settings = Object.fromEntries(Object.entries(config).filter(([name]) => !WITHOUT_WEIGHT.includes(name)));
  return { giverny: giverny.version, ...others, settings };
}

/** Returns the path of the file; `null` where there is no place for it. */
export function memoryOf(machine: Machine): string | null {
  const folder = machine.cache();
  return folder === null ? null : `${folder}/giverny/devices.json`;
}

/** Returns all that is remembered, the latest first; nothing, if the file is not there or damaged. */
export async function remembered(machine: Machine): Promise<readonly Measured[]> {
  const path = memoryOf(machine);
  const text = path === null ? null : await Deno.readTextFile(path).catch(() => null);
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), FileSchema), text);
  return result.success ? result.output.measured : [];
}

/** Returns what was measured under these circumstances; `undefined`, if nothing was. */
export async function recall(machine: Machine, now: Circumstances): Promise<Measured | undefined> {
  const known = identity(now);
  return (await remembered(machine)).find((one) => identity(one) === known);
}

/** Remembers a measurement, as well as the disk allows. */
export async function remember(machine: Machine, measured: Measured): Promise<void> {
  const path = memoryOf(machine);
  if (path === null) return;
  const others = (await remembered(machine)).filter((one) => identity(one) !== identity(measured));
  const file: v.InferOutput<typeof FileSchema> = {
    format: "giverny measurements",
    version: 1,
    measured: [measured, ...others].slice(0, MOST),
  };
  try {
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await writeFile(path, new TextEncoder().encode(`${JSON.stringify(file, null, 2)}\n`));
  } catch {
    // It will be measured again.
  }
}

function identity({ giverny, gpu, processor, model, data: { fingerprint }, settings }: Circumstances): string {
  return JSON.stringify([giverny, gpu, processor, model, fingerprint, Object.entries(settings).sort()]);
}
