/** Tests of compressed files. @module */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { encodeNpy } from "../../../src/data/formats/npy.ts";
import { FormatError } from "../../../kernels/errors.ts";
import { inflate } from "../../../src/data/formats/inflate.ts";
import { readDataset } from "../../../src/data/formats/mod.ts";
import { type Content, refusal, withFolder } from "./folder.ts";
import { packed } from "./packed.ts";

const LISTS: Record<string, string> = {
  "train.json": '{"0": [0, 1], "1": [2]}',
  "val.json": '{"0": [2]}',
  "test.json": '{"1": [0]}',
};
const FILES: Record<string, Record<string, Content>> = {
  "csv": {
    "train.csv": "user,item\n0,0\n0,1\n",
    "test.csv": "user,item\n0,2\n",
    "items.jsonl": '{"item": 0, "title": "T"}\n',
    "a_feat.npy": encodeNpy({ shape: [3, 1], values: Float32Array.of(1, 2, 3) }),
    "b.npy": encodeNpy({ shape: [3, 1], values: Float32Array.of(1, 2, 3) }),
    "c_feat.csv": "item,x\n0,1\n1,2\n2,3\n",
    "pictures.npy": encodeNpy({ shape: [3, 1, 1, 3], values: new Uint8Array(9) }),
  },
  "MMRec": { "x.inter": "userID\titemID\tx_label\n0\t0\t0\n0\t1\t1\n" },
  "RecBole": {
    "x.inter": "user_id:token\titem_id:token\n0\t0\n0\t1\n",
    "x.item": "item_id:token\ttitle:token\n0\tT\n",
  },
  "LightGCN": { "train.txt": "0 0 1\n1 2\n", "test.txt": "0 2\n" },
  "LATTICE": LISTS,
  "LATTICE 5-core": Object.fromEntries(Object.entries(LISTS).map(([name, text]) => [`5-core/${name}`, text])),
  "inter.tsv": { "inter.tsv": "user\titem\tsplit\n0\t0\t0\n0\t1\t1\n", "attributes.tsv": "item\tids\n0\t3 4\n" },
};

for (const [format, files] of Object.entries(FILES)) {
  Deno.test(`readDataset() reads compressed files as their content: ${format}`, async () => {
    const entries = await Promise.all(
      Object.entries(files).map(async ([name, content]) =>
        [
          `d/${name}.gz`,
          await packed(typeof content === "string" ? content : new Uint8Array(content)),
        ] as const
      ),
    );
    const plain = Object.fromEntries(Object.entries(files).map(([name, content]) => [`d/${name}`, content]));
    const read = (folder: string) => readDataset(`${folder}/d`);
    deepEqual(await withFolder(Object.fromEntries(entries), read), await withFolder(plain, read));
  });
}

Deno.test("inflate() stops at its bound: a small file does not become a huge one", async () => {
  const bomb = await packed(new Uint8Array(2 ** 24));
  equal(bomb.length < 20_000, true);
  const refuse = (rule: string) => new FormatError(rule);
  equal((await inflate(bomb, "gzip", 2 ** 24, refuse)).length, 2 ** 24);
  await rejects(inflate(bomb, "gzip", 2 ** 24 - 1, refuse), /longer than 15 MiB; split the file/);
});

Deno.test("inflate() reads files of several members, and checks each of them", async () => {
  const refuse = (rule: string) => new FormatError(rule);
  const members = await Promise.all(["user,item\n", "", "a,x\n", "y".repeat(200_000)].map((text) => packed(text)));
  const whole = new Uint8Array(members.flatMap((member) => [...member]));
  const text = new TextDecoder().decode(await inflate(whole, "gzip", 2 ** 18, refuse));
  equal(text, `user,item\na,x\n${"y".repeat(200_000)}`);
  await rejects(inflate(whole, "gzip", 200_000, refuse), /longer than 0 MiB/);
  for (const at of [members[0].length + 12, whole.length - 5, whole.length - 1]) {
    const wrong = whole.slice();
    wrong[at] ^= 1;
    await rejects(inflate(wrong, "gzip", 2 ** 18, refuse), /damaged or cut off/);
  }
  await rejects(inflate(whole.slice(0, -3), "gzip", 2 ** 18, refuse), /damaged or cut off/);
});

Deno.test("readDataset() refuses damaged compressed files, and those that it cannot decompress, by their names", async () => {
  const whole = await packed("user,item\na,x\n");
  for (const bytes of [whole.slice(0, 20), new Uint8Array([...whole, ...whole.slice(0, 12)])]) {
    equal(
      await refusal({ "ratings.csv.gz": bytes }, readDataset),
      'FormatError: Cannot read interactions from "ratings.csv.gz": the compressed data are damaged or cut off; ' +
        "unpack the file to see more",
    );
  }
  equal(
    await refusal({ "ratings.csv.gz": await packed("") }, readDataset),
    'FormatError: Cannot read interactions from "ratings.csv.gz": the file is empty',
  );
  const xz = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0);
  equal((await refusal({ "ratings.csv": xz }, readDataset)).includes("compressed by xz, and must be unpacked"), true);
});
