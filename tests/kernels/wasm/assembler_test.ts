/** Tests of the assembler: its code runs and computes the right results. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../../fc.ts";
import {
  address,
  type Code,
  during,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  type Local,
  loop,
  type NewLocal,
  rowAt,
  v128,
  when,
  word,
} from "../../../kernels/wasm/assembler.ts";
import { heap } from "../../../kernels/wasm/memory.ts";
import { compile } from "../../../kernels/wasm/module.ts";

const PAGE = 65536;

/** Runs code that may use a few locals, on a new memory of three pages, and returns the memory's floats. */
function run(write: (newLocal: NewLocal) => Code): Float32Array {
  const memory = new WebAssembly.Memory({ initial: 3 });
  compile({ parameters: [], body: (_, newLocal) => write(newLocal) }, memory).run();
  return new Float32Array(memory.buffer);
}

const store = (address: Code, x: number): Code => v128.storeLane32(address, f32x4.const(x), 0);

Deno.test("i32.const() writes every whole number: n + (a − n) is the address a", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(1000), (n, word) => {
      const sum = i32.add(i32.const(n), i32.const(4 * word - n));
      assertEquals(run(() => store(sum, 7))[word], 7);
    }),
    { examples: [[63, 0], [64, 0], [-64, 0], [-65, 0], [127, 0], [128, 0], [8191, 0], [8192, 0], [-(2 ** 31), 0]] },
  );
});

Deno.test("loads and stores take offsets of any length", () => {
  for (const offset of [0, 4, 124, 128, 16380, 16384, 2 * PAGE]) {
    const floats = run((newLocal) => {
      const x = newLocal("f32");
      return [
        v128.store(i32.const(64), f32x4.const(5), offset),
        x.set(f32.load(i32.const(64), offset)),
        f32.store(i32.const(0), f32.mul(x.get, x.get), offset + 128),
      ];
    });
    assertEquals([floats[16 + offset / 4], floats[32 + offset / 4]], [5, 25]);
  }
});

Deno.test("a function may have more than 127 locals", () => {
  const floats = run((newLocal) => {
    const locals = Array.from({ length: 200 }, () => newLocal("v128"));
    return [
      locals.map((local, n) => local.set(f32x4.const(n))),
      store(i32.const(0), 0),
      v128.store(i32.const(0), locals.map(({ get }) => get).reduce(f32x4.add)),
    ];
  });
  assertEquals(floats[0], 199 * 200 / 2);
});

Deno.test("loop() runs its body for each step below the end, and not at all for an empty range", () => {
  fc.assert(fc.property(fc.nat(40), fc.nat(40), fc.integer({ min: 1, max: 9 }), (from, to, step) => {
    const floats = run((newLocal) => {
      const i = newLocal("i32");
      const word = i32.shl(i.get, i32.const(2));
      return loop(i, i32.const(from), i32.const(to), i32.const(step), store(word, 1));
    });
    const reached = Array.from({ length: 50 }, (_, i) => i >= from && i < to && (i - from) % step === 0 ? 1 : 0);
    assertEquals([...floats.subarray(0, 50)], reached);
  }));
});

Deno.test("during() tests its condition before each turn, the first included", () => {
  fc.assert(fc.property(fc.nat(20), (turns) => {
    const floats = run((newLocal) => {
      const left = newLocal("i32");
      return [
        left.set(i32.const(turns)),
        during(i32.lessThan(i32.const(0), left.get), [
          store(word(i32.const(0), left.get), 1),
          left.set(i32.sub(left.get, i32.const(1))),
        ]),
      ];
    });
    assertEquals([...floats.subarray(0, 30)], Array.from({ length: 30 }, (_, n) => n > 0 && n <= turns ? 1 : 0));
  }));
});

Deno.test("comparisons are 1 or 0, and NaN is not equal to itself", () => {
  const cases: [Code, number][] = [
    [f32.less(f32.const(1), f32.const(2)), 1],
    [f32.less(f32.const(2), f32.const(2)), 0],
    [f32.greater(f32.const(-1), f32.const(-Infinity)), 1],
    [f32.greater(f32.const(-Infinity), f32.const(-Infinity)), 0],
    [f32.equal(f32.const(0), f32.const(-0)), 1],
    [f32.equal(f32.const(NaN), f32.const(NaN)), 0],
    [f32.greater(f32.const(NaN), f32.const(1)), 0],
    [i32.equal(i32.const(-7), i32.const(-7)), 1],
    [i32.equal(i32.const(-7), i32.const(7)), 0],
    [i32.or(i32.const(4), i32.const(1)), 5],
    [v128.any(i32x4.of(0, 0, 0, 0)), 0],
    [v128.any(i32x4.of(0, 0, 0, 8)), 1],
  ];
  const floats = run(() => cases.map(([code], n) => i32.store(i32.const(n * 4), code)));
  assertEquals([...new Int32Array(floats.buffer, 0, cases.length)], cases.map(([, expected]) => expected));
});

Deno.test("loop() nests, and its counter is unsigned", () => {
  const floats = run((newLocal) => {
    const [i, j] = [newLocal("i32"), newLocal("i32")];
    const cell = i32.shl(i32.add(i32.mul(i.get, i32.const(3)), j.get), i32.const(2));
    return [
      loop(
        i,
        i32.const(0),
        i32.const(2),
        i32.const(1),
        loop(j, i32.const(0), i32.const(3), i32.const(1), store(cell, 1)),
      ),
      loop(i, i32.const(-1), i32.const(5), i32.const(1), store(i32.const(40), 1)),
      loop(i, i32.const(0x7ffffffe), i32.const(-(2 ** 31)), i32.const(1), store(i32.const(44), 1)),
    ];
  });
  assertEquals([...floats.subarray(0, 12)], [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1]);
});

Deno.test("vector instructions compute four numbers", () => {
  const [a, b] = [f32x4.const(6.5), f32x4.const(-2)];
  const cases: [Code, number][] = [
    [f32x4.add(a, b), 4.5],
    [f32x4.sub(a, b), 8.5],
    [f32x4.mul(a, b), -13],
    [f32x4.div(a, b), -3.25],
    [f32x4.min(a, b), -2],
    [f32x4.max(a, b), 6.5],
    [f32x4.madd(a, b, a), -6.5],
    [f32x4.abs(b), 2],
    [f32x4.neg(a), -6.5],
    [f32x4.sqrt(f32x4.const(9)), 3],
    [f32x4.fromInt(i32x4.add(i32x4.const(1000), i32x4.const(-1))), 999],
    [f32x4.fromInt(i32x4.sub(i32x4.const(1), i32x4.const(3))), -2],
    [f32x4.fromInt(i32x4.shiftLeft(i32x4.const(3), 4)), 48],
    [f32x4.fromInt(i32x4.shiftRight(i32x4.const(-16), 2)), -4],
    [f32x4.fromInt(i32x4.shiftRightUnsigned(i32x4.const(-1), 31)), 1],
    [v128.select(a, b, f32x4.greater(a, b)), 6.5],
    [v128.select(a, b, f32x4.greater(b, a)), -2],
    [v128.select(a, b, f32x4.differ(b, b)), -2],
    [v128.select(a, b, f32x4.differ(f32x4.const(NaN), f32x4.const(NaN))), 6.5],
    [v128.and(a, i32x4.const(-1)), 6.5],
    [v128.or(f32x4.const(2), i32x4.const(-(2 ** 31))), -2],
    [v128.xor(b, i32x4.const(-(2 ** 31))), 2],
    [f32x4.fromInt(i32x4.splat(i32.const(-7))), -7],
    [f32x4.least(a, b), -2],
    [f32x4.least(b, a), -2],
    [f32x4.most(a, b), 6.5],
    [f32x4.most(b, a), 6.5],
    [f32x4.least(f32x4.const(NaN), a), NaN],
    [f32x4.least(a, f32x4.const(NaN)), 6.5],
    [f32x4.most(f32x4.const(NaN), a), NaN],
    [f32x4.most(a, f32x4.const(NaN)), 6.5],
    [f32x4.min(a, f32x4.const(NaN)), NaN],
    [f32x4.max(a, f32x4.const(NaN)), NaN],
    [f32x4.const(Infinity), Infinity],
    [f32x4.const(NaN), NaN],
  ];
  const floats = run(() => cases.map(([code], n) => v128.store(i32.const(n * 16), code)));
  cases.forEach(([, expected], n) => assertEquals([...floats.subarray(n * 4, n * 4 + 4)], Array(4).fill(expected)));
});

Deno.test("lanes are read, and stored, one by one and in pairs", () => {
  const floats = run((newLocal) => {
    const x = newLocal("v128");
    return [
      [1, 2, 3, 4].map((value, n) => store(i32.const(n * 4), value)),
      x.set(v128.load(i32.const(0))),
      f32.store(i32.const(16), f32.add(f32x4.lane(x.get, 1), f32x4.lane(x.get, 3))),
      v128.storeLane64(i32.const(32), x.get, 1),
      v128.storeLane32(i32.const(40), x.get, 2),
      v128.store(i32.const(48), v128.loadSplat(i32.const(8))),
      v128.store(i32.const(64), f32x4.splat(f32.load(i32.const(4)))),
    ];
  });
  assertEquals([...floats.subarray(4, 20)], [6, 0, 0, 0, 3, 4, 3, 0, 3, 3, 3, 3, 2, 2, 2, 2]);
});

Deno.test("shuffle() selects lanes of two vectors", () => {
  const floats = run((newLocal) => {
    const x = newLocal("v128");
    return [
      [0, 1, 2, 3, 4, 5, 6, 7].map((value, n) => store(i32.const(n * 4), value)),
      x.set(v128.load(i32.const(16))),
      [[0, 4, 1, 5], [7, 6, 5, 4], [3, 3, 3, 3]].map((lanes, n) =>
        v128.store(i32.const(32 + n * 16), f32x4.shuffle(v128.load(i32.const(0)), x.get, lanes))
      ),
    ];
  });
  assertEquals([...floats.subarray(8, 20)], [0, 4, 1, 5, 7, 6, 5, 4, 3, 3, 3, 3]);
});

Deno.test("i32x4.of() is the four integers in their order", () => {
  const floats = run(() => v128.store(i32.const(0), f32x4.fromInt(i32x4.of(-1, 2, -300, 4))));
  assertEquals([...floats.subarray(0, 5)], [-1, 2, -300, 4, 0]);
});

Deno.test("64-bit sums keep small terms, and are rounded once", () => {
  const floats = run((newLocal) => {
    const [x, sum] = [newLocal("v128"), newLocal("v128")];
    const both = (add: typeof f64.add) => add(f64x2.lane(sum.get, 0), f64x2.lane(sum.get, 1));
    return [
      [2 ** 24, 3, 9, 9].map((value, n) => store(i32.const(n * 4), value)),
      x.set(v128.load(i32.const(0))),
      sum.set(f64x2.add(f64x2.promote(x.get), f64x2.promote(x.get))),
      f32.store(i32.const(16), f32.demote(both(f64.add))),
      f32.store(i32.const(20), f32.demote(both(f64.max))),
      f64.store(i32.const(24), both(f64.add)),
      sum.set(f64x2.max(f64x2.promote(x.get), sum.get)),
      f32.store(i32.const(32), f32.demote(f64x2.lane(sum.get, 1))),
    ];
  });
  assertEquals([...floats.subarray(4, 6), floats[8]], [Math.fround(2 ** 25 + 6), 2 ** 25, 6]);
  assertEquals(new Float64Array(floats.buffer, 24, 1)[0], 2 ** 25 + 6);
});

Deno.test("integers are compared, divided with remainder, and masked as unsigned integers", () => {
  fc.assert(fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 2 ** 31 - 1 }), (a, b, c) => {
    const floats = run((newLocal) => {
      const [x, y] = [newLocal("i32"), newLocal("i32")];
      return [
        x.set(i32.const(a)),
        y.set(i32.const(b)),
        [i32.min(x, y), i32.remainder(x.get, i32.const(c)), i32.and(x.get, y.get), i32.shiftRight(x.get, i32.const(3))]
          .map((value, n) => [i32.const(n * 4), value, 0x36, 0, 0]),
      ];
    });
    assertEquals([...new Uint32Array(floats.buffer, 0, 4)], [Math.min(a, b), a % c, (a & b) >>> 0, a >>> 3]);
  }));
  const top = run((newLocal) => {
    const [x, y] = [newLocal("i32"), newLocal("i32")];
    return [x.set(i32.const(-1)), y.set(i32.const(5)), [i32.const(0), i32.min(x, y), 0x36, 0, 0]];
  });
  assertEquals(new Uint32Array(top.buffer, 0, 1)[0], 5);
});

Deno.test("when() runs one of two codes, and an empty code does nothing", () => {
  const floats = run(() => [
    [0, 1, -1].map((condition, n) =>
      when(i32.const(condition), store(i32.const(n * 8), 1), store(i32.const(n * 8), 2))
    ),
    when(i32.const(0), store(i32.const(4), 1)),
    when(i32.const(1), store(i32.const(12), 1)),
  ]);
  assertEquals([...floats.subarray(0, 5)], [2, 0, 1, 1, 1]);
});

for (const addresses of ["i32", "i64"] as const) {
  Deno.test(`address computes the same places with ${addresses}`, () => {
    const { memory } = heap(addresses);
    const words = new Int32Array(memory.buffer, 0, 2000);
    const place = fc.nat(999);
    const write = ([base, index, row]: readonly Local[], newLocal: NewLocal): Code => {
      const at = newLocal("address");
      const store = (target: Code, value: number) => i32.store(target, i32.const(value));
      return [
        store(word(base.get, index.get), 1),
        store(rowAt(base.get, index.get, address.const(8)), 2),
        store(address.add(address.sub(base.get, address.const(-4)), address.from(row.get)), 3),
        store(address.and(address.add(base.get, address.const(3)), address.const(-4)), 4),
        loop(at, address.const(4000), address.add(base.get, address.const(4000)), address.const(4), store(at.get, 5)),
      ];
    };
    const { run } = compile({ parameters: ["address", "i32", "i32"], body: write }, memory, addresses);
    fc.assert(fc.property(place, place, (first, index) => {
      words.fill(0);
      const base = 4 * first;
      run(base, index, base);
      const expected = new Int32Array(2000);
      const puts = [[base + 4 * index, 1], [base + 8 * index, 2], [2 * base + 4, 3], [base, 4]];
      for (const [target, value] of puts) if (target / 4 < 2000) expected[target / 4] = value;
      expected.fill(5, 1000, 1000 + first);
      assertEquals(words, expected);
    }));
  });
}

Deno.test("addresses of 64 bits are exact beyond 4 GiB, and indices are unsigned", () => {
  const { memory, allocate } = heap("i64");
  const base = allocate(6 * 2 ** 30);
  const floats = (at: number) => new Float32Array(memory.buffer, at, 1)[0];
  const write = ([at, index, distance]: readonly Local[]): Code => [
    f32.store(at.get, f32.const(1)),
    f32.store(address.const(5 * 2 ** 30 + 4), f32.const(2)),
    f32.store(rowAt(at.get, index.get, distance.get), f32.const(3)),
  ];
  const { run } = compile({ parameters: ["address", "i32", "address"], body: write }, memory, "i64");
  run(base + 4.5 * 2 ** 30, 3, 2 ** 28);
  const places = [base + 4.5 * 2 ** 30, 5 * 2 ** 30 + 4, base + 5.25 * 2 ** 30];
  assertEquals(places.map(floats), [1, 2, 3]);
  run(base, 2 ** 31 + 64, 2);
  assertEquals(floats(base + 2 ** 32 + 128), 3);
});
