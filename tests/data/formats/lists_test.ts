/** Tests of LightGCN's lists and of RecBole's files of parts. @module */
import { deepEqual, equal } from "node:assert/strict";
import { readDataset } from "../../../src/data/formats/mod.ts";
import type { Dataset } from "../../../src/data/dataset.ts";
import { refusal, withFolder } from "./folder.ts";

const rows = ({ users, items, interactions: { users: u, items: i, split } }: Dataset): string[] =>
  Array.from(u, (user, e) => `${users[user]} ${items[i[e]]} ${split[e]}`);

Deno.test("readDataset() reads lists of a user and their items", async () => {
  const lists = {
    "train.txt": "0 3 1\n1 2\n\n2 \n5 0 1 2",
    "test.txt": "0 2\n2 3\n",
    "item_list.txt": "org_id remap_id\nB1 0\n",
  };
  const data = await withFolder(lists, readDataset);
  deepEqual(rows(data), ["0 3 0", "0 1 0", "1 2 0", "5 0 0", "5 1 0", "5 2 0", "0 2 2", "2 3 2"]);
  equal(data.notes?.[0], 'Not used: "item_list.txt"');
});

Deno.test("readDataset() takes lines of equally many parts, and lines with other letters, for rows", async () => {
  const data = await withFolder({ "train.txt": "0 3\n1 2\n", "test.txt": "0 2\n" }, readDataset);
  deepEqual(rows(data), ["0 3 0", "1 2 0", "0 2 2"]);
  const rated = await withFolder({ "train.txt": "0 3 5 9\n1 2 4 8\n", "test.txt": "0 2 1 7\n" }, readDataset);
  deepEqual([rows(rated), [...rated.interactions.times!]], [["0 3 0", "1 2 0", "0 2 2"], [9, 8, 7]]);
  equal(
    await refusal({ "train.txt": "a 3\na 2 1\n", "test.txt": "0 2\n" }, readDataset),
    'FormatError: Cannot read interactions from "train.txt" line 2: expected 2 columns, found 3',
  );
});

Deno.test("readDataset() reads RecBole's files of parts, with its items", async () => {
  const header = "user_id:token\titem_id:token\ttimestamp:float\n";
  const files = {
    "ml.train.inter": `${header}1\t10\t3\n2\t11\t4\n`,
    "ml.valid.inter": `${header}1\t11\t5\n`,
    "ml.test.inter": `${header}2\t10\t6\n`,
    "ml.inter": `${header}1\t10\t3\n`,
    "ml.item": "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n10\tToy\t1995\tA B\n",
    "ml.user": "user_id:token\tage:token\n1\t3\n",
  };
  const data = await withFolder(files, readDataset);
  deepEqual(rows(data), ["1 10 0", "2 11 0", "1 11 1", "2 10 2"]);
  deepEqual([data.titles, data.texts], [["Toy", ""], ["Toy\nA B", ""]]);
  equal(data.notes?.[0], 'Not used: "ml.inter", "ml.user", column "release_year:token" of "ml.item"');
  const { "ml.train.inter": train, ...others } = files;
  equal(
    await refusal({ ...others, "a.train.inter": train, "b.train.inter": train }, readDataset),
    'FormatError: Cannot read a data set from ".": expected one file of interactions, found "a.train.inter", ' +
      '"b.train.inter", "ml.inter", "ml.test.inter", "ml.valid.inter"; move the others away, or name the file',
  );
});

Deno.test("readDataset() reads a .inter file that is named with the files next to it", async () => {
  const inter = "user_id:token\titem_id:token\n1\t10\n";
  const files = { "a.inter": inter, "b.inter": inter, "a.item": "item_id:token\ttitle:token\n10\tToy\n" };
  const data = await withFolder(files, (folder) => readDataset(`${folder}/a.inter`));
  deepEqual([data.name, data.titles], ["a", ["Toy"]]);
  const mmrec = "userID\titemID\tx_label\n0\t0\t0\n1\t0\t2\n";
  const kept = await withFolder({ ...files, "a.inter": mmrec }, (folder) => readDataset(`${folder}/a.inter`));
  deepEqual([rows(kept), kept.notes], [["0 0 0"], [
    "Interactions of users without training interactions left out: 1",
    'Not used: "b.inter"',
  ]]);
});
