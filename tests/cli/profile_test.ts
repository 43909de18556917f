import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { openDevice } from "../../kernels/mod.ts";
import { profileTable } from "../../src/cli/profile_table.ts";
import { startStopwatch, type TrainingProfile } from "../../src/runs/profile.ts";
import { key } from "../../src/core/random.ts";
import { ratio, resplit } from "../../src/data/split.ts";
import { captured, type CapturedOptions, type Outcome, type } from "./captured.ts";
import { QUICK, SMALL, withData } from "./folder.ts";

function train(folder: string, flags: string, options: CapturedOptions = {}): Promise<Outcome> {
  return type(`train --data ${folder}/data ${QUICK} --epochs 2 ${flags}`, options);
}

/** A clock that advances with every reading. */
function ticking(): () => number {
  let time = 0;
  return () => time++;
}

function profileIn({ out, err }: Outcome): TrainingProfile {
  assert(out, err);
  return JSON.parse(out).profile;
}

Deno.test("train --profile accounts for all of the time of steps and of evaluations", () =>
  withData(async (folder) => {
    const outcome = await train(folder, `--out ${folder}/run --profile --json`, { now: ticking() });
    const profile = profileIn(outcome);
    assertEquals(profile.map(({ part }) => part), ["steps", "validation"]);
    for (const { kernels, milliseconds, outside } of profile) {
      // A call takes one tick, between two readings of the clock.
      for (const line of kernels) assertEquals(line.milliseconds, line.calls);
      assertEquals(kernels.reduce((sum, line) => sum + line.milliseconds, outside), milliseconds);
      assert(outside > 0);
    }
    const [steps, validation] = profile.map(({ kernels }) => kernels);
    assert(steps.some(({ kernel, detail }) => kernel === "matmul" && detail === "tn"), "gradients belong to steps");
    assertEquals(validation.find(({ kernel }) => kernel === "topk")?.calls, 2);
    assert(!steps.some(({ kernel }) => kernel === "topk"));
    assert(!("profile" in JSON.parse(await Deno.readTextFile(`${folder}/run/run.json`))));
  }));

Deno.test("train --profile changes only the printed text", () =>
  withData(async (folder) => {
    const plain = await train(folder, `--out ${folder}/plain --json`);
    const timed = await train(folder, `--out ${folder}/timed --json --profile`);
    assertEquals(JSON.parse(timed.out).results, JSON.parse(plain.out).results);
    assertEquals(profileIn(plain), undefined);
    for (const file of ["last", "best", "embeddings"]) {
      const [a, b] = ["plain", "timed"].map((run) => Deno.readFileSync(`${folder}/${run}/${file}.safetensors`));
      assertEquals(a, b);
    }
  }));

Deno.test("train --profile works on the reference, for a resumed run, and without validation", () =>
  withData(async (folder) => {
    const { out, err } = await train(folder, `--out ${folder}/run --profile --device reference`, {
      listen: (text, interrupt) => text.startsWith("seed ") && interrupt(),
    });
    assertMatch(out, /\nsteps +spmm +weighted +\d+/, err);
    const resumed = await type(`train --resume ${folder}/run --profile --json`);
    assertEquals(profileIn(resumed).map(({ part }) => part), ["steps"]);
  }, resplit(SMALL, ratio(key(1), { validation: 0 }))));

Deno.test("profileTable() shows rates of products and of memory-bound kernels, and shares of the total", () => {
  const table = profileTable([
    {
      part: "steps",
      milliseconds: 150,
      outside: 30,
      kernels: [
        { kernel: "matmul", detail: "nt", calls: 1200, milliseconds: 100, flops: 2.5e9, bytes: 1e6 },
        { kernel: "map", detail: "add", calls: 1, milliseconds: 20, flops: null, bytes: 1e8 },
      ],
    },
    { part: "validation", milliseconds: 50, outside: 50, kernels: [] },
  ], captured().io.out);
  assertEquals(table.split("\n").map((line) => line.split(/ {2,}/)), [
    ["part", "kernel", "of", "calls", "ms", "share", "GFLOP/s", "GB/s"],
    ["steps", "matmul", "nt", "1,200", "100.0", "50.0%", "25.0", "–"],
    ["steps", "map", "add", "1", "20.0", "10.0%", "–", "5.0"],
    ["steps", "outside kernels", "sampling, bookkeeping", "–", "30.0", "15.0%", "–", "–"],
    ["validation", "outside kernels", "metrics, bookkeeping", "–", "50.0", "25.0%", "–", "–"],
    ["all", "–", "200.0", "100.0%", "–", "–"],
    [""],
  ]);
});

Deno.test("startStopwatch() ignores work before its start, and returns times without a profile too", async () => {
  const now = ticking();
  const { device: { kernels, upload }, profile } = await openDevice("reference", { now });
  const run = () => kernels.transpose(upload([1]), { rows: 1, columns: 1 });
  run();
  const stopwatch = startStopwatch(profile, now);
  await stopwatch.validating(() => Promise.resolve(run()));
  const parts = stopwatch.stop().profile!;
  assertEquals(parts.map(({ kernels }) => kernels.map(({ calls }) => calls)), [[], [1]]);
  assertAlmostEquals(parts.reduce((sum, { milliseconds }) => sum + milliseconds, 0), 5);

  const tick = ticking();
  const none = startStopwatch(undefined, tick);
  assertEquals(await none.validating(() => Promise.resolve(7)), 7);
  const { times, profile: nothing } = none.stop();
  assertEquals(nothing, null);
  assert(times.steps > 0 && times.validation > 0);
});
