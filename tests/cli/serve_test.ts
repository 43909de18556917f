/** `serve` as a process: its permissions, its signals, and interactions that survive its death. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { key } from "../../src/core/random.ts";
import { garden } from "../../src/data/garden.ts";
import { models } from "../../src/models/mod.ts";
import { openEvents } from "../../src/serve/events.ts";
import { train } from "../../src/runs/train.ts";
import { captured } from "./captured.ts";
import { run as runCommand } from "../../src/cli/run.ts";

const root = new URL("../../", import.meta.url).pathname;
const data = garden(key(3), { users: 24, items: 30 });

/** A server in a process of its own. */
interface Started {
  readonly url: string;
  readonly child: Deno.ChildProcess;
  /** Waits until the process has printed a text. */
  readonly says: (text: string) => Promise<void>;
}

/** Starts `serve` with these permissions, and waits until it listens. */
async function started(permissions: readonly string[], args: readonly string[], token = ""): Promise<Started> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...permissions, `${root}main.ts`, "serve", ...args],
    env: { GIVERNY_TOKEN: token, NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let printed = "";
  const waiting = new Set<() => void>();
  const reading = (async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
      printed += chunk;
      waiting.forEach((look) => look());
    }
  })();
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!printed.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      reading.then(() => reject(new Error(`the server ended: ${printed}`)));
    });
  await says("lists the routes\n");
  return { url: /served at (\S+);/.exec(printed)![1], child, says };
}

/** Returns a port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const headers = { "content-type": "application/json", authorization: "Bearer secret" };

Deno.test("the least permissions are enough, SIGHUP loads a newer run, and SIGTERM ends the server", async () => {
  const folder = await Deno.makeTempDir();
  const [run, events, port] = [`${folder}/run`, `${folder}/events.sqlite`, freePort()];
  await train(models.popularity, data, { folder: run });
  const permissions = [
    `--allow-net=127.0.0.1:${port}`,
    `--allow-read=${run},${events}`,
    `--allow-write=${events}`,
    "--allow-env=GIVERNY_TOKEN",
  ];
  const { url, child, says } = await started(permissions, [run, "--port", `${port}`, "--events", events], "secret");
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(url + path, { headers, ...init });
    return [answer.status, await answer.json()] as const;
  };
  const interactions = [{ id: "1", user: "u", item: data.items[2] }];
  const [status, body] = await ask("/interactions", { method: "POST", body: JSON.stringify({ interactions }) });
  assertEquals([status, body], [200, { received: 1, added: 1 }]);
  assertEquals((await ask(`/users/${data.users[2]}/recommendations`, { headers: {} }))[0], 401);
  assertEquals((await ask("/healthz"))[1].model, "popularity");
  await Deno.remove(run, { recursive: true });
  child.kill("SIGHUP");
  await says("the former run stays");
  await train(models.bprmf, data, { folder: run, epochs: 1, test: false });
  child.kill("SIGHUP");
  await says("is loaded again");
  assertEquals((await ask("/healthz"))[1].model, "bprmf");
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 0);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("--watch loads a newer run", async () => {
  const folder = await Deno.makeTempDir();
  for (const model of [models.popularity, models.bprmf]) {
    await train(model, data, {
      folder: `${folder}/${model.name}`,
      epochs: model === models.popularity ? undefined : 1,
      test: false,
    });
  }
  await Deno.symlink(`${folder}/popularity`, `${folder}/live`);
  const { url, child, says } = await started(["-A"], [`${folder}/live`, "--port", "0", "--watch"]);
  await Deno.symlink(`${folder}/bprmf`, `${folder}/next`);
  await Deno.rename(`${folder}/next`, `${folder}/live`);
  await says("is loaded again");
  assertEquals((await (await fetch(`${url}/healthz`)).json()).model, "bprmf");
  child.kill("SIGTERM");
  await child.status;
  await Deno.remove(folder, { recursive: true });
});

/** Kills a server in the middle of interactions; returns the ids that were acknowledged and those that are kept. */
async function killed(run: string, events: string, after: number): Promise<readonly [string[], Set<string>]> {
  const { url, child } = await started(["-A"], [run, "--port", "0", "--events", events, "--threads", "1"]);
  const acknowledged: string[] = [];
  let sent = 0;
  const client = async () => {
    for (;;) {
      const id = String(sent++);
      const body = JSON.stringify({ interactions: [{ id, user: "u", item: data.items[0] }] });
      const answer = await fetch(`${url}/interactions`, { method: "POST", headers, body });
      if ((await answer.json()).added === 1) acknowledged.push(id);
      if (acknowledged.length === after) child.kill("SIGKILL");
    }
  };
  await Promise.all([1, 2, 3].map(() => client().catch(() => {})));
  await child.status;
  const file = await openEvents(events);
  const kept = new Set(file.read().map(({ id }) => id));
  file.close();
  return [acknowledged, kept];
}

Deno.test("20 kills between interactions lose none that was acknowledged", async () => {
  const folder = await Deno.makeTempDir();
  await train(models.popularity, data, { folder: `${folder}/run` });
  for (let round = 0; round < 5; round++) {
    const kills = [0, 1, 2, 3].map((n) => killed(`${folder}/run`, `${folder}/${round}-${n}.sqlite`, 1 + 4 * round + n));
    for (const [acknowledged, kept] of await Promise.all(kills)) {
      assert(acknowledged.length > 0);
      assertEquals(acknowledged.filter((id) => !kept.has(id)), []);
    }
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an address that others reach, and pictures that are not there, are refused in a sentence", async () => {
  const folder = await Deno.makeTempDir();
  await train(models.popularity, data, { folder: `${folder}/run` });
  await Deno.writeTextFile(`${folder}/three.csv`, "a,b,c\n1,2,3\n");
  const refused: readonly (readonly [readonly string[], number, string])[] = [
    [["--host", "0.0.0.0"], 2, "GIVERNY_TOKEN"],
    [["--pictures", `${folder}/run/data`], 1, "pictures"],
    [["--categories", `${folder}/three.csv`], 1, "expected 2 columns"],
  ];
  for (const [args, exit, words] of refused) {
    const { io, err } = captured();
    assertEquals(await runCommand(["serve", `${folder}/run`, "--port", "0", ...args], io), exit, err());
    assert(err().includes(words), err());
  }
  await Deno.remove(folder, { recursive: true });
});
