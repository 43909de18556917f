/** Tests of the example that encodes items by large networks, with an encoder that counts letters. @module */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { type Encoder, encodeRows, itemsOf, meanOverParts, picturesIn } from "../examples/encode_features.ts";
import { memoryFiles } from "../src/data/memory_files.ts";
import { openDataset } from "../src/data/open.ts";
import { inMemory } from "./data/in_memory.ts";

const ITEMS = Array.from({ length: 10 }, (_, i) => ({ id: `i${i}`, content: "x".repeat(i + 1) }));

/** Returns an encoder, and the number of items in each of its calls. It fails at a call. */
function counting(failing = Infinity): { encode: Encoder; calls: number[] } {
  const calls: number[] = [];
  return {
    calls,
    encode: (contents) => {
      if (calls.push(contents.length) > failing) return Promise.reject(new Error("the machine stops"));
      return Promise.resolve({
        columns: 2,
        values: Float32Array.from(contents.flatMap(({ length }) => [length, -length])),
      });
    },
  };
}

Deno.test("encodeRows() writes rows by item in batches, and a later call goes on", async () => {
  const files = memoryFiles(), options = { files, batch: 4, model: "m" };
  const first = counting(1);
  await rejects(encodeRows("text", ITEMS, first.encode, "", options), /the machine stops/);
  // The machine stopped within a row.
  await files.append("/text_feat.part", new Uint8Array(5));
  const second = counting(), done: number[] = [];
  await encodeRows("text", ITEMS, second.encode, "", { ...options, progress: (count) => void done.push(count) });
  deepEqual([second.calls, done], [[4, 2], [8, 10]]);
  const log = ITEMS.map(({ id }, i) => `u${i % 2},${id}\n`).reverse().join("");
  await files.write("interactions.csv", new TextEncoder().encode(`user,item\n${log}`));
  const { items, modalities: { text } } = await openDataset("", { files });
  deepEqual([...inMemory(text).values], items.flatMap((id) => [Number(id[1]) + 1, -Number(id[1]) - 1]));
  deepEqual((await files.list("")).map(({ name }) => name), ["interactions.csv", "text_feat.npy", "text_ids.txt"]);
});

Deno.test("encodeRows() does not go on with rows of other items or of another model", async () => {
  for (const change of [{ model: "other" }, { entries: ITEMS.slice(1) }]) {
    const files = memoryFiles(), options = { files, batch: 4, model: "m" };
    await rejects(encodeRows("text", ITEMS, counting(1).encode, "", options));
    const { encode, calls } = counting();
    const { entries = ITEMS, model = "m" } = change as { entries?: typeof ITEMS; model?: string };
    equal(await encodeRows("text", entries, encode, "", { ...options, model }), entries.length);
    equal(calls.length, 3);
  }
});

Deno.test("itemsOf() reads JSON lines and CSV, and picturesIn() the pictures of a folder", async () => {
  const expected = [{ id: "7", content: "Rose\nred" }, { id: "8", content: "Fog" }];
  deepEqual(
    itemsOf('{"item": 7, "title": "Rose", "tags": ["red"]}\n{"item": "8", "title": "Fog", "price": 1}\n', true),
    expected,
  );
  deepEqual(itemsOf('item_id,title\n7,"Rose\nred"\n8,Fog\n', false), expected);
  const files = memoryFiles();
  await files.makeFolder("p");
  for (const name of ["a.jpg", "b.PNG", "notes.txt"]) await files.write(`p/${name}`, new Uint8Array(1));
  deepEqual((await picturesIn("p", files)).map(({ id }) => id), ["a", "b"]);
});

Deno.test("meanOverParts() averages over the parts of each row", () => {
  const means = meanOverParts({ dims: [2, 2, 3], data: Float32Array.of(1, 2, 3, 3, 4, 5, 0, 0, 0, 2, 2, 2) });
  deepEqual([...means], [2, 3, 4, 1, 1, 1]);
});
