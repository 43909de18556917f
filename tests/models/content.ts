/**
 * Helpers for tests of models of item features: a model prepared for a small world, a world with other numbers for the
 * same users and items, and a world with the same features in another form.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { KindError } from "../../kernels/errors.ts";
import { fc } from "../fc.ts";
import type { Device } from "../../kernels/mod.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { type Pattern, patternFromCoo, rowOf } from "../../src/core/pattern.ts";
import { key, normalArray } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { fromArray, type Placement, readSync, zeros } from "../../src/core/tensor.ts";
import { leaves, mapTree, type Tree } from "../../src/core/tree.ts";
import type { Triples } from "../../src/data/batch.ts";
import { histories, type Modality } from "../../src/data/dataset.ts";
import type { Model } from "../../src/models/mod.ts";
import { refreshed } from "../../src/models/refresh.ts";
import { scale } from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";
import { range, triplesOf } from "./monet_plain.ts";
import { dataset, everyone, type World, worlds } from "./worlds.ts";

/** A model prepared for a world: its context, parameters, and a batch of every interaction. */
export interface Ready<C extends Config, X, P extends Tree> {
  readonly config: C;
  readonly context: X;
  readonly params: P;
  readonly history: Pattern;
  readonly batch: Triples;
}

/**
 * Steps of a gradient check so short that they seldom cross the bend of a rectifier, or turn a row that is nearly 0.
 */
export const SHORT_STEPS: readonly number[] = [1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

/** Draws worlds of one to three modalities in which no user has every item. */
export const contentWorlds: fc.Arbitrary<World> = fc.constantFrom(
  ["image"],
  ["image", "text"],
  ["image", "text", "sound"],
).chain(worlds);

/** Prepares a model for a world, with parameters larger than its own so that every term counts. */
export function readyFor<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E>,
  world: World,
  changes: Config = {},
  place: Placement = {},
): Ready<C, X, P> {
  const data = dataset(world);
  const config = configure(model.settings, changes);
  const context = model.prepare(data, config, place);
  const history = histories(data, "train");
  const params = mapTree((x) => scale(x, 1.5), model.init(key(5), context));
  return { config, context, params, history, batch: triplesOf(history) };
}

/** Prepares a model that is asynchronous or has a refresh. */
export async function readyLater<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E, Promise<X>>,
  world: World,
  changes: Config = {},
  place: Placement = {},
): Promise<Ready<C, X, P>> {
  const prepared = await model.prepare(dataset(world), configure(model.settings, changes), place);
  const ready = readyFor({ ...model, prepare: () => prepared }, world, changes);
  return { ...ready, context: { ...prepared, ...await refreshed(model, ready.params, prepared) } };
}

/** Returns the bytes of the memory of a private device: it grows and never shrinks. */
export function grownTo(device: Device): number {
  // A view has the size of the memory at the time of its allocation.
  return device.view(zeros([1], { device }).storage)!.buffer.byteLength;
}

/** Returns every user's score of every item, row by row. */
export function scoresFor<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E, X | Promise<X>>,
  { config, context, params, history }: Ready<C, X, P>,
): number[] {
  return [...readSync(model.score(model.encode(params, context), everyone(history), config))];
}

/** Returns the loss of a batch, its gradient and all scores, one after the other. */
export function outcome<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E, X | Promise<X>>,
  ready: Ready<C, X, P>,
): number[] {
  const { context, params, batch } = ready;
  const [value, gradient] = valueAndGrad((p: P) => model.loss(p, batch, context, key(0)))(params);
  const found = [value, ...leaves(gradient).map(([, leaf]) => leaf)].flatMap((x) => [...readSync(x)]);
  return [...found, ...scoresFor(model, ready)];
}

/** Returns a world with one more modality, written with its zeros and stored without them. */
export function twins(world: World): { readonly dense: World; readonly sparse: World } {
  const pattern = patternFromCoo(
    [world.items, 4],
    range(world.items).flatMap((i) => [i, i]),
    range(world.items).flatMap((i) => [i % 4, 3 - i % 2]),
  );
  const values = normalArray(key(4), pattern.indices.length);
  const known = new Uint8Array(world.items).fill(1);
  const written = new Float32Array(world.items * 4);
  for (const item of range(world.items)) {
    rowOf(pattern, item).forEach((column, k) => written[4 * item + column] = values[pattern.offsets[item] + k]);
  }
  const withTags = (tags: Modality) => ({ ...world, modalities: { ...world.modalities, tags } });
  return {
    dense: withTags({ kind: "dense", columns: 4, values: written, known }),
    sparse: withTags({ kind: "sparse", pattern, values, known }),
  };
}

/** The computation of {@link testSparse}, its number of runs and its tolerance. */
export interface SparseTest<C> {
  readonly configs: fc.Arbitrary<C>;
  /** Returns the losses, gradients and scores of a model in a world. */
  readonly results: (world: World, config: C) => number[] | Promise<number[]>;
  readonly tolerance?: number;
  readonly numRuns?: number;
}

/** Tests that a model computes the same with features that are stored as sparse or as dense. */
export function testSparse<C>(name: string, { configs, results, tolerance, numRuns = 50 }: SparseTest<C>): void {
  Deno.test(`${name} computes the same with features that are stored as sparse or as dense`, async () => {
    await fc.assert(
      fc.asyncProperty(contentWorlds, configs, async (world, config) => {
        const { dense, sparse } = twins(world);
        assertClose(await results(sparse, config), await results(dense, config), tolerance);
      }),
      { numRuns },
    );
  });
}

/** A world, and new numbers for its users and items. */
export interface Renaming {
  readonly world: World;
  readonly users: readonly number[];
  readonly items: readonly number[];
}

/** Draws worlds and new numbers for their users and items. */
export const renamings: fc.Arbitrary<Renaming> = contentWorlds.chain((world) => {
  const permuted = (n: number) => fc.shuffledSubarray(range(n), { minLength: n, maxLength: n });
  return fc.record({ world: fc.constant(world), users: permuted(world.train.length), items: permuted(world.items) });
});

/** Returns the world in which user u has the number `users[u]`, and item i the number `items[i]`. */
export function renumbered({ world, users, items }: Renaming): World {
  const modalities = Object.entries(world.modalities).map(([name, m]): [string, Modality] => {
    if (m.kind !== "dense") throw new KindError("only dense features are renumbered");
    return [name, { ...m, values: moveRows(m.values, m.columns, items) }];
  });
  const train = users.map((_, user) => world.train[users.indexOf(user)].map((item) => items[item]));
  return { ...world, train, modalities: Object.fromEntries(modalities) };
}

/** Moves rows of a matrix: row r becomes row `to[r]`. */
function moveRows(values: Float32Array, columns: number, to: readonly number[]): Float32Array<ArrayBuffer> {
  const moved = new Float32Array(values.length);
  to.forEach((row, r) => moved.set(values.subarray(r * columns, (r + 1) * columns), row * columns));
  return moved;
}

/**
 * Prepares a model for a world and, with the same parameters, for its renaming. Parameters with a row per user or per
 * node are recognised by their height, which no other parameter may have.
 */
export function readyForBoth<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E>,
  renaming: Renaming,
  changes: Config,
): readonly [Ready<C, X, P>, Ready<C, X, P>] {
  const { world, users, items } = renaming;
  const [first, second] = [readyFor(model, world, changes), readyFor(model, renumbered(renaming), changes)];
  const nodes = [...users, ...items.map((item) => item + users.length)];
  const params = mapTree((x) => {
    const to = [users, nodes].find(({ length }) => x.shape.length === 2 && length === x.shape[0]);
    return to ? fromArray(moveRows(readSync(x), x.shape[1]!, to), x.shape) : x;
  }, first.params);
  const renamed = (ids: Int32Array, names: readonly number[]) => ids.map((id) => names[id]);
  const batch = {
    users: renamed(first.batch.users, users),
    positives: renamed(first.batch.positives, items),
    negatives: renamed(first.batch.negatives, items),
    shared: false,
    step: 0,
  };
  return [first, { ...second, params, batch }];
}

/** Tests that the loss of a model has the right gradient under all settings. */
export function testGradient<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E>,
  configs: fc.Arbitrary<Config>,
): void {
  Deno.test(`${model.name} has the right gradient under all settings`, async () => {
    await fc.assert(
      fc.asyncProperty(contentWorlds, configs, async (world, config) => {
        const { context, params, batch } = readyFor(model, world, config);
        const f = (p: P) => model.loss(p, batch, context, key(0));
        assert(await checkGradient(f, params, { directions: 2, steps: SHORT_STEPS }) < 2e-2);
      }),
      { numRuns: 25 },
    );
  });
}

/**
 * Tests that the scores and the loss of a model do not depend on how users and items are numbered. `sizes` are settings
 * with which only tables of users or nodes, of at most 12 rows, have as many rows as there are users or nodes.
 */
export function testRenumbering<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E>,
  configs: fc.Arbitrary<Config>,
  sizes: Config,
): void {
  Deno.test(`${model.name} does not depend on how users and items are numbered`, () => {
    fc.assert(
      fc.property(renamings, configs, (renaming, config) => {
        const { users, items } = renaming;
        const [first, second] = readyForBoth(model, renaming, { ...config, ...sizes });
        const after = scoresFor(model, second);
        const expected = users.flatMap((user) => items.map((item) => after[user * items.length + item]));
        assertClose(scoresFor(model, first), expected, 2e-5);
        const [before, now] = [first, second].map(({ params, batch, context }) =>
          readSync(model.loss(params, batch, context, key(0)))
        );
        assertClose(now, before, 2e-5);
      }),
      { numRuns: 50 },
    );
  });
}
