/**
 * The device `auto`: the processor, unless a GPU that is hardware answers and the training is long enough to gain by
 * it. A few steps on both show which is faster, once for each model, data set and machine.
 *
 * @module
 */
import { type Choice, type GpuFacts, timeOn } from "../../kernels/mod.ts";
import { free, recordAllocations } from "../core/scope.ts";
import { read } from "../core/tensor.ts";
import type { Files } from "../data/files.ts";
import type { Hardware } from "./device.ts";
import { circumstances, type DeviceTiming, findTiming, rememberTiming } from "./device_timings.ts";
import { stepsOf } from "./loop.ts";
import type { TrainingSetup } from "./setup.ts";

/** The number of steps that are timed. */
const STEPS = 3;
/** Milliseconds that a GPU must gain in all: every run loads its library and compiles its kernels again. */
const STARTUP = 5000;

/** A training that needs a device. */
export interface Candidate {
  /** Prepares the training on a device. */
  readonly setUp: (device: Choice) => Promise<TrainingSetup>;
  /** The model, the data and the settings. */
  readonly facts: Omit<Parameters<typeof circumstances>[0], "gpu" | "processor">;
  /** The processor, opened. */
  readonly processor: Choice;
  /** Opens the GPU. */
  readonly openGpu: () => Promise<Choice>;
}

/** The surroundings of the choice. */
export interface AutoOptions {
  readonly hardware: Hardware;
  readonly files: Files;
  readonly now: () => number;
  /** Receives a sentence before steps are measured. */
  readonly note: (text: string) => void | Promise<void>;
}

/** A prepared training, and the function that frees all that it took. */
interface Prepared {
  readonly setup: TrainingSetup;
  readonly drop: () => void;
}

/** Returns the training, prepared on the device where it ends sooner. Its device has the reason. */
export async function setUpOnFastest(
  { setUp, facts, processor, openGpu }: Candidate,
  { hardware, files, now, note }: AutoOptions,
): Promise<TrainingSetup> {
  const onProcessor = (reason: string) => setUp({ ...processor, reason });
  const gpu = await hardware.gpu();
  const objection = whyNotGpu(gpu);
  if (objection !== null) return await onProcessor(objection);

  const { epochs } = facts.config;
  const name = (gpu as GpuFacts).name;
  const here = circumstances({ ...facts, gpu: name, processor: processor.device.about });
  const path = hardware.timings();
  const known = await findTiming(path, here, files);
  const verdict = known && gpuPaysOff(known, epochs);
  if (verdict) {
    const reason = `${verdict.reason}, measured before`;
    if (!verdict.gains) return await onProcessor(reason);
    const setup = await tryGpu(name, openGpu, (choice) => setUp({ ...choice, reason }));
    return typeof setup === "string" ? await onProcessor(setup) : setup;
  }

  const first = await prepared(setUp, processor);
  const { batches } = first.setup;
  if (!batches) return because(first.setup, "nothing is trained");
  const alone = { ...here, steps: batches.steps, onProcessor: await stepTime(first.setup, now), onGpu: null };
  const early = gpuPaysOff(alone, epochs);
  if (early) {
    await rememberTiming(path, alone, files);
    return because(first.setup, early.reason);
  }
  await note(`a few steps on the processor and on ${name} are timed, once, to choose the faster`);
  const second = await tryGpu(name, openGpu, (choice) => preparedAndTimed(setUp, choice, now));
  if (typeof second === "string") return because(first.setup, second);
  const both = { ...alone, onGpu: second.milliseconds };
  await rememberTiming(path, both, files);
  const { gains, reason } = gpuPaysOff(both, epochs)!;
  (gains ? first : second).drop();
  return because((gains ? second : first).setup, reason);
}

/** Returns the result of work on the GPU; the reason, if it fails there. */
async function tryGpu<T extends object>(
  name: string,
  openGpu: Candidate["openGpu"],
  work: (gpu: Choice) => Promise<T>,
): Promise<T | string> {
  try {
    const choice = await openGpu();
    return choice.device.name === "webgpu" ? await work(choice) : choice.reason;
  } catch (error) {
    return `${name} failed: ${error instanceof Error ? error.message : error}`;
  }
}

/** Returns the reason why `auto` never chooses this GPU; `null` if it might. */
export function whyNotGpu(gpu: GpuFacts | string): string | null {
  if (typeof gpu === "string") return gpu;
  return gpu.hardware ? null : `the only GPU, ${gpu.name}, is software`;
}

/**
 * Returns whether a GPU gains by training so many epochs, and why; `undefined` if a step on the GPU must be timed
 * first.
 */
export function gpuPaysOff(
  { gpu, steps, onProcessor, onGpu }: DeviceTiming,
  epochs: number,
): { readonly gains: boolean; readonly reason: string } | undefined {
  const all = epochs * steps;
  if (all * onProcessor <= STARTUP) {
    const seconds = (all * onProcessor / 1000).toFixed(1);
    return { gains: false, reason: `done in ${seconds}s on the processor, too soon for a GPU to gain` };
  }
  if (onGpu === null) return undefined;
  const gains = all * (onProcessor - onGpu) > STARTUP;
  const little = !gains && onGpu < onProcessor ? `, too little to gain in ${all.toLocaleString("en-US")} steps` : "";
  return {
    gains,
    reason: `WebGPU on ${gpu} took ${span(onGpu)} ms a step, the processor ${span(onProcessor)}${little}`,
  };
}

/** Prepares a training and records its allocations. */
async function prepared(setUp: Candidate["setUp"], device: Choice): Promise<Prepared> {
  const [making, made] = recordAllocations(() => setUp(device));
  const setup = await making;
  const drop = () => {
    for (const storage of made) storage.device.free(storage);
    free([setup.context, setup.start]);
  };
  return { setup, drop };
}

async function preparedAndTimed(
  setUp: Candidate["setUp"],
  choice: Choice,
  now: () => number,
): Promise<Prepared & { readonly milliseconds: number }> {
  const there = await prepared(setUp, choice);
  try {
    return { ...there, milliseconds: await stepTime(there.setup, now) };
  } catch (error) {
    there.drop();
    throw error;
  }
}

function because(setup: TrainingSetup, reason: string): TrainingSetup {
  return { ...setup, device: { ...setup.device, reason } };
}

/** Returns the milliseconds of a step of a training. */
async function stepTime(setup: TrainingSetup, now: () => number): Promise<number> {
  const steps = Math.min(STEPS, setup.batches!.steps);
  const { milliseconds } = await timeOn(setup.device.device, () => takeSteps(steps, setup), now);
  return milliseconds / steps;
}

/** Takes the first steps of a training and frees the result. */
async function takeSteps(steps: number, setup: TrainingSetup): Promise<void> {
  const stream = stepsOf({ ...setup, batches: { ...setup.batches!, steps } }, { epochs: 1 });
  for await (const { step, loss, training } of stream) {
    if (step < steps - 1) continue;
    await read(loss);
    free(training);
  }
}

function span(milliseconds: number): string {
  return milliseconds < 10 ? milliseconds.toPrecision(2) : Math.round(milliseconds).toLocaleString("en-US");
}
