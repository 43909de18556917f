/**
 * How long is one training step of MONET? At the size of Men Clothing (4,955 users, 5,028 items, 22,296 interactions, features
 * of 4,096 and 1,024 numbers), with random data: the loss, its gradient, and the Adam update of a batch of 1,024.
 *
 * Run it with `deno bench -A bench/monet_step_bench.ts`.
 *
 * @module
 */
import {
  adam,
  configure,
  type Dataset,
  foldIn,
  free,
  histories,
  integers,
  type Key,
  key,
  type Modality,
  monet,
  scope,
  split,
  uniforms,
  userSampler,
  valueAndGrad,
} from "../mod.ts";

const [USERS, ITEMS, INTERACTIONS] = [4955, 5028, 22296];

function features(source: Key, columns: number): Modality {
  return { kind: "dense", columns, values: uniforms(source, ITEMS * columns), known: new Uint8Array(ITEMS).fill(1) };
}

function menClothing(source: Key): Dataset {
  const [forUsers, forItems, forImages, forTexts] = split(source, 4);
  const extra = integers(forUsers, INTERACTIONS - 2 * USERS, USERS);
  return {
    name: "random, of the size of Men Clothing",
    users: Array.from({ length: USERS }, (_, u) => `u${u}`),
    items: Array.from({ length: ITEMS }, (_, i) => `i${i}`),
    interactions: {
      users: Int32Array.from({ length: INTERACTIONS }, (_, e) => e < 2 * USERS ? e >> 1 : extra[e - 2 * USERS]),
      items: integers(forItems, INTERACTIONS, ITEMS),
      split: new Uint8Array(INTERACTIONS),
      times: null,
    },
    modalities: { image: features(forImages, 4096), text: features(forTexts, 1024) },
  };
}

const data = menClothing(key(0));
const context = monet.prepare(data, configure(monet.settings, {}));
const { batch } = userSampler(histories(data, "train"), { batch: 1024 });
const optimizer = adam();
let training = optimizer.start(monet.init(key(1), context));
let step = 0;

Deno.bench("one MONET training step, Men Clothing's size", () => {
  const next = scope(() => {
    const triples = batch(foldIn(key(2), step), 0);
    const [, gradient] = valueAndGrad((p: typeof training.params) => monet.loss(p, triples, context, key(3)))(
      training.params,
    );
    return optimizer.update(training, gradient, 1e-4);
  });
  free(training);
  training = next;
  step++;
});
