import { mkdirSync } from "node:fs";
import { FileError, UsageError, ValueError } from "../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { describe } from "../../src/cli/failure.ts";
import { unknownName } from "../../src/runs/catalogue.ts";
import { TrainingFailed } from "../../src/runs/failure.ts";
import type { RunRecord } from "../../src/runs/record.ts";

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("describe() has exit code 2 for misuse and 1 for all other failures", () => {
  assertEquals(describe(new UsageError("Cannot do this")), { sentence: "Cannot do this", exit: 2 });
  assertEquals(describe(new ValueError("Cannot do that")), { sentence: "Cannot do that", exit: 1 });
});

Deno.test("describe() reports the cause of a failed training, and the commands that continue it", () => {
  const record = { data: { interactions: { test: 3 } } } as unknown as RunRecord;
  const run = { folder: "runs/a", record, status: { epochs: 2, best: { epochs: 1, score: 0.1 }, waited: 1 } };
  const { sentence, exit, advice } = describe(new TrainingFailed(run, new ValueError("Cannot do that")));
  assertEquals([sentence, exit], ["Cannot do that", 1]);
  assertMatch(
    advice!,
    /^The run is kept up to epoch 2\.\nNext:\n.*evaluate runs\/a\n.*recommend .*\n.*--resume runs\/a\n$/s,
  );
});

Deno.test("describe() turns errors of the system into sentences that name the file", () => {
  assertMatch(
    describe(thrown(() => Deno.readTextFileSync("no/such"))).sentence,
    /^Cannot open "no\/such": there is no /,
  );
  assertMatch(describe(thrown(() => Deno.readTextFileSync("."))).sentence, /^Cannot open "\.": it is a folder/);
});

Deno.test({
  name: "describe() reports a full disk and missing permission to write",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const full = describe(thrown(() => Deno.writeTextFileSync("/dev/full", "x")));
    assertEquals(full, {
      sentence: 'Cannot write "/dev/full": the disk is full; free some space, or choose another disk',
      exit: 1,
    });
    for (const make of [Deno.mkdirSync, mkdirSync]) {
      assertMatch(describe(thrown(() => make("/proc/new"))).sentence, /^Cannot write "\/proc\/new": /);
    }
  },
});

Deno.test("describe() adds the system's reason when the library could not write a file", () => {
  const cause = Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  assertEquals(
    describe(new FileError(`Cannot write "best.safetensors": ${cause.message}`, { cause })).sentence,
    'Cannot write "best.safetensors": the disk is full; free some space, or choose another disk',
  );
});

Deno.test("describe() distinguishes faults of the engine from errors of the library", () => {
  const fault = thrown(() => (undefined as unknown as { x: number }).x);
  assertMatch(describe(fault).sentence, /^Unexpected TypeError: Cannot read properties/);
});

Deno.test("describe() marks a fault of the program as unexpected", () => {
  assertMatch(describe(new TypeError("x is undefined")).sentence, /^Unexpected TypeError: x is undefined .*--debug/);
  assertEquals(describe("oh").exit, 1);
});

Deno.test("unknownName() suggests the nearest name, or all names", () => {
  const names = ["monet", "popularity"];
  assertEquals(
    unknownName("train the model", "moent", names).message,
    'Cannot train the model "moent": there is no such name; did you mean "monet"?',
  );
  assertMatch(unknownName("train the model", "xyz", names).message, /known are monet, popularity$/);
});
