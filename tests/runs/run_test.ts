import { assertEquals } from "deno-std/assert/equals.js";
import { evaluatePopularity, evaluatorOf } from "../../src/runs/run.ts";
import { key } from "../../src/core/random.ts";
import { ratio, resplit } from "../../src/data/split.ts";
import { SMALL } from "../cli/folder.ts";

Deno.test("evaluatorOf() is null for a split without interactions", () => {
  const data = resplit(SMALL, ratio(key(1), { validation: 0 }));
  const found = (["validation", "test"] as const).map((split) => evaluatorOf(data, split, { maskValidation: false }));
  assertEquals(found.map((evaluator) => evaluator === null), [true, false]);
});

Deno.test("evaluatorOf() keeps validation items out of test rankings only if they are masked", async () => {
  const [kept, masked] = [false, true].map((maskValidation) => {
    const on = (split: "validation" | "test") => evaluatorOf(SMALL, split, { maskValidation })!;
    return { validation: on("validation"), test: on("test") };
  });
  const of = async (evaluator: typeof kept.test) => (await evaluatePopularity(SMALL, {}, evaluator))!;
  const found = await of(kept.test), better = await of(masked.test);
  assertEquals(found.users, better.users);
  assertEquals(better.metrics["mrr@20"] > found.metrics["mrr@20"], true);
  assertEquals((await of(kept.validation)).metrics, (await of(masked.validation)).metrics);
});
