/**
 * Data for benchmarks: random data of the sizes of the papers' data sets, by a formula that other languages can repeat
 * exactly (as `peers/torch_work.py` does), and the real TikTok data if they are there.
 *
 * @module
 */
import { type Dataset, type Modality, readDataset } from "../src/data/mod.ts";

/** The size of a data set. */
export interface Size {
  readonly users: number;
  readonly items: number;
  /** Training interactions, before duplicates are removed: at least two for each user. */
  readonly interactions: number;
  /** Test interactions: at least one for each user, if there are enough. */
  readonly heldOut: number;
  /** Numbers per item, by modality. */
  readonly features: Readonly<Record<string, number>>;
}

/** Men and Women Clothing as in the papers, and the TikTok data of `../shared/data`. */
export const SIZES: Readonly<Record<"men" | "women" | "tiktok", Size>> = {
  men: { users: 4955, items: 5028, interactions: 22296, heldOut: 4989, features: { image: 4096, text: 1024 } },
  women: { users: 19244, items: 14596, interactions: 95629, heldOut: 19570, features: { image: 4096, text: 1024 } },
  tiktok: { users: 9308, items: 6710, interactions: 59541, heldOut: 6130, features: { audio: 128, image: 128 } },
};
/** The name of a size. */
export type Shape = keyof typeof SIZES;
/** The names of all sizes. */
export const SHAPES: readonly Shape[] = ["men", "women", "tiktok"];
/**
 * Returns `count` pseudo-random numbers in [0, 1), multiples of 2⁻²⁴: a hash of the salt and of the position, which
 * begins at `first`.
 */
export function numbers(salt: number, count: number, first = 0): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  for (let n = 0; n < count; n++) {
    let h = (Math.imul(first + n + 1, 0x9E3779B9) + Math.imul(salt, 0x85EBCA6B)) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85EBCA6B);
    h = Math.imul(h ^ (h >>> 13), 0xC2B2AE35);
    out[n] = ((h ^ (h >>> 16)) >>> 8) * 2 ** -24;
  }
  return out;
}

/** Returns `count` whole numbers below a bound, from {@link numbers}. */
export function integers(salt: number, count: number, bound: number): Int32Array {
  return Int32Array.from(numbers(salt, count), (u) => Math.floor(u * bound));
}

/** Returns data with dense features as sources: the same numbers, computed when they are read. */
export function lazily(data: Dataset, { items, features }: Size): Dataset {
  const modalities = Object.entries(features).map(([name, columns], n): [string, Modality] => {
    const read = (from: number, to: number) => Promise.resolve(numbers(4 + n, (to - from) * columns, from * columns));
    return [name, { kind: "source", columns, known: new Uint8Array(items).fill(1), read }];
  });
  return { ...data, modalities: Object.fromEntries(modalities) };
}

/** Returns random data of a size. Every user has two training interactions; the others have random users. */
export function randomData(name: string, { users, items, interactions, heldOut, features }: Size): Dataset {
  const randomUsers = integers(1, interactions, users);
  const total = interactions + heldOut;
  const dense = (columns: number, n: number): Modality => ({
    kind: "dense",
    columns,
    values: numbers(4 + n, items * columns),
    known: new Uint8Array(items).fill(1),
  });
  const liked = new Int32Array(total);
  liked.set(integers(2, interactions, items));
  liked.set(integers(3, heldOut, items), interactions);
  return {
    name,
    users: Array.from({ length: users }, (_, u) => `u${u}`),
    items: Array.from({ length: items }, (_, i) => `i${i}`),
    interactions: {
      users: Int32Array.from(
        { length: total },
        (_, e) => e >= interactions ? (e - interactions) % users : e < 2 * users ? e >> 1 : randomUsers[e],
      ),
      items: liked,
      split: new Uint8Array(total).fill(2, interactions),
      times: null,
    },
    modalities: Object.fromEntries(Object.entries(features).map(([name, columns], n) => [name, dense(columns, n)])),
  };
}

/** Returns the data of a shape: for `tiktok` the real data, if they are there. The name of the data tells which. */
export async function dataOf(shape: Shape): Promise<Dataset> {
  const folder = `${import.meta.dirname}/../../shared/data/tiktok`;
  const real = shape === "tiktok" && await Deno.stat(folder).then(() => true, () => false);
  return real ? await readDataset(folder) : randomData(`random, the size of ${shape}`, SIZES[shape]);
}
