/** Tests of arrays of features of any name. @module */
import { deepEqual, equal } from "node:assert/strict";
import { encodeNpy, npyHeader } from "../../../src/data/formats/npy.ts";
import { readDataset } from "../../../src/data/formats/mod.ts";
import { inMemory } from "../in_memory.ts";
import { type Content, withFolder } from "./folder.ts";
import { zip } from "./packed.ts";

const array = (shape: number[], ...values: number[]) => encodeNpy({ shape, values: Float32Array.from(values) });
const INTER = "userID\titemID\tx_label\n0\t0\t0\n0\t1\t0\n0\t2\t2\n";

/** Returns an array of texts or of whole numbers as NumPy writes it. */
function typed(type: string, count: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = npyHeader([count], "<f4");
  const text = new TextDecoder("latin1").decode(header).replace("'<f4'", `'${type}'`);
  const all = new Uint8Array(text.length + bytes.length);
  all.set(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
  new DataView(all.buffer).setUint16(8, text.length - 10, true);
  all.set(bytes, text.length);
  return all;
}

const read = (files: Record<string, Content>) => withFolder({ "x.inter": INTER, ...files }, readDataset);

Deno.test("readDataset() takes arrays of any name with a row for each item, and says why it does not take others", async () => {
  const data = await read({
    "all-MiniLM-L6-v2.npy": array([3, 1], 1, 2, 3),
    "audio_embeddings.npy": array([3, 1], 4, 5, 6),
    "clip.npy": array([2, 1], 7, 8),
    "clip_ids.txt": "2\n0\n",
    "users.npy": array([4, 1], 1, 2, 3, 4),
    "broken.npy": "no array",
    "text_feat.npy": array([3, 2], 1, 2, 3, 4, 5, 6),
  });
  deepEqual(Object.keys(data.modalities), ["text", "all-MiniLM-L6-v2", "audio", "clip"]);
  deepEqual([...inMemory(data.modalities.clip).values], [8, 7.5, 7]);
  equal(
    data.notes?.[0],
    'Not used: "broken.npy" (the file does not begin as a .npy file does), "users.npy" (4 rows, 3 items)',
  );
});

Deno.test("readDataset() tells the file of ids that an array needs where items are not numbers", async () => {
  const files = { "ratings.csv": "user,item,split\na,x,0\na,y,0\n", "clip.npy": array([2, 1], 7, 8) };
  const { notes } = await withFolder(files, readDataset);
  equal(notes?.[0], 'Not used: "clip.npy" (2 rows without ids; list them in "clip_ids.txt")');
});

for (const compressed of [false, true]) {
  Deno.test(`readDataset() reads ${compressed ? "compressed " : ""}archives of NumPy, their ids of any type`, async () => {
    const features = array([3, 1], 20, 10, 0);
    const whole = new BigInt64Array([2n, 1n, 0n]);
    const text = Uint8Array.from("210", (letter) => letter.charCodeAt(0));
    const wide = new Uint8Array(new Uint32Array([...text]).buffer);
    const data = await read({
      "whole.npz": await zip(
        { "ids.npy": typed("<i8", 3, new Uint8Array(whole.buffer)), "f.npy": features },
        compressed,
      ),
      "bytes.npz": await zip({ "f.npy": features, "item_ids.npy": typed("|S1", 3, text) }, compressed),
      "letters.npz": await zip({ "f.npy": features, "items.npy": typed("<U1", 3, wide) }, compressed),
      "two.npz": await zip({ "a.npy": features, "b.npy": array([3, 2], 1, 2, 3, 4, 5, 6) }, compressed),
      "other.npz": await zip({ "a.npy": array([2, 1], 1, 2) }, compressed),
      "empty.npz": await zip({ "readme.txt": text }, compressed),
      "cut.npz": (await zip({ "a.npy": features }, compressed)).slice(0, 90),
    });
    deepEqual(Object.keys(data.modalities), ["bytes", "letters", "two_a", "two_b", "whole"]);
    for (const name of ["bytes", "letters", "whole"]) {
      deepEqual([...inMemory(data.modalities[name]).values], [0, 10, 20], name);
    }
    equal(
      data.notes?.[0],
      'Not used: "cut.npz" (the file is no zip archive, or is cut off), "empty.npz" (no array of items × numbers), ' +
        '"other.npz" (2 rows, 3 items)',
    );
  });
}
