/**
 * How fast can this machine be? The bounds of a roofline: multiply-adds without memory, in the vectors of WebAssembly
 * and in the widest vectors of machine code; and copies of memory, where each byte is read once and written once.
 *
 * `deno task bench:ceiling [--threads N] [--repeat N] [--json]`
 *
 * @module
 */
import { ValueError } from "../kernels/errors.ts";
import { countDown, i64 } from "../kernels/native/assembler.ts";
import { nativeSupport, technologyOf } from "../kernels/native/device.ts";
import type { Routine } from "../kernels/native/routine.ts";
import { nativeRoutines } from "../kernels/native/storage.ts";
import { SETS, type Vectors } from "../kernels/native/vectors.ts";
import { heap } from "../kernels/wasm/memory.ts";
import { pool } from "../kernels/wasm/pool.ts";
import { command, COMMON, measure, median, options, print } from "./measure.ts";

const ACCUMULATORS = 12;
const UNROLL = 4;
const LOOPS = 2 ** 22;
const COPIED = 2 ** 27;

/** Returns a module with one function: rounds of multiply-adds, enough of them independent to keep the units busy. */
function multiplyAdds(): Uint8Array<ArrayBuffer> {
  const places = Array.from({ length: ACCUMULATORS }, (_, n) => n + 2);
  const splatHalf = [0x43, ...new Uint8Array(Float32Array.of(0.5).buffer), 0xfd, 0x13];
  const round = places.flatMap((n) => [0x20, n, 0x20, 1, 0x20, 1, 0xfd, 0x85, 0x02, 0x21, n]); // relaxed_madd
  const code = [
    ...[1, ACCUMULATORS + 1, 0x7b], // a factor and the accumulators
    ...[...splatHalf, 0x21, 1],
    ...[0x03, 0x40, ...Array.from({ length: UNROLL }, () => round).flat()],
    ...[0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b], // until the parameter is 0
    ...places.flatMap((n, i) => i === 0 ? [0x20, n] : [0x20, n, 0xfd, 0xe4, 0x01]), // the sum, so that all are needed
    ...[0xfd, 0x1f, 0, 0x0b],
  ];
  const size = (bytes: readonly number[]) => [bytes.length & 127 | 128, bytes.length >> 7, ...bytes];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 6, 1, 0x60, 1, 0x7f, 1, 0x7d], // (i32) → f32
    ...[3, 2, 1, 0],
    ...[7, 7, 1, 3, ...new TextEncoder().encode("run"), 0, 0],
    ...[10, ...size([1, ...size(code)])],
  ]);
}

interface Task {
  readonly code: Uint8Array<ArrayBuffer>;
  readonly loops: number;
  readonly bytes: number;
  readonly repeat: number;
}

interface Done {
  readonly computing: number[];
  readonly copying: number[];
}

/** Measures on one thread. Workers receive it as text, so it uses no other names of this file. */
function measureThread({ code, loops, bytes, repeat }: Task): Done {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
  const run = exports.run as (loops: number) => number;
  const [from, to] = [new Float32Array(bytes / 4).fill(1), new Float32Array(bytes / 4).fill(2)];
  const time = (work: () => unknown) =>
    Array.from({ length: repeat + 3 }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }).slice(3);
  return { computing: time(() => run(loops)), copying: time(() => to.set(from)) };
}

function worker(task: Task): Promise<Done> {
  const source = `onmessage = ({ data }) => postMessage((${measureThread})(data));`;
  const thread = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, { type: "module" });
  return new Promise((resolve, reject) => {
    thread.onmessage = ({ data }) => {
      thread.terminate();
      resolve(data);
    };
    thread.onerror = (event) => reject(new ValueError(`Cannot measure in a worker: ${event.message}`));
    thread.postMessage(task);
  });
}

/** Returns the milliseconds of multiply-adds in machine code on all threads, and their number. */
async function nativeBound(set: Vectors, threads: number, repeat: number) {
  const memory = heap();
  const workers = pool(memory, threads, technologyOf(set.name).caller);
  const native = nativeRoutines(memory, workers, set);
  const [factor, ...sums] = set.registers;
  const routine: Routine = {
    parameters: ["whole"],
    body: (frame) => {
      const count = frame.general();
      const round = sums.map((sum) => set.addProduct(sum, factor, factor));
      return [
        set.splat(factor, frame.float(0.5)),
        sums.map((sum) => set.xor(sum, sum, sum)),
        i64.set(count, frame.parameters[0]),
        countDown(count, 1, [round, round]),
      ];
    },
  };
  const shares = 16 * threads;
  const loops = LOOPS / 64;
  const run = () => native("multiply-adds", () => routine, { count: shares, grain: 1 }, [loops]);
  const { ms } = await measure(run, { repeat });
  workers.close();
  return { ms, flops: shares * loops * 2 * sums.length * set.lanes * 2 };
}

await command(async () => {
  const { json, threads = navigator.hardwareConcurrency, repeat = 7 } = options(COMMON);
  const code = multiplyAdds();
  if (!WebAssembly.validate(code)) throw new ValueError("Cannot measure here: this runtime has no relaxed SIMD");
  const done = await Promise.all(
    Array.from({ length: threads }, () => worker({ code, loops: LOOPS, bytes: COPIED, repeat })),
  );
  const slowest = (times: readonly number[][]) => Math.max(...times.map(median));
  const flops = threads * LOOPS * UNROLL * ACCUMULATORS * 8;
  const ms = slowest(done.map(({ computing }) => computing));
  print({ name: "multiply-add", ms, gflops: flops / ms / 1e6, threads, device: "wasm", repeats: repeat }, json);
  const support = nativeSupport();
  if (typeof support !== "string") {
    for (const name of [...new Set(["avx2" as const, support.vectors])]) {
      const bound = await nativeBound(SETS[name], threads, repeat);
      print(
        {
          name: "multiply-add",
          ms: bound.ms,
          gflops: bound.flops / bound.ms / 1e6,
          threads,
          device: `native ${name}`,
          repeats: repeat,
        },
        json,
      );
    }
  }
  const copyMs = slowest(done.map(({ copying }) => copying));
  const bytes = 2 * threads * COPIED;
  const gbs = bytes / copyMs / 1e6;
  print({ name: "copy", ms: copyMs, gflops: null, bytes, gbs, threads, device: "wasm", repeats: repeat }, json);
});
