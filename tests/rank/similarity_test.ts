/** Tests of the measurements of features and embeddings against all pairs of items. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { fc } from "../fc.ts";
import { type Device, openDevice } from "../../kernels/mod.ts";
import { entries, type Pattern, patternFromCoo, rowOf } from "../../src/core/pattern.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, tensor } from "../../src/core/tensor.ts";
import type { FeatureMatrix } from "../../src/data/tensors.ts";
import { csr } from "../../src/ops/sparse.ts";
import { avgDiff, similarity } from "../../src/rank/similarity.ts";
import { devices, patterns, runsOn } from "../support.ts";

type Rows = readonly (readonly number[])[];

const number = fc.integer({ min: -3, max: 3 });
const rows = (items: number, columns: number): fc.Arbitrary<Rows> =>
  fc.array(fc.array(number, { minLength: columns, maxLength: columns }), { minLength: items, maxLength: items });

/** Returns the cosine of two vectors; NaN where one is 0. */
function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, n) => sum + value * y[n], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const differ = (items: number): [number, number][] =>
  Array.from({ length: items }, (_, i) => Array.from({ length: items }, (_, j): [number, number] => [i, j])).flat()
    .filter(([i, j]) => i !== j);

/** Returns features as a tensor, dense or sparse. */
function placed(of: Rows, sparse: boolean, device: Device): FeatureMatrix {
  if (!sparse) return fromArray(of.flat(), [of.length, of[0].length], { device });
  const at = of.flatMap((row, i) => row.flatMap((value, j) => value === 0 ? [] : [[i, j]]));
  const pattern = patternFromCoo([of.length, of[0].length], at.map(([i]) => i), at.map(([, j]) => j));
  return csr(pattern, fromArray(at.map(([i, j]) => of[i][j]), [entries(pattern)], { device }));
}

/** Returns the similarity from every pair of items of every user. */
function naive(features: Rows, sets: Pattern): { inside: number; outside: number; users: number } {
  const known = features.flatMap((row, i) => row.some((x) => x !== 0) ? [i] : []);
  const users = Array.from({ length: sets.rows }, (_, user) => {
    const own = known.filter((i) => rowOf(sets, user).includes(i));
    const others = known.filter((i) => !own.includes(i));
    return {
      inside: own.flatMap((i) => own.flatMap((j) => i === j ? [] : [cosine(features[i], features[j])])),
      outside: own.flatMap((i) => others.map((j) => cosine(features[i], features[j]))),
    };
  }).filter(({ inside, outside }) => inside.length > 0 && outside.length > 0);
  return {
    inside: mean(users.map(({ inside }) => mean(inside))),
    outside: mean(users.map(({ outside }) => mean(outside))),
    users: users.length,
  };
}

for (const device of devices) {
  Deno.test(`similarity() is the mean over all pairs of items on ${device.name}`, async () => {
    const worlds = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 3, max: 8 }),
      fc.integer({ min: 1, max: 4 }),
    )
      .chain(([users, items, columns]) =>
        fc.tuple(patterns(users, items), rows(items, columns), fc.boolean(), fc.integer({ min: 1, max: 4 }))
      );
    await fc.assert(
      fc.asyncProperty(worlds, async ([sets, features, sparse, tile]) => {
        const expected = naive(features, sets);
        if (expected.users === 0) {
          await assertRejects(
            () => similarity(placed(features, sparse, device), sets),
            ValueError,
            "Cannot compute similarity: no user",
          );
          return;
        }
        const found = await similarity(placed(features, sparse, device), sets, { tile });
        assertAlmostEquals(found.inside, expected.inside, 1e-4);
        assertAlmostEquals(found.outside, expected.outside, 1e-4);
        assert(found.users === expected.users);
      }),
      runsOn(device, 100),
    );
  });

  Deno.test(`avgDiff() is the mean over all pairs of items on ${device.name}`, async () => {
    const worlds = fc.integer({ min: 2, max: 8 }).chain((items) =>
      fc.tuple(rows(items, 3), rows(items, 2), fc.boolean(), fc.integer({ min: 1, max: 4 }))
    );
    await fc.assert(
      fc.asyncProperty(worlds, async ([x, e, sparse, tile]) => {
        const each = differ(x.length).map(([i, j]) => Math.abs(cosine(x[i], x[j]) - cosine(e[i], e[j])))
          .filter((difference) => !Number.isNaN(difference));
        const found = avgDiff(placed(x, sparse, device), tensor(e, { device }), { tile });
        if (each.length === 0) await assertRejects(() => found, ValueError, "fewer than two items have features");
        else assertAlmostEquals(await found, mean(each), 1e-5);
      }),
      runsOn(device, 100),
    );
  });
}

Deno.test("avgDiff() is 0 for scaled features, and symmetric in its arguments", async () => {
  await fc.assert(fc.asyncProperty(rows(5, 3), rows(5, 3), async (x, y) => {
    if ([...x, ...y].some((row) => row.every((value) => value === 0))) return;
    const long = x.map((row, i) => row.map((value) => value * (i + 1)));
    assertAlmostEquals(await avgDiff(tensor(x), tensor(long)), 0, 1e-5);
    assertAlmostEquals(
      await avgDiff(tensor(x), tensor(y)),
      await avgDiff(tensor(y), tensor(x)),
      1e-6,
    );
  }));
});

Deno.test("similarity() and avgDiff() free their tensors, and refuse different numbers of items", async () => {
  // A separate device: on the shared device, the tensors of other tests may be garbage-collected meanwhile.
  const { device } = await openDevice("wasm", { threads: 1 });
  const [x, e] = [tensor([[1, 0], [1, 1], [0, 1]], { device }), tensor([[1], [2], [3]], { device })];
  const room = device.room();
  await similarity(x, patternFromCoo([2, 3], [0, 0, 1], [0, 1, 2]), { tile: 1 });
  await avgDiff(x, e, { tile: 2 });
  assert(device.room() === room);
  await assertRejects(
    () => similarity(x, patternFromCoo([1, 4], [0], [3])),
    ShapeError,
    "Cannot compute similarity of 4 items with features [3, 2]: one row per item is needed",
  );
  await assertRejects(
    () => avgDiff(x, tensor([[1]], { device })),
    ShapeError,
    "Cannot compute avgDiff of 1 items with features [3, 2]",
  );
});
