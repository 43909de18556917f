/**
 * What does a full evaluation of MONET cost, in time and memory? All items for every user with held-out items, by the
 * target-aware score, training items left out, the best 20, and the metrics.
 *
 * The memory is what it takes beyond the tensors that are there anyway, told by two witnesses: the device, whose blocks are
 * counted after every kernel, and the system, which keeps the high-water mark of the whole process.
 *
 * `deno task bench:eval [--shape women|men|tiktok] [--threads N] [--repeat N] [--json]`
 *
 * @module
 */
import { dataOf, SHAPES } from "./data.ts";
import { about, command, COMMON, open, options, peakBytes, peakResident, report } from "./measure.ts";
import { evaluation } from "./work.ts";

await command(async () => {
  const { shape = "women", ...rest } = options({ ...COMMON, shape: SHAPES });
  const device = open(rest.threads);
  const work = { ...await evaluation(device, await dataOf(shape)), name: `evaluation ${shape}` };
  const tensorBytes = device.bytesUsed();
  let most = tensorBytes;
  const resident = await peakResident(async () => most = await peakBytes(device, work.run));
  const memory = {
    tensorBytes,
    peakBytesAboveTensors: most - tensorBytes,
    residentBytes: resident.before,
    peakResidentBytesAbove: resident.peak - resident.before,
  };
  await report([{ ...work, facts: { ...work.facts, ...memory } }], about(device), rest);
});
