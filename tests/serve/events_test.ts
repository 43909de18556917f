/** Events: durable, kept once, and counted at once. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { FormatError, ValueError } from "../../kernels/errors.ts";
import { key } from "../../src/core/random.ts";
import { garden } from "../../src/data/garden.ts";
import { models } from "../../src/models/mod.ts";
import { explain } from "../../src/runs/explain.ts";
import { recommend } from "../../src/runs/recommend.ts";
import { train } from "../../src/runs/train.ts";
import { type InteractionEvent, openEvents, personOf } from "../../src/serve/mod.ts";

const text = fc.string({ minLength: 1, maxLength: 3 }).filter((id) => !id.includes("\0"));
const anyEvents = fc.array(
  fc.record({ id: text, user: text, item: text, time: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
  { maxLength: 20 },
);

Deno.test("append() keeps the first event of each id, in the order of arrival, in any batches", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvents, { maxLength: 4 }), async (batches) => {
      const events = await openEvents(":memory:");
      const expected = new Map<string, InteractionEvent>();
      for (const batch of batches) {
        const before = expected.size;
        for (const event of batch) if (!expected.has(event.id)) expected.set(event.id, event);
        assertEquals(events.append(batch), expected.size - before);
      }
      assertEquals(
        events.read().map(({ time, ...rest }) => ({ ...rest, time: time + 0 })),
        [
          ...expected.values(),
        ].map((event) => ({ ...event, time: event.time + 0 })),
      );
      for (const { user } of expected.values()) {
        const own = [...expected.values()].filter((event) => event.user === user).map(({ item }) => item);
        assertEquals(events.itemsOf(user), [...new Set(own)]);
      }
      events.close();
    }),
    { numRuns: 30 },
  );
});

Deno.test("a batch with a bad event is not kept at all", async () => {
  const events = await openEvents(":memory:");
  const good = { id: "1", user: "u", item: "i", time: 1 };
  assertThrows(() => events.append([good, { ...good, id: "2", item: "" }]), ValueError, "item");
  assertThrows(() => events.append([good, { ...good, id: "2", time: NaN }]), ValueError, "time");
  assertEquals(events.read(), []);
  events.close();
});

Deno.test("a file that is no database, or has another table, is refused by name", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/text.sqlite`, "user,item\n".repeat(200));
  await assertRejects(() => openEvents(`${folder}/text.sqlite`), FormatError, "text.sqlite");
  const { DatabaseSync } = await import("node:sqlite");
  const other = new DatabaseSync(`${folder}/other.sqlite`);
  other.exec("CREATE TABLE interactions (user TEXT, item TEXT)");
  other.close();
  await assertRejects(() => openEvents(`${folder}/other.sqlite`), FormatError, "expected id, user, item, time");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("two processes append to one file, and each sees the events of the other", async () => {
  const folder = await Deno.makeTempDir();
  const [one, other] = [await openEvents(`${folder}/e.sqlite`), await openEvents(`${folder}/e.sqlite`)];
  one.append([{ id: "1", user: "u", item: "a", time: 1 }]);
  other.append([{ id: "2", user: "u", item: "b", time: 2 }, { id: "1", user: "u", item: "c", time: 3 }]);
  assertEquals([one.itemsOf("u"), other.itemsOf("u")], [["a", "b"], ["a", "b"]]);
  one.close();
  other.close();
  await Deno.remove(folder, { recursive: true });
});

/** A program that appends events one by one and prints the number of each when it is kept. */
const PROGRAM = `
  import { openEvents } from "${new URL("../../src/serve/events.ts", import.meta.url)}";
  const events = await openEvents(Deno.args[0]);
  for (let n = 0;; n++) {
    events.append([{ id: String(n), user: "u", item: "i" + n, time: n }]);
    Deno.stdout.writeSync(new TextEncoder().encode(n + "\\n"));
  }`;

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** Kills the program after some acknowledged events; returns the acknowledged and the kept numbers. */
async function killed(folder: string, after: number): Promise<{ acknowledged: number; kept: number[] }> {
  const file = `${folder}/${after}.sqlite`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", CONFIG, `${folder}/program.ts`, file],
    stdout: "piped",
  }).spawn();
  let printed = "";
  let alive = true;
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    printed += decoder.decode(chunk);
    if (!alive || printed.split("\n").length <= after) continue;
    alive = false;
    child.kill("SIGKILL");
  }
  await child.status;
  const events = await openEvents(file);
  const kept = events.read().map(({ time }) => time);
  events.close();
  return { acknowledged: printed.split("\n").length - 1, kept };
}

Deno.test("events that were acknowledged survive the death of the process", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/program.ts`, PROGRAM);
  for (let round = 0; round < 5; round++) {
    const kills = [0, 1, 2, 3].map((n) => killed(folder, 1 + 4 * round + n));
    for (const { acknowledged, kept } of await Promise.all(kills)) {
      assert(kept.length >= acknowledged, `${acknowledged} acknowledged, ${kept.length} kept`);
      assertEquals(kept, [...kept.keys()]);
    }
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an event counts at once: the item leaves the lists, and attention goes to it", async () => {
  const data = garden(key(3), { users: 24, items: 30 });
  const run = await train(models.monet, data, { settings: { dim: 4 }, epochs: 1, test: false });
  const events = await openEvents(":memory:");
  for (const user of [data.users[3], "a visitor"]) {
    const list = async () => (await recommend(run, { users: [personOf(run, events, user)], k: 3 }))[0];
    const before = (await list()).items[0].item;
    events.append([
      { id: `${user} 1`, user, item: before, time: 1 },
      { id: `${user} 2`, user, item: "not in the run", time: 2 },
    ]);
    assertEquals((await list()).items.some(({ item }) => item === before), false);
    const { items } = await explain(run, personOf(run, events, user), data.items[9]);
    assertEquals(items.filter(({ item, attention }) => item === before && attention! > 0).length, 1);
  }
  events.close();
});
