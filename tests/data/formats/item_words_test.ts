/** Tests of files with the words about items. @module */
import { deepEqual, equal } from "node:assert/strict";
import { readDataset } from "../../../src/data/formats/mod.ts";
import type { Content } from "./folder.ts";
import { withFolder } from "./folder.ts";

const latin = Uint8Array.from("1::Café (1995)::Drama|War\n2::Heat (1995)::Crime\n", (letter) => letter.charCodeAt(0));
const FOLDERS: Record<string, [files: Record<string, Content>, titles: string[], texts: string[]]> = {
  "movies.csv of MovieLens": [
    {
      "ratings.csv": "userId,movieId,split\n1,1,0\n1,2,0\n",
      "movies.csv": 'movieId,title,genres\n2,"Heat, a film",Crime\n1,Toy,\n',
    },
    ["Toy", "Heat, a film"],
    ["Toy", "Heat, a film\nCrime"],
  ],
  "movies.dat of MovieLens, which is not UTF-8": [
    { "ratings.dat": "1::1::5::9\n1::2::5::9\n", "movies.dat": latin },
    ["Café (1995)", "Heat (1995)"],
    ["Café (1995)\nDrama|War", "Heat (1995)\nCrime"],
  ],
  "u.item of MovieLens": [
    { "u.data": "1\t1\t5\t9\n1\t2\t5\t9\n", "u.item": "1|Toy|1-Jan-1995||u|0|1\n2|Heat|1-Jan-1995||u|1|0\n" },
    ["Toy", "Heat"],
    ["Toy", "Heat"],
  ],
  "products.jsonl": [
    { "ratings.csv": "user,item,split\n1,1,0\n1,2,0\n", "products.jsonl": '{"product_id": 2, "name": "Pen"}\n' },
    ["", "Pen"],
    ["", "Pen"],
  ],
  "metadata of Amazon": [
    {
      "reviews.jsonl": '{"user_id": "u", "parent_asin": "B1", "split": 0}\n',
      "meta_Office.jsonl": '{"parent_asin": "B1", "title": "Pen", "description": ["Blue", "Ink"]}\n',
    },
    ["Pen"],
    ["Pen\nBlue, Ink"],
  ],
};

for (const [name, [files, titles, texts]] of Object.entries(FOLDERS)) {
  Deno.test(`readDataset() reads ${name}`, async () => {
    const data = await withFolder(files, readDataset);
    deepEqual([data.titles, data.texts], [titles, texts]);
  });
}

Deno.test("readDataset() reads the better of two files of items, and names the other", async () => {
  const log = {
    "ratings.csv": "user,item,split\nu,1,0\n",
    "movies.csv": "movieId,title\n1,A\n",
    "items.csv": "item,title\n1,B\n",
  };
  const data = await withFolder(log, readDataset);
  deepEqual([data.titles, data.notes?.[0]], [["B"], 'Not used: "movies.csv"']);
  const wordless = await withFolder({ ...log, "items.csv": "item,price\n1,3\n" }, readDataset);
  equal(wordless.notes?.[0], 'Not used: "items.csv", "movies.csv"');
});
