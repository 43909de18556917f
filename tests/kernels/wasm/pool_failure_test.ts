/** Tests of routines that fail, in the calling thread or in a worker. @module */
import { KindError } from "../../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { type Code, i32, when } from "../../../kernels/wasm/assembler.ts";
import { assertAllTakePart, dawdle, mine, storeWord, strict, team, unreachable, until } from "./team.ts";

/** Ways to fail, and the messages of the runtime. */
const failures: readonly (readonly [name: string, code: Code, message: RegExp])[] = [
  ["reaches an unreachable instruction", unreachable, /unreachable/],
  ["reads beyond the memory", storeWord(i32.const(64), i32.load(i32.const(-16))), /memory access out of bounds/],
  ["divides by zero", storeWord(i32.const(64), i32.remainder(i32.const(1), i32.const(0))), /remainder by zero|divide/],
];

/** Runs a job until it throws, a few seconds at most, and returns the error. */
async function failureOf(job: () => void): Promise<Error> {
  let failure: unknown;
  await until(() => {
    try {
      job();
      return false;
    } catch (error) {
      failure = error;
      return true;
    }
  });
  if (failure instanceof Error) return failure;
  throw new KindError(`no Error was thrown, but ${failure}`);
}

for (const [name, code, message] of failures) {
  for (const where of ["a worker", "the calling thread", "every thread"] as const) {
    Deno.test(
      `a routine that ${name} in ${where} throws an Error with its message, and the pool continues`,
      strict,
      async () => {
        const all = team(3);
        await assertAllTakePart(all);
        const own = mine(all);
        const [here, there] =
          { "a worker": [[], code], "the calling thread": [code, []], "every thread": [code, code] }[where];
        const fail = all.routine(({ scratch }, newLocal) => [
          dawdle(newLocal),
          when(i32.sub(scratch.get, i32.const(own)), there, here),
        ]);
        for (let turn = 0; turn < 5; turn++) {
          const failure = await failureOf(() => all.run(fail, 64, 1));
          assert(message.test(failure.message), `the message is: ${failure.message}`);
          if (where === "a worker") assert(/^Cannot compute in a worker: \w+Error: \w/.test(failure.message));
          assert(!all.signatures().has(0), "the next job is done in full");
        }
        await assertAllTakePart(all);
        all.workers.close();
      },
    );
  }
}

Deno.test("a failure is thrown once, and later jobs succeed", strict, async () => {
  const all = team(2);
  await assertAllTakePart(all);
  const own = mine(all);
  const fail = all.routine((
    { scratch },
    newLocal,
  ) => [dawdle(newLocal), when(i32.sub(scratch.get, i32.const(own)), unreachable)]);
  await failureOf(() => all.run(fail, 64, 1));
  for (let turn = 0; turn < 100; turn++) assert(!all.signatures().has(0));
  all.workers.close();
});
