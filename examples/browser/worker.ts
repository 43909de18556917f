/**
 * The module worker of the page: trains MONET on the garden, on the device that the page asks for. After every epoch it
 * posts the evaluation and the recommendations for all users.
 *
 * @module
 */
import { type Choice, type Device, openDevice, wasm, type WebGpuDevice } from "../../kernels/mod.ts";
import { free, key, rowOf } from "../../src/core/mod.ts";
import { garden, histories } from "../../src/data/mod.ts";
import { monet, popularity } from "../../src/models/mod.ts";
import { rankItems, type Score } from "../../src/rank/mod.ts";
import { type Listener, type Run, train, type TrainOptions } from "../../src/runs/mod.ts";
import type { Evaluated, Message, Order, PageDevice } from "./messages.ts";

// The address can ask for less work: worker.js?users=100&items=60&epochs=5.
const query = new URLSearchParams(location.search);
const parameter = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise);
const epochs = parameter("epochs", 30);
const data = garden(key(0), { users: parameter("users", 600), items: parameter("items", 400) });
const history = histories(data, "train");
const heldOut = histories(data, "validation");
const plan: TrainOptions = {
  // With this patience, training never stops before the last epoch.
  settings: { excludeTarget: true, batch: 256, lr: 1e-3, every: 1, patience: epochs },
  seed: 1,
  test: false,
  now: Date.now,
};

const opened = new Map<PageDevice, Promise<Choice>>();
let stop = new AbortController();

onmessage = async ({ data: order }: MessageEvent<Order>) => {
  if (order.kind === "stop") return stop.abort();
  stop = new AbortController();
  try {
    await trainOn(order.device);
    post({ kind: "ended" });
  } catch (error) {
    // A device that failed may be lost: the next training opens it again.
    opened.delete(order.device);
    post({ kind: "failed", message: String(error) });
  }
};

post({
  kind: "garden",
  garden: {
    users: data.users,
    titles: data.titles!,
    pictures: data.pictures!,
    history: data.users.map((_, user) => rowOf(history, user)),
    heldOut: data.users.map((_, user) => rowOf(heldOut, user)),
    popularity: recallOf(await train(popularity, data, { device: "wasm", test: false })),
    epochs,
  },
});

/** Opens a device, once. gpu.js is a separate file of the bundle, which is fetched only if WebGPU answers. */
function open(name: PageDevice): Promise<Choice> {
  const choice = opened.get(name) ?? openDevice(name, { library: () => import("gpu.js") });
  opened.set(name, choice);
  return choice;
}

/** Trains from the start, and posts the progress. */
async function trainOn(asked: PageDevice): Promise<void> {
  const { device, reason } = await open(asked);
  const { name, about, threads } = device;
  post({ kind: "opened", opened: { asked, name, about, reason, threads, hardware: isHardware(device) } });
  const { signal } = stop;
  const untrained = await train(monet, data, { ...plan, device, epochs: 0 });
  const { model, embeddings, config } = untrained;
  await postEvaluated(device, (block) => model.score(embeddings, block, config), {
    epochs: 0,
    loss: null,
    milliseconds: null,
    recall: recallOf(untrained),
  });
  const trained = await train(monet, data, { ...plan, device, epochs, signal, events: listener(device) });
  for (const { params, embeddings } of [untrained, trained]) free([params, embeddings]);
}

/** Returns a listener that posts the loss of every step, and the evaluation and the recommendations of every epoch. */
function listener(device: Device): Listener {
  let losses: Promise<void>[] = [];
  // The steps of an epoch, and the times in milliseconds: of one step, of all steps before, and of this listener.
  let [steps, milliseconds, before, listening] = [0, 0, 0, 0];
  return async (event) => {
    switch (event.type) {
      case "start":
        steps = event.steps / event.epochs;
        break;
      case "step":
        // Losses are awaited at the end of the epoch: a GPU would wait for its next step otherwise.
        losses.push(event.loss().then((loss) => post({ kind: "step", at: event.done / steps, loss })));
        break;
      case "saved":
        milliseconds = (event.times.steps - before - listening) / steps;
        before = event.times.steps;
        break;
      case "epoch": {
        const began = Date.now();
        await Promise.all(losses);
        losses = [];
        const { epoch, loss, validation } = event.epoch;
        const recall = validation!["recall@20"];
        await postEvaluated(device, event.score!, { epochs: epoch, loss, milliseconds, recall });
        listening = Date.now() - began;
      }
    }
  };
}

/** Ranks the items for every user, and posts an evaluation with these rankings. */
async function postEvaluated(
  device: Device,
  score: Score,
  numbers: Pick<Evaluated, "epochs" | "loss" | "milliseconds" | "recall">,
): Promise<void> {
  const rankings = await rankItems(score, { history, k: 20 });
  const lists = rankings.map(({ items }) => items);
  post({ kind: "evaluated", evaluated: { ...numbers, threads: startedThreads(device), lists } });
}

/** Returns recall@20 of a run on validation. */
function recallOf({ model, record }: Run): number {
  return record.results[model.name].validation!["recall@20"];
}

/** Returns whether a device is hardware: `false` for a processor that emulates a GPU. */
function isHardware(device: Device): boolean {
  return !("adapter" in device) || (device as WebGpuDevice).adapter.hardware;
}

/** Returns the number of threads that have started: they start with the first work that is large enough to share. */
function startedThreads({ name }: Device): number {
  return name === "wasm" ? 1 + wasm().started() : 1;
}

function post(message: Message): void {
  postMessage(message);
}
