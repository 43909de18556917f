/** What holds for every model of the catalogue; a new one is tested by joining it. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { rowOf } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { configure, defaultsOf } from "../../src/core/settings.ts";
import { readSync } from "../../src/core/tensor.ts";
import { leaves, type Tree } from "../../src/core/tree.ts";
import { histories } from "../../src/data/dataset.ts";
import { garden } from "../../src/data/garden.ts";
import { models } from "../../src/models/mod.ts";
import { recommend } from "../../src/rank/recommend.ts";
import { PROTOCOLS, trainingSettings } from "../../src/train/settings.ts";
import { checkerboard, dataset, everyone, noise, trained } from "./worlds.ts";

/** Models that cannot tell one user from another, and so cannot know whose the withheld item is. */
const IMPERSONAL = ["popularity"];

const board = checkerboard(24);
const small = garden(key(3), { users: 12, items: 24 });
const bitsOf = (tree: Tree): unknown[] => leaves(tree).map(([name, leaf]) => [name, leaf.shape, readSync(leaf)]);

for (const [name, model] of Object.entries(models)) {
  Deno.test(`${name} is listed by its name and says what it is and where it comes from`, () => {
    assertEquals(model.name, name);
    for (const words of [model.about, model.source]) assert(words.length > 10);
  });

  Deno.test(`${name} has settings that say what they do, with defaults that they allow`, () => {
    const defaults = defaultsOf(model.settings);
    assertEquals(configure(model.settings, defaults), defaults);
    for (const { about } of Object.values(model.settings)) assert(about.length > 10);
    const both = Object.keys(model.settings).filter((setting) => Object.hasOwn(trainingSettings, setting));
    assertEquals(both, [], "a name is the model's or the training's");
  });

  Deno.test(`${name} is trained by settings that there are`, () => {
    assertEquals(configure(trainingSettings, model.training), { ...defaultsOf(trainingSettings), ...model.training });
  });

  Deno.test(`${name} draws its parameters from the key alone`, () => {
    const init = (seed: number) => bitsOf(model.init(key(seed), model.prepare(small, defaultsOf(model.settings))));
    assertEquals(init(1), init(1));
    if (init(1).length > 0) assertNotEquals(init(1), init(2));
  });

  Deno.test(`${name} scores every item for every user with a number, before and after training`, async () => {
    const withStrangers = dataset({
      train: [[0, 1, 3], [], [1], [0, 1, 2]],
      modalities: { image: noise(1, 5, 3), text: noise(2, 5, 4) },
      items: 5,
    });
    for (const data of [small, board, withStrangers]) {
      for (const epochs of [0, 3]) {
        const { score } = await trained(model, data, { training: { epochs, batch: 8, lr: 0.1 } });
        const scores = score(everyone(histories(data, "train")));
        assertEquals(scores.shape, [data.users.length, data.items.length]);
        assert(readSync(scores).every(Number.isFinite));
      }
    }
  });

  if (IMPERSONAL.includes(name)) {
    Deno.test(`${name} gives everybody the same scores`, async () => {
      const { score } = await trained(model, board);
      const scores = readSync(score(everyone(histories(board, "train"))));
      const size = board.items.length;
      const [first, ...others] = board.users.map((_, user) => scores.slice(user * size, (user + 1) * size));
      for (const other of others) assertEquals(other, first);
    });
  } else {
    // A short training: withheld items are drawn as negatives too, and a long one learns that by heart.
    Deno.test(`${name} finds the withheld item of every user of the checkerboard`, async () => {
      const history = histories(board, "train"), heldOut = histories(board, "test");
      const { score } = await trained(model, board, { training: { epochs: 20, batch: 32, lr: 0.01 } });
      const found = await recommend(score, { history, k: 1 });
      assertEquals(found.map(({ items }) => items[0]), board.users.map((_, user) => rowOf(heldOut, user)[0]));
    });
  }
}

Deno.test("monet is trained by protocol A", () => {
  for (const [name, value] of Object.entries(PROTOCOLS.A)) assertEquals(models.monet.training[name], value, name);
});
