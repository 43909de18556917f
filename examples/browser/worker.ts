/**
 * The module worker of the page: lays out the garden, trains MONET on the machine that the page asks for, and after every epoch
 * tells what it would recommend to everybody.
 *
 * @module
 */
import { type Choice, type Device, openDevice, wasm, type WebGpuDevice } from "../../kernels/mod.ts";
import { configure, free, key, read, rowOf, scope, split } from "../../src/core/mod.ts";
import { garden, histories, userSampler } from "../../src/data/mod.ts";
import { monet, popularity } from "../../src/models/mod.ts";
import { perUserMetrics, type Ranking, rankItems, type Score } from "../../src/rank/mod.ts";
import { adam, endsEpoch, exponential, fit } from "../../src/train/mod.ts";
import type { Machine, News, Order } from "./messages.ts";

/** Triples in a batch. */
const BATCH = 256;

// The address may ask for less: worker.js?users=100&items=60&epochs=5.
const query = new URLSearchParams(location.search);
const asked = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise);
const epochs = asked("epochs", 30);
const data = garden(key(0), { users: asked("users", 600), items: asked("items", 400) });
const history = histories(data, "train");
const heldOut = histories(data, "validation");
const config = configure(monet.settings, { excludeTarget: true });

const opened = new Map<Machine, Promise<Choice>>();
let stopping = false;

onmessage = async ({ data: order }: MessageEvent<Order>) => {
  stopping = order.kind === "stop";
  if (order.kind === "stop") return;
  try {
    await train(order.machine);
    tell({ kind: "ended" });
  } catch (error) {
    // A device that failed may be lost: the next training opens it anew.
    opened.delete(order.machine);
    tell({ kind: "failed", message: String(error) });
  }
};

const counts = popularity.prepare(data, {});
tell({
  kind: "garden",
  garden: {
    users: data.users,
    titles: data.titles!,
    pictures: data.pictures!,
    history: data.users.map((_, user) => rowOf(history, user)),
    heldOut: data.users.map((_, user) => rowOf(heldOut, user)),
    popularity: recall(await ranked((block) => popularity.score(counts, block, {}))),
    epochs,
  },
});

/** Opens a machine, once. Only where WebGPU answers, gpu.js is fetched: it is a file of its own in the bundle. */
function open(machine: Machine): Promise<Choice> {
  const choice = opened.get(machine) ?? openDevice(machine, { library: () => import("gpu.js") });
  opened.set(machine, choice);
  return choice;
}

/** Trains from the start, and tells how it goes. */
async function train(machine: Machine): Promise<void> {
  const { device, reason } = await open(machine);
  const hardware = device.name !== "webgpu" || (device as WebGpuDevice).adapter.hardware;
  const { name, about, threads } = device;
  tell({ kind: "opened", opened: { asked: machine, name, about, reason, threads, hardware } });
  const context = monet.prepare(data, config, { device });
  const [forParams, forTraining] = split(key(1));
  const start = adam().start(monet.init(forParams, context));
  const consider = async (params: typeof start.params) => {
    const encoded = scope(() => monet.encode(params, context));
    const rankings = await ranked((block) => monet.score(encoded, block, config));
    free(encoded);
    return { threads: threadsOf(device), recall: recall(rankings), lists: rankings.map(({ items }) => items) };
  };
  tell({
    kind: "judged",
    judged: { epochs: 0, loss: null, milliseconds: null, ...await consider(start.params) },
  });
  const steps = fit(start, (params: typeof start.params, batch) => monet.loss(params, batch, context, key(0)), {
    batches: userSampler(history, { batch: BATCH }),
    optimizer: adam(),
    rate: exponential(1e-3),
    epochs,
    key: forTraining,
  });
  let last = start;
  let losses: Promise<number>[] = [];
  let began = performance.now();
  for await (const step of steps) {
    last = step.training;
    const at = step.epoch + (step.step + 1) / step.steps;
    // Nobody waits for a loss before the epoch ends, so a GPU never runs dry.
    losses.push(
      read(step.loss).then(([loss]) => {
        tell({ kind: "step", at, loss });
        return loss;
      }),
    );
    if (endsEpoch(step)) {
      const loss = mean(await Promise.all(losses));
      const milliseconds = (performance.now() - began) / step.steps;
      const judged = { epochs: step.epoch + 1, loss, milliseconds, ...await consider(step.training.params) };
      tell({ kind: "judged", judged });
      [losses, began] = [[], performance.now()];
    }
    await turn();
    if (stopping) break;
  }
  await Promise.all(losses);
  free([start, last, context]);
}

/** Ranks the items for every user. */
function ranked(score: Score): Promise<Ranking[]> {
  return rankItems(score, { history, k: 20 });
}

/** Returns recall@20 on validation. */
function recall(rankings: readonly Ranking[]): number {
  return mean(perUserMetrics(rankings, heldOut, { cutoffs: [20] }).values["recall@20"]);
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

/** Returns how many threads have started: others do when there is first work enough to share. */
function threadsOf({ name }: Device): number {
  return name === "wasm" ? 1 + wasm().started() : 1;
}

/** Lets others have a turn, messages and threads that start: WebAssembly, which never waits, would keep it for itself. */
function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((done) => {
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(null);
  });
}

function tell(news: News): void {
  postMessage(news);
}
