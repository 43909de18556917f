/**
 * Blocks on the GPU, and the engine that runs programs over them. A kernel returns a block at once, and the queue fills
 * it later. Work keeps the order of its calls, so a block may be freed while kernels that read it still wait.
 *
 * @module
 */
import type { Device, Storage } from "../device.ts";
import { type GpuKernel, type Handle, type Probe, RESIDENT } from "./library.ts";
import { gridOf, type Program } from "./program.ts";
import { deviceError, gpuQueue, type Queue, tooLarge } from "./queue.ts";

/** Whole numbers as 32-bit floats: as they are if all are below 2²⁴; else in two planes, v = 4096 · high + low. */
export type Integers = "plain" | "planes";

/** A block of numbers on the GPU. */
export interface GpuStorage extends Storage {
  /** The block's buffer as gpu.js knows it; absent until the queue gets there. */
  readonly cell: { handle?: Handle };
  /** The layout of whole numbers; `null` for real numbers. */
  readonly integers: Integers | null;
}

/** A block as an argument of a program: its numbers, and the length of a row. */
export interface Argument {
  readonly block: GpuStorage;
  readonly columns?: number | undefined;
}

/** Copies between the host and the GPU, and kernels run. */
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

/** The size of a result: a count of numbers, or a matrix of them. */
export type ResultSize = number | { readonly rows: number; readonly columns: number };

/** The base of all kernels on a GPU. */
export interface GpuEngine {
  /** Runs a program that computes a result of this size. */
  run(program: Program, blocks: readonly Argument[], scalars: readonly number[], size: ResultSize): GpuStorage;
  /** Copies numbers to the GPU. */
  store(values: Float32Array, integers?: Integers): GpuStorage;
  /** Copies numbers back, after all work so far. */
  fetch(storage: GpuStorage): Promise<Float32Array>;
  /** Frees a block, after all work so far. */
  release(storage: GpuStorage): void;
  /** Waits until the GPU has at most two calls of `keepUp` still to reach. */
  keepUp(): Promise<void>;
  /** Returns the copies and kernels so far. */
  readonly traffic: () => Traffic;
  /** Returns the bytes of blocks that were not freed. */
  readonly bytesUsed: () => number;
  /** Ends all work; blocks are lost. */
  close(): void;
}

/** WebGPU's flags for a buffer that kernels use, and that is copied from and to. */
const USAGE = 0x80 | 0x04 | 0x08;

/** The parts that the functions of an engine share. */
interface Parts {
  /** The first result of the probe: its kernel and its class make further handles. */
  readonly first: Handle;
  readonly queue: Queue;
  readonly blocks: Blocks;
  readonly kernels: KernelCache;
  readonly moved: { -readonly [K in keyof Traffic]: Traffic[K] };
}

/** Starts an engine on the GPU of a probe. It keeps at most `kept` compiled kernels. */
export function gpuEngine({ gpu, handle: first }: Probe, kept: number, device: () => Device<GpuStorage>): GpuEngine {
  const { context } = first;
  const { maxStorageBufferBindingSize, maxBufferSize } = context.device.limits;
  const queue: Queue = gpuQueue(context, () => blocks.bytesUsed());
  const blocks: Blocks = blocksOn(queue, Math.min(maxStorageBufferBindingSize, maxBufferSize), device);
  const kernels = kernelCache(gpu, kept);
  const moved = { uploads: 0, uploadedBytes: 0, readbacks: 0, readBytes: 0, runs: 0 };
  const parts: Parts = { first, queue, blocks, kernels, moved };
  return {
    run: runner(parts),
    store: storer(parts),
    fetch: fetcher(parts),
    release: blocks.release,
    keepUp: keeperUp(parts),
    traffic: () => ({ ...moved }),
    bytesUsed: blocks.bytesUsed,
    close: () => {
      queue.fail(deviceError("the device was closed"));
      kernels.clear();
    },
  };
}

/** The live blocks of a GPU. */
interface Blocks {
  /** Makes a block without numbers. */
  make(length: number, integers?: Integers | null): GpuStorage;
  release(storage: GpuStorage): void;
  bytesUsed(): number;
}

/** Returns the bytes of a block. The smallest holds one number. */
function bytesOf(length: number): number {
  return 4 * Math.max(length, 1);
}

function blocksOn(queue: Queue, limit: number, device: () => Device<GpuStorage>): Blocks {
  let bytes = 0;
  const discard = (cell: GpuStorage["cell"], size: number) => {
    bytes -= size;
    queue.appendAlways(() => cell.handle?.delete());
  };
  // A block that was not freed is discarded when it is collected.
  const live = new FinalizationRegistry<{ cell: GpuStorage["cell"]; size: number }>(({ cell, size }) =>
    discard(cell, size)
  );
  return {
    make: (length, integers = null) => {
      queue.check();
      const size = bytesOf(length);
      if (size > limit) throw tooLarge(size, limit);
      const storage: GpuStorage = { device: device(), length, freed: false, cell: {}, integers };
      live.register(storage, { cell: storage.cell, size }, storage);
      bytes += size;
      return storage;
    },
    release: (storage) => {
      if (storage.freed) return;
      storage.freed = true;
      live.unregister(storage);
      discard(storage.cell, bytesOf(storage.length));
    },
    bytesUsed: () => bytes,
  };
}

/** Compiled kernels by the text of their programs. */
interface KernelCache {
  get(program: Program): GpuKernel;
  clear(): void;
}

/** Returns a cache that destroys the kernel whose last use is longest ago when it holds more than `kept`. */
function kernelCache(gpu: Probe["gpu"], kept: number): KernelCache {
  const kernels = new Map<string, GpuKernel>();
  const compile = (program: Program) =>
    gpu.createKernel(program.source, {
      ...RESIDENT,
      output: program.grid ? [1, 1, 1] : [1],
      argumentTypes: [...program.types],
    });
  return {
    get: (program) => {
      const kernel = kernels.get(program.source) ?? compile(program);
      // Maps keep the order of insertion: the last used kernel goes to the end.
      kernels.delete(program.source);
      kernels.set(program.source, kernel);
      if (kernels.size > kept) {
        const [[oldest, stale]] = kernels;
        kernels.delete(oldest);
        stale.destroy();
      }
      return kernel;
    },
    clear: () => {
      for (const kernel of kernels.values()) kernel.destroy();
      kernels.clear();
    },
  };
}

/** Returns the same numbers under other axes, one number per thread. */
function seenAs({ kernel }: Handle, handle: Handle, output: readonly number[]): Handle {
  return Object.create(handle, {
    output: { value: output },
    componentCount: { value: 1 },
    kernel: { value: kernel },
    _deleted: { value: false, writable: true },
  });
}

/** Makes a buffer of numbers. */
function put({ first, queue }: Parts, values: Float32Array<ArrayBuffer>): Handle {
  const { context, kernel, constructor } = first;
  const gpu = context.device;
  const size = bytesOf(values.length);
  let buffer: Handle["buffer"];
  queue.watchMemory(size, () => {
    buffer = gpu.createBuffer({ size, usage: USAGE });
    if (values.length > 0) gpu.queue.writeBuffer(buffer, 0, values);
  });
  const Made = constructor as new (of: object) => Handle;
  return new Made({ buffer: buffer!, output: [values.length], context, kernel });
}

function storer(parts: Parts): GpuEngine["store"] {
  const { queue, blocks, moved } = parts;
  return (values, integers) => {
    const storage = blocks.make(values.length, integers);
    moved.uploads++;
    moved.uploadedBytes += 4 * values.length;
    const copy = values.slice();
    queue.append(() => void (storage.cell.handle = put(parts, copy)));
    return storage;
  };
}

function runner(parts: Parts): GpuEngine["run"] {
  const { first, queue, blocks, kernels, moved } = parts;
  return (program, inputs, scalars, size) => {
    const [rows, columns] = typeof size === "number" ? [1, size] : [size.rows, size.columns];
    const out = blocks.make(rows * columns);
    if (out.length === 0) {
      queue.append(() => void (out.cell.handle = put(parts, new Float32Array(0))));
      return out;
    }
    moved.runs++;
    const operands = inputs.map(({ block: { cell, length }, columns = length }) => {
      const width = Math.max(columns, 1);
      return { cell, axes: [width, Math.max(Math.ceil(length / width), 1)] };
    });
    const axes = program.grid ? gridOf(rows, columns / program.wide) : [columns / program.wide];
    const numbers = program.grid ? withHeight(program, scalars, axes[1]) : scalars;
    queue.append(async () => {
      const kernel = kernels.get(program).setOutput(axes);
      const args = operands.map(({ cell, axes }) => seenAs(first, cell.handle!, axes));
      let done: Promise<Handle>;
      queue.watchMemory(bytesOf(out.length), () => done = kernel(...args, ...numbers));
      out.cell.handle = seenAs(first, await done!, [out.length]);
    });
    return out;
  };
}

/** Returns the scalars with the height of a slab, which follows the other whole numbers. */
function withHeight({ types }: Program, scalars: readonly number[], height: number): readonly number[] {
  const whole = types.filter((type) => type === "Integer").length - 1;
  return [...scalars.slice(0, whole), height, ...scalars.slice(whole)];
}

function fetcher({ first, queue, moved }: Parts): GpuEngine["fetch"] {
  return async ({ length, cell }) => {
    moved.readbacks++;
    moved.readBytes += 4 * length;
    let pending: Promise<Float32Array> = Promise.resolve(new Float32Array(0));
    // The copy begins at this place in the queue. Later jobs do not wait for its end.
    queue.append(() => {
      if (length > 0) pending = seenAs(first, cell.handle!, [length]).toArray();
      pending.catch(queue.fail);
    });
    await queue.drained();
    const numbers = await pending.catch(() => new Float32Array(0));
    await queue.settle();
    return numbers;
  };
}

function keeperUp({ first: { context }, queue }: Parts): GpuEngine["keepUp"] {
  const marks: Promise<unknown>[] = [];
  return async () => {
    await queue.drained();
    queue.check();
    marks.push(context.device.queue.onSubmittedWorkDone());
    if (marks.length > 2) await marks.shift();
  };
}
