/** Tests of downloads, by a server on loopback that fails in every way. @module */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { gzipSync, strToU8, zipSync } from "fflate";
import { PUBLISHED, type PublishedFile } from "../../src/data/published.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { download, verified } from "../../src/cli/download.ts";
import { type } from "./captured.ts";
import { inFolder } from "./folder.ts";
import { type Answer, type Asked, honest, withServer } from "./loopback.ts";

const CONTENT = Uint8Array.from({ length: 100_000 }, (_, k) => k * k % 251);
const SHA256 = await hex(CONTENT);

async function hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Downloads from a server to files in memory, and returns all that there is to see. */
async function downloaded(
  answer: (asked: Asked, n: number) => Answer,
  file: Partial<PublishedFile> = {},
  files = memoryFiles(),
) {
  const asked: string[] = [], notes: string[] = [], waits: number[] = [], seen: number[] = [];
  let failure: unknown = null;
  await withServer((request) => {
    asked.push(request.headers.get("range") ?? "all");
    return answer(request, asked.length - 1);
  }, async (address) => {
    const options = {
      files,
      signal: new AbortController().signal,
      progress: (done: number) => void seen.push(done),
      note: (text: string) => void notes.push(text),
      wait: (milliseconds: number) => (waits.push(milliseconds), Promise.resolve()),
    };
    const wanted = { url: `${address}/x`, name: "x", ...file };
    try {
      await download(wanted, "x", options);
      await verified(wanted, "x", files);
    } catch (error) {
      failure = error;
    }
  });
  const text = failure instanceof Error ? failure.message.replaceAll(/http:\/\/127.0.0.1:\d+/g, "") : null;
  return { files, asked, notes, waits, seen, failure: text };
}

const cut = (answer: Answer, count: number): Answer => ({ ...answer, body: answer.body.subarray(0, count) });

Deno.test("download() goes on where a server stops half way", async () => {
  const { files, asked, seen, failure } = await downloaded(
    (request, n) => n < 3 ? cut(honest(CONTENT)(request), 30_000) : honest(CONTENT)(request),
    { sha256: SHA256 },
  );
  equal(failure, null);
  deepEqual(asked, ["all", "bytes=30000-", "bytes=60000-", "bytes=90000-"]);
  deepEqual(await files.read("x"), CONTENT);
  deepEqual((await files.list("")).map(({ name }) => name), ["x"]);
  equal(seen.at(-1), CONTENT.length);
});

Deno.test("download() gives up a server that sends nothing more, and a later call goes on", async () => {
  const first = await downloaded((request, n) => cut(honest(CONTENT)(request), n === 0 ? 40_000 : 0));
  equal(
    first.failure,
    'Cannot get "/x": the connection ended after 40000 of 100000 bytes, 4 times; run the command again to go on from there',
  );
  deepEqual(first.waits, [2000, 4000]);
  await first.files.write("x.part.json", (await first.files.read("x.part.json")).slice());
  // The port of the address is another for every server, so the record of the origin is renewed.
  await withServer(honest(CONTENT), async (address) => {
    const origin = { url: `${address}/x`, version: '"1"' };
    await first.files.write("x.part.json", strToU8(JSON.stringify(origin)));
    const seen: number[] = [];
    await download({ url: `${address}/x`, name: "x" }, "x", {
      files: first.files,
      signal: new AbortController().signal,
      progress: (done) => void seen.push(done),
      note: () => {},
      wait: () => Promise.resolve(),
    });
    ok(seen[0] > 40_000);
    deepEqual(await first.files.read("x"), CONTENT);
  });
});

Deno.test("download() begins again where the server has another version, or does not know ranges", async () => {
  const other = CONTENT.map((byte) => byte ^ 1);
  const changed = await downloaded((request, n) =>
    n === 0 ? cut(honest(CONTENT, '"old"')(request), 50_000) : honest(other, '"new"')(request)
  );
  deepEqual([changed.failure, changed.notes], [null, ["the server sends the whole file again"]]);
  deepEqual(await changed.files.read("x"), other);
  const whole = honest(CONTENT);
  const simple = await downloaded((request, n) => {
    const answer = whole({ ...request, headers: new Map() });
    return n === 0 ? cut(answer, 50_000) : answer;
  });
  deepEqual([simple.failure, await simple.files.read("x")], [null, CONTENT]);
  const elsewhere = await downloaded((request, n) => {
    const answer = n === 0 ? cut(whole(request), 50_000) : whole(request);
    return n === 1 ? { ...answer, headers: { ...answer.headers, "content-range": "bytes 7-99999/100000" } } : answer;
  });
  deepEqual([elsewhere.failure, await elsewhere.files.read("x")], [null, CONTENT]);
  match(elsewhere.notes[0], /begins again/);
});

Deno.test("download() refuses servers that lie about the length", async () => {
  const stating = (length: number) => (request: Asked): Answer => {
    const answer = honest(CONTENT)({ ...request, headers: new Map() });
    return { ...answer, headers: { ...answer.headers, "content-length": String(length) } };
  };
  const more = await downloaded(stating(200_000), { sha256: SHA256 });
  match(more.failure!, /^Cannot get "\/x": the connection ended after \d+ of \d+ bytes/);
  const less = await downloaded(stating(60_000), { sha256: SHA256 });
  match(less.failure!, /^Cannot use "\/x": its SHA-256 is [0-9a-f]{64}, expected /);
  equal(await less.files.stat("x"), null);
  const known = await downloaded(honest(CONTENT), { bytes: 99_999 });
  equal(
    known.failure,
    'Cannot get "/x": the file has 100000 bytes, expected 99999: the publisher has changed it, or this is another file',
  );
  const huge = await downloaded(stating(2 ** 36));
  equal(huge.failure, 'Cannot get "/x": the file has 68719476736 bytes, expected at most 32 GiB');
});

Deno.test("download() removes other bytes than expected, and refuses what a server refuses", async () => {
  const other = await downloaded(honest(CONTENT.map((byte) => byte ^ 1)), { sha256: SHA256, bytes: CONTENT.length });
  match(other.failure!, /expected .*; the bytes are removed/);
  deepEqual(await other.files.list(""), []);
  const missing = await downloaded(() => ({ status: "404 Not Found", headers: {}, body: new Uint8Array(0) }));
  equal(missing.failure, 'Cannot get "/x": the server answers 404 Not Found');
  const nobody = await downloaded(() => ({ status: "500 No", headers: {}, body: CONTENT }), {
    url: "http://127.0.0.1:1/x",
  });
  match(nobody.failure!, /the connection ended after 0 bytes/);
});

Deno.test("download() ends by a signal, and keeps the bytes", async () => {
  const files = memoryFiles(), stop = new AbortController();
  await withServer((request) => cut(honest(CONTENT)(request), 50_000), async (address) => {
    const options = { files, signal: stop.signal, note: () => {}, wait: () => Promise.resolve() };
    const progress = () => stop.abort();
    await rejects(download({ url: `${address}/x`, name: "x" }, "x", { ...options, progress }), { name: "AbortError" });
  });
  equal((await files.stat("x.part"))!.size > 0, true);
});

const text = (lines: string[]): Uint8Array => strToU8(lines.join("\n"));
const pairs = Array.from({ length: 60 }, (_, e) => [1 + e % 6, 1 + (e * 7) % 10, 1 + e % 5, 880000000 + e]);

/** Small archives in the form of the published ones. */
const ARCHIVES: Readonly<Record<string, Record<string, Uint8Array>>> = {
  "movielens-100k": {
    "ml-100k/u.data": text(pairs.map((row) => row.join("\t"))),
    "ml-100k/u.item": text(pairs.slice(0, 10).map((_, i) => `${i + 1}|F\u00efl\u00f6m ${i}|01-Jan-1995||url|0|1`)),
    "ml-100k/u1.base": text(["1\t1\t1\t1"]),
    "ml-100k/README": text(["Conditions"]),
  },
  "movielens-1m": {
    "ml-1m/ratings.dat": text(pairs.map((row) => row.join("::"))),
    "ml-1m/movies.dat": text(pairs.slice(0, 10).map((_, i) => `${i + 1}::Film ${i}::Drama|War`)),
    "ml-1m/users.dat": text(["1::F::1::10::48067"]),
  },
  "movielens-25m": {
    "ml-25m/ratings.csv": text(["userId,movieId,rating,timestamp", ...pairs.map((row) => row.join(","))]),
    "ml-25m/movies.csv": text([
      "movieId,title,genres",
      ...pairs.slice(0, 10).map((_, i) => `${i + 1},"Film, ${i}",War`),
    ]),
    "ml-25m/tags.csv": text(["userId,movieId,tag,timestamp", "1,1,x,1"]),
  },
  "lastfm-2k": {
    "user_artists.dat": text(["userID\tartistID\tweight", ...pairs.map((row) => row.slice(0, 3).join("\t"))]),
    "artists.dat": text([
      "id\tname\turl\tpictureURL",
      ...pairs.slice(0, 10).map((_, i) => `${i + 1}\tBand "${i}\tu\tp`),
    ]),
    "user_friends.dat": text(["userID\tfriendID", "1\t2"]),
    "readme.txt": text(["Conditions"]),
  },
};

const REVIEWS = gzipSync(
  text(
    pairs.map(([user, item, overall, time]) =>
      JSON.stringify({ reviewerID: `A${user}`, asin: `B${item}`, overall, unixReviewTime: time, reviewText: "good" })
    ),
  ),
);
const META = gzipSync(
  text(pairs.slice(0, 10).map((_, i) => `{'asin': 'B${i + 1}', 'title': "It's ${i}", 'price': 1.5}`)),
);

for (const [name, { files: [{ url }], licence }] of Object.entries(PUBLISHED)) {
  Deno.test(`data get ${name} downloads, checks, unpacks and converts an archive of this form`, () =>
    inFolder(async (folder) => {
      const archive = ARCHIVES[name] && Uint8Array.from(zipSync(ARCHIVES[name]));
      const contents = (path: string) => archive ?? (path.includes("meta") ? META : REVIEWS);
      await withServer((asked) => honest(contents(asked.path))(asked), async (address) => {
        const { fetch } = globalThis;
        const wanted: string[] = [];
        globalThis.fetch = (input, init) => {
          wanted.push(String(input));
          return fetch(address + new URL(String(input)).pathname, init);
        };
        try {
          const digest = archive ? `--sha256 ${await hex(archive)}` : "";
          const { exit, out, err } = await type(`data get ${name} ${digest} --out ${folder}/data --json`);
          equal(exit, 0, err);
          const { users, items, titles } = JSON.parse(out);
          deepEqual([users, items, titles], [6, 10, true]);
          equal(wanted[0], url);
          ok(err.includes(`Conditions: ${licence}`), err);
          ok(err.includes(archive ? "has the expected SHA-256" : "has no known digest, and was not verified"), err);
          deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), ["data"]);
        } finally {
          globalThis.fetch = fetch;
        }
      });
    }));
}

Deno.test("data get refuses unknown names, other bytes, and a folder that holds a data set", () =>
  inFolder(async (folder) => {
    const bytes = strToU8("user,item\na,x\nb,y\n") as Uint8Array<ArrayBuffer>;
    await withServer(honest(bytes), async (address) => {
      const line = `data get ${address}/shop.csv --out ${folder}/shop`;
      const wrong = await type(`${line} --sha256 ${"0".repeat(64)}`);
      deepEqual([wrong.exit, wrong.err.includes("expected 0000000000")], [1, true]);
      const { exit, err } = await type(`${line} --sha256 ${await hex(bytes)} --keep`);
      equal(exit, 0, err);
      deepEqual([...Deno.readDirSync(`${folder}/shop.download`)].map((entry) => entry.name), ["shop.csv"]);
      ok((await type(line)).err.includes("holds a data set already"));
    });
    ok((await type("data get movielens-2k")).err.includes("movielens-100k, movielens-1m"));
    ok((await type("data get movielens-1m --sha256 7")).err.includes("expected 64 hexadecimal digits"));
    ok((await type("data get")).out.includes("https://grouplens.org/datasets/movielens/25m/"));
  }));
