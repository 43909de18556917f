/**
 * The queue of a GPU: jobs run strictly in the order of their calls, and the first failure ends all that follows.
 * Kernels return at once, so a failure shows at the next call or read.
 *
 * @module
 */
import { DeviceError, ValueError } from "../errors.ts";
import type { Context } from "./library.ts";

/** A queue of jobs on a GPU. */
export interface Queue {
  /** Appends a job. It is left out if the GPU has failed by then. */
  append(job: () => void | Promise<void>): void;
  /** Appends a job that also runs after a failure. */
  appendAlways(job: () => void | Promise<void>): void;
  /** Waits until all jobs so far have run. */
  drained(): Promise<void>;
  /** Runs `make`, which allocates `size` bytes, and lets the queue fail if the GPU has no memory for them. */
  watchMemory(size: number, make: () => void): void;
  /** Waits for every answer about memory, then throws the failure, if there is one. */
  settle(): Promise<void>;
  /** Records a failure, unless an earlier one is recorded. */
  fail(error: unknown): void;
  /** Throws the failure, if there is one. */
  check(): void;
}

/** Only blocks of at least this many bytes are watched for lack of memory. */
const WATCHED_BYTES = 2 ** 20;

/** Returns a queue on the GPU of a context. `bytesUsed` returns the bytes of live blocks, for messages. */
export function gpuQueue(context: Context, bytesUsed: () => number): Queue {
  const gpu = context.device;
  const answers = new Set<Promise<void>>();
  let tail: Promise<void> = Promise.resolve();
  let failure: Error | null = null;

  const fail = (error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error));
  };
  // A lost GPU makes other calls fail first, with other messages: the loss is reported instead of them.
  const trouble = () => context.isLost ? deviceError("the device was lost") : failure;
  const check = () => {
    const error = trouble();
    if (error) throw error;
  };
  // gpu.js prints errors of the GPU and continues. Here they end the queue.
  gpu.onuncapturederror = null;
  gpu.addEventListener("uncapturederror", ({ error }) => fail(deviceError(error.message)));

  return {
    fail,
    check,
    append: (job) => void (tail = tail.then(() => trouble() ? undefined : job()).catch(fail)),
    appendAlways: (job) => void (tail = tail.then(job).catch(fail)),
    drained: () => tail,
    watchMemory: (size, make) => {
      if (size < WATCHED_BYTES) return make();
      gpu.pushErrorScope("out-of-memory");
      make();
      const answer: Promise<void> = gpu.popErrorScope()
        .then((error) => error ? fail(outOfMemory(size, bytesUsed())) : undefined)
        .finally(() => answers.delete(answer));
      answers.add(answer);
    },
    settle: async () => {
      await Promise.all(answers);
      if (failure) await gpu.queue.onSubmittedWorkDone().catch(() => {});
      check();
    },
  };
}

/** Returns the error of a GPU that can compute no more. */
export function deviceError(reason: string): DeviceError {
  return new DeviceError(`Cannot compute on "webgpu": ${reason}`);
}

/** Returns the error of a block that is larger than the adapter allows. */
export function tooLarge(size: number, limit: number): ValueError {
  return new ValueError(
    `Cannot hold ${grouped(size)} bytes in one block on "webgpu": this adapter allows ${grouped(limit)}`,
  );
}

function outOfMemory(size: number, used: number): ValueError {
  return new ValueError(
    `Cannot hold ${grouped(size)} bytes more on "webgpu": the GPU is out of memory with ${grouped(used)} bytes in use`,
  );
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
