/**
 * `--device auto`: the processor, unless a GPU answers that is hardware and the training is long enough to gain by it. Which is
 * faster is found out by taking a few of its steps on both, once for each model, data set and machine.
 *
 * @module
 */
import { type Choice, timeOn } from "../../../kernels/mod.ts";
import { free, recordAllocations } from "../../core/scope.ts";
import { read } from "../../core/tensor.ts";
import { objective } from "../../models/mod.ts";
import { fit } from "../../train/fit.ts";
import { type Io, note } from "../shell/io.ts";
import type { GpuFacts } from "../../../kernels/mod.ts";
import { circumstances, type Measured, recall, remember } from "./measured.ts";
import { duration } from "../shell/progress.ts";
import type { Task } from "./task.ts";

/** Steps that are timed. */
const STEPS = 3;
/** Milliseconds that a GPU has to win back: its library is loaded, and its kernels are made, anew in every run. */
const STARTING = 5000;

/** A training that wants a device. */
export interface Wanting {
  /** Makes the training ready on a device. */
  readonly make: (device: Choice) => Promise<Task>;
  /** What it is of. */
  readonly facts: Omit<Parameters<typeof circumstances>[0], "gpu" | "processor">;
  /** The processor, opened. */
  readonly processor: Choice;
  /** Opens the GPU. */
  readonly openGpu: () => Promise<Choice>;
}

/** A training made ready, and how to give back what that took. */
interface Ready {
  readonly task: Task;
  readonly drop: () => void;
}

/** Returns the training, made ready where it is done sooner. Its device says why it was chosen. */
export async function taskOnFastest({ make, facts, processor, openGpu }: Wanting, io: Io): Promise<Task> {
  const onProcessor = (reason: string) => make({ ...processor, reason });
  const gpu = await io.machine.gpu();
  const against = whyNot(gpu);
  if (against !== null) return onProcessor(against);

  const now = circumstances({ ...facts, gpu: (gpu as GpuFacts).name, processor: processor.device.about });
  const { epochs } = facts.config;
  const known = await recall(io.machine, now);
  const verdict = known && verdictOn(known, epochs);
  if (!verdict) return await measured();
  const reason = `${verdict.reason}, measured before`;
  if (!verdict.gains) return onProcessor(reason);
  const task = await onGpu((choice) => make({ ...choice, reason }));
  return typeof task === "string" ? onProcessor(task) : task;

  async function measured(): Promise<Task> {
    const here = await ready(make, processor);
    const { batches } = here.task;
    if (!batches) return because(here.task, "nothing is trained");
    const alone: Measured = { ...now, steps: batches.steps, onProcessor: await stepOf(here.task, io), onGpu: null };
    const early = verdictOn(alone, epochs);
    if (early) {
      await remember(io.machine, alone);
      return because(here.task, early.reason);
    }
    note(io, `trying a few steps on the processor and on ${now.gpu}, once, to see which is faster`);
    const there = await onGpu(readyAndTried);
    if (typeof there === "string") return because(here.task, there);
    const both = { ...alone, onGpu: there.milliseconds };
    await remember(io.machine, both);
    const { gains, reason } = verdictOn(both, epochs)!;
    (gains ? here : there).drop();
    return because((gains ? there : here).task, reason);
  }

  async function readyAndTried(choice: Choice): Promise<Ready & { readonly milliseconds: number }> {
    const there = await ready(make, choice);
    try {
      return { ...there, milliseconds: await stepOf(there.task, io) };
    } catch (error) {
      there.drop();
      throw error;
    }
  }

  /** Returns what came of work on the GPU; the reason, where it cannot be done there. */
  async function onGpu<T extends object>(work: (gpu: Choice) => T | Promise<T>): Promise<T | string> {
    try {
      const choice = await openGpu();
      return choice.device.name === "webgpu" ? await work(choice) : choice.reason;
    } catch (error) {
      return `${now.gpu} could not do it: ${error instanceof Error ? error.message : error}`;
    }
  }
}

/** Returns why `auto` would never take what answered as a GPU; `null`, if it might. */
export function whyNot(gpu: GpuFacts | string): string | null {
  if (typeof gpu === "string") return gpu;
  return gpu.hardware ? null : `the only GPU, ${gpu.name}, is software`;
}

/** Returns whether a GPU gains by training so many epochs, and why; `undefined`, if that takes a measurement more. */
export function verdictOn(
  { gpu, steps, onProcessor, onGpu }: Measured,
  epochs: number,
): { readonly gains: boolean; readonly reason: string } | undefined {
  const all = epochs * steps;
  if (all * onProcessor <= STARTING) {
    const reason = `done in ${duration(all * onProcessor)} on the processor, too soon for a GPU to gain`;
    return { gains: false, reason };
  }
  if (onGpu === null) return undefined;
  const gains = all * (onProcessor - onGpu) > STARTING;
  const little = !gains && onGpu < onProcessor ? `, too little to gain in ${all.toLocaleString("en-US")} steps` : "";
  return {
    gains,
    reason: `WebGPU on ${gpu} took ${span(onGpu)} ms a step, the processor ${span(onProcessor)}${little}`,
  };
}

/** Makes a training ready. What it takes on the way there is given back with the rest. */
async function ready(make: Wanting["make"], device: Choice): Promise<Ready> {
  const [making, made] = recordAllocations(() => make(device));
  const task = await making;
  const drop = () => {
    for (const storage of made) storage.device.free(storage);
    free([task.context, task.start]);
  };
  return { task, drop };
}

function because(task: Task, reason: string): Task {
  return { ...task, device: { ...task.device, reason } };
}

/** Returns how many milliseconds a step of a training takes. */
async function stepOf(task: Task, { now }: Io): Promise<number> {
  const steps = Math.min(STEPS, task.batches!.steps);
  const { milliseconds } = await timeOn(task.device.device, () => take(steps, task), now);
  return milliseconds / steps;
}

/** Takes the first steps of a training, and forgets what they led to. */
async function take(steps: number, { model, context, start, batches, ...task }: Task): Promise<void> {
  const some = { steps, batch: batches!.batch };
  const { loss, refresh } = objective(model, context);
  const stream = fit(start, loss, {
    ...task,
    refresh,
    batches: some,
    epochs: 1,
  });
  for await (const { step, loss, training } of stream) {
    if (step < steps - 1) continue;
    await read(loss);
    free(training);
  }
}

function span(milliseconds: number): string {
  return milliseconds < 10 ? milliseconds.toPrecision(2) : Math.round(milliseconds).toLocaleString("en-US");
}
