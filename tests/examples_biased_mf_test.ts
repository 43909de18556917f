/**
 * Tests of the example of a model outside of the catalogue: its scores and its objective, and its training by name.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { biasedMf } from "../examples/biased_mf.ts";
import { checkGradient } from "../src/core/check.ts";
import { rowOf } from "../src/core/pattern.ts";
import { key } from "../src/core/random.ts";
import { configure } from "../src/core/settings.ts";
import { readSync } from "../src/core/tensor.ts";
import { mapTree } from "../src/core/tree.ts";
import { SAMPLERS } from "../src/data/batch.ts";
import { localFiles } from "../src/data/files.ts";
import { histories } from "../src/data/dataset.ts";
import { shift } from "../src/ops/mod.ts";
import { rankItems } from "../src/rank/recommend.ts";
import { findModel } from "../src/runs/catalogue.ts";
import { dot, rowsOf } from "./models/monet_plain.ts";
import { testResumed } from "./models/resumed.ts";
import { checkerboard, dataset, everyone, trained } from "./models/worlds.ts";
import { assertClose } from "./support.ts";

const path = new URL("../examples/biased_mf.ts", import.meta.url).pathname;
const small = dataset({ train: [[0, 2], [1, 2, 4], [3], []], modalities: {}, items: 6 });
const history = histories(small, "train");
const context = biasedMf.prepare(small, configure(biasedMf.settings, { dim: 3, l2: 0.2 }));
const params = mapTree((x) => shift(x, 0.1), biasedMf.init(key(4), context));

Deno.test("examples/biased_mf.ts exports one model, which a path finds", async () => {
  const { model, module } = await findModel(path, localFiles);
  assertEquals([model.name, module?.path], ["biasedmf", path]);
});

Deno.test("its scores are (1), and its objective is (2) with the right gradient", async () => {
  const [users, items, bias] = [rowsOf(params.users), rowsOf(params.items), readSync(params.bias)];
  const y = users.map((u) => items.map((i, n) => dot(u, i) + bias[n]));
  assertClose(readSync(biasedMf.score(params, everyone(history), context.config)), y.flat(), 1e-5);
  const batch = SAMPLERS.interaction(history, { batch: 5 }).batch(key(2), 0);
  const terms = Array.from(batch.users, (u, n) => {
    const [p, q] = [batch.positives[n], batch.negatives[n]];
    const norms = [users[u], items[p], items[q]].reduce((sum, row) => sum + dot(row, row) / 2, 0);
    return Math.log1p(Math.exp(y[u][q] - y[u][p])) + 0.2 * norms;
  });
  const expected = terms.reduce((sum, x) => sum + x, 0) / terms.length;
  assertClose(readSync(biasedMf.loss(params, batch, context, key(0))), [expected], 1e-5);
  assert(await checkGradient((p: typeof params) => biasedMf.loss(p, batch, context, key(0)), params) < 2e-2);
});

testResumed(biasedMf, small);

Deno.test("biasedmf finds the withheld item of every user of the checkerboard", async () => {
  const board = checkerboard(24);
  const { score } = await trained(biasedMf, board, { training: { epochs: 20, batch: 32, lr: 0.01 } });
  const found = await rankItems(score, { history: histories(board, "train"), k: 1 });
  const heldOut = histories(board, "test");
  assertEquals(found.map(({ items }) => items[0]), board.users.map((_, user) => rowOf(heldOut, user)[0]));
});
