/** Tests of the recognition of formats. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { readDataset, writeDataset } from "../../../src/data/formats/mod.ts";
import { inFileOrder, leaveLastOut, official, resplit } from "../../../src/data/split.ts";
import { type Content, refusal, withFolder } from "./folder.ts";
import { absent, DATA } from "../../shared_data.ts";

const formats: Record<string, Record<string, Content>> = {
  "a folder with inter.tsv": { "inter.tsv": "user\titem\tsplit\n0\t0\t0\n0\t1\t0\n0\t2\t0\n" },
  "MMRec's": { "x.inter": "userID\titemID\trating\ttimestamp\tx_label\n0\t0\t5\t1\t0\n0\t1\t5\t2\t0\n0\t2\t5\t3\t0\n" },
  "RecBole's": { "x.inter": "user_id:token\titem_id:token\n0\t0\n0\t1\n0\t2\n" },
  "LATTICE's": { "5-core/train.json": '{"0": [0, 1, 2]}', "5-core/val.json": "{}", "5-core/test.json": "{}" },
  "train.csv and test.csv": {
    "train.csv": "itemID,userID,asin\n0,0,a\n1,0,b\n",
    "test.csv": "itemID,userID,asin\n2,0,c\n",
  },
  "one CSV file": { "ratings.csv": "userId,movieId,rating,timestamp\n0,0,5,1\n0,1,5,2\n0,2,5,3\n" },
  "JSON lines": { "interactions.jsonl": '{"user": 0, "item": 0}\n{"user": 0, "item": 1}\n{"user": 0, "item": 2}\n' },
};

for (const [name, files] of Object.entries(formats)) {
  Deno.test(`readDataset() knows ${name}, also once it is written again`, () =>
    withFolder(files, async (folder) => {
      const data = await readDataset(folder, { split: inFileOrder(leaveLastOut()) });
      assertEquals([data.users, data.items, [...data.interactions.split]], [["0"], ["0", "1", "2"], [0, 1, 2]]);
      await writeDataset(`${folder}/again`, data);
      assertEquals(await readDataset(`${folder}/again`), data);
    }));
}

Deno.test("readDataset() applies a given split to its own format", () =>
  withFolder(formats["RecBole's"], async (folder) => {
    await writeDataset(`${folder}/again`, await readDataset(folder));
    const data = await readDataset(`${folder}/again`, { split: inFileOrder(leaveLastOut()) });
    assertEquals([...data.interactions.split], [0, 1, 2]);
  }));

Deno.test("readDataset() names the files in a folder of its own format that it does not use", () =>
  withFolder(formats["LATTICE's"], async (folder) => {
    await writeDataset(`${folder}/again`, await readDataset(folder));
    for (const name of ["poster_feat.npy", "pictures.npy", "movies.csv"]) {
      await Deno.writeTextFile(`${folder}/again/${name}`, "");
    }
    await Deno.mkdir(`${folder}/again/images`);
    const { notes } = await readDataset(`${folder}/again`);
    assertEquals(notes, ['Not used: "images/", "movies.csv", "pictures.npy", "poster_feat.npy"']);
  }));

Deno.test("readDataset() refuses paths without a data set, with the files that it expects", async () => {
  assertEquals(
    await refusal({}, (folder) => readDataset(`${folder}/nowhere`)),
    'FormatError: Cannot read a data set from "nowhere": there is no such file or folder',
  );
  assertEquals(
    await refusal({ "README.md": "# Nothing" }, readDataset),
    'FormatError: Cannot read a data set from ".": expected dataset.json, inter.tsv, NAME.inter, 5-core/train.json, ' +
      "interactions.csv, or train.csv and test.csv",
  );
});

Deno.test("readDataset() refuses a folder with two .inter files, with the remedy", async () => {
  const log = "userID\titemID\trating\ttimestamp\tx_label\n0\t0\t5\t1\t0\n";
  assertEquals(
    await refusal({ "a.inter": log, "b.inter": log }, readDataset),
    'FormatError: Cannot read a data set from ".": expected one file of interactions, found "a.inter", "b.inter"; move ' +
      "the others away, or name the file",
  );
});

const REAL: Record<string, [users: number, items: number, split: number[], modalities: string[]]> = {
  tiktok: [9308, 6710, [59541, 3051, 6130], ["audio", "image"]],
  ml100k: [943, 1682, [75000, 12000, 13000], ["poster_handcrafted", "text"]],
  office: [4874, 2406, [40648, 6465, 5844], []],
  "men-clothing": [4955, 5028, [22296, 5078, 4989], []],
  "beauty-5core": [22363, 12101, [153776, 22363, 22363], ["attributes", "megcf_title", "megcf_visual"]],
  baby: [19445, 7050, [118551, 21682, 20559], []],
};

for (const [name, [users, items, split, modalities]] of Object.entries(REAL)) {
  Deno.test({
    name: `readDataset() reads ${name} whole (needs ../shared/data)`,
    ignore: absent(name),
    fn: async () => {
      const parts = await readDataset(DATA + name);
      const released = name === "office" || name === "men-clothing";
      const data = released ? resplit(parts, official()) : parts;
      if (released) assertEquals(parts.interactions.split.filter((code) => code === 1).length, 0);
      assertEquals([data.users.length, data.items.length], [users, items]);
      assertEquals([0, 1, 2].map((code) => data.interactions.split.filter((c) => c === code).length), split);
      assertEquals(Object.keys(data.modalities), modalities);
      assert(name !== "ml100k" || data.titles?.[0] === "Toy Story (1995)" && data.pictures?.height === 48);
    },
  });
}
