/**
 * The page: controls, curves, and pictures on two walls. All work is done in the worker.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
/// <reference lib="dom" />
import type { Garden, Judged, Machine, News, Opened, Order } from "./messages.ts";
import { clear, gallery, hang } from "./pictures.ts";
import { plot, type Point } from "./plot.ts";

/** How many recommendations are shown. */
const SHOWN = 12;
/** How a machine is written. */
const NAMES: Readonly<Record<Machine, string>> = { wasm: "WebAssembly", webgpu: "WebGPU" };

/** One training, as far as it is known. */
interface Run {
  readonly machine: Machine;
  readonly opened?: Opened;
  readonly steps: readonly Point[];
  readonly judged: readonly Judged[];
}

const button = part("go", HTMLButtonElement);
const machines = part("machines", HTMLFieldSetElement);
const visitor = part("visitor", HTMLSelectElement);
const [history, recommended] = [part("history", HTMLElement), part("recommended", HTMLElement)];
const [lossPlot, recallPlot] = [part("loss-plot", SVGSVGElement), part("recall-plot", SVGSVGElement)];

let garden: Garden | null = null;
let picture: (item: number) => string = () => "";
let run: Run = { machine: "wasm", steps: [], judged: [] };
let drawing = 0;

const worker = new Worker(`worker.js${location.search}`, { type: "module" });
worker.onmessage = ({ data }: MessageEvent<News>) => hear(data);
worker.onerror = ({ message }) => fail(message || "the worker could not start");
clear(history, 8);
clear(recommended, SHOWN);

button.onclick = () => {
  if (document.body.dataset.state === "training") {
    order({ kind: "stop" });
    become("stopping");
    return;
  }
  const machine = machines.querySelector<HTMLInputElement>("input:checked")!.value as Machine;
  run = { machine, steps: [], judged: [] };
  become("training");
  say(`Opening ${NAMES[machine]} …`);
  clear(recommended, SHOWN);
  order({ kind: "train", machine });
  draw();
};
visitor.onchange = () => visit(Number(visitor.value));
part("previous", HTMLButtonElement).onclick = () => visit(visitor.selectedIndex - 1);
part("next", HTMLButtonElement).onclick = () => visit(visitor.selectedIndex + 1);
new ResizeObserver(draw).observe(lossPlot);

function hear(news: News): void {
  switch (news.kind) {
    case "garden":
      garden = news.garden;
      picture = gallery(garden.pictures);
      visitor.append(...garden.users.map((id, user) => new Option(id.replace("-", " "), String(user))));
      visit(1 % garden.users.length);
      become("ready");
      say(`${garden.users.length} visitors, ${garden.titles.length} paintings. Nothing is learned yet.`);
      break;
    case "opened":
      run = { ...run, opened: news.opened };
      say(about(run));
      break;
    case "step":
      run = { ...run, steps: [...run.steps, [news.at, news.loss]] };
      break;
    case "judged":
      run = { ...run, judged: [...run.judged, news.judged] };
      say(about(run));
      recommend();
      break;
    case "ended":
      become("ready");
      break;
    case "failed":
      fail(news.message);
  }
  draw();
}

/** Says what computes, and why if it is not what was asked for. */
function about({ opened, judged }: Run): string {
  if (!opened) return "";
  const { asked, name, about, reason, hardware, threads } = opened;
  const started = judged.at(-1)?.threads ?? 1;
  return [
    name === asked ? `${about}.` : `${reason[0].toUpperCase()}${reason.slice(1)}: ${about}.`,
    threads > 1 && judged.length > 1 ? `${started} of ${threads} have started.` : "",
    name === "wasm" && !crossOriginIsolated ? "Threads need a page that is isolated from others; this one is not." : "",
    hardware ? "" : "Each step takes long that way.",
  ].filter(Boolean).join(" ");
}

/** Shows another visitor, the last after the first. */
function visit(user: number): void {
  if (!garden) return;
  const { users, titles } = garden;
  visitor.selectedIndex = (user + users.length) % users.length;
  const items = Array.from(garden.history[visitor.selectedIndex]);
  hang(history, items.map((item) => ({ item, title: titles[item] })), picture);
  recommend();
}

/** Shows what would be recommended now. */
function recommend(): void {
  const lists = run.judged.at(-1)?.lists;
  if (!garden || !lists) return;
  const { titles, heldOut } = garden;
  const found = new Set(heldOut[visitor.selectedIndex]);
  const items = Array.from(lists[visitor.selectedIndex].subarray(0, SHOWN));
  hang(
    recommended,
    items.map((item) => ({ item, title: titles[item], ...found.has(item) && { mark: "liked later" } })),
    picture,
  );
}

/** Draws the curves and numbers before the next frame, once however often it is asked. */
function draw(): void {
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(() => {
    if (!garden) return;
    const { epochs, popularity } = garden;
    const { judged, steps } = run;
    const losses = judged.flatMap(({ epochs, loss }): Point[] => loss === null ? [] : [[epochs - 0.5, loss]]);
    const recalls = judged.map(({ epochs, recall }): Point => [epochs, recall]);
    plot(lossPlot, { faint: steps, bold: losses, epochs, least: 0.7 });
    plot(recallPlot, { bold: recalls, level: { at: popularity, name: "popularity" }, epochs, least: 0.3 });
    const now = judged.at(-1);
    show("epoch", now ? `${now.epochs}` : "–");
    show("epochs", `of ${epochs} epochs`);
    show("loss", (losses.at(-1) ?? steps.at(-1))?.[1].toFixed(3) ?? "–");
    show("recall", now?.recall.toFixed(3) ?? "–");
    show("popularity", popularity.toFixed(3).replace(/^0/, ""));
    show("speed", now?.milliseconds?.toFixed(now.milliseconds < 10 ? 1 : 0) ?? "–");
    part("table", HTMLElement).innerHTML = judged.map(({ epochs, loss, recall, milliseconds }) =>
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
  machines.disabled = busy;
  button.disabled = state === "stopping";
  button.textContent = busy ? "Stop" : run.judged.length > 0 ? "Start again" : "Start";
}

function fail(message: string): void {
  become("failed");
  say(`This went wrong: ${message}`);
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
