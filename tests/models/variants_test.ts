/**
 * Tests that every variant of a model finds the withheld items of the checkerboard. Variants of MAML, MMGCN, GRCN and
 * VBPR are in the tests of these models, and other ranking losses in `ranking_test.ts`.
 *
 * @module
 */
import { assertEquals } from "deno-std/assert/equals.js";
import { rowOf } from "../../src/core/pattern.ts";
import type { Config } from "../../src/core/settings.ts";
import { histories } from "../../src/data/dataset.ts";
import { models, rankingSettings } from "../../src/models/mod.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { checkerboard, noise, trained } from "./worlds.ts";

/** Further variants besides every choice that is not a default: numbers that remove a part. */
const PARTS = {
  monet: [{ layers: 0 }, { alpha: 0 }, { beta: 0 }, { beta: 1 }],
  mario: [{ mu: 0 }],
  gume: [{ internal: 0 }, { external: 0 }, { user: 0, interestL2: 0 }],
  lattice: [{ original: 0 }, { original: 1 }],
  ngcf: [{ layers: 1 }],
} as const satisfies Partial<Record<keyof typeof models, readonly Config[]>>;

/** The training of all variants, and longer ones: without a graph it takes more epochs. */
const TRAINING = { epochs: 10, batch: 32, lr: 0.01 };
const LONGER: readonly string[] = ["monet normalize=false", "lattice encoder=mf"];
/** Settings that some variants need: a model memorises noise that is not scaled, unless λ prevents it. */
const NEEDS: Readonly<Record<string, Config>> = { "monet normalize=false": { l2: 0.1 } };

// Features that distinguish items: without a graph, only these do.
const board = { ...checkerboard(16), modalities: { image: noise(1, 16, 48), text: noise(2, 16, 3) } };
const history = histories(board, "train"), heldOut = histories(board, "test");
const withheld = board.users.map((_, user) => rowOf(heldOut, user)[0]);

for (const [name, parts] of Object.entries(PARTS)) {
  const model = models[name as keyof typeof PARTS];
  const chosen = Object.entries(model.settings).flatMap(([setting, { default: usual, choices = [] }]): Config[] => {
    if (Object.hasOwn(rankingSettings, setting)) return [];
    const all = typeof usual === "boolean" ? [true, false] : choices;
    return all.filter((value) => value !== usual).map((value) => ({ [setting]: value }));
  });
  for (const settings of [...chosen, ...parts]) {
    const variant = `${name} ${Object.entries(settings).map(([key, value]) => `${key}=${value}`).join(" ")}`;
    Deno.test(`${variant} finds the withheld items of the checkerboard`, async () => {
      const { score } = await trained(model, board, {
        settings: { dim: 16, ...settings, ...NEEDS[variant] },
        training: { ...TRAINING, ...(name === "mario" || LONGER.includes(variant)) && { epochs: 20 } },
      });
      const found = await rankItems(score, { history, k: 1 });
      assertEquals(found.map(({ items }) => items[0]), withheld);
    });
  }
}
