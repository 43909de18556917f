/** Tests of train(): runs in memory and in folders, their events, and their failures. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { KindError, UsageError, ValueError } from "../../kernels/errors.ts";
import { openDevice, peakBytes } from "../../kernels/mod.ts";
import { read } from "../../src/core/tensor.ts";
import { leaves, type Tree } from "../../src/core/tree.ts";
import { type Dataset, type DenseModality, histories, type Modality } from "../../src/data/dataset.ts";
import { fingerprint } from "../../src/data/fingerprint.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { lightgcn, type Model, models } from "../../src/models/mod.ts";
import { evaluateScore } from "../../src/rank/evaluate.ts";
import { type TrainingEvent, TrainingFailed } from "../../src/runs/mod.ts";
import { recommend } from "../../src/runs/recommend.ts";
import { evaluate } from "../../src/runs/run.ts";
import { train } from "../../src/runs/train.ts";
import { type Hardware, localHardware } from "../../src/runs/device.ts";
import { SMALL } from "../cli/folder.ts";
import { noise } from "../kernels/wasm/work.ts";

const dense: DenseModality = {
  kind: "dense",
  columns: 3,
  values: noise(1, 3 * SMALL.items.length),
  known: new Uint8Array(SMALL.items.length).fill(1),
};
const quick = { settings: { dim: 4, batch: 64, lr: 1e-2, every: 1 }, seed: 3, epochs: 3 };

/** Returns the numbers of a tree by path. */
async function numbersOf(tree: Tree): Promise<Record<string, number[]>> {
  const all: Record<string, number[]> = {};
  for (const [path, leaf] of leaves(tree)) all[path] = [...await read(leaf)];
  return all;
}

Deno.test("train() gives the same bits in memory, in a folder, and on any number of threads", async () => {
  const plain = await train(lightgcn, SMALL, quick);
  const files = memoryFiles();
  const kept = await train(lightgcn, SMALL, { ...quick, folder: "run", files, threads: 1 });
  assertEquals(await numbersOf(kept.params), await numbersOf(plain.params));
  assertEquals(await numbersOf(kept.embeddings), await numbersOf(plain.embeddings));
  assertEquals(plain.folder, null);
  assertEquals(kept.record.results, plain.record.results);
  assertEquals(kept.history.map(({ loss }) => loss), plain.history.map(({ loss }) => loss));
});

Deno.test("train() gives other numbers for another seed", async () => {
  const [one, other] = [await train(lightgcn, SMALL, quick), await train(lightgcn, SMALL, { ...quick, seed: 4 })];
  assert(one.history[0].loss !== other.history[0].loss);
});

Deno.test("train() takes its optimizer, schedule and warm-up from the settings", async () => {
  const trained = async (settings: Record<string, string | number>, epochs = 2) => {
    const run = await train(lightgcn, SMALL, { ...quick, settings: { ...quick.settings, ...settings }, epochs });
    return { losses: run.history.map(({ loss }) => loss), params: await numbersOf(run.params) };
  };
  const plain = await trained({});
  assertEquals((await trained({ weightDecay: 0.5 })).params, plain.params, "weightDecay is of adamw only");
  assertEquals((await trained({ optimizer: "adamw", weightDecay: 0 })).params, plain.params);
  const others = [{ optimizer: "adamw", weightDecay: 5 }, { schedule: "cosine" }, { warmup: 1 }];
  for (const settings of others) {
    const { params, losses } = await trained(settings);
    assert(JSON.stringify(params) !== JSON.stringify(plain.params), JSON.stringify(settings));
    assert(losses.every(Number.isFinite));
  }
});

Deno.test("a run of train() is evaluated and recommends, and its history has the evaluations", async () => {
  const run = await train(lightgcn, SMALL, quick);
  const { metrics } = await evaluate(run, { split: "validation" });
  assertEquals(metrics["recall@20"], Math.max(...run.history.map(({ validation }) => validation!["recall@20"])));
  assertEquals(run.record.results.lightgcn.validation?.["recall@20"], metrics["recall@20"]);
  const [first] = await recommend(run, { users: [SMALL.users[7]], k: 3 });
  assertEquals([first.user, first.known, first.items.length], [SMALL.users[7], true, 3]);
  const candidates = SMALL.items.slice(0, 2);
  const few = await recommend(run, { users: [SMALL.users[7], "nobody"], includeSeen: true, candidates });
  assertEquals(
    few.map(({ items }) => items.map(({ item }) => item).toSorted()),
    [candidates, candidates].map((ids) => ids.toSorted()),
  );
  await assertRejects(() => recommend(run, { candidates: ["none"] }), ValueError, 'the candidate "none"');
  const own = await evaluate(run, { metrics: { first: ({ ranks }) => ranks[0] === 1 ? 1 : 0 }, cutoffs: [5] });
  assert(own.metrics["first@5"] >= 0 && own.metrics["coverage@5"] > 0);
});

Deno.test("train() reports every event in order, and counts steps and parameters", async () => {
  const seen: TrainingEvent[] = [];
  const files = memoryFiles();
  await train(lightgcn, SMALL, { ...quick, folder: "run", files, events: (event) => void seen.push(event) });
  const [{ steps, epochs, parameters, selects }] = seen.flatMap((event) => event.type === "start" ? [event] : []);
  assertEquals(seen[0].type, "start");
  assertEquals([epochs, parameters, selects], [3, 4 * (SMALL.users.length + SMALL.items.length), true]);
  const done = seen.flatMap((event) => event.type === "step" ? [event.done] : []);
  assertEquals(done, Array.from({ length: steps }, (_, n) => n + 1));
  assertEquals(seen.flatMap((event) => event.type === "epoch" ? [event.epoch.epoch] : []), [1, 2, 3]);
  assertEquals(seen.flatMap((event) => event.type === "saved" ? [event.status.epochs] : []), [1, 2, 3]);
});

Deno.test("the score of an epoch has the metrics of its evaluation; it is null without an evaluation", async () => {
  const [history, heldOut] = [histories(SMALL, "train"), histories(SMALL, "validation")];
  const found: (number | null)[] = [];
  const run = await train(lightgcn, SMALL, {
    ...quick,
    epochs: 4,
    settings: { ...quick.settings, every: 2 },
    events: async (event) => {
      if (event.type !== "epoch") return;
      const evaluation = event.score && await evaluateScore(event.score, { history, heldOut });
      found.push(evaluation && evaluation.metrics["recall@20"]);
    },
  });
  assertEquals(found, run.history.map(({ validation }) => validation && validation["recall@20"]));
  assertEquals(found.map((recall) => recall === null), [false, true, false, false]);
});

Deno.test("train() ends after the step in which its signal aborts, and keeps the best parameters", async () => {
  const stop = new AbortController();
  const run = await train(lightgcn, SMALL, {
    ...quick,
    epochs: 50,
    signal: stop.signal,
    events: (event) => {
      if (event.type === "epoch" && event.epoch.epoch === 2) stop.abort();
    },
  });
  assertEquals([run.record.status, run.record.epochs], ["interrupted", 2]);
});

Deno.test("a timer can end train(), which lets the event loop turn", async () => {
  const run = await train(lightgcn, SMALL, {
    ...quick,
    epochs: 100_000,
    settings: { ...quick.settings, patience: 1e6 },
    signal: AbortSignal.timeout(50),
  });
  assertEquals(run.record.status, "interrupted");
});

Deno.test("train() refuses settings, folders and limits before it writes anything", async () => {
  const files = memoryFiles();
  const refused = (options: Parameters<typeof train>[2], why: string) =>
    assertRejects(() => train(lightgcn, SMALL, { ...quick, files, ...options }), UsageError, why);
  await refused({ settings: { lrr: 1 } }, 'did you mean "lr"?');
  await refused({ folder: "run", device: "reference", threads: 2 }, "the reference has one thread");
  await files.makeFolder("full");
  await files.write("full/mine", new Uint8Array());
  await refused({ folder: "full" }, 'Cannot keep a run in "full": the folder is not empty');
  const hungry: Model = { ...models.lightgcn, memory: () => 2 ** 30 };
  await assertRejects(
    () => train(hungry, SMALL, { ...quick, memory: 2 ** 20 }),
    UsageError,
    "it needs about 1,070 MB, and the limit is 1.05 MB",
  );
  assertEquals(await files.stat("run"), null);
});

/** The data with dense features as sources, which a listener hears of when they are read. */
function lazily(data: Dataset, heard: (name: string) => void = () => {}): Dataset {
  const modalities = Object.entries(data.modalities).map(([name, m]): [string, Modality] => {
    if (m.kind !== "dense") return [name, m];
    const { columns, known, values } = m;
    const read = (from: number, to: number) => {
      heard(name);
      return Promise.resolve(values.slice(from * columns, to * columns));
    };
    return [name, { kind: "source", columns, known, read }];
  });
  return { ...data, modalities: Object.fromEntries(modalities) };
}

Deno.test("train() on sources of features has the bits and the peak of memory of features in memory", async () => {
  const values = noise(1, SMALL.items.length * 5000);
  const data = { ...SMALL, modalities: { image: { ...dense, columns: 5000, values } } };
  const runs = await Promise.all([data, lazily(data)].map(async (data) => {
    const peak = peakBytes();
    const { device } = await openDevice("wasm", { threads: 1, private: true, instrument: peak.instrument });
    const run = await train(models.monet, data, { ...quick, device });
    return { params: await numbersOf(run.params), peak: peak.bytes()! };
  }));
  assertEquals(runs[1], runs[0]);
  assert(runs[1].peak >= 4 * values.length);
});

Deno.test("train() of a model without content reads no source but for the fingerprint", async () => {
  const garden: Dataset = { ...SMALL, modalities: { image: dense } };
  const [digest, training] = [[] as string[], [] as string[]];
  await fingerprint(lazily(garden, (name) => digest.push(name)));
  await train(lightgcn, lazily(garden, (name) => training.push(name)), { ...quick, epochs: 1 });
  assertEquals(training, digest);
});

Deno.test("train() opens a device for the model's estimate, or for a guess", async () => {
  const asked: (number | undefined)[] = [];
  const hardware: Hardware = {
    ...localHardware,
    open: (name, options) => {
      asked.push(options?.bytes);
      return openDevice(name, { ...options, bytes: 0 });
    },
  };
  const data = { ...SMALL, modalities: { image: dense } };
  const estimated: Model = { ...models.monet, memory: () => 5 * 2 ** 30 };
  const { memory: _, ...unknown } = models.monet;
  const doubtful: Model = { ...models.monet, memory: () => 2 ** 35 };
  for (const model of [estimated, unknown as Model, models.ngcf, doubtful]) {
    await train(model, data, { ...quick, epochs: 1, hardware, device: "wasm" });
  }
  const nodes = 4 * 160 * 4 * (SMALL.users.length + SMALL.items.length);
  assertEquals(asked, [5 * 2 ** 30, 2 * 4 * dense.values.length + nodes, nodes, 2 ** 34]);
  const refused = train({ ...estimated, memory: () => 2 ** 35 + 1 }, data, { ...quick, device: "wasm" });
  const rule = "it needs about 34,400 MB, and the device has at most 17,200 MB";
  await assertRejects(() => refused, UsageError, rule);
});

Deno.test("train() refuses operands that no type check has seen, with a hint", async () => {
  const refused = (why: string, model: unknown, data: unknown, options?: unknown) =>
    assertRejects(() => train(model as never, data as never, options as never), KindError, why);
  await refused("the first argument must be a model, such as models.lightgcn", "lightgcn", SMALL);
  await refused("the second argument must be a data set; await readDataset(folder)", lightgcn, Promise.resolve(SMALL));
  const device = await openDevice("wasm");
  await refused("write const { device } = await openDevice(name)", lightgcn, SMALL, { device });
});

Deno.test("two trainings cannot write to one folder", async () => {
  const files = memoryFiles();
  const first = train(lightgcn, SMALL, { ...quick, folder: "run", files });
  const second = train(lightgcn, SMALL, { ...quick, folder: "run", files });
  const ended = await Promise.allSettled([first, second]);
  assertEquals(ended.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

Deno.test("a training that fails later leaves a folder marked failed; one that fails at once leaves none", async () => {
  const files = memoryFiles();
  const failAt = (epoch: number) => ({
    ...quick,
    folder: "run",
    files,
    events: (event: TrainingEvent) => {
      if (event.type === "epoch" && event.epoch.epoch === epoch) throw new ValueError("Cannot go on");
    },
  });
  const error = await assertRejects(() => train(lightgcn, SMALL, failAt(2)), TrainingFailed, "Cannot go on");
  assertEquals([error.run.folder, error.run.status.epochs], ["run", 2]);
  assertEquals(JSON.parse(new TextDecoder().decode(await files.read("run/run.json"))).status, "failed");
  const early = { ...failAt(1), folder: "early", events: () => Promise.reject(new ValueError("Cannot begin")) };
  await assertRejects(() => train(lightgcn, SMALL, early), ValueError, "Cannot begin");
  assertEquals(await files.stat("early"), null);
});

Deno.test("a training frees all of a device's memory but the run's", async () => {
  const { device } = await openDevice("wasm", { threads: 1, private: true });
  const run = await train(lightgcn, SMALL, { ...quick, device });
  const kept = [run.params, run.embeddings].flatMap((tree) => leaves(tree)).map(([, leaf]) => leaf.storage.length * 4);
  assertEquals(
    device.bytesUsed!() <= kept.reduce((sum, bytes) => sum + bytes + 64, 0),
    true,
    `${device.bytesUsed!()} bytes`,
  );
  device.close!();
});

Deno.test("a training whose folder was removed fails with the error itself: there is no run to go on with", async () => {
  const files = memoryFiles();
  const events = async ({ type }: TrainingEvent) => {
    if (type !== "saved") return;
    await files.remove("gone");
    throw new ValueError("no more");
  };
  const error = await assertRejects(() => train(lightgcn, SMALL, { ...quick, folder: "gone", files, events }));
  assertEquals((error as Error).name, "ValueError");
  assertEquals(await files.stat("gone"), null);
});

Deno.test("a journal has the times of training, evaluation and checkpoints apart", async () => {
  let time = 0;
  const files = memoryFiles();
  const slow: Model = {
    ...lightgcn as Model,
    loss: (...given) => {
      time += 1000;
      return lightgcn.loss(...given as Parameters<typeof lightgcn.loss>);
    },
    score: (...given) => {
      time += 70;
      return lightgcn.score(...given as Parameters<typeof lightgcn.score>);
    },
  };
  const saving = (path: string, bytes: Uint8Array<ArrayBuffer>) => {
    if (path.includes("last.safetensors")) time += 5;
    return files.write(path, bytes);
  };
  const options = { ...quick, folder: "run", files: { ...files, write: saving }, now: () => time };
  const { history } = await train(slow, SMALL, options);
  const steps = Math.ceil(histories(SMALL, "train").indices.length / 64);
  for (const { epoch, seconds, evaluationSeconds, checkpointSeconds } of history) {
    assertEquals([epoch, seconds, evaluationSeconds, checkpointSeconds], [epoch, steps, 0.07, 0.005]);
  }
});
