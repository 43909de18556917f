/**
 * The cost of a full evaluation of MONET, in time and memory: all items for every user with held-out items, by the
 * target-aware score, without training items, the best 20, and the metrics.
 *
 * Memory is counted above the tensors that are there before, in two ways: the blocks of the device after every kernel,
 * and the system's high-water mark of the whole process.
 *
 * `deno task bench:eval [--shape women|men|tiktok] [--threads N] [--repeat N] [--json]`
 *
 * @module
 */
import { dataOf, SHAPES } from "./data.ts";
import { about, command, COMMON, openWatched, options, peakResident, report } from "./measure.ts";
import { evaluation } from "./work.ts";

await command(async () => {
  const { shape = "women", ...rest } = options({ ...COMMON, shape: SHAPES });
  const { device, peakBytes } = openWatched(rest);
  const work = { ...await evaluation(device, await dataOf(shape)), name: `evaluation ${shape}` };
  const tensorBytes = device.bytesUsed();
  let most = tensorBytes;
  const resident = await peakResident(async () => most = await peakBytes(work.run));
  const memory = {
    tensorBytes,
    peakBytesAboveTensors: most - tensorBytes,
    residentBytes: resident.before,
    peakResidentBytesAbove: resident.peak - resident.before,
  };
  await report([{ ...work, facts: { ...work.facts, ...memory } }], about(device), rest);
});
