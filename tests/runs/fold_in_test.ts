/** New users of a run: their training items, folded in, rank nearly as well as trained users do. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { UsageError } from "../../kernels/errors.ts";
import { patternFromCoo } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { readSync, type Tensor } from "../../src/core/tensor.ts";
import { garden } from "../../src/data/garden.ts";
import { models } from "../../src/models/mod.ts";
import { foldInOf } from "../../src/runs/fold_in.ts";
import { recommend } from "../../src/runs/recommend.ts";
import { train } from "../../src/runs/train.ts";
import { measureModel } from "../../bench/fold_in.ts";
import { assertClose } from "../support.ts";

for (const name of ["lightgcn", "monet"]) {
  Deno.test(`${name} ranks for folded-in users within 5% of trained ones, and for held-out users above popularity`, async () => {
    const data = garden(key(0), { users: 200, items: 150 });
    const { trained, folded, known, stranger } = await measureModel(name, data, { epochs: 40, patience: 10 });
    assert(folded > 0.95 * trained, `${folded} of ${trained}`);
    const { stranger: popular } = await measureModel("popularity", data, { epochs: 0, patience: 0 });
    assert(stranger > popular, `${stranger} of ${known}, popularity ${popular}`);
  });
}

Deno.test("the ridge regression gives a trained user back where the formula already does", async () => {
  const data = garden(key(3), { users: 24, items: 30 });
  const run = await train(models.monet, data, { settings: { dim: 4 }, epochs: 1, test: false });
  const history = patternFromCoo<number, number>([1, 30], [0, 0, 0], [2, 5, 9]);
  const formula = (run.model.foldInUser!(run.embeddings, history, run.config) as { users: Tensor }).users;
  // With users who are exactly their folded items there is nothing to correct.
  const sets = await foldInOf(run);
  const users = (sets(history) as { users: Tensor }).users;
  assertEquals(users.shape, formula.shape);
  const { histories } = await import("../../src/data/dataset.ts");
  const own = run.model.foldInUser!(run.embeddings, histories(data, "train"), run.config) as { users: Tensor };
  const same = { ...run, embeddings: own as never };
  assertClose(readSync(((await foldInOf(same))(history) as { users: Tensor }).users), readSync(formula));
});

Deno.test("a new person with one item is recommended others, and a model without a fold-in is named", async () => {
  const data = garden(key(3), { users: 24, items: 30 });
  const { foldInUser: _, ...rigid } = models.bprmf;
  const run = await train({ ...rigid, name: "rigid" }, data, { settings: { dim: 4 }, epochs: 1, test: false });
  await assertRejects(() => recommend(run, { users: [{ items: [data.items[1]] }] }), UsageError, '"rigid"');
  assertEquals((await recommend(run, { users: [{ user: data.users[1], items: [data.items[1]] }], k: 2 })).length, 1);
});
