/**
 * Threads: a pool of workers that share the device's memory. A job is a range of iterations. Each free thread, the
 * calling thread among them, takes the next grain of iterations. Two grains never share a sum, so results have the same
 * bits for every number of threads.
 *
 * The workers start with the first job that is large enough. Until they are up, the calling thread does all the work.
 * They do not keep a process alive.
 *
 * @module
 */
import { DeviceError } from "../errors.ts";
import type { Heap } from "./memory.ts";
import { ARGUMENTS, MESSAGE, MESSAGE_BYTES, MOST_ARGUMENTS, PLACES, type Post, serve } from "./worker.ts";

/** An assembled routine. It takes `(from, to, scratch, …args)` and runs iterations `from` to `to − 1`. */
export interface Assembled {
  /** The number of the routine on the board. */
  readonly name: number;
  /** Its module, or the address of its machine code. */
  readonly code: Uint8Array | number;
  /** The routine, for this thread. */
  readonly run: (...args: number[]) => void;
}

/** Threads that work together. */
export interface Pool {
  /** The number of threads, the calling thread included. */
  readonly threads: number;
  /**
   * Runs iterations `0 … count − 1` of a routine, `grain` of them at a time, and returns at their end.
   *
   * @throws {DeviceError} if a worker failed.
   */
  run(routine: Assembled, count: number, grain: number, args: readonly number[]): void;
  /** Returns the number of workers that have started; for tests. */
  started(): number;
  /** Returns the bytes of the heap that the pool itself takes. */
  bytes(): number;
  /** Ends the workers. The pool continues on the calling thread. */
  close(): void;
}

/** Bytes of scratch memory of each thread, for a panel of a matrix product. */
export const SCRATCH: number = 2 ** 20;
/** The looks at the board before a thread falls asleep: about 200 microseconds. Waking takes about 75. */
const PATIENCE = 100_000;
const { job, open, active, asleep, next, failed, closed, started, task } = PLACES;

/** Returns the number of threads that this machine can run at once; 1 where memory cannot be shared. */
export function processors(): number {
  if (typeof SharedArrayBuffer === "undefined") return 1;
  // Node 20 has no navigator.
  return globalThis.navigator?.hardwareConcurrency ?? builtin<NodeSystem>("node:os")?.availableParallelism() ?? 1;
}

/**
 * Returns a pool of threads over a heap.
 *
 * @param caller The text of a function from the memory's buffer to a function from the address of machine code to the
 * routine; not needed if all routines are WebAssembly.
 */
export function pool(heap: Heap, threads: number, caller: string = "null"): Pool {
  const board = newBoard();
  const { take, bytes } = reserved(heap);
  const scratch = take(SCRATCH);
  const codes = new Map<number, number>();
  let jobs = 0;
  /** The number of workers; `null` before the first large job. */
  let workers = board.shared === null || threads === 1 ? 0 : null;

  const startWorkers = (): void => {
    workers = 0;
    while (workers < threads - 1 && launch(startMessage(heap, board, take(SCRATCH)), caller)) workers++;
  };

  const codeAddress = ({ name, code }: Assembled): number => {
    const known = codes.get(name);
    if (known !== undefined) return known;
    if (typeof code === "number") return code;
    const address = take(code.length);
    new Uint8Array(heap.memory.buffer, address, code.length).set(code);
    codes.set(name, address);
    return address;
  };

  return {
    threads,
    bytes,
    started: () => Atomics.load(board.words, started),
    close: () => {
      workers = 0;
      endWorkers(board);
    },
    run: (routine, count, grain, args) => {
      const work = (from: number) => routine.run(from, Math.min(count, from + grain), scratch, ...args);
      if (workers === 0 || count <= grain) {
        for (let from = 0; from < count; from += grain) work(from);
        return;
      }
      if (workers === null) startWorkers();
      jobs = Math.max(1, (jobs + 1) | 0);
      const { name, code } = routine;
      const length = typeof code === "number" ? 0 : code.length;
      openJob(board, jobs, [name, length, count, grain], [codeAddress(routine), ...args]);
      try {
        for (;;) {
          const from = Atomics.add(board.words, next, 1) * grain;
          if (from >= count) break;
          work(from);
        }
      } finally {
        closeJob(board);
      }
    },
  };
}

/** The board of a pool; see {@link PLACES}. */
interface Board {
  /** Its memory; `null` where memory cannot be shared. */
  readonly shared: SharedArrayBuffer | null;
  readonly words: Int32Array<ArrayBufferLike>;
  readonly arguments: Float64Array<ArrayBufferLike>;
}

function newBoard(): Board {
  const shared = typeof SharedArrayBuffer === "undefined" ? null : new SharedArrayBuffer(1024);
  const words = new Int32Array(shared ?? new ArrayBuffer(1024));
  return { shared, words, arguments: new Float64Array(words.buffer, ARGUMENTS, 1 + MOST_ARGUMENTS) };
}

/** Returns a function that allocates on a heap, and a function that returns the bytes that it took so far. */
function reserved(heap: Heap): { readonly take: (bytes: number) => number; readonly bytes: () => number } {
  let taken = 0;
  const take = (bytes: number): number => {
    const before = heap.used();
    const address = heap.allocate(bytes);
    taken += heap.used() - before;
    return address;
  };
  return { take, bytes: () => taken };
}

function startMessage({ memory }: Heap, { shared }: Board, scratch: number): Post {
  const offsets = { arguments: ARGUMENTS, message: MESSAGE, messageBytes: MESSAGE_BYTES };
  return { memory, board: shared!, places: PLACES, offsets, scratch, patience: PATIENCE };
}

/** Opens a job for workers, and wakes them. The address of the code precedes the arguments. */
function openJob({ words, arguments: numbers }: Board, number: number, work: number[], args: readonly number[]): void {
  words.set([...work, args.length - 1], task);
  numbers.set(args);
  Atomics.store(words, next, 0);
  Atomics.store(words, open, number);
  Atomics.store(words, job, number);
  if (Atomics.load(words, asleep) > 0) Atomics.notify(words, job);
}

/**
 * Closes a job: no worker may join any more, and the workers that joined finish first.
 *
 * @throws {DeviceError} if a worker failed.
 */
function closeJob({ words }: Board): void {
  Atomics.store(words, open, 0);
  for (let looks = 0;; looks++) {
    const busy = Atomics.load(words, active);
    if (busy === 0) break;
    if (looks > PATIENCE) pause(words, active, busy);
  }
  if (Atomics.exchange(words, failed, 0)) {
    const message = new Uint8Array(words.buffer, MESSAGE, MESSAGE_BYTES).slice();
    throw new DeviceError(`Cannot compute in a worker: ${new TextDecoder().decode(message).replace(/\0+$/, "")}`);
  }
}

function endWorkers({ shared, words }: Board): void {
  Atomics.store(words, closed, 1);
  Atomics.add(words, job, 1);
  if (shared) Atomics.notify(words, job);
}

/** Waits at most a millisecond for a word to change. Where this thread may not sleep, it returns at once. */
function pause(words: Int32Array<ArrayBufferLike>, place: number, value: number): void {
  try {
    Atomics.wait(words, place, value, 1);
  } catch { /* The main thread of a page may not sleep: it looks again. */ }
}

/** Returns a module that is part of Node and Deno; `undefined` in browsers, whose bundlers would not find it. */
function builtin<M>(name: string): M | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => M | undefined } };
  return process?.getBuiltinModule?.(name);
}

interface NodeSystem {
  availableParallelism(): number;
}

interface NodeThreads {
  readonly Worker: new (script: URL, options: { readonly workerData: Post }) => { unref(): void };
}

/**
 * Starts a worker, and returns whether that was possible. Deno and Node have threads that do not keep a process alive;
 * the workers of a page end with the page.
 */
function launch(post: Post, caller: string): boolean {
  const script = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
  try {
    const node = builtin<NodeThreads>("node:worker_threads");
    if (node) {
      const source = `import { workerData } from "node:worker_threads"; (${serve})(workerData, ${caller});`;
      new node.Worker(script(source), { workerData: post }).unref();
    } else {
      new Worker(script(`onmessage = ({ data }) => (${serve})(data, ${caller});`), { type: "module" }).postMessage(
        post,
      );
    }
    return true;
  } catch {
    return false;
  }
}
