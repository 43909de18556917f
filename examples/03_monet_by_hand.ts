/**
 * MONET by hand: the training loop and the ranking that `main.ts train` runs, written out with the library's own pieces.
 *
 * Run it with `deno run -A examples/03_monet_by_hand.ts`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { configure, free, key, readSync, scope, split } from "../src/core/mod.ts";
import { garden, histories, userSampler } from "../src/data/mod.ts";
import { monet, popularity } from "../src/models/mod.ts";
import { evaluateScore, rankItems } from "../src/rank/mod.ts";
import { adam, endsEpoch, exponential, fit } from "../src/train/mod.ts";

// The embedded data set: painters' motifs with titles, words and pictures, and people who like some of them.
const data = garden(key(0));
const history = histories(data, "train");
const heldOut = histories(data, "test");

// What stays fixed (the graph, the raw features), and what is learned.
const config = configure(monet.settings, { excludeTarget: true });
const context = monet.prepare(data, config);
const [forParams, forTraining] = split(key(1));
const start = adam().start(monet.init(forParams, context));

// Training is a stream of steps. Evaluation, early stopping and checkpoints would be stages it passes through.
let params = start.params;
const steps = fit(start, (p: typeof params, batch) => monet.loss(p, batch, context, key(0)), {
  batches: userSampler(history, { batch: 256 }),
  optimizer: adam(),
  rate: exponential(1e-3),
  epochs: 15,
  key: forTraining,
});
for await (const step of steps) {
  params = step.training.params;
  if (endsEpoch(step)) console.log(`epoch ${step.epoch}: loss ${readSync(step.loss)[0].toFixed(3)}`);
}

// Ranking: every item for every user, block by block; training items are left out.
const encoded = scope(() => monet.encode(params, context));
const counts = popularity.prepare(data, {});
const [ours, theirs] = [
  await evaluateScore((block) => monet.score(encoded, block, config), { history, heldOut }),
  await evaluateScore((block) => popularity.score(counts, block, {}), { history, heldOut }),
];
console.log(`recall@20: ${ours.metrics["recall@20"].toFixed(3)}, popularity ${theirs.metrics["recall@20"].toFixed(3)}`);

// Recommending: positions in the data set, best first.
const user = 7;
const [top] = await rankItems((block) => monet.score(encoded, block, config), {
  history,
  users: Int32Array.of(user),
  k: 5,
});
console.log(`${data.users[user]} might like`, Array.from(top.items, (item) => data.titles?.[item]));
free(encoded);
