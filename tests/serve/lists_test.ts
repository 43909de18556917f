/** Lists of many people in one block are those of each alone, within candidates, exclusions and limits. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { key } from "../../src/core/random.ts";
import { garden } from "../../src/data/garden.ts";
import { models } from "../../src/models/mod.ts";
import { recommend } from "../../src/runs/recommend.ts";
import { train } from "../../src/runs/train.ts";
import { listsOf, type Wanted } from "../../src/serve/lists.ts";
import { assertClose } from "../support.ts";

const data = garden(key(3), { users: 24, items: 60 });
const run = await train(models.monet, data, { settings: { dim: 4 }, epochs: 1, test: false });
const categories = new Map(data.items.map((item, n) => [item, n % 7 === 0 ? [] : n % 5 === 0 ? ["a", "b"] : ["a"]]));

const ids = fc.subarray([...data.items, "unknown"]);
const people = fc.oneof(
  fc.constantFrom(...data.users).map((user) => ({ user })),
  fc.constantFrom(...data.users).chain((user) =>
    fc.subarray([...data.items], { minLength: 1 }).map((items) => ({ user, items }))
  ),
  fc.subarray([...data.items], { minLength: 1 }).map((items) => ({ items })),
  fc.constant({ user: "a stranger" }),
);
const wishes: fc.Arbitrary<Wanted> = fc.record({
  person: people,
  k: fc.integer({ min: 1, max: 70 }),
  includeSeen: fc.boolean(),
  candidates: fc.option(ids, { nil: undefined }),
  exclude: fc.option(ids, { nil: undefined }),
  perCategory: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
});

/** Returns a list by its definition: all items in order, of which those that may not be in it are left out. */
async function plainList({ person, k, includeSeen, candidates, exclude = [], perCategory = Infinity }: Wanted) {
  const [{ items, known }] = await recommend(run, { users: [person], k: data.items.length, includeSeen });
  const counts: Record<string, number> = {};
  const list = items.filter(({ item }) => {
    if (exclude.includes(item) || candidates && !candidates.includes(item)) return false;
    const own = categories.get(item)!;
    if (own.some((category) => (counts[category] ?? 0) >= perCategory)) return false;
    own.forEach((category) => counts[category] = (counts[category] ?? 0) + 1);
    return true;
  });
  return { known, items: list.slice(0, k) };
}

Deno.test("listsOf() gives each request of a block the list of its definition", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(wishes, { minLength: 1, maxLength: 8 }), async (wanted) => {
      const lists = await listsOf(run, wanted, categories);
      for (const [n, list] of lists.entries()) {
        const expected = await plainList(wanted[n]);
        assertEquals(list.known, expected.known);
        assertEquals(list.items.map(({ item }) => item), expected.items.map(({ item }) => item));
        assertClose(list.items.map(({ score }) => score ?? 0), expected.items.map(({ score }) => score ?? 0));
      }
    }),
    { numRuns: 25 },
  );
});

Deno.test("memory is flat over lists", async () => {
  const wanted: Wanted[] = [
    { person: { user: data.users[2] }, k: 5, perCategory: 1 },
    { person: { items: [data.items[4]] }, k: 3, candidates: data.items.slice(0, 9) },
    { person: { user: "a stranger" }, k: 2 },
  ];
  const room = async () => {
    await listsOf(run, wanted, categories);
    return run.device.room();
  };
  const first = await room();
  assertEquals([await room(), await room()], [first, first]);
});
