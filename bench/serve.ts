/**
 * How fast does a server recommend? The server and the load are two processes on this machine; 64 connections ask, one
 * request after the other, each for other users. Five questions:
 *
 * - `bare`: Hono on the same listener, with a constant answer;
 * - `run`: the lists of a run;
 * - `large`: the exact lists of 10⁶ items × 128 numbers, for a single connection;
 * - `memory`: the memory of the process over 10⁵ requests to the run;
 * - `kills`: interactions that were acknowledged before `kill -9`, and those that are kept.
 *
 * `deno task bench:serve --run RUN [--only bare,run,large,memory,kills] [--seconds 8] [--kills 100]`
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { parseArgs } from "node:util";
import { Hono } from "hono";
import { openDevice } from "../kernels/mod.ts";
import { fromArray } from "../src/core/tensor.ts";
import { models } from "../src/models/mod.ts";
import { openRun } from "../src/runs/open.ts";
import type { Run } from "../src/runs/run.ts";
import { train } from "../src/runs/train.ts";
import { openEvents } from "../src/serve/events.ts";
import { listen } from "../src/serve/listen.ts";
import { LIMITS } from "../src/serve/limits.ts";
import { serve } from "../src/serve/serve.ts";
import { numbers, randomData } from "./data.ts";
import type { Load } from "./serve_load.ts";

const CONNECTIONS = 64;

/** Starts this program as a server of a kind, and returns its address. */
async function started(...args: string[]): Promise<{ readonly url: string; readonly child: Deno.ChildProcess }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.filename!, "--as", ...args],
    stdout: "piped",
  }).spawn();
  let printed = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    printed += chunk;
    if (printed.includes("\n")) break;
  }
  if (!printed.startsWith("http")) throw new Error(`Cannot measure "${args.join(" ")}": its server did not start`);
  return { url: printed.trim(), child };
}

/** Measures a load on a server of a kind. */
async function measured(kind: readonly string[], paths: readonly string[], connections: number, seconds: number) {
  const { url, child } = await started(...kind);
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, paths.join("\n"));
  const load = new URL("serve_load.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--no-lock", load, url, `${connections}`, `${seconds}`, file],
  }).output();
  child.kill("SIGTERM");
  await child.status;
  await Deno.remove(file);
  return JSON.parse(new TextDecoder().decode(stdout)) as Load;
}

/** Returns a run of 10⁶ items with random embeddings. */
async function largeRun(): Promise<Run> {
  const [users, items, dim] = [1000, 1_000_000, 128];
  const size = { users, items, interactions: 10_000, heldOut: 0, features: {} };
  const run = await train(models.popularity, randomData("large", size), { test: false });
  const { device } = await openDevice("auto");
  const centred = (salt: number, rows: number) =>
    fromArray(numbers(salt, rows * dim).map((x) => x - 0.5), [rows, dim], { device });
  const embeddings = { users: centred(1, users), items: centred(2, items) };
  return { ...run, model: models.bprmf, config: { ...run.config, scores: "inner" }, device, embeddings };
}

/** Serves as a process of its own. */
async function serveAs([kind, folder, events]: readonly string[]): Promise<void> {
  if (kind === "bare") {
    const app = new Hono().get("/*", (context) => context.json({ items: [] }));
    const { port } = await listen((request) => app.fetch(request), { host: "127.0.0.1", port: 0 }, LIMITS);
    console.log(`http://127.0.0.1:${port}`);
    return;
  }
  const run = kind === "large" ? await largeRun() : await openRun(folder);
  const server = await serve(run, { port: 0, events, note: (text) => console.error(text) });
  console.log(server.url);
}

/** Measures the memory of a server after every tenth of some requests. */
async function memoryOver(requests: number, folder: string, paths: readonly string[]): Promise<number[]> {
  const { url, child } = await started("run", folder);
  const found: number[] = [];
  for (let tenth = 0; tenth <= 10; tenth++) {
    if (tenth > 0) await asked(url, paths, requests / 10);
    const text = await (await fetch(`${url}/metrics`)).text();
    found.push(Number(/^giverny_resident_bytes (\d+)/m.exec(text)![1]));
  }
  child.kill("SIGTERM");
  await child.status;
  return found;
}

/** Sends requests by 64 clients. */
async function asked(url: string, paths: readonly string[], requests: number): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < requests) await (await fetch(url + paths[next++ % paths.length])).arrayBuffer();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
}

/** Kills servers in the middle of interactions; returns how many were acknowledged, and how many of these are lost. */
async function killed(times: number, folder: string): Promise<{ acknowledged: number; lost: number }> {
  const home = await Deno.makeTempDir();
  let [acknowledged, lost] = [0, 0];
  for (let n = 0; n < times; n++) {
    const { url, child } = await started("run", folder, `${home}/${n}.sqlite`);
    const ids: string[] = [];
    const client = async (name: number) => {
      for (let sent = 0;; sent++) {
        const id = `${name} ${sent}`;
        const body = JSON.stringify({ interactions: [{ id, user: "u", item: "i" }] });
        const headers = { "content-type": "application/json" };
        await (await fetch(`${url}/interactions`, { method: "POST", headers, body })).json();
        ids.push(id);
        if (ids.length === 1 + n % 50) child.kill("SIGKILL");
      }
    };
    await Promise.all([0, 1, 2, 3].map((name) => client(name).catch(() => {})));
    await child.status;
    const events = await openEvents(`${home}/${n}.sqlite`);
    const kept = new Set(events.read().map(({ id }) => id));
    events.close();
    acknowledged += ids.length;
    lost += ids.filter((id) => !kept.has(id)).length;
  }
  await Deno.remove(home, { recursive: true });
  return { acknowledged, lost };
}

function shown(name: string, { rate, p50, p99, max, answers, errors }: Load): void {
  const whole = Math.round(rate).toLocaleString("en-US");
  console.log(
    `${name}: ${whole} a second, p50 ${p50} ms, p99 ${p99} ms, max ${max} ms; ${answers} answers, ${errors} errors`,
  );
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      as: { type: "string" },
      run: { type: "string", default: "runs/tiktok" },
      only: { type: "string", default: "bare,run,large,memory,kills" },
      seconds: { type: "string", default: "8" },
      kills: { type: "string", default: "100" },
    },
  });
  if (values.as) await serveAs([values.as, ...positionals]);
  else {
    const [only, seconds] = [values.only.split(","), Number(values.seconds)];
    const { data } = await openRun(values.run);
    const paths = data.users.map((user) => `/users/${encodeURIComponent(user)}/recommendations`);
    if (only.includes("bare")) shown("bare Hono", await measured(["bare"], ["/"], CONNECTIONS, seconds));
    if (only.includes("run")) shown(data.name, await measured(["run", values.run], paths, CONNECTIONS, seconds));
    if (only.includes("large")) {
      const large = Array.from({ length: 1000 }, (_, n) => `/users/u${n}/recommendations`);
      shown("10⁶ items × 128", await measured(["large"], large, 1, seconds));
    }
    if (only.includes("memory")) {
      const megabytes = (await memoryOver(1e5, values.run, paths)).map((bytes) => Math.round(bytes / 2 ** 20));
      console.log(`memory over 10⁵ requests, in MiB after every tenth: ${megabytes.join(", ")}`);
    }
    if (only.includes("kills")) {
      const { acknowledged, lost } = await killed(Number(values.kills), values.run);
      console.log(`${values.kills} kills: ${acknowledged} interactions acknowledged, ${lost} of them lost`);
    }
  }
  if (!values.as) Deno.exit();
}
