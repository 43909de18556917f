/**
 * Blocks on the GPU, and the queue in which everything happens to them. Kernels return at once; what they return is filled in
 * when the queue gets there. Work is done strictly in the order it was asked for, so a block may be freed while kernels that
 * read it still wait.
 *
 * @module
 */
import { DeviceError, ValueError } from "../errors.ts";
import type { Device, Storage } from "../device.ts";
import { type Gpu, type GpuKernel, type Handle, type Probe, RESIDENT } from "./library.ts";
import { gridOf, type Program } from "./program.ts";

/** Whole numbers as 32-bit floats: as they are, where all are below 2²⁴; else in two planes, v = 4096 · high + low. */
export type Integers = "plain" | "planes";

/** A block of numbers on the GPU. */
export interface GpuStorage extends Storage {
  /** What gpu.js made; absent until the queue gets there. */
  readonly cell: { handle?: Handle };
  /** How whole numbers are kept in it; `null` for real ones. */
  readonly integers: Integers | null;
}

/** A block as an argument: its numbers, and how many are in a row. */
export interface Argument {
  readonly block: GpuStorage;
  readonly columns?: number;
}

/** What moved between the host and the GPU. */
export interface Traffic {
  /** Blocks copied to the GPU. */
  readonly uploads: number;
  /** Their bytes. */
  readonly uploadedBytes: number;
  /** Blocks copied back. */
  readonly readbacks: number;
  /** Their bytes. */
  readonly readBytes: number;
  /** Kernels run. */
  readonly runs: number;
}

/** Where kernels run. */
export interface Machine {
  /** Runs a program for a matrix of results, or for a list of them. */
  run(program: Program, blocks: readonly Argument[], scalars: readonly number[], size: ResultSize): GpuStorage;
  /** Copies numbers to the GPU. */
  store(values: Float32Array, integers?: Integers): GpuStorage;
  /** Copies numbers back, when everything asked for before is done. */
  fetch(storage: GpuStorage): Promise<Float32Array>;
  /** Gives a block back, when everything asked for before is done. */
  release(storage: GpuStorage): void;
  /** Waits until the GPU is at most two calls of this behind. */
  keepUp(): Promise<void>;
  /** What moved so far. */
  readonly traffic: () => Traffic;
  /** Bytes in blocks that were not freed. */
  readonly bytesUsed: () => number;
  /** Ends all work; blocks are lost. */
  close(): void;
}

/** How many numbers a program returns: so many, or a matrix of them. */
export type ResultSize = number | { readonly rows: number; readonly columns: number };

/** Blocks of at least so many bytes are watched for lack of memory. */
const LARGE = 2 ** 20;
/** WebGPU's numbers for buffers that kernels may use, and that may be copied from and to. */
const USAGE = 0x80 | 0x04 | 0x08;

/** Starts a queue on what a probe found, which keeps so many kernels ready. */
export function machine({ gpu, handle: first }: Probe, kept: number, device: () => Device<GpuStorage>): Machine {
  const { context } = first;
  const raw: Gpu = context.device;
  const limit = Math.min(raw.limits.maxStorageBufferBindingSize, raw.limits.maxBufferSize);
  const kernels = new Map<string, GpuKernel>();
  const moved = { uploads: 0, uploadedBytes: 0, readbacks: 0, readBytes: 0, runs: 0 };
  const marks: Promise<unknown>[] = [];
  const watched = new Set<Promise<void>>();
  let [bytes, queue, failure] = [0, Promise.resolve(), null as Error | null];

  const fail = (error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error));
  };
  /** What went wrong, if anything did. A GPU that is lost breaks much else before it says so. */
  const trouble = () => context.isLost ? new DeviceError('Cannot go on on "webgpu": the device was lost') : failure;
  const check = () => {
    const error = trouble();
    if (error) throw error;
  };
  // gpu.js prints what goes wrong, and goes on.
  raw.onuncapturederror = null;
  raw.addEventListener(
    "uncapturederror",
    ({ error }) => fail(new DeviceError(`Cannot go on on "webgpu": ${error.message}`)),
  );

  const enqueue = (job: () => void | Promise<void>) => {
    queue = queue.then(() => trouble() ? undefined : job()).catch(fail);
  };
  /** Gives a block back, also when all else has failed. */
  const discard = (cell: GpuStorage["cell"]) => {
    queue = queue.then(() => cell.handle?.delete()).catch(fail);
  };
  /** Notices when there is no memory for a block, which the GPU says later and only to those who asked. */
  const watch = (size: number, make: () => void) => {
    if (size < LARGE) return make();
    raw.pushErrorScope("out-of-memory");
    make();
    const answer = raw.popErrorScope().then((error) => error && fail(outOfMemory(size, bytes))).finally(() =>
      watched.delete(answer)
    ) as Promise<void>;
    watched.add(answer);
  };
  const live = new FinalizationRegistry<{ cell: GpuStorage["cell"]; size: number }>(({ cell, size }) => {
    bytes -= size;
    discard(cell);
  });
  const sizeOf = (length: number) => 4 * Math.max(length, 1);
  const block = (length: number, integers: Integers | null = null): GpuStorage => {
    check();
    const size = sizeOf(length);
    if (size > limit) {
      throw new ValueError(
        `Cannot hold ${grouped(size)} bytes in one block on "webgpu": this adapter allows ${grouped(limit)}`,
      );
    }
    const storage: GpuStorage = { device: device(), length, freed: false, cell: {}, integers };
    live.register(storage, { cell: storage.cell, size }, storage);
    bytes += size;
    return storage;
  };
  /** A handle under other axes: the same numbers, one to a thread. */
  const seenAs = (handle: Handle, output: readonly number[]): Handle =>
    Object.create(handle, {
      output: { value: output },
      componentCount: { value: 1 },
      kernel: { value: first.kernel },
      _deleted: { value: false, writable: true },
    });
  const kernelOf = (program: Program): GpuKernel => {
    const known = kernels.get(program.source);
    kernels.delete(program.source);
    const kernel = known ??
      gpu.createKernel(program.source, {
        ...RESIDENT,
        output: program.grid ? [1, 1, 1] : [1],
        argumentTypes: [...program.types],
      });
    kernels.set(program.source, kernel);
    if (kernels.size > kept) {
      const [[oldest, stale]] = kernels;
      kernels.delete(oldest);
      stale.destroy();
    }
    return kernel;
  };
  const put = (values: Float32Array<ArrayBuffer>): Handle => {
    const size = sizeOf(values.length);
    let buffer: Handle["buffer"] & { _refs?: number };
    watch(size, () => {
      buffer = raw.createBuffer({ size, usage: USAGE });
      if (values.length > 0) raw.queue.writeBuffer(buffer, 0, values);
    });
    const Made = first.constructor as new (of: object) => Handle;
    return new Made({ buffer: buffer!, output: [values.length], context, kernel: first.kernel });
  };

  return {
    run(program, blocks, scalars, size) {
      const [rows, columns] = typeof size === "number" ? [1, size] : [size.rows, size.columns];
      const out = block(rows * columns);
      const inputs = blocks.map(({ block: { cell, length }, columns = length }) => {
        const width = Math.max(columns, 1);
        return { cell, axes: [width, Math.max(Math.ceil(length / width), 1)] };
      });
      if (out.length === 0) enqueue(() => void (out.cell.handle = put(new Float32Array(0))));
      else {
        moved.runs++;
        const axes = program.grid ? gridOf(rows, columns / program.wide) : [columns / program.wide];
        const numbers = program.grid
          ? [...scalars.slice(0, wholeOf(program) - 1), axes[1], ...scalars.slice(wholeOf(program) - 1)]
          : scalars;
        enqueue(async () => {
          const kernel = kernelOf(program).setOutput(axes);
          const args = inputs.map(({ cell, axes }) => seenAs(cell.handle!, axes));
          let done: Promise<Handle>;
          watch(sizeOf(out.length), () => done = kernel(...args, ...numbers));
          out.cell.handle = seenAs(await done!, [out.length]);
        });
      }
      return out;
    },
    store(values, integers) {
      const storage = block(values.length, integers);
      moved.uploads++;
      moved.uploadedBytes += 4 * values.length;
      const copy = values.slice();
      enqueue(() => void (storage.cell.handle = put(copy)));
      return storage;
    },
    async fetch({ length, cell }) {
      moved.readbacks++;
      moved.readBytes += 4 * length;
      let pending: Promise<Float32Array> = Promise.resolve(new Float32Array(0));
      // Copying begins at this place in the queue; waiting for it holds nobody up.
      enqueue(() => {
        if (length > 0) pending = seenAs(cell.handle!, [length]).toArray();
        pending.catch(fail);
      });
      await queue;
      const numbers = await pending.catch(() => new Float32Array(0));
      await Promise.all(watched);
      if (failure) await raw.queue.onSubmittedWorkDone().catch(() => {});
      check();
      return numbers;
    },
    release(storage) {
      if (storage.freed) return;
      storage.freed = true;
      live.unregister(storage);
      bytes -= sizeOf(storage.length);
      discard(storage.cell);
    },
    async keepUp() {
      await queue;
      check();
      marks.push(raw.queue.onSubmittedWorkDone());
      if (marks.length > 2) await marks.shift();
    },
    traffic: () => ({ ...moved }),
    bytesUsed: () => bytes,
    close() {
      failure ??= new DeviceError('Cannot go on on "webgpu": the device was closed');
      for (const kernel of kernels.values()) kernel.destroy();
      kernels.clear();
    },
  };
}

const wholeOf = ({ types }: Program): number => types.filter((type) => type === "Integer").length;

function outOfMemory(size: number, used: number): ValueError {
  return new ValueError(
    `Cannot hold ${grouped(size)} bytes more on "webgpu": the GPU is out of memory with ${grouped(used)} bytes in use`,
  );
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
