/** Tests of reading CSV, TSV and JSON lines. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../../fc.ts";
import type { Dataset } from "../../../src/data/dataset.ts";
import { readDelimited } from "../../../src/data/formats/delimited.ts";
import type { ReadOptions } from "../../../src/data/formats/options.ts";
import { encodeNpy } from "../../../src/data/formats/npy.ts";
import { leaveLastOut } from "../../../src/data/split.ts";
import { inMemory } from "../in_memory.ts";
import { type Content, refusal, withFolder } from "./folder.ts";

const read = (name: string, content: Content, options: ReadOptions = {}): Promise<Dataset> =>
  withFolder({ [name]: content }, (folder) => readDelimited(`${folder}/${name}`, options));
const pairs = ({ users, items, interactions: { users: u, items: i } }: Dataset): string[] =>
  Array.from(u, (user, e) => `${users[user]} ${items[i[e]]}`);
const refuses = (name: string, content: Content, options: ReadOptions = {}): Promise<string> =>
  refusal({ [name]: content }, (folder) => readDelimited(`${folder}/${name}`, options));

for (const separator of ["\t", "::", ";", "|", ",", " "]) {
  Deno.test(`readDelimited() finds out that ${JSON.stringify(separator)} separates`, async () => {
    const rows = [["user", "item", "rating", "timestamp"], ["u1", "i1", "5", "10"], ["u1", "i2", "4", "20"]];
    const data = await read("log.csv", rows.map((row) => row.join(separator)).join("\n"));
    assertEquals(pairs(data), ["u1 i1", "u1 i2"]);
    assertEquals([...data.interactions.times!], [10, 20]);
    const bare = await read("u.data", "1,7,5,10\n1,8,4,20\n".replaceAll(",", separator));
    assertEquals([pairs(bare), bare.interactions.times], [["1 7", "1 8"], Float64Array.of(10, 20)]);
  });
}

Deno.test("readDelimited() guesses the separator when cells have other separators", async () => {
  const text = "1,7,Action|Comedy\n1,8,Drama\n2,7,A|B|C\n";
  assertEquals(pairs(await read("log.csv", text)), ["1 7", "1 8", "2 7"]);
});

Deno.test("readDelimited() accepts byte order marks, line ends, blank lines and any order of columns", async () => {
  const data = await read("log.csv", "\ufeffrating,Item_ID,userId\r\n5,i1,u1\r\n\r\n3,i2,u2\r\n");
  assertEquals(pairs(data), ["u1 i1", "u2 i2"]);
});

Deno.test("readDelimited() knows the usual names of columns", async () => {
  for (
    const header of ["user_id:token,item_id:token", "userID,itemID", "reviewerID,asin", "uid,movieId", "User,Item"]
  ) {
    assertEquals(pairs(await read("log.csv", `${header}\na,b\n`)), ["a b"]);
  }
});

Deno.test("readDelimited() reads the given columns, by name or position", async () => {
  const text = "who,what,when,liked\na,x,5,1\nb,y,6,0\n";
  const data = await read("log.csv", text, { columns: { user: "who", item: "what", time: "when" } });
  assertEquals([pairs(data), data.interactions.times], [["a x", "b y"], Float64Array.of(5, 6)]);
  assertEquals(pairs(await read("log.csv", "x,a\n", { header: false, columns: { user: 1, item: 0 } })), ["a x"]);
  assertEquals(
    pairs(await read("log.csv", text, { columns: { user: 0, item: 1, rating: "liked" }, minRating: 1 })),
    ["a x"],
  );
});

Deno.test("readDelimited() reads quoted cells as they were written", () => {
  const ids = fc.string({ minLength: 1 }).map((id) => id.trim()).filter((id) =>
    !/^(|nan|-\d+)$/i.test(id) && !id.includes("\0")
  );
  return fc.assert(
    fc.asyncProperty(ids, ids, async (user, item) => {
      const quote = (id: string) => `"${id.replaceAll('"', '""')}"`;
      assertEquals(pairs(await read("log.csv", `user,item\n${quote(user)},${quote(item)}\n`)), [`${user} ${item}`]);
    }),
    { numRuns: 30 },
  );
});

Deno.test("readDelimited() reads JSON lines, and line breaks within quotes", async () => {
  const lines = '{"user_id": 3, "asin": "B1", "timestamp": 9}\n{"asin": "B2", "user_id": 3, "timestamp": 8}\n';
  assertEquals(pairs(await read("log.jsonl", lines)), ["3 B1", "3 B2"]);
  assertEquals(pairs(await read("log.csv", 'user,item\n"a\nb",x\nc,y\n')), ["a\nb x", "c y"]);
});

Deno.test("readDelimited() keeps the first of duplicates and counts the others", async () => {
  const data = await read("log.csv", "user,item,split\na,x,0\na,x,2\na,y,0\na,x,1\n");
  assertEquals([pairs(data), [...data.interactions.split]], [["a x", "a y"], [0, 0]]);
  assertEquals(data.notes, [
    'Duplicate interactions left out: 2 (the first of each is kept); first: user "a", item "x"; 2 of them in another split',
  ]);
});

Deno.test("readDelimited() counts duplicates in two splits", async () => {
  const rows = "user,item,split\na,x,0\nb,y,0\nb,y,0\na,x,2\n";
  const kept = 'Duplicate interactions left out: 2 (the first of each is kept); first: user "b", item "y"';
  assertEquals((await read("log.csv", rows)).notes, [`${kept}; 1 of them in another split`]);
  assertEquals((await read("log.csv", rows, { split: leaveLastOut() })).notes, [kept]);
});

Deno.test("readDelimited() takes the split from the file, from files, or from a rule", async () => {
  const words = await read("log.csv", "user,item,split\na,x,train\na,y,val\na,z,test\n");
  assertEquals([...words.interactions.split], [0, 1, 2]);
  const ruled = await read("log.csv", "user,item,split\na,x,2\na,y,0\na,z,1\n", { split: leaveLastOut() });
  assertEquals([...ruled.interactions.split], [0, 1, 2]);
  const files = { "train.csv": "user,item\na,x\n", "valid.csv": "user,item\na,y\n", "test.csv": "user,item\na,z\n" };
  assertEquals([...(await withFolder(files, readDelimited)).interactions.split], [0, 1, 2]);
  const { "valid.csv": _, ...two } = files;
  const data = await withFolder(two, readDelimited);
  assertEquals([pairs(data), [...data.interactions.split]], [["a x", "a z"], [0, 0]]);
});

Deno.test("readDelimited() counts users without training interactions", async () => {
  const data = await read("log.csv", "user,item,split\na,x,0\nb,x,2\n");
  assertEquals(data.notes, ['Users without training interactions: 1 of 2 ("b")']);
});

Deno.test("readDelimited() finds features, titles and texts in the folder", async () => {
  const files = {
    "interactions.csv": "user,item\nu,B2\nu,B1\nu,B3\n",
    "image_feat.npy": encodeNpy({ shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }),
    "image_ids.txt": "B1\nB2\n",
    "text_feat.csv": "asin,a,b\nB3,1,0.5\nB9,9,9\nB2,3,1.5\n",
    "items.jsonl":
      '{"asin": "B1", "title": "Lilies", "genres": ["pond", "calm"]}\n{"asin": "B2", "description": "Fog"}\n',
  };
  const { items, modalities: { image, text }, titles, texts, notes } = await withFolder(files, readDelimited);
  assertEquals(items, ["B2", "B1", "B3"]);
  assertEquals([...inMemory(image).values], [3, 4, 1, 2, 2, 3]);
  assertEquals([...inMemory(text).values], [3, 1.5, 2, 1, 1, 0.5]);
  assertEquals([titles, texts], [["", "Lilies", ""], ["Fog", "Lilies\npond, calm", ""]]);
  assertEquals(notes, [
    'Modality "image": items without a row of their own: 1 of 3 ("B3")',
    'Modality "text": items without a row of their own: 1 of 3 ("B1"); rows of no item: 1',
  ]);
});

Deno.test("readDelimited() refuses lines it cannot read, with their numbers", async () => {
  const cases: [string, Content, string][] = [
    ["log.csv", "", ": the file is empty"],
    ["log.csv", "\n \n", ": the file is empty"],
    ["log.csv", Uint8Array.of(80, 75, 3, 4, 0, 0, 1), ": the file is binary; expected text in UTF-8"],
    ["log.csv", Uint8Array.of(0x75, 0xff, 0xfe), ": the text is not UTF-8; save it in that encoding"],
    ["log.csv", "user,item\n", ": no line follows the header"],
    ["log.csv", "user,item\na,x\n\nb,y,z\n", " line 4: expected 2 columns, found 3"],
    ["log.csv", "user,item,split\na,x,0\na,y\n", " line 3: expected 3 columns, found 2"],
    [
      "log.csv",
      "who,item\na,x\n",
      ' line 1: expected a column "user", found "who", "item"; name it, or its position from 0 (--user-column 0, option columns), or say that there is no header (--no-header, option header)',
    ],
    [
      "log.csv",
      "user,title\na,x\n",
      ' line 1: expected a column "item", found "user", "title"; name it, or its position from 0 (--item-column 1, option columns), or say that there is no header (--no-header, option header)',
    ],
    [
      "log.csv",
      "7\n8\n",
      ' line 1: expected a column "user", found 1 without names; name its position from 0 (--user-column 0, option columns)',
    ],
    ["log.csv", "user,item\na,x\n,y\n", " line 3: the user is missing"],
    ["log.csv", "user,item\na,x\nb,NaN\n", " line 3: the item is missing"],
    ["log.csv", "user,item\na,x\nb,-1\n", " line 3: the item is -1; ids are not negative"],
    [
      "log.csv",
      "user,item,timestamp\na,x,5\nb,y,NaN\n",
      ' line 3: the time is "NaN"; expected a number, such as seconds since 1970',
    ],
    [
      "log.csv",
      "user,item,timestamp\na,x,5\nb,y,\n",
      ' line 3: the time is ""; expected a number, such as seconds since 1970',
    ],
    ["log.csv", "user,item,split\na,x,3\n", ' line 2: the split is "3"; expected 0, 1, 2 or train, validation, test'],
    [
      "log.csv",
      'user,item\na,x\nb,y"z"\n',
      ' line 3: a quote is out of place; write a cell with quotes as "…", the inner ones doubled',
    ],
    [
      "log.csv",
      'user,item\n"a,x\nb,y\n',
      ' line 2: a quote is out of place; write a cell with quotes as "…", the inner ones doubled',
    ],
    ["log.jsonl", '{"user": 1, "item": 2}\n{"user": 1, "it', " line 2: expected a JSON object"],
    ["log.jsonl", "[1, 2]\n", " line 1: expected a JSON object"],
    ["log.jsonl", '{"user": 1, "item": 2}\n{"user": 1}\n', " line 2: the item is missing"],
  ];
  for (const [name, content, rule] of cases) {
    assertEquals(await refuses(name, content), `FormatError: Cannot read interactions from "${name}"${rule}`);
  }
  assertEquals(
    await refuses("log.csv", "user,item,rating\na,x,good\n", { minRating: 3 }),
    'FormatError: Cannot read interactions from "log.csv" line 2: the rating is "good"; expected a finite number',
  );
  assertEquals(
    await refuses("log.csv", "user,item\na,x\n", { columns: { time: "when" } }),
    'FormatError: Cannot read interactions from "log.csv" line 1: expected a column "when", found "user", "item"',
  );
});

Deno.test("readDelimited() refuses a log without training interactions, and a rating that is too high", async () => {
  assertEquals(
    await refuses("log.csv", "user,item,part\na,x,2\n", { columns: { split: "part" } }),
    'ValueError: Cannot make a data set of "log": no interaction is in training, by the column "part"; choose another ' +
      "split (--split ratio, option split)",
  );
  assertEquals(
    await refuses("log.csv", "user,item\na,x\n", { split: ({ users }) => new Uint8Array(users.length).fill(2) }),
    'ValueError: Cannot make a data set of "log": no interaction is in training; choose another split (--split ratio, ' +
      "option split)",
  );
  assertEquals(
    await refuses("log.csv", "user,item,rating\na,x,2\n", { minRating: 3 }),
    'ValueError: Cannot make a data set of "log": no interaction is rated 3 or more; ask for less (--min-rating, option ' +
      "minRating)",
  );
});

Deno.test("readDelimited() refuses a folder with several files of interactions, and names them", async () => {
  const log = "user,item\na,x\n";
  assertEquals(
    await refusal({ "a.inter": log, "b.inter": log }, readDelimited),
    'FormatError: Cannot read a data set from ".": expected one file of interactions, found "a.inter", "b.inter"; move ' +
      "the others away, or name the file",
  );
});

Deno.test("readDelimited() refuses features that do not match the items", async () => {
  const log = { "interactions.csv": "user,item\nu,B1\nu,B2\n" };
  const array = (values: number[]) => encodeNpy({ shape: [values.length, 1], values: Float32Array.from(values) });
  const cases: [Record<string, Content>, string][] = [
    [
      { "image_feat.npy": array([1, 2]) },
      'ValueError: Cannot match features of "image_feat.npy" to items: its rows bear no ids, and item "B1" is not the ' +
      'number of a row; list the id of each row in "image_ids.txt"',
    ],
    [
      { "image_feat.npy": array([1, 2]), "image_ids.txt": "B1\n" },
      'FormatError: Cannot read item ids from "image_ids.txt": expected 2, one per row of "image_feat.npy", found 1',
    ],
    [
      { "image_feat.npy": array([1, NaN]), "image_ids.txt": "B1\nB2\n" },
      'ValueError: Cannot use features of "image_feat.npy": row 1, column 0 (from 0) is NaN; all must be finite numbers',
    ],
    [
      { "image_feat.npy": encodeNpy({ shape: [2], values: Float32Array.of(1, 2) }) },
      'FormatError: Cannot read features from "image_feat.npy": expected items × columns, found shape [2]',
    ],
    [
      { "text_feat.csv": "item,a\nB7,1\n" },
      'ValueError: Cannot match features of "text_feat.csv" to items: no item has a row; its first id is "B7", the ' +
      'first item "B1"',
    ],
    [
      { "text_feat.csv": "item,a\nB1,1\nB2,many\n" },
      'ValueError: Cannot use features of "text_feat.csv": row 1, column 0 (from 0) is NaN; all must be finite numbers',
    ],
  ];
  for (const [files, sentence] of cases) assertEquals(await refusal({ ...log, ...files }, readDelimited), sentence);
});
