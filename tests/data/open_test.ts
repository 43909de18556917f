/** Tests of opening data sets by name. @module */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { key } from "../../src/core/random.ts";
import { encodeNpy } from "../../src/data/formats/npy.ts";
import { garden } from "../../src/data/garden.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { openDataset } from "../../src/data/open.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const LOG = "user,item,split\nann,b,0\nann,a,1\nbob,a,0\n";

Deno.test("openDataset() opens the garden by its name", async () => {
  deepEqual(await openDataset("garden"), garden(key(0)));
});

Deno.test("openDataset() makes features of words and says so once", async () => {
  const files = memoryFiles();
  await files.makeFolder("data");
  await files.write("data/interactions.csv", bytes(LOG));
  await files.write("data/items.csv", bytes("item,title\na,Lilies\nb,Fog\n"));
  const data = await openDataset("data", { files });
  deepEqual(Object.keys(data.modalities), ["text"]);
  deepEqual(data.notes, ["no features given; made text of the words and pictures of the items"]);
  await files.write("data/text_feat.csv", bytes("item,x\na,1\nb,2\n"));
  equal((await openDataset("data", { files })).notes, undefined);
});

Deno.test("openDataset() makes modalities of words, tags, pictures and feature files together, if it is asked to", async () => {
  const files = memoryFiles();
  await files.makeFolder("data");
  await files.write("data/interactions.csv", bytes(LOG.replaceAll(",a,", ",1,").replaceAll(",b,", ",0,")));
  await files.write("data/items.csv", bytes("item,title\n1,Lilies\n0,Fog\n"));
  await files.write("data/image_feat.csv", bytes("item,x\n1,1\n0,2\n"));
  await files.write("data/attributes.tsv", bytes("item\ttags\n1\twhite\n0\tgrey\n"));
  const pixels = Uint8Array.from({ length: 2 * 6 * 6 * 3 }, (_, k) => k);
  await files.write("data/pictures.npy", encodeNpy({ shape: [2, 6, 6, 3], values: pixels }));
  const plain = await openDataset("data", { files });
  deepEqual(Object.keys(plain.modalities), ["image", "attributes"]);
  equal(
    plain.notes?.at(-1),
    "Not learned from: the words of the items; --encode all makes features of them (option encode)",
  );
  const all = await openDataset("data", { files, encode: "all" });
  deepEqual(Object.keys(all.modalities), ["image", "attributes", "text", "pixels"]);
  deepEqual(all.modalities.image, plain.modalities.image);
  equal(all.notes?.at(-1), "made text and pixels of the words and pictures, next to the features");
});

Deno.test("openDataset() encodes nothing a second time", async () => {
  deepEqual(await openDataset("garden", { encode: "all" }), garden(key(0)));
});

Deno.test("openDataset() keeps data without content, and the notes of the reader come first", async () => {
  const files = memoryFiles();
  await files.write("log.csv", bytes(`${LOG}bob,a,0\n`));
  const { modalities, notes = [] } = await openDataset("log.csv", { files });
  deepEqual(modalities, {});
  equal(notes.length, 2);
  equal(notes[0].startsWith("Duplicate interactions left out: 1"), true);
  equal(notes[1], "no features given; there are no words or pictures to make them of");
  await rejects(
    openDataset("none", { files }),
    /^FormatError: Cannot read a data set from "none": there is no such file/,
  );
});
