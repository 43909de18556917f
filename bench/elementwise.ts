/**
 * How fast are memory-bound operations, compared with copying memory? Each is compared with a `TypedArray.set` that
 * moves as many bytes as the operation must read and write; `copies` is the ratio of their times.
 *
 * `deno task bench:elementwise [--device native|wasm] [--threads N] [--repeat N] [--json]`
 *
 * @module
 */
import { about, command, COMMON, measure, open, options, print } from "./measure.ts";
import { copy, memoryBound } from "./work.ts";

await command(async () => {
  const { repeat = 7, json, ...choice } = options(COMMON);
  const device = open(choice);
  for (const { name, run, bytes } of memoryBound(device)) {
    const [ours, plain] = [await measure(run, { repeat }), await measure(copy(bytes), { repeat })];
    print({
      name,
      ms: ours.ms,
      gflops: null,
      bytes,
      gbs: bytes / ours.ms / 1e6,
      copyMs: plain.ms,
      copies: ours.ms / plain.ms,
      ...about(device),
      min: ours.min,
      repeats: repeat,
    }, json);
  }
});
