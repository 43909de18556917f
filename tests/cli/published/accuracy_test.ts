/** Tests that published numbers are found for the data they are of, and for no other. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { publishedOf } from "../../../src/cli/published/accuracy.ts";
import { models } from "../../../src/models/mod.ts";

const sized = (users: number, items: number, all: number) =>
  publishedOf({ users, items, interactions: { train: 0, validation: 0, test: 0, all } });

Deno.test("publishedOf() knows data sets by their sizes, and forgives a few dropped interactions", () => {
  const men = sized(4955, 5028, 32363);
  const monet = men.find(({ method }) => method === "MONET");
  assertEquals(monet!.metrics, { "precision@20": 0.0045, "recall@20": 0.0895, "ndcgRetrieved@20": 0.0406 });
  assertEquals(new Set(men.map(({ source }) => source)).size, 2);
  assertEquals(sized(4955, 5028, 32300), men);
  assertEquals(sized(4955, 5028, 30000), []);
  assertEquals(sized(600, 400, 9616), []);
});

Deno.test("published numbers are shares, those at 20 no less than those at 10, and most are of models that are here", () => {
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
