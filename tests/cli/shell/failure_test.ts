import { FileError, ValueError } from "../../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { describe, Misuse, Unfinished, unknownName } from "../../../src/cli/shell/failure.ts";

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("describe() exits with 2 for misuse and with 1 for the rest", () => {
  assertEquals(describe(new Misuse("Cannot do this")), { sentence: "Cannot do this", exit: 2 });
  assertEquals(describe(new ValueError("Cannot do that")), { sentence: "Cannot do that", exit: 1 });
});

Deno.test("describe() tells the cause of what is unfinished, and then what can be done", () => {
  assertEquals(describe(new Unfinished("Next:\n", { cause: new ValueError("Cannot do that") })), {
    sentence: "Cannot do that",
    exit: 1,
    advice: "Next:\n",
  });
});

Deno.test("describe() turns what the system refuses into sentences that name the file", () => {
  assertMatch(
    describe(thrown(() => Deno.readTextFileSync("no/such"))).sentence,
    /^Cannot open "no\/such": there is no /,
  );
  assertMatch(describe(thrown(() => Deno.readTextFileSync("."))).sentence, /^Cannot open "\.": it is a folder/);
});

Deno.test({
  name: "describe() tells a full disk and a place where one may not write",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const full = describe(thrown(() => Deno.writeTextFileSync("/dev/full", "x")));
    assertEquals(full, {
      sentence: 'Cannot write "/dev/full": the disk is full; free some space, or choose another disk',
      exit: 1,
    });
    assertMatch(describe(thrown(() => Deno.mkdirSync("/proc/new"))).sentence, /^Cannot write "\/proc\/new": /);
  },
});

Deno.test("describe() lets the system say why the library could not write a file", () => {
  const cause = Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  assertEquals(
    describe(new FileError(`Cannot write "best.safetensors": ${cause.message}`, { cause })).sentence,
    'Cannot write "best.safetensors": the disk is full; free some space, or choose another disk',
  );
});

Deno.test("describe() tells the engine's faults from the library's sentences", () => {
  const fault = thrown(() => (undefined as unknown as { x: number }).x);
  assertMatch(describe(fault).sentence, /^Unexpected TypeError: Cannot read properties/);
});

Deno.test("describe() marks a fault of the program as unexpected", () => {
  assertMatch(describe(new TypeError("x is undefined")).sentence, /^Unexpected TypeError: x is undefined .*--debug/);
  assertEquals(describe("oh").exit, 1);
});

Deno.test("unknownName() offers the nearest name, or all of them", () => {
  const names = ["monet", "popularity"];
  assertEquals(
    unknownName("train the model", "moent", names).message,
    'Cannot train the model "moent": there is no such name; did you mean "monet"?',
  );
  assertMatch(unknownName("train the model", "xyz", names).message, /known are monet, popularity$/);
});
