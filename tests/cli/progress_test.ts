import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { duration, startProgress } from "../../src/cli/progress.ts";
import { captured } from "./captured.ts";

Deno.test("startProgress() prints a plain line every few seconds without a terminal", async () => {
  let time = 0;
  const { io, err, out } = captured({ now: () => time });
  const progress = await startProgress(io, { total: 100, unit: "batch", every: 5000 });
  for (let done = 1; done <= 100; done++) {
    time += 100;
    progress.update(done, { loss: "0.5" });
  }
  progress.line("validated");
  progress.end();
  assertEquals(out(), "");
  assertEquals(err().split("\n"), [
    "1/100  loss 0.5  10.0 batch/s  9.9s left",
    "51/100  loss 0.5  10.0 batch/s  4.9s left",
    "100/100  loss 0.5  10.0 batch/s  0.0s left",
    "validated",
    "",
  ]);
});

Deno.test("startProgress() draws a bar on a terminal, with the time left, and removes it", async () => {
  let time = 0;
  const { io, err } = captured({ terminal: true, now: () => time });
  const progress = await startProgress(io, { total: 4 });
  time = 1000;
  progress.update(1, { loss: "0.5" });
  progress.line("a line that stays");
  progress.end();
  assert(err().includes("1/4  loss 0.5  1.00 step/s  3.0s left"), err());
  assert(err().includes("a line that stays\n"));
  assert(err().endsWith("\x1b[1G\x1b[2K"), "the line is cleared");
  assert(!err().includes("\x1b7") && !err().includes("\x1b8"), "the cursor stays below the lines that stay");
});

Deno.test("duration() is exact to the second, and to the tenth below ten seconds", () => {
  assertEquals([0, 1440, 9949, 9951, 125_400, 3_600_000].map(duration), ["0.0s", "1.4s", "9.9s", "10s", "2m 5s", "1h"]);
});

Deno.test("startProgress() draws no bar without steps, and shows a high rate in digits", async () => {
  let time = 0;
  const { io, err } = captured({ terminal: true, now: () => time });
  (await startProgress(io, { total: 0 })).end();
  assertEquals(err(), "");
  const progress = await startProgress(io, { total: 9000 });
  time = 1000;
  progress.update(3520);
  progress.end();
  assert(err().includes("3,520 step/s"), err());
});

Deno.test("startProgress() counts a part of the next step for the time left, and shows no rate that says nothing", async () => {
  let time = 0;
  const { io, err } = captured({ now: () => time });
  const progress = await startProgress(io, { total: 4, unit: "trial", every: 0 });
  time = 60_000;
  progress.update(0, { epoch: "5" }, 0.5);
  progress.update(1, {}, 0.5);
  assertEquals(err(), "0/4  epoch 5  7m left\n1/4  1m 40s left\n");
});

Deno.test("startProgress() draws a bar that fits the terminal, and does not stop the terminal from breaking lines", async () => {
  for (const columns of [40, 80]) {
    const { io, err } = captured({ terminal: true });
    const progress = await startProgress({ ...io, err: { ...io.err, columns } }, { total: 4000 });
    progress.update(2000, { training: "monet beta=0.5 seed 12", epoch: "123", loss: "0.1620", other: "word" });
    progress.end();
    // deno-lint-ignore no-control-regex
    const drawn = err().split(/\x1b\[[0-9;?]*[A-Za-z]/g);
    assert(Math.max(...drawn.map((part) => part.length)) < columns, err());
    assert(!err().includes("\x1b[?7l"), "line breaks are on");
  }
});
