/** Tests of MMRec's folders. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { readMmrec } from "../../../src/data/formats/mmrec.ts";
import { encodeNpy } from "../../../src/data/formats/npy.ts";
import { inMemory } from "../in_memory.ts";
import { refusal, withFolder } from "./folder.ts";

const header = "userID\titemID\trating\ttimestamp\tx_label\n";

Deno.test("readMmrec() reads interactions and features, and leaves out users without training", async () => {
  const data = await withFolder({
    "baby.inter": `${header}0\t0\t5.0\t10\t0\n0\t1\t4.0\t20\t1\n1\t1\t4.0\t30\t2\n2\t0\t5.0\t40\t0\n`,
    "text_feat.npy": encodeNpy({ shape: [2, 1], values: Float32Array.of(1, 2) }),
  }, readMmrec);
  assertEquals([data.name, data.users, data.items], ["baby", ["0", "2"], ["0", "1"]]);
  assertEquals(data.interactions, {
    users: Int32Array.of(0, 0, 1),
    items: Int32Array.of(0, 1, 0),
    split: Uint8Array.of(0, 1, 0),
    times: Float64Array.of(10, 20, 40),
  });
  assertEquals([...inMemory(data.modalities.text).values], [1, 2]);
  assertEquals(data.notes, [
    'Every interaction counts, whatever its "rating", which is 4 to 5; --min-rating X keeps those of X or more (option ' +
    "minRating)",
    "Interactions of users without training interactions left out: 1",
  ]);
});

Deno.test("readMmrec() reads interactions without times and ratings, and names the files that it does not use", async () => {
  const data = await withFolder({
    "lfm.inter": "userID\titemID\tx_label\n0\t0\t0\n0\t1\t2\n",
    "README.md": "",
  }, readMmrec);
  assertEquals([data.interactions.times, [...data.interactions.split]], [null, [0, 2]]);
  assertEquals(data.notes, ['Not used: "README.md"']);
});

Deno.test("readMmrec() refuses folders it cannot read, with the reason", async () => {
  assertEquals(
    await refusal({ "image_feat.npy": "" }, readMmrec),
    'FormatError: Cannot read a data set from ".": expected one file NAME.inter, found none',
  );
  assertEquals(
    await refusal({ "a.inter": header, "b.inter": header }, readMmrec),
    'FormatError: Cannot read a data set from ".": expected one file NAME.inter, found "a.inter", "b.inter"; move the others away, or name the file',
  );
  assertEquals(
    await refusal({ "a.inter": "userID\titemID\n0\t0\n" }, readMmrec),
    'FormatError: Cannot read interactions from "a.inter" line 1: expected a column "x_label", found "userID", "itemID"',
  );
});
