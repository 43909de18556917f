/** Training helps: on the garden, MONET ranks better than popularity, and popularity better than chance. @module */
import { assert } from "deno-std/assert/assert.js";
import { key } from "../../src/core/random.ts";
import { histories } from "../../src/data/dataset.ts";
import { garden } from "../../src/data/garden.ts";
import { monet, popularity } from "../../src/models/mod.ts";
import { uniform } from "../../src/ops/draw.ts";
import type { Score } from "../../src/rank/block.ts";
import { evaluateScore } from "../../src/rank/evaluate.ts";
import { trained } from "./worlds.ts";

Deno.test("monet ranks the garden better than popularity, and popularity better than chance", async () => {
  const data = garden(key(0));
  const history = histories(data, "train"), heldOut = histories(data, "test");
  const recall = async (score: Score) => (await evaluateScore(score, { history, heldOut })).metrics["recall@20"];
  const chance = await recall(({ users }) => uniform(key(users[0]), [users.length, data.items.length]));
  const popular = await recall((await trained(popularity, data)).score);
  const training = { lr: 0.01, epochs: 30, batch: 512 };
  const learned = await recall((await trained(monet, data, { settings: { dim: 32 }, training })).score);
  assert(chance < 0.08, `chance ${chance}`);
  assert(chance + 0.03 < popular, `chance ${chance}, popularity ${popular}`);
  assert(popular + 0.03 < learned, `popularity ${popular}, monet ${learned}`);
});
