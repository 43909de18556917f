/**
 * The page: controls, curves, and pictures on two walls. All work is done in the worker.
 *
 * @module
 */
/// <reference lib="dom" />
import { KindError } from "../../kernels/errors.ts";
import type { Evaluated, Garden, Message, Opened, Order, PageDevice } from "./messages.ts";
import { clear, gallery, hang } from "./pictures.ts";
import { plot, type Point } from "./plot.ts";

/** The number of recommendations that are shown. */
const SHOWN = 12;
/** The names of the devices on the page. */
const NAMES: Readonly<Record<PageDevice, string>> = { wasm: "WebAssembly", webgpu: "WebGPU" };

/** The messages about a training so far. */
interface Progress {
  readonly opened?: Opened;
  /** The losses of the steps. */
  readonly steps: readonly Point[];
  readonly evaluated: readonly Evaluated[];
}

const button = part("go", HTMLButtonElement);
const devices = part("devices", HTMLFieldSetElement);
const visitor = part("visitor", HTMLSelectElement);
const [history, recommended] = [part("history", HTMLElement), part("recommended", HTMLElement)];
const [lossPlot, recallPlot] = [part("loss-plot", SVGSVGElement), part("recall-plot", SVGSVGElement)];

let garden: Garden | null = null;
let picture: (item: number) => string = () => "";
let progress: Progress = { steps: [], evaluated: [] };
let frame = 0;

const worker = new Worker(`worker.js${location.search}`, { type: "module" });
worker.onmessage = ({ data }: MessageEvent<Message>) => receive(data);
worker.onerror = ({ message }) => fail(message || "the worker could not start");
clear(history, 8);
clear(recommended, SHOWN);

button.onclick = () => {
  if (document.body.dataset.state === "training") {
    order({ kind: "stop" });
    become("stopping");
    return;
  }
  const device = devices.querySelector<HTMLInputElement>("input:checked")!.value as PageDevice;
  progress = { steps: [], evaluated: [] };
  become("training");
  say(`Opening ${NAMES[device]} …`);
  clear(recommended, SHOWN);
  order({ kind: "train", device });
  draw();
};
visitor.onchange = () => visit(Number(visitor.value));
part("previous", HTMLButtonElement).onclick = () => visit(visitor.selectedIndex - 1);
part("next", HTMLButtonElement).onclick = () => visit(visitor.selectedIndex + 1);
new ResizeObserver(draw).observe(lossPlot);

function receive(message: Message): void {
  switch (message.kind) {
    case "garden":
      garden = message.garden;
      picture = gallery(garden.pictures);
      visitor.append(...garden.users.map((id, user) => new Option(id.replace("-", " "), String(user))));
      visit(1 % garden.users.length);
      become("ready");
      say(`${garden.users.length} visitors, ${garden.titles.length} paintings. Nothing is learned yet.`);
      break;
    case "opened":
      progress = { ...progress, opened: message.opened };
      say(about(progress));
      break;
    case "step":
      progress = { ...progress, steps: [...progress.steps, [message.at, message.loss]] };
      break;
    case "evaluated":
      progress = { ...progress, evaluated: [...progress.evaluated, message.evaluated] };
      say(about(progress));
      recommend();
      break;
    case "ended":
      become("ready");
      break;
    case "failed":
      fail(message.message);
  }
  draw();
}

/** Returns sentences about the device that computes, with the reason if it is not the chosen one. */
function about({ opened, evaluated }: Progress): string {
  if (!opened) return "";
  const { asked, name, about, reason, hardware, threads } = opened;
  const started = evaluated.at(-1)?.threads ?? 1;
  return [
    name === asked ? `${about}.` : `${reason[0].toUpperCase()}${reason.slice(1)}: ${about}.`,
    threads > 1 && evaluated.length > 1 ? `${started} of ${threads} have started.` : "",
    name === "wasm" && !crossOriginIsolated ? "Threads need a page that is isolated from others; this one is not." : "",
    hardware ? "" : "Each step takes long that way.",
  ].filter(Boolean).join(" ");
}

/** Shows another visitor. Numbers wrap around: -1 is the last visitor. */
function visit(user: number): void {
  if (!garden) return;
  const { users, titles } = garden;
  visitor.selectedIndex = (user + users.length) % users.length;
  const items = Array.from(garden.history[visitor.selectedIndex]);
  hang(history, items.map((item) => ({ item, title: titles[item] })), picture);
  recommend();
}

/** Shows the recommendations of the latest epoch to this visitor. */
function recommend(): void {
  const lists = progress.evaluated.at(-1)?.lists;
  if (!garden || !lists) return;
  const { titles, heldOut } = garden;
  const found = new Set(heldOut[visitor.selectedIndex]);
  const items = Array.from(lists[visitor.selectedIndex].subarray(0, SHOWN));
  hang(
    recommended,
    items.map((item) => ({ item, title: titles[item], mark: found.has(item) ? "liked later" : undefined })),
    picture,
  );
}

/** Draws the curves and numbers in the next frame, once, however many calls there are before it. */
function draw(): void {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    if (!garden) return;
    const { epochs, popularity } = garden;
    const { evaluated, steps } = progress;
    const losses = evaluated.flatMap(({ epochs, loss }): Point[] => loss === null ? [] : [[epochs - 0.5, loss]]);
    const recalls = evaluated.map(({ epochs, recall }): Point => [epochs, recall]);
    plot(lossPlot, { faint: steps, bold: losses, epochs, least: 0.7 });
    plot(recallPlot, { bold: recalls, level: { at: popularity, name: "popularity" }, epochs, least: 0.3 });
    const now = evaluated.at(-1);
    show("epoch", now ? `${now.epochs}` : "–");
    show("epochs", `of ${epochs} epochs`);
    show("loss", (losses.at(-1) ?? steps.at(-1))?.[1].toFixed(3) ?? "–");
    show("recall", now?.recall.toFixed(3) ?? "–");
    show("popularity", popularity.toFixed(3).replace(/^0/, ""));
    show("speed", now?.milliseconds?.toFixed(now.milliseconds < 10 ? 1 : 0) ?? "–");
    part("table", HTMLElement).innerHTML = evaluated.map(({ epochs, loss, recall, milliseconds }) =>
      `<tr>${
        [epochs, loss?.toFixed(4) ?? "", recall.toFixed(4), milliseconds?.toFixed(1) ?? ""].map(cell).join("")
      }</tr>`
    ).join("");
  });
}

function cell(value: string | number): string {
  return `<td>${value}</td>`;
}

function become(state: "ready" | "training" | "stopping" | "failed"): void {
  document.body.dataset.state = state;
  const busy = state === "training" || state === "stopping";
  devices.disabled = busy;
  button.disabled = state === "stopping";
  button.textContent = busy ? "Stop" : progress.evaluated.length > 0 ? "Start again" : "Start";
}

function fail(message: string): void {
  become("failed");
  say(`Training failed: ${message}`);
}

function say(text: string): void {
  const line = part("status", HTMLElement);
  if (line.textContent !== text) line.textContent = text;
}

function show(name: string, text: string): void {
  part(name, HTMLElement).textContent = text;
}

function order(order: Order): void {
  worker.postMessage(order);
}

/** Returns the element of this id. */
function part<T extends Element>(id: string, kind: abstract new () => T): T {
  const found = document.getElementById(id) as Element | null;
  if (!(found instanceof kind)) throw new KindError(`Cannot find "${id}" in the page`);
  return found;
}
