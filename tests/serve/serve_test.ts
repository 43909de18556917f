/** A run behind an address: answers, refusals, bounds, interactions, newer runs, and the end. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import * as v from "valibot";
import { UsageError, ValueError } from "../../kernels/errors.ts";
import { key } from "../../src/core/random.ts";
import { garden } from "../../src/data/garden.ts";
import { models } from "../../src/models/mod.ts";
import { explain } from "../../src/runs/explain.ts";
import { recommend } from "../../src/runs/recommend.ts";
import type { Run } from "../../src/runs/run.ts";
import { train } from "../../src/runs/train.ts";
import { ANSWERS } from "../../src/serve/schemas.ts";
import { type RunningServer, serve, type ServeOptions } from "../../src/serve/mod.ts";

const data = garden(key(3), { users: 24, items: 30 });
const run = await train(models.monet, data, { settings: { dim: 4 }, epochs: 1, test: false });
const popular = await train(models.popularity, data);

/** Runs a body with a server, which it ends. */
async function served(
  body: (server: RunningServer) => Promise<void>,
  options: ServeOptions = {},
  of: Run = run,
): Promise<void> {
  const server = await serve(of, { port: 0, pictures: data, ...options });
  try {
    await body(server);
  } finally {
    await server.close();
  }
}

type Json = Readonly<Record<string, unknown>>;

/** Returns the status and the JSON of an answer. */
async function ask(server: RunningServer, path: string, init?: RequestInit): Promise<readonly [number, Json]> {
  const answer = await fetch(server.url + path, init);
  return [answer.status, await answer.json()];
}

function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { method: "POST", body: text, headers: { "content-type": "application/json", ...headers } };
}

const idsIn = (answer: Json) => (answer.items as { readonly item: string }[]).map(({ item }) => item);

Deno.test("lists and reasons are those of the library, also of many requests at once", () =>
  served(async (server) => {
    const users = data.users.slice(0, 20);
    const expected = await recommend(run, { users, k: 4 });
    const answers = await Promise.all(users.map((user) => ask(server, `/users/${user}/recommendations?k=4`)));
    for (const [n, [status, answer]] of answers.entries()) {
      assertEquals(status, 200);
      v.assert(ANSWERS.list, answer);
      assertEquals(idsIn(answer), expected[n].items.map(({ item }) => item));
    }
    const text = await (await fetch(`${server.url}/metrics`)).text();
    assert(/giverny_block_requests_sum 20\n/.test(text), text);
    assert(Number(/giverny_block_requests_count (\d+)/.exec(text)![1]) < 20);
    const [, explained] = await ask(server, `/users/${users[3]}/recommendations?k=1&explain=true`);
    v.assert(ANSWERS.list, explained);
    const [{ item, reasons }] = explained.items as { item: string; reasons: { parts: { value: number }[] } }[];
    const { parts } = await explain(run, users[3], item);
    assertEquals(reasons.parts.map(({ value }) => value), parts.map(({ value }) => value));
  }));

Deno.test("visitors, weights, candidates, exclusions and limits of categories", () =>
  served(async (server) => {
    const history = [data.items[3], "unknown", data.items[7]];
    const [, visitor] = await ask(
      server,
      "/recommendations",
      post({ history, k: 3, beta: 0.5, modalities: { image: 0 } }),
    );
    v.assert(ANSWERS.list, visitor);
    const person = { items: [data.items[3], data.items[7]], beta: 0.5, modalities: { image: 0 } };
    const [expected] = await recommend(run, { users: [person], k: 3 });
    assertEquals([visitor.ignored, idsIn(visitor)], [["unknown"], expected.items.map(({ item }) => item)]);
    const all = idsIn((await ask(server, `/users/${data.users[1]}/recommendations?k=30`))[1]);
    const some = `candidates=${all[5]}&candidates=${all[2]}&candidates=${all[9]}&exclude=${all[2]}`;
    assertEquals(idsIn((await ask(server, `/users/${data.users[1]}/recommendations?${some}`))[1]), [all[5], all[9]]);
    const [, limited] = await ask(server, `/users/${data.users[1]}/recommendations?per_category=2&k=30`);
    assertEquals(idsIn(limited), all.slice(0, 2));
    const [, stranger] = await ask(server, "/users/somebody/recommendations?k=2");
    assertEquals([stranger.known, idsIn(stranger).length], [false, 2]);
    const [, alike] = await ask(server, `/items/${data.items[4]}/similar?k=2`);
    v.assert(ANSWERS.similar, alike);
    assertEquals((alike.all as unknown[]).length, 2);
  }, { categories: new Map(data.items.map((item) => [item, ["all"]])) }));

Deno.test("requests that make no sense are refused as problems, and the server goes on", () =>
  served(async (server) => {
    const user = `/users/${data.users[1]}/recommendations`;
    const event = { id: "1", user: "u", item: "i" };
    const refused: readonly (readonly [number, string, RequestInit?])[] = [
      [400, `${user}?k=0`],
      [400, `${user}?k=1001`],
      [400, `${user}?k=1.5`],
      [400, `${user}?k=ten`],
      [400, `${user}?k=3&k=4`],
      [400, `${user}?explain=1`],
      [400, `${user}?explain=true&k=51`],
      [400, `${user}?nonsense=1`],
      [400, `/recommendations`, post("{")],
      [400, `/recommendations`, post({ history: "a" })],
      [400, `/recommendations`, post({ history: Array(10_001).fill("a") })],
      [400, `/recommendations`, post({ history: ["x".repeat(513)] })],
      [400, `/recommendations`, post({ history: [data.items[0]], beta: 2 })],
      [400, `/interactions`, post({ interactions: [] })],
      [400, `/interactions`, post({ interactions: [event, { ...event, user: "" }] })],
      [400, `/interactions`, post({ interactions: [{ ...event, item: "a\0b" }] })],
      [404, `/items/none/similar`],
      [404, `/items/none/picture`],
      [404, `/items/..%2F..%2Frun.json/picture`],
      [404, `/../deno.json`],
      [404, `/nothing`],
      [405, `/interactions`],
      [405, user, post({})],
      [413, `/recommendations`, post({ history: ["x".repeat(2 ** 20)] })],
      [415, `/recommendations`, post("{}", { "content-type": "text/plain" })],
      [422, `/recommendations`, post({ history: [data.items[0]], modalities: { none: 1 } })],
      [501, `/interactions`, post({ interactions: [event] })],
    ];
    for (const [status, path, init] of refused) {
      const answer = await fetch(server.url + path, init);
      assertEquals([path, answer.status], [path, status]);
      assertEquals(answer.headers.get("content-type"), "application/problem+json");
      v.assert(ANSWERS.problem, await answer.json());
    }
    const [status, health] = await ask(server, "/healthz");
    assertEquals([status, health.status], [200, "ok"]);
  }));

Deno.test("a fault of a request names its place", () =>
  served(async (server) => {
    const [, problem] = await ask(server, "/interactions", post({ interactions: [{ id: "1", user: "u", item: 7 }] }));
    assertEquals((problem.errors as Json[]).map(({ at }) => at), ["interactions.0.item"]);
  }));

Deno.test("an address that others reach needs a token, and every route but one asks for it", async () => {
  await assertRejects(() => serve(run, { host: "0.0.0.0", port: 0 }), UsageError, "GIVERNY_TOKEN");
  await served(async (server) => {
    for (const path of [`/users/${data.users[1]}/recommendations`, "/metrics", "/openapi.json"]) {
      for (const authorization of [undefined, "Bearer", "Bearer secrets", "Basic secret"]) {
        const answer = await fetch(server.url + path, { headers: authorization ? { authorization } : {} });
        await answer.body?.cancel();
        assertEquals([answer.status, answer.headers.get("www-authenticate")], [401, "Bearer"]);
      }
      const answer = await fetch(server.url + path, { headers: { authorization: "Bearer secret" } });
      await answer.body?.cancel();
      assertEquals(answer.status, 200);
    }
    assertEquals((await ask(server, "/healthz"))[0], 200);
  }, { token: "secret" });
});

Deno.test("pictures have a tag by which they stay in caches", () =>
  served(async (server) => {
    const url = `${server.url}/items/${data.items[2]}/picture`;
    const first = await fetch(url);
    const png = new Uint8Array(await first.arrayBuffer());
    assertEquals([first.headers.get("content-type"), [...png.subarray(1, 4)]], ["image/png", [0x50, 0x4e, 0x47]]);
    assert(/max-age=\d{6}/.test(first.headers.get("cache-control")!));
    const tag = first.headers.get("etag")!;
    const again = await fetch(url, { headers: { "if-none-match": `"x", W/${tag}` } });
    assertEquals([again.status, (await again.arrayBuffer()).byteLength], [304, 0]);
    const other = await fetch(`${server.url}/items/${data.items[3]}/picture`);
    await other.body?.cancel();
    assert(other.headers.get("etag") !== tag);
  }));

Deno.test("interactions are kept once, and count at once", async () => {
  const folder = await Deno.makeTempDir();
  const events = `${folder}/events.sqlite`;
  const list = async (server: RunningServer, user: string) =>
    idsIn((await ask(server, `/users/${user}/recommendations?k=3`))[1]);
  await served(async (server) => {
    for (const user of [data.users[5], "a visitor"]) {
      const [best] = await list(server, user);
      const body = post({ interactions: [{ id: user, user, item: best }, { id: `${user} 2`, user, item: "unknown" }] });
      const answers = await Promise.all([1, 2, 3].map(() => ask(server, "/interactions", body)));
      assertEquals(answers.map(([status, { added }]) => [status, added]), [[200, 2], [200, 0], [200, 0]]);
      assertEquals((await list(server, user)).includes(best), false);
    }
  }, { events });
  await served(async (server) => {
    const [, { added }] = await ask(
      server,
      "/interactions",
      post({ interactions: [{ id: "a visitor", user: "u", item: "i", time: 3 }] }),
    );
    assertEquals(added, 0);
  }, { events });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a newer run takes the place of the former, and no request is dropped", () =>
  served(async (server) => {
    const stop = new AbortController();
    const statuses: number[] = [];
    const clients = Array.from({ length: 8 }, async (_, n) => {
      while (!stop.signal.aborted) {
        statuses.push((await ask(server, `/users/${data.users[n]}/recommendations`))[0]);
      }
    });
    for (const next of [popular, run, popular]) {
      const before = statuses.length;
      await server.load(() => Promise.resolve(next));
      while (statuses.length < before + 20) await ask(server, "/healthz");
      assertEquals((await ask(server, "/healthz"))[1].model, next.record.model);
    }
    await assertRejects(() => server.load(() => Promise.reject(new ValueError("damaged"))), ValueError);
    assertEquals((await ask(server, "/healthz"))[1].model, "popularity");
    stop.abort();
    await Promise.all(clients);
    assertEquals(new Set(statuses), new Set([200]));
  }));

Deno.test("a server that ends finishes the requests in flight", async () => {
  const server = await serve(run, { port: 0 });
  const users = Array.from({ length: 40 }, (_, n) => data.users[n % 24]);
  const lists = users.map((user) => fetch(`${server.url}/users/${user}/recommendations?explain=true&k=5`));
  await fetch(`${server.url}/healthz`).then((answer) => answer.body?.cancel());
  const closing = server.close();
  assertEquals((await Promise.all(lists)).map(({ status }) => status), users.map(() => 200));
  await Promise.all(lists.map(async (answer) => await (await answer).json()));
  await closing;
  await assertRejects(() => fetch(`${server.url}/healthz`), TypeError);
});

/** Sends a text, and returns all that comes back until the server ends the connection. */
async function talk(server: RunningServer, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const reading = new Response(connection.readable).text().catch(() => "");
  await connection.write(new TextEncoder().encode(text)).catch(() => 0);
  return await reading;
}

Deno.test("slow clients, long headers and too many connections are cut off", () =>
  served(async (server) => {
    const head = "HTTP/1.1\r\nHost: a\r\n";
    const [partial, body, long] = await Promise.all([
      talk(server, `GET /healthz ${head}X: `),
      talk(server, `POST /recommendations ${head}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{`),
      talk(server, `GET /healthz ${head}X: ${"a".repeat(5000)}\r\n\r\n`),
    ]);
    assert(partial.startsWith("HTTP/1.1 408"), partial);
    assert(body.startsWith("HTTP/1.1 408"), body);
    assert(long.startsWith("HTTP/1.1 431"), long);
    const connections = await Promise.all(
      Array.from({ length: 6 }, () => Deno.connect({ hostname: "127.0.0.1", port: server.port })),
    );
    const ends = connections.map((connection) => connection.read(new Uint8Array(1)).catch(() => null));
    // The three that are over the bound end at once; the others time out.
    const first = await Promise.race(ends);
    assertEquals(first, null);
    await Promise.all(ends);
    connections.forEach((connection) => connection.close());
    assertEquals((await ask(server, "/healthz"))[0], 200);
  }, { limits: { seconds: 0.2, headers: 4096, connections: 3 } }));

Deno.test("the OpenAPI document has every route, with the schemas that requests are checked by", () =>
  served(async (server) => {
    const [, document] = await ask(server, "/openapi.json");
    assertEquals(document.openapi, "3.1.0");
    const paths = document.paths as Record<string, Record<string, Json>>;
    assertEquals(
      Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`)),
      [
        "get /users/{id}/recommendations",
        "post /recommendations",
        "get /items/{id}/similar",
        "get /items/{id}/picture",
        "post /interactions",
        "get /healthz",
        "get /metrics",
      ],
    );
    const [id, k] = paths["/users/{id}/recommendations"].get.parameters as Json[];
    assertEquals([id.in, k.in, k.name], ["path", "query", "k"]);
    assertEquals((k.schema as Json).maximum, 1000);
  }));

Deno.test("a limit that is not above 0 is refused", async () => {
  await assertRejects(() => serve(run, { port: 0, limits: { k: 0 } }), ValueError, "limit k");
});
