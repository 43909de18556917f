/** Tests of published results, which are found for their data set only. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { publishedOf } from "../../src/experiments/published.ts";
import { models } from "../../src/models/mod.ts";

const sized = (users: number, items: number, all: number) => publishedOf({ users, items, interactions: { all } });

/** Returns whether a method is an ablation of another. */
const isPart = (method: string) => / with(out)? /.test(method);

Deno.test("publishedOf() recognises data sets by their sizes, with a tolerance for dropped interactions", () => {
  const men = sized(4955, 5028, 32363);
  const monet = men.find(({ method }) => method === "MONET");
  assertEquals(monet!.metrics, { "precision@20": 0.0045, "recall@20": 0.0895, "ndcgRetrieved@20": 0.0406 });
  assertEquals(new Set(men.map(({ source }) => source)).size, 2);
  assertEquals(sized(4955, 5028, 32300), men);
  assertEquals(sized(4955, 5028, 30000), []);
  assertEquals(sized(600, 400, 9616), []);
});

Deno.test("published values are shares, not lower at 20 than at 10, and a third is of models of the catalogue", () => {
  const sizes = [[19244, 14596, 135326], [22363, 12101, 198502], [19412, 11924, 167597], [4874, 2406, 52957]];
  const more = [[19445, 7050, 160792], [35598, 18357, 296337], [192403, 63001, 1689188], [9308, 6710, 68722]];
  for (const [users, items, all] of [...sizes, ...more]) {
    const found = sized(users, items, all);
    assert(found.length >= 5);
    for (const { method, metrics } of found) {
      for (const [name, value] of Object.entries(metrics)) {
        assert(value > 0 && value < 0.3, `${method} ${name} ${value}`);
        const [kind, k] = name.split("@");
        const longer = metrics[`${kind}@20`];
        if (k === "10" && longer !== undefined && kind !== "precision") assert(value <= longer, `${method} ${name}`);
      }
    }
    const here = found.filter(({ model }) => Object.hasOwn(models, model));
    assert(here.length >= found.length / 3, `${here.length} of ${found.length}`);
  }
});

Deno.test("ablations belong to no model of the catalogue, and are never better than the full method", () => {
  const womenMen = [sized(19244, 14596, 135326), sized(4955, 5028, 32363)];
  const babySports = [sized(19445, 7050, 160792), sized(35598, 18357, 296337)];
  const all = [...womenMen, ...babySports, sized(192403, 63001, 1689188)];
  assertEquals(all.map((found) => found.filter(({ method }) => isPart(method)).length), [2, 5, 3, 3, 3]);
  for (const found of all) {
    for (const { method, model, source, metrics } of found.filter(({ method }) => isPart(method))) {
      assert(!Object.hasOwn(models, model), method);
      const [whole] = method.split(" ");
      // The tables of one paper can differ in their numbers.
      const paper = source.split(",")[0];
      const full = found.find((other) => other.method === whole && other.source.startsWith(paper))!;
      for (const [name, value] of Object.entries(metrics)) assert(value <= full.metrics[name], `${method} ${name}`);
    }
  }
});

Deno.test("publishedOf() has LATTICE's own number on Baby, and the numbers that others measured", () => {
  const baby = sized(19445, 7050, 160792).filter(({ model }) => model === "lattice");
  assertEquals(baby.map(({ metrics }) => metrics["recall@20"]).sort(), [0.0804, 0.0829, 0.085]);
});

Deno.test("publishedOf() has the measurements of MONET's analyses, by numbers of users and items", () => {
  const women = { users: 19244, items: 14596 };
  const [similarity, ...rest] = publishedOf(women, "similarity");
  assertEquals([similarity.metrics, rest], [{
    "I-I text": 0.10991,
    "I-N text": 0.08663,
    "I-I image": 0.30091,
    "I-N image": 0.23256,
  }, []]);
  const [mmgcn] = publishedOf(women, "avgDiff").filter(({ method }) => method === "MMGCN");
  assertEquals(mmgcn.metrics, { "avgDiff text": 0.7559, "avgDiff image": 0.5992 });
  assertEquals(publishedOf({ users: 4955, items: 5028 }, "avgDiff").length, 3);
  const none = { users: 1, items: 1 };
  assertEquals([...publishedOf(none, "avgDiff"), ...publishedOf(none, "similarity")], []);
});
