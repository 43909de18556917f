/**
 * Random numbers on SIMD: a counter in each lane, eight counters at a time.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { ROTATIONS, ROUNDS, schedule } from "../reference/random.ts";
import { address, type Code, f32x4, i32, i32x4, loop, type Routine, v128 } from "./assembler.ts";
import { type Engine, grainOf, type WasmStorage } from "./storage.ts";

/** Numbers drawn at once: a cache line of them, since blocks end at the end of a line. */
const LINE = 16;

/** See {@link Kernels.uniforms}. */
export function uniforms({ allocate, parallelFor }: Engine): Kernels<WasmStorage>["uniforms"] {
  return (key, count) => {
    const out = allocate(count);
    // A number takes about fifty operations.
    const work = { count: Math.ceil(count / LINE), grain: grainOf(LINE * 17) };
    parallelFor("uniforms", write, work, [...schedule(key), out.address]);
    return out;
  };
}

function write(): Routine {
  return {
    parameters: ["i32", "i32", "address", "i32", "i32", "i32", "address"],
    body: ([from, to, , high, low, parity, out], newLocal) => {
      const line = newLocal("i32");
      const words = [high, low, parity].map(({ get }) => newLocal("v128", i32x4.splat(get)).get);
      const unit = newLocal("v128", f32x4.const(2 ** -24)).get;
      const counters = [0, 4].map((first) => newLocal("v128", i32x4.of(first, first + 1, first + 2, first + 3)).get);
      const pairs = counters.map((counter) => ({ counter, a: newLocal("v128"), b: newLocal("v128") }));
      const target = address.add(out.get, address.shl(address.from(line.get), address.const(6)));
      const turned = (x: Code, by: number) => v128.or(i32x4.shiftLeft(x, by), i32x4.shiftRightUnsigned(x, 32 - by));
      const uniform = (word: Code) => f32x4.mul(f32x4.fromInt(i32x4.shiftRightUnsigned(word, 8)), unit);
      /** The rounds, alternating between two vectors of counters, so that neither waits for its own last result. */
      const rounds = Array.from({ length: ROUNDS }, (_, round) => {
        const group = (round + 1) / 4;
        return [
          pairs.map(({ a, b }) => [
            a.set(i32x4.add(a.get, b.get)),
            b.set(v128.xor(turned(b.get, ROTATIONS[round % 8]), a.get)),
          ]),
          round % 4 < 3 ? [] : pairs.map(({ a, b }) => [
            a.set(i32x4.add(a.get, words[group % 3])),
            b.set(i32x4.add(b.get, i32x4.add(words[(group + 1) % 3], i32x4.const(group)))),
          ]),
        ];
      });
      return loop(line, from.get, to.get, i32.const(1), [
        pairs.map(({ a, b, counter }) => [
          a.set(words[0]),
          b.set(i32x4.add(i32x4.add(i32x4.splat(i32.shl(line.get, i32.const(3))), counter), words[1])),
        ]),
        rounds,
        pairs.map(({ a, b }, n) => [
          a.set(uniform(a.get)),
          b.set(uniform(b.get)),
          v128.store(target, f32x4.shuffle(a.get, b.get, [0, 4, 1, 5]), n * 32),
          v128.store(target, f32x4.shuffle(a.get, b.get, [2, 6, 3, 7]), n * 32 + 16),
        ]),
      ]);
    },
  };
}
