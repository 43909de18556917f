import { assertEquals } from "deno-std/assert/equals.js";
import { next, typed } from "../../src/cli/command_line.ts";

Deno.test("typed() puts words in quotes that a shell would split", () => {
  assertEquals(typed("train", "--resume", "runs/a-1"), "train --resume runs/a-1");
  assertEquals(typed("evaluate", "my runs/été"), "evaluate 'my runs/été'");
  assertEquals(typed("evaluate", "it's $HOME"), `evaluate 'it'\\''s $HOME'`);
});

Deno.test("next() shows commands as they are typed", () => {
  assertEquals(
    next(["models"], ["evaluate", "a b"]),
    "Next:\n  deno run -A main.ts models\n  deno run -A main.ts evaluate 'a b'\n",
  );
});
