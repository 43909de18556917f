/**
 * The program of a worker thread, and the board: a shared memory on which threads agree on the division of work.
 *
 * {@link serve} is sent to workers as text, so it uses no name from outside itself.
 *
 * @module
 */

/** The places on the board, in 32-bit words. */
export interface Places {
  /** Grows by one with every job; sleeping workers wait on it. */
  readonly job: number;
  /** The number of the job that workers may join; 0 while there is none. */
  readonly open: number;
  /** The number of workers that have joined, or that are about to read that they may not. */
  readonly active: number;
  /** The number of workers that sleep. */
  readonly asleep: number;
  /** The number of the next grain. */
  readonly next: number;
  /** Set by a worker that failed; its message follows the arguments. */
  readonly failed: number;
  /** Set to end the workers. */
  readonly closed: number;
  /** The number of workers that have started. */
  readonly started: number;
  /** Five words: the routine, its code's bytes, the count of iterations, the grain, and the number of arguments. */
  readonly task: number;
}

/**
 * The places of the words. After them come 64-bit floats: the address of the routine's code, and its arguments; then
 * the message of a failure.
 */
export const PLACES: Places = {
  job: 0,
  open: 1,
  active: 2,
  asleep: 3,
  next: 4,
  failed: 5,
  closed: 6,
  started: 7,
  task: 8,
};
/** Byte offset of the code's address on the board, which the arguments follow. */
export const ARGUMENTS = 56;
/** The most arguments of a routine. */
export const MOST_ARGUMENTS = 60;
/** Byte offset of the message on the board. */
export const MESSAGE: number = ARGUMENTS + 8 * (1 + MOST_ARGUMENTS);
/** The most bytes of a message. */
export const MESSAGE_BYTES = 480;

/** The start message of a worker. */
export interface Post {
  readonly memory: WebAssembly.Memory;
  readonly board: SharedArrayBuffer;
  readonly places: Places;
  readonly offsets: { readonly arguments: number; readonly message: number; readonly messageBytes: number };
  /** The address of this thread's scratch memory. */
  readonly scratch: number;
  /** The looks at the board before a worker falls asleep. */
  readonly patience: number;
}

/** A routine: it takes `(from, to, scratch, …args)` and runs iterations `from` to `to − 1`. */
type Run = (...args: number[]) => void;

/**
 * Takes part in one job after another until the board ends the workers.
 *
 * @param caller Returns the function that makes routines of the addresses of machine code; `null` if there are none.
 */
export function serve(
  { memory, board, places, offsets, scratch, patience }: Post,
  caller: ((memory: ArrayBufferLike) => (address: number) => Run) | null = null,
): void {
  const words = new Int32Array(board);
  const routines = new Map<number, Run>();
  const callOf = caller?.(memory.buffer);
  const routine = (name: number, start: number, length: number): Run => {
    const known = routines.get(name);
    if (known) return known;
    if (callOf && length === 0) {
      const call = callOf(start);
      routines.set(name, call);
      return call;
    }
    const code = new Uint8Array(memory.buffer, start, length).slice();
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
    routines.set(name, exports.run as Run);
    return exports.run as Run;
  };
  const takePart = (): void => {
    const [name, length, end, grain, count] = words.subarray(places.task, places.task + 5);
    const [start, ...args] = new Float64Array(board, offsets.arguments, 1 + count);
    try {
      const run = routine(name, start, length);
      for (;;) {
        const from = Atomics.add(words, places.next, 1) * grain;
        if (from >= end) return;
        run(from, Math.min(end, from + grain), scratch, ...args);
      }
    } catch (error) {
      const message = new TextEncoder().encode(String(error)).subarray(0, offsets.messageBytes);
      new Uint8Array(board, offsets.message, offsets.messageBytes).fill(0).set(message);
      Atomics.store(words, places.failed, 1);
    }
  };
  let seen = 0;
  Atomics.add(words, places.started, 1);
  for (;;) {
    // The job is read first: a close that comes later changes it, so that this worker does not sleep.
    const job = Atomics.load(words, places.job);
    if (Atomics.load(words, places.closed)) return;
    // Join first, then read whether that is allowed: the thread that closes a job waits for the workers that joined.
    Atomics.add(words, places.active, 1);
    const open = Atomics.load(words, places.open);
    if (open !== 0) takePart();
    if (Atomics.sub(words, places.active, 1) === 1) Atomics.notify(words, places.active);
    seen = open || job;
    let looks = 0;
    while (Atomics.load(words, places.job) === seen && looks < patience) looks++;
    if (looks === patience) {
      Atomics.add(words, places.asleep, 1);
      Atomics.wait(words, places.job, seen);
      Atomics.sub(words, places.asleep, 1);
    }
  }
}
