/** Tests of LATTICE's and MONET's folders. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { readLattice } from "../../../src/data/formats/lattice.ts";
import { encodeNpy } from "../../../src/data/formats/npy.ts";
import { inMemory } from "../in_memory.ts";
import { type Content, refusal, withFolder } from "./folder.ts";

const lists = { "5-core/train.json": '{"0": [1, 0], "1": [2], "2": []}', "5-core/val.json": '{"0": [2], "1": []}' };

Deno.test("readLattice() reads the three lists and features, and leaves out users without training", async () => {
  const data = await withFolder({
    ...lists,
    "5-core/test.json": '{"0": [3], "1": [0], "2": [1]}',
    "image_feat.npy": encodeNpy({ shape: [4, 1], values: Float32Array.of(1, 2, 3, 4) }),
  }, readLattice);
  assertEquals([data.users, data.items], [["0", "1"], ["0", "1", "2", "3"]]);
  assertEquals(data.interactions, {
    users: Int32Array.of(0, 0, 1, 0, 0, 1),
    items: Int32Array.of(1, 0, 2, 2, 3, 0),
    split: Uint8Array.of(0, 0, 0, 1, 2, 2),
    times: null,
  });
  assertEquals([...inMemory(data.modalities.image).values], [1, 2, 3, 4]);
  assertEquals(data.notes, ["Interactions of users without training interactions left out: 1"]);
});

Deno.test("readLattice() refuses lists it cannot read, with the reason", async () => {
  const cases: [Content, string][] = [
    ["", "the file is empty"],
    ['{"0": [1], "1": [', "the file is not JSON, or is truncated"],
    ["[[1]]", "expected an object from user id to a list of item ids"],
    ['{"0": [1, -1]}', 'user "0" has -1; expected a list of item ids, whole numbers from 0 on'],
    ['{"0": [1, null]}', 'user "0" has null; expected a list of item ids, whole numbers from 0 on'],
    ['{"0": 7}', 'user "0" has 7; expected a list of item ids, whole numbers from 0 on'],
  ];
  for (const [content, rule] of cases) {
    assertEquals(
      await refusal({ ...lists, "5-core/test.json": content }, readLattice),
      `FormatError: Cannot read interactions from "5-core/test.json": ${rule}`,
    );
  }
  assertEquals(
    await refusal(lists, readLattice),
    'FormatError: Cannot read interactions from "5-core/test.json": there is no such file or folder',
  );
});
