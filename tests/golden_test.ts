/**
 * MONET against numbers from an independent implementation in 64-bit floats: every JSON file in `tests/golden/`, and in the
 * folder that the environment variable GIVERNY_GOLDEN names. Embeddings, scores and losses are compared number by number;
 * gradients relative to the largest of their array, since what cancels in a 32-bit sum is exact to its largest terms only.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { reference, wasm } from "../kernels/mod.ts";
import { patternOf, selection, takeRows } from "../src/core/pattern.ts";
import { valueAndGrad } from "../src/core/autodiff.ts";
import { defaultsOf } from "../src/core/settings.ts";
import { type Placement, read, tensor } from "../src/core/tensor.ts";
import type { Triples } from "../src/data/batch.ts";
import { symmetricAdjacency } from "../src/data/graph.ts";
import {
  encode,
  loss,
  monet,
  type MonetConfig,
  type MonetContext,
  type MonetParams,
  score,
} from "../src/models/monet.ts";
import { adam } from "../src/train/adam.ts";
import { webgpu } from "./support.ts";

interface Golden {
  readonly users: number;
  readonly items: number;
  readonly history: readonly (readonly number[])[];
  readonly features: Readonly<Record<string, number[][]>>;
  readonly params: Readonly<Record<string, { users: number[][]; weight: number[][]; bias: number[] }>>;
  readonly batches: readonly { users: number[]; positives: number[]; negatives: number[] }[];
  readonly cases: readonly GoldenCase[];
}

interface GoldenCase {
  readonly options: {
    alpha: number;
    beta: number;
    layers: number;
    normalize: boolean;
    excludeTarget: boolean;
    l2: number;
    lr: number;
  };
  readonly users: number[][];
  readonly items: number[][];
  readonly scores: number[][];
  readonly loss: number;
  readonly gradient: Readonly<Record<string, { users: number[][]; weight: number[][]; bias: number[] }>>;
  readonly adamLosses: number[];
}

const TOLERANCE = 1e-4;

/**
 * Fails unless two lists agree within the tolerance, relative to each number expected, or to a share `floor` of the largest
 * where that is more.
 */
function assertNear(actual: ArrayLike<number>, expected: readonly number[], what: string, floor = 0.01): void {
  assert(actual.length === expected.length, `${what}: ${actual.length} numbers, expected ${expected.length}`);
  const least = floor * Math.max(1e-3, ...expected.map(Math.abs));
  expected.forEach((x, i) => {
    const error = Math.abs(actual[i] - x) / Math.max(Math.abs(x), least);
    assert(error <= TOLERANCE, `${what}[${i}] is ${actual[i]}, expected ${x}: relative error ${error}`);
  });
}

function paramsOf(golden: Golden["params"], place: Placement): MonetParams {
  return Object.fromEntries(
    Object.entries(golden).map(([modality, { users, weight, bias }]) => [modality, {
      P: tensor(users, place),
      W: tensor(weight, place),
      b: tensor(bias, place),
    }]),
  );
}

function contextOf(golden: Golden, config: MonetConfig, place: Placement): MonetContext {
  const owners = golden.history.flatMap((items, user) => items.map(() => user));
  const history = patternOf([golden.users, golden.items], owners, golden.history.flat());
  const features = Object.fromEntries(Object.entries(golden.features).map(([m, x]) => [m, tensor(x, place)]));
  return { config, history, adjacency: symmetricAdjacency(history, place), features };
}

function triplesOf({ users, items }: Golden, batch: Golden["batches"][number]): Triples {
  return {
    users: selection(Int32Array.from(batch.users), users),
    positives: selection(Int32Array.from(batch.positives), items),
    negatives: selection(Int32Array.from(batch.negatives), items),
  };
}

async function* goldenFiles(): AsyncGenerator<string> {
  const folders = [new URL("./golden/", import.meta.url).pathname, Deno.env.get("GIVERNY_GOLDEN")];
  for (const folder of folders) {
    if (folder === undefined) continue;
    for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".json")) yield `${folder}/${name}`;
  }
}

for await (const file of goldenFiles()) {
  const golden: Golden = JSON.parse(await Deno.readTextFile(file));
  const name = file.slice(file.lastIndexOf("/") + 1);
  for (const device of [reference, wasm(), ...webgpu ? [webgpu] : []]) {
    golden.cases.forEach(({ options, ...expected }, n) => {
      Deno.test(`monet agrees with ${name}, case ${n}, on ${device.name}`, async () => {
        const place = { device };
        const { lr, ...changes } = options;
        const config = { ...defaultsOf(monet.settings), dim: golden.params.image.bias.length, ...changes };
        const context = contextOf(golden, config, place);
        const params = paramsOf(golden.params, place);

        const e = encode(params, context);
        assertNear(await read(e.users), expected.users.flat(), "user embeddings");
        assertNear(await read(e.items), expected.items.flat(), "item embeddings");

        const everyone = selection(Int32Array.from({ length: golden.users }, (_, u) => u), golden.users);
        const scores = score(e, { users: everyone, history: takeRows(context.history, everyone.indices) }, config);
        assertNear(await read(scores), expected.scores.flat(), "scores");

        const objective = (batch: Golden["batches"][number]) =>
          valueAndGrad((p: MonetParams) => loss(p, triplesOf(golden, batch), context));
        const [value, gradient] = objective(golden.batches[0])(params);
        assertNear(await read(value), [expected.loss], "loss");
        for (const [modality, { P, W, b }] of Object.entries(gradient)) {
          const { users, weight, bias } = expected.gradient[modality];
          assertNear(await read(P), users.flat(), `gradient of ${modality}.P`, 1);
          assertNear(await read(W), weight.flat(), `gradient of ${modality}.W`, 1);
          assertNear(await read(b), bias, `gradient of ${modality}.b`, 1);
        }

        const optimizer = adam();
        let training = optimizer.start(params);
        const losses: number[] = [];
        for (const batch of golden.batches) {
          const [value, gradient] = objective(batch)(training.params);
          training = optimizer.update(training, gradient, lr);
          losses.push((await read(value))[0]);
        }
        assertNear(losses, expected.adamLosses, "losses of ten Adam steps");
      });
    });
  }
}
