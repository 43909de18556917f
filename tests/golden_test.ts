/**
 * Every model against numbers from an independent implementation in 64-bit floats: the JSON files in `tests/golden/`,
 * in `../shared/golden` where that is, and in the folder that the environment variable GIVERNY_GOLDEN names.
 * Embeddings, scores and losses are compared number by number; gradients relative to the largest of their array,
 * because a 32-bit sum whose terms cancel is exact to its largest terms only.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { reference, wasm } from "../kernels/mod.ts";
import { key } from "../src/core/random.ts";
import { valueAndGrad } from "../src/core/autodiff.ts";
import { configure } from "../src/core/settings.ts";
import { read } from "../src/core/tensor.ts";
import { leaves, type Tree } from "../src/core/tree.ts";
import type { Triples } from "../src/data/batch.ts";
import { histories } from "../src/data/dataset.ts";
import { encoded, models, objective } from "../src/models/mod.ts";
import { adam } from "../src/train/adam.ts";
import { constrained } from "../src/train/constrain.ts";
import { datasetOf, type Golden, readGolden, treeOf } from "./golden/read.ts";
import { webgpu } from "./gpu.ts";
import { everyone } from "./models/worlds.ts";

const TOLERANCE = 1e-4;

/**
 * Fails unless two lists agree within the tolerance, relative to each number expected, or to a share `floor` of the
 * largest where that is more.
 */
function assertNear(actual: ArrayLike<number>, expected: readonly number[], what: string, floor = 0.01): void {
  assert(actual.length === expected.length, `${what}: ${actual.length} numbers, expected ${expected.length}`);
  const least = floor * Math.max(1e-3, ...expected.map(Math.abs));
  expected.forEach((x, i) => {
    const error = Math.abs(actual[i] - x) / Math.max(Math.abs(x), least);
    assert(error <= TOLERANCE, `${what}[${i}] is ${actual[i]}, expected ${x}: relative error ${error}`);
  });
}

/** Returns the branches of a tree with these names; the inputs of a fold-in are not in golden numbers. */
function among(tree: Tree, names: readonly string[]): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => names.includes(name)));
}

/** Fails unless two trees have the same leaves, of the same shapes, with the same numbers. */
async function assertTreesNear(actual: Tree, expected: Tree, what: string, floor?: number): Promise<void> {
  const [found, wanted] = [actual, expected].map((tree) => new Map(leaves(tree)));
  assertEquals([...found.keys()].sort(), [...wanted.keys()].sort(), what);
  for (const [path, leaf] of found) {
    assertEquals(leaf.shape, wanted.get(path)!.shape, `${what} ${path}`);
    assertNear(await read(leaf), [...await read(wanted.get(path)!)], `${what} ${path}`, floor);
  }
}

function triplesOf(batch: Golden["batches"][number]): Triples {
  return {
    users: Int32Array.from(batch.users),
    positives: Int32Array.from(batch.positives),
    negatives: Int32Array.from(batch.negatives),
    shared: false,
    step: batch.step,
  };
}

async function* goldenFiles(): AsyncGenerator<string> {
  const [own, given] = ["./golden", "../../shared/golden"].map((path) => new URL(path, import.meta.url).pathname);
  const beside = await Deno.stat(given).then(() => [given], () => []);
  const named = Deno.env.get("GIVERNY_GOLDEN");
  for (const folder of new Set([own, ...beside, ...named === undefined ? [] : [named]])) {
    for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".json")) yield `${folder}/${name}`;
  }
}

const known = new Set<string>();
for await (const file of goldenFiles()) {
  const golden = await readGolden(file);
  known.add(golden.model);
  const name = file.slice(file.lastIndexOf("/") + 1);
  const [model, data] = [models[golden.model], datasetOf(golden)];
  // Kernels take a GPU long to compile. How other models train there is compared with the processor in
  // models/gpu_test.ts.
  for (const device of [reference, wasm(), ...webgpu && golden.model === "monet" ? [webgpu] : []]) {
    golden.cases.forEach((expected, n) => {
      Deno.test(`${golden.model} agrees with ${name}, case ${n}, on ${device.name}`, async () => {
        const place = { device };
        const config = configure(model.settings, expected.settings);
        const context = await model.prepare(data, config, place);
        const params = treeOf(expected.params, place);
        const drawn = leaves(model.init(key(1), context)).map(([path, { shape }]) => `${path} ${shape}`);
        assertEquals(leaves(params).map(([path, { shape }]) => `${path} ${shape}`).sort(), drawn.sort());

        const e = await encoded(model, params, context);
        const wanted = treeOf(expected.encoded, place);
        await assertTreesNear(among(e, Object.keys(wanted)), wanted, "embedding");
        const scores = model.score(e, everyone(histories(data, "train")), config);
        assertNear(await read(scores), expected.scores.flat(), "scores");
        if (!expected.losses) return;

        const { loss, refresh } = objective(model, context);
        let fresh: Awaited<ReturnType<typeof refresh>>;
        const step = async (params: Tree, batch: Golden["batches"][number]) => {
          if (batch.step === 0) fresh = await refresh(params, { key: key(0), epoch: 0 });
          return valueAndGrad((p: Tree) => loss(p, triplesOf(batch), key(0), fresh))(params);
        };
        const [value, gradient] = await step(params, golden.batches[0]);
        assertNear(await read(value), [expected.loss!], "loss");
        await assertTreesNear(gradient, treeOf(expected.gradient!, place), "gradient", 1);

        const optimizer = model.constrain ? constrained(adam(), model.constrain) : adam();
        let training = optimizer.start(params);
        const losses: number[] = [];
        for (const batch of golden.batches) {
          const [value, gradient] = await step(training.params, batch);
          training = optimizer.update(training, gradient, expected.lr!);
          losses.push((await read(value))[0]);
        }
        assertNear(losses, expected.losses, "losses of ten Adam steps");
      });
    });
  }
}

/** Models of this library, which have no specification outside it. */
const OWN = ["nympheas"];

Deno.test("every model of others has golden numbers", () =>
  assertEquals([...known, ...OWN].sort(), Object.keys(models).sort()));
