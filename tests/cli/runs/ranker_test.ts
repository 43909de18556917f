import { assertEquals } from "deno-std/assert/equals.js";
import { judgesOf, popularityScore } from "../../../src/cli/runs/ranker.ts";
import { key } from "../../../src/core/random.ts";
import { ratio, resplit } from "../../../src/data/split.ts";
import { SMALL } from "../folder.ts";

Deno.test("judgesOf() has no judge of a split that holds out nothing", () => {
  const { validation, test } = judgesOf(resplit(SMALL, ratio(key(1), { validation: 0 })), { maskValidation: false });
  assertEquals([validation === null, test === null], [true, false]);
});

Deno.test("judgesOf() keeps validation items from test rankings only if they are masked", async () => {
  const score = popularityScore(SMALL, {});
  const [kept, masked] = [false, true].map((maskValidation) => judgesOf(SMALL, { maskValidation }));
  const found = await kept.test!(score), better = await masked.test!(score);
  assertEquals(found.users, better.users);
  assertEquals(better.metrics["mrr@20"] > found.metrics["mrr@20"], true);
  assertEquals((await kept.validation!(score)).metrics, (await masked.validation!(score)).metrics);
});
