/**
 * The best of each row: rankings leave the GPU anyway, so scores are copied back and sorted where they are to be used.
 *
 * @module
 */
import type { HostStorage, Kernels, Sparse } from "../device.ts";
import { reference } from "../reference/device.ts";
import { topk as sort } from "../wasm/topk.ts";
import { numbersOf } from "./pattern.ts";
import type { GpuStorage, Machine } from "./storage.ts";

/** See {@link Kernels.topk}. */
export function topk({ fetch }: Pick<Machine, "fetch">): Kernels<GpuStorage>["topk"] {
  const sorted = sort();
  /** A block as the host sees it. */
  const copied = async (block: GpuStorage): Promise<HostStorage> => {
    const floats = numbersOf(await fetch(block), block) as Float32Array<ArrayBuffer>;
    const integers = new Int32Array(floats.buffer, floats.byteOffset, floats.length);
    return { device: reference, length: floats.length, freed: false, floats, integers };
  };
  return async (x, size, k, exclude) => {
    const [scores, out] = await Promise.all([copied(x), exclude && excluded(exclude)]);
    return sorted(scores, size, k, out);
  };

  async function excluded({ offsets, indices, ...size }: Sparse<GpuStorage>): Promise<Sparse<HostStorage>> {
    const [at, of] = await Promise.all([copied(offsets), copied(indices)]);
    return { ...size, offsets: at, indices: of };
  }
}
