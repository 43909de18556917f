/** Tests that no model learns from test interactions: the bits of its parameters do not depend on them. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { key } from "../../src/core/random.ts";
import { read } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { type Dataset, SPLITS } from "../../src/data/dataset.ts";
import { garden } from "../../src/data/garden.ts";
import { type Model, models } from "../../src/models/mod.ts";
import { train } from "../../src/runs/train.ts";

const DATA: Dataset = garden(key(5), { users: 24, items: 30 });

/** Returns the data with another item in every interaction of a split: an item that the user does not know. */
function replaced(data: Dataset, split: (typeof SPLITS)[number]): Dataset {
  const { users, items, split: splits } = data.interactions;
  const known = new Set(Array.from(users, (user, n) => `${user} ${items[n]}`));
  const others = items.map((item, n) => {
    if (SPLITS[splits[n]] !== split) return item;
    const steps = Array.from({ length: data.items.length }, (_, step) => (item + step + 1) % data.items.length);
    const other = steps.find((one) => !known.has(`${users[n]} ${one}`))!;
    known.add(`${users[n]} ${other}`);
    return other;
  });
  return { ...data, interactions: { ...data.interactions, items: others } };
}

/** Returns the parameters and the embeddings of a short training, and its evaluations on validation. */
async function trained(model: Model, data: Dataset): Promise<unknown> {
  const wanted = { dim: 4, batch: 64, latent: 4, every: 1, lr: 1e-2 };
  const settings = Object.fromEntries(
    Object.entries(wanted).filter(([name]) => name in model.settings || !["dim", "latent"].includes(name)),
  );
  const { params, embeddings, history } = await train(model, data, { settings, seed: 1, epochs: 2, test: false });
  const numbers = [...leaves(params), ...leaves(embeddings)].map(async ([path, leaf]) => [path, await read(leaf)]);
  return [await Promise.all(numbers), history.map(({ loss, validation }) => [loss, validation])];
}

for (const model of Object.values(models)) {
  Deno.test(`${model.name} does not depend on test interactions`, async () => {
    assertEquals(await trained(model, replaced(DATA, "test")), await trained(model, DATA));
  });
}

Deno.test("parameters depend on training interactions: the test above can fail", async () => {
  assertNotEquals(await trained(models.bprmf, replaced(DATA, "train")), await trained(models.bprmf, DATA));
});
