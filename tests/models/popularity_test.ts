/** Popularity: its counts, and the order of items. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { readSync } from "../../src/core/tensor.ts";
import { histories } from "../../src/data/dataset.ts";
import { popularity } from "../../src/models/popularity.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { fc } from "../fc.ts";
import { range } from "./monet_plain.ts";
import { dataset, everyone, trained, worlds } from "./worlds.ts";

Deno.test("popularity scores an item by the number of its training users, for every user", async () => {
  await fc.assert(
    fc.asyncProperty(worlds([]), async (world) => {
      const counts = range(world.items).map((item) => world.train.filter((list) => list.includes(item)).length);
      // Repeated interactions count once, and held-out interactions do not count.
      const again = world.train.map((list) => [...list, ...list]);
      const data = dataset({ ...world, train: again, test: world.train.map(() => [0]) });
      const { score } = await trained(popularity, data);
      const found = readSync(score(everyone(histories(data, "train"))));
      assertEquals([...found], world.train.flatMap(() => counts));
    }),
    { numRuns: 40 },
  );
});

Deno.test("popularity ranks items with equal counts by their numbers, the lower first", async () => {
  await fc.assert(
    fc.asyncProperty(worlds([]), async (world) => {
      const data = dataset(world);
      const { score } = await trained(popularity, data);
      const found = await rankItems(score, { history: histories(data, "train"), k: world.items });
      const count = (item: number) => world.train.filter((list) => list.includes(item)).length;
      const order = range(world.items).sort((a, b) => count(b) - count(a) || a - b);
      assertEquals(
        found.map(({ items }) => [...items]),
        world.train.map((list) => order.filter((item) => !list.includes(item))),
      );
    }),
    { numRuns: 40 },
  );
});
