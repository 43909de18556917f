/** Laws of every split: it divides all interactions, and changes nothing else. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { key } from "../../src/core/random.ts";
import { type Dataset, histories, SPLITS } from "../../src/data/dataset.ts";
import { byTime, coldItems, leaveLastOut, official, ratio, resplit, type Splitter } from "../../src/data/split.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { readGiverny, writeDataset } from "../../src/data/formats/mod.ts";
import { fc } from "../fc.ts";

/** Interactions of some users and items at some times, each pair once. */
const datasets: fc.Arbitrary<Dataset> = fc.record({
  users: fc.integer({ min: 1, max: 8 }),
  items: fc.integer({ min: 2, max: 9 }),
  seed: fc.nat(),
}).chain(({ users, items, seed }) =>
  fc.subarray(Array.from({ length: users * items }, (_, n) => n), { minLength: 1 }).map((pairs): Dataset => ({
    name: "made",
    users: Array.from({ length: users }, (_, n) => `u${n}`),
    items: Array.from({ length: items }, (_, n) => `i${n}`),
    interactions: {
      users: Int32Array.from(pairs, (pair) => Math.floor(pair / items)),
      items: Int32Array.from(pairs, (pair) => pair % items),
      split: new Uint8Array(pairs.length),
      times: Float64Array.from(pairs, (pair) => (pair * 7919 + seed) % 101),
    },
    modalities: {},
  }))
);

const SPLITTERS: Readonly<Record<string, () => Splitter>> = {
  official: () => official(),
  ratio: () => ratio(key(1)),
  leaveLastOut: () => leaveLastOut(),
  byTime: () => byTime(),
  coldItems: () => coldItems(key(1)),
};

for (const [name, splitter] of Object.entries(SPLITTERS)) {
  Deno.test(`${name} divides all interactions among the splits, and changes nothing else`, () => {
    fc.assert(fc.property(datasets, (data) => {
      const { interactions: { split, ...rest }, ...others } = resplit(data, splitter());
      const { interactions: { split: _, ...before }, ...all } = data;
      assertEquals([rest, others], [before, all]);
      assertEquals(split.every((code) => SPLITS[code] !== undefined), true);
      const divided = { ...data, interactions: { ...rest, split } };
      const found = SPLITS.flatMap((split) => {
        const { offsets, indices } = histories(divided, split);
        return data.users.flatMap((_, user) =>
          Array.from(indices.subarray(offsets[user], offsets[user + 1]), (item) => `${user} ${item}`)
        );
      });
      assertEquals(found.sort(), Array.from(rest.users, (user, n) => `${user} ${rest.items[n]}`).sort());
    }));
  });

  Deno.test(`${name}: a data set that is written and read is the same, and so is the second copy`, () =>
    fc.assert(
      fc.asyncProperty(datasets, async (data) => {
        const files = memoryFiles();
        const whole = resplit(data, splitter());
        const copied = async (data: Dataset, folder: string) => {
          await writeDataset(folder, data, { files });
          return await readGiverny(folder, { files });
        };
        const first = await copied(whole, "first");
        assertEquals(await copied(first, "second"), first);
        assertEquals(first.interactions, whole.interactions);
        assertEquals([first.users, first.items], [whole.users, whole.items]);
      }),
      { numRuns: 20 },
    ));
}
