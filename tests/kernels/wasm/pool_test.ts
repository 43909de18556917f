/** Tests of threads that work together: their division of work, and their end. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../../fc.ts";
import { i32, loop } from "../../../kernels/wasm/assembler.ts";
import { compile } from "../../../kernels/wasm/module.ts";
import { SCRATCH } from "../../../kernels/wasm/pool.ts";
import { ARGUMENTS, MESSAGE, MESSAGE_BYTES, MOST_ARGUMENTS, PLACES, serve } from "../../../kernels/wasm/worker.ts";
import { assertAllTakePart, mine, storeWord, strict, team, until, word } from "./team.ts";

Deno.test("the pool starts its workers with the first large job, and not before", strict, async () => {
  const { workers, run, routine, signatures } = team(3);
  const nothing = routine(() => []);
  assertEquals(workers.bytes(), SCRATCH);
  for (const [count, grain] of [[0, 1], [1, 1], [7, 7], [7, 100]]) run(nothing, count, grain);
  assertEquals([workers.bytes(), workers.started()], [SCRATCH, 0]);
  signatures();
  assert(workers.bytes() >= 3 * SCRATCH, "every worker has scratch memory of its own");
  assert(await until(() => workers.started() === 2));
  workers.close();
});

Deno.test("a pool of one thread starts no worker", strict, () => {
  const { workers, signatures } = team(1);
  assertEquals(signatures().size, 1);
  assertEquals([workers.bytes(), workers.started(), workers.threads], [SCRATCH, 0, 1]);
});

Deno.test(
  "every thread takes part, with its own scratch memory, also after sleep",
  strict,
  async () => {
    const all = team(4);
    await assertAllTakePart(all);
    for (const pause of [0, 20]) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      await assertAllTakePart(all);
    }
    all.workers.close();
  },
);

for (const threads of [1, 2, 3, 5]) {
  Deno.test(`on ${threads} threads, parts cover the work, each iteration once`, strict, async () => {
    const { workers, words, run, routine, ...rest } = team(threads, 400);
    await assertAllTakePart({ workers, words, run, routine, ...rest });
    const count = routine(({ from, to, address }) =>
      loop(
        from,
        from.get,
        to.get,
        i32.const(1),
        storeWord(word(address, from), i32.add(i32.load(word(address, from)), i32.const(1))),
      )
    );
    fc.assert(
      fc.property(fc.nat(390), fc.integer({ min: 1, max: 60 }), (length, grain) => {
        words.fill(0);
        run(count, length, grain);
        assertEquals(words.findIndex((times, n) => times !== (n < length ? 1 : 0)), -1);
      }),
      { numRuns: 500 },
    );
    workers.close();
  });

  Deno.test(
    `on ${threads} threads, each part is as large as the grain, but for the last`,
    strict,
    () => {
      const { workers, words, run, routine } = team(threads, 400);
      const sizes = routine(({ from, to, address }) => storeWord(word(address, from), i32.sub(to.get, from.get)));
      fc.assert(fc.property(fc.nat(390), fc.integer({ min: 1, max: 60 }), (length, grain) => {
        words.fill(0);
        run(sizes, length, grain);
        for (let from = 0; from < length; from += grain) assertEquals(words[from], Math.min(grain, length - from));
      }));
      workers.close();
    },
  );
}

Deno.test(
  "arguments reach every thread unchanged, whole numbers and fractions, up to the most allowed",
  strict,
  async () => {
    const { memory, workers, ...rest } = team(3);
    await assertAllTakePart({ memory, workers, ...rest });
    const most = MOST_ARGUMENTS - 1;
    const types = Array.from({ length: most }, (_, n) => n % 2 ? "f32" as const : "i32" as const);
    const block = memory.allocate(64 * most * 4);
    const floats = new Float32Array(memory.memory.buffer, block, 64 * most);
    const integers = new Int32Array(memory.memory.buffer, block, 64 * most);
    const code = compile({
      parameters: ["i32", "i32", "i32", "i32", ...types],
      body: ([from, to, , address, ...args]) =>
        loop(from, from.get, to.get, i32.const(1), [
          args.map(({ get }, n) => [
            i32.add(address.get, i32.mul(i32.add(i32.mul(from.get, i32.const(most)), i32.const(n)), i32.const(4))),
            get,
            types[n] === "i32" ? 0x36 : 0x38,
            0,
            0,
          ]),
        ]),
    }, memory.memory);
    const args = types.map((type, n) =>
      type === "i32" ? (n % 4 ? 2 ** 31 - n : n - 2 ** 31) : Math.fround(1 / (n - 8))
    );
    for (let turn = 0; turn < 20; turn++) {
      floats.fill(0);
      workers.run({ name: 99, ...code }, 64, 1, [block, ...args]);
      for (let i = 0; i < floats.length; i++) {
        assertEquals((types[i % most] === "i32" ? integers : floats)[i], args[i % most]);
      }
    }
    workers.close();
  },
);

Deno.test(
  "workers see memory and code that are newer than they are",
  strict,
  async () => {
    const { memory, workers, routine, ...rest } = team(3);
    await assertAllTakePart({ memory, workers, routine, ...rest });
    for (let turn = 1; turn <= 40; turn++) {
      const length = 300_000;
      const block = memory.allocate(4 * length);
      const fill = routine(({ from, to, address }) =>
        loop(from, from.get, to.get, i32.const(1), storeWord(word(address, from), i32.const(turn)))
      );
      workers.run(fill, length, 5000, [block]);
      const written = new Int32Array(memory.memory.buffer, block, length);
      assertEquals(written.findIndex((value) => value !== turn), -1);
    }
    workers.close();
  },
);

Deno.test(
  "close() ends the workers, and the calling thread continues, also if no worker had started",
  strict,
  async () => {
    const [used, fresh] = [team(3), team(3)];
    await assertAllTakePart(used);
    const own = mine(used);
    for (const { workers, signatures } of [used, fresh]) {
      workers.close();
      workers.close();
      for (let turn = 0; turn < 50; turn++) assertEquals(signatures().size, 1);
    }
    assertEquals(used.signatures(), new Set([own]));
    assertEquals([fresh.workers.started(), fresh.workers.bytes()], [0, SCRATCH]);
  },
);

Deno.test("after a close() before the workers are up, no worker joins", strict, async () => {
  const { workers, signatures } = team(3);
  signatures();
  workers.close();
  assert(await until(() => workers.started() === 2));
  for (let turn = 0; turn < 50; turn++) assertEquals(signatures().size, 1);
});

Deno.test("many pools work at the same time", strict, async () => {
  const teams = Array.from({ length: 12 }, () => team(3));
  for (let turn = 0; turn < 10; turn++) {
    for (const { signatures } of teams) signatures();
  }
  for (const one of teams) await assertAllTakePart(one);
  for (const { workers } of teams) workers.close();
});

Deno.test("a worker ends also if close() comes between its look at the board and its sleep", () => {
  const board = new SharedArrayBuffer(1024);
  const words = new Int32Array(board);
  const { load, wait } = Atomics;
  let loads = 0;
  // serve() runs in this thread. close() comes after its first, second, … load.
  for (let last = 1; last <= 3; last++) {
    words.fill(0);
    loads = 0;
    const closing = (array: Int32Array, place: number) => {
      const value = load(array, place);
      if (++loads === last) {
        Atomics.store(words, PLACES.closed, 1);
        Atomics.add(words, PLACES.job, 1);
      }
      return value;
    };
    const asleep = (array: Int32Array, place: number, value: number) => {
      if (load(array, place) === value) throw new Error("it sleeps, and no wake-up follows");
      return "not-equal" as const;
    };
    Object.assign(Atomics, { load: closing, wait: asleep });
    try {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      const offsets = { arguments: ARGUMENTS, message: MESSAGE, messageBytes: MESSAGE_BYTES };
      serve({ memory, board, places: PLACES, offsets, scratch: 0, patience: 1 });
    } finally {
      Object.assign(Atomics, { load, wait });
    }
  }
});
