/** Tests of softmax losses beyond the catalogue: their laws, repeated items, and extreme scores. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { ValueError } from "../../kernels/errors.ts";
import { grad } from "../../src/core/autodiff.ts";
import { range } from "../../src/core/range.ts";
import { foldIn, integers, key } from "../../src/core/random.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, full, type Matrix, readSync, tensor, type Vector, zeros } from "../../src/core/tensor.ts";
import {
  addColumn,
  bprLoss,
  concatRows,
  fullSoftmax,
  gather,
  matmulNT,
  rowDots,
  sampledSoftmax,
  shift,
  softmaxLoss,
} from "../../src/ops/mod.ts";
import { assertClose, seeds } from "../support.ts";
import { draw, list } from "./drawn.ts";

const sizes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }));
const value = (loss: ReturnType<typeof softmaxLoss>): number => readSync(loss)[0];

Deno.test("softmaxLoss() with one negative is bprLoss()", () => {
  fc.assert(fc.property(seeds, sizes, (seed, [rows]) => {
    const [p, n] = [list(seed, rows), draw(seed + 1, rows, 1)];
    assertClose([value(softmaxLoss(p, n))], [value(bprLoss(p, fromArray(readSync(n), [rows])))], 1e-6);
  }));
});

Deno.test("softmaxLoss() depends on differences of scores and of log Q only, row by row", () => {
  fc.assert(fc.property(seeds, sizes, (seed, [rows, columns]) => {
    const [p, n] = [list(seed, rows), draw(seed + 1, rows, columns)];
    const by = list(seed + 2, rows);
    const expected = value(softmaxLoss(p, n, { temperature: 0.5 }));
    const moved = fromArray(readSync(p).map((x, r) => x + readSync(by)[r]), [rows]);
    assertClose([value(softmaxLoss(moved, addColumn(n, by), { temperature: 0.5 }))], [expected], 1e-5);
    const logQ = { positives: full([rows], 3), negatives: full([columns], 3) };
    assertClose([value(softmaxLoss(p, n, { temperature: 0.5, logQ }))], [expected], 1e-5);
  }));
});

Deno.test("softmaxLoss() counts a negative as often as it is listed, or by its log Q", () => {
  const p: Vector = tensor([1, 0]);
  const twice = tensor([[2, 2, -1], [0, 0, 3]]);
  const once = tensor([[2, -1], [0, 3]]);
  const logQ = { positives: zeros([2]) as Vector, negatives: tensor([-Math.log(2), 0]) as Vector };
  assertClose([value(softmaxLoss(p, twice))], [value(softmaxLoss(p, once, { logQ }))], 1e-6);
});

Deno.test("softmaxLoss() without negatives is 0, and its gradient too", () => {
  const [loss, slope] = [(p: Vector) => softmaxLoss(p, zeros([2, 0])), list(1, 2)];
  assertClose([value(loss(slope))], [0]);
  assertClose(readSync(grad(loss)(slope)), [0, 0]);
});

Deno.test("a negative with the number of a row's positive is left out of this row only", () => {
  fc.assert(fc.property(seeds, sizes, (seed, [rows, columns]) => {
    const [p, n] = [list(seed, rows), draw(seed + 1, rows, columns)];
    const [positives, negatives] = [rows, columns].map((count, k) => integers(foldIn(key(seed), k), count, 4));
    const expected = Array.from(positives, (positive, r) => {
      const kept = range(columns).filter((c) => negatives[c] !== positive);
      const row = fromArray(Array.from(kept, (c) => readSync(n)[r * columns + c]), [1, kept.length]);
      return value(softmaxLoss(fromArray([readSync(p)[r]], [1]), row));
    });
    const loss = value(softmaxLoss(p, n, { ids: { positives, negatives } }));
    assertClose([loss], [expected.reduce((sum, x) => sum + x, 0) / rows], 1e-5);
  }));
});

Deno.test("sampledSoftmax() with every item as a negative is fullSoftmax()", () => {
  fc.assert(fc.property(seeds, sizes, (seed, [rows, count]) => {
    const [users, items] = [draw(seed, rows, 3), draw(seed + 1, count, 3)];
    const positives = integers(key(seed), rows, count);
    const order = Int32Array.from(range(count)).reverse();
    const sampled = sampledSoftmax(users, gather(items, positives) as Matrix, gather(items, order) as Matrix, {
      ids: { positives, negatives: order },
      temperature: 0.3,
    });
    assertClose([value(sampled)], [value(fullSoftmax(users, items, positives, { temperature: 0.3 }))], 1e-5);
  }));
});

Deno.test("with log Q, the sum over a large uneven sample comes near the sum over all items", () => {
  const [users, items] = [draw(1, 4, 3), draw(2, 6, 3)];
  const positives = Int32Array.of(0, 1, 2, 3);
  // Item i is drawn (i + 1) · 2000 times in expectation, of 42,000 draws.
  const tickets = Int32Array.from(range(21), (n) => Math.floor((Math.sqrt(8 * n + 1) - 1) / 2));
  const negatives = integers(key(3), 42_000, tickets.length).map((n) => tickets[n]);
  const expected = (item: number) => Math.log((item + 1) * 2000);
  const loss = sampledSoftmax(users, gather(items, positives) as Matrix, gather(items, negatives) as Matrix, {
    ids: { positives, negatives },
    logQ: {
      positives: zeros([4]) as Vector,
      negatives: fromArray(Array.from(negatives, expected), [negatives.length]),
    },
  });
  assertClose([value(loss)], [value(fullSoftmax(users, items, positives))], 1e-2);
});

Deno.test("softmaxLoss() and its gradient are exact for scores far apart", () => {
  const [p, n] = [tensor([1e4, -1e4, 0]), tensor([[-1e4, 0], [1e4, 0], [-30, -40]])];
  assertClose([value(softmaxLoss(p, n))], [2e4 / 3]);
  const slope = readSync(grad((p: Vector) => softmaxLoss(p, n))(p as Vector));
  assertClose(slope, [0, -1 / 3, 0]);
  const small = value(softmaxLoss(tensor([0]), tensor([[-20, -30]])));
  assert(Math.abs(small / (Math.exp(-20) + Math.exp(-30)) - 1) < 1e-5, `${small}`);
});

Deno.test("the gradient of sampledSoftmax() moves a user to the positive and away from the negatives", () => {
  const [users, positives, negatives] = [draw(1, 5, 4), draw(2, 5, 4), draw(3, 7, 4)];
  const slope = grad(([u]: readonly [Matrix]) => sampledSoftmax(u, positives, negatives))([users])[0];
  const share = (s: Float64Array, r: number) => s[r] / s.reduce((sum, x) => sum + x, 0);
  const scores = readSync(matmulNT(users, concatRows([negatives])));
  const own = readSync(rowDots(users, positives));
  const expected = Array.from({ length: 5 }, (_, r) => {
    const weights = Float64Array.from([own[r], ...scores.subarray(7 * r, 7 * r + 7)], (x) => Math.exp(x));
    return Array.from({ length: 4 }, (_, d) => {
      const along = [readSync(positives)[4 * r + d], ...range(7)].map((x, k) =>
        k === 0 ? x * (share(weights, 0) - 1) : share(weights, k) * readSync(negatives)[4 * x + d]
      );
      return along.reduce((sum, x) => sum + x, 0) / 5;
    });
  });
  assertClose(readSync(slope), expected.flat(), 1e-5);
});

Deno.test("softmax losses refuse lengths that do not match, unknown items and temperatures that are not above 0", () => {
  const [p, n] = [list(1, 2), draw(2, 2, 3)];
  const rule = "the scores have a row for each positive and a column for each negative";
  const wrong = `Cannot softmaxLoss with 4 positives where 2 are needed: ${rule}`;
  assertThrows(() => softmaxLoss(list(1, 4) as Vector, n), ShapeError, wrong);
  const ids = { positives: Int32Array.of(0, 1), negatives: Int32Array.of(1) };
  assertThrows(() => softmaxLoss(p, n, { ids }), ShapeError, `Cannot softmaxLoss with 1 ids where 3 are needed`);
  const logQ = { positives: list(1, 1), negatives: list(2, 3) };
  assertThrows(() => softmaxLoss(p, n, { logQ }), ShapeError, "Cannot softmaxLoss with 1 log Q where 2 are needed");
  assertThrows(() => softmaxLoss(zeros([0]) as Vector, zeros([0, 3]) as Matrix), ShapeError, "no elements");
  for (const temperature of [0, -1, NaN]) {
    const message = `Cannot softmaxLoss with the temperature ${temperature}: it must be above 0`;
    assertThrows(() => softmaxLoss(p, n, { temperature }), ValueError, message);
  }
  const few = "Cannot fullSoftmax with [2, 3] users and 1 positives: one positive for each user is needed";
  assertThrows(() => fullSoftmax(n, draw(3, 4, 3), Int32Array.of(1)), ShapeError, few);
  assertThrows(() => fullSoftmax(n, draw(3, 4, 3), Int32Array.of(1, 4)), ValueError, "Cannot gather row 4");
  assert(value(softmaxLoss(shift(p, 100), n)) < 1e-6);
});
