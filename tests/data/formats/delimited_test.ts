/** Tests of reading CSV, TSV and JSON lines. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../../fc.ts";
import type { Dataset } from "../../../src/data/dataset.ts";
import { readDelimited } from "../../../src/data/formats/delimited.ts";
import type { ReadOptions } from "../../../src/data/formats/options.ts";
import { encodeNpy } from "../../../src/data/formats/npy.ts";
import { inFileOrder, leaveLastOut } from "../../../src/data/split.ts";
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

Deno.test("readDelimited() reads times of every usual column and form, the newest held out", async () => {
  const names = "date datetime created_at order_date reviewTime timestamp unixReviewTime Timestamp time event_time ts";
  for (const name of names.split(" ")) {
    const data = await read(
      "log.csv",
      `user,item,${name}\na,x,2024-05-01\na,y,2023-01-01\na,z,2022-12-31T23:00:00Z\n`,
      {
        split: leaveLastOut(),
      },
    );
    assertEquals([...data.interactions.times!], [1714521600, 1672531200, 1672527600], name);
    assertEquals([...data.interactions.split], [2, 1, 0], name);
  }
  const numbers = await read("log.jsonl", '{"user": 1, "item": 2, "timestamp": 1714521600123}\n');
  assertEquals([...numbers.interactions.times!], [1714521600123]);
  const both = 'user,item,reviewTime,unixReviewTime\na,x,"05 1, 2024",7\n';
  assertEquals([...(await read("log.csv", both)).interactions.times!], [7]);
  const chosen = await read("log.csv", both, { columns: { time: "reviewTime" } });
  assertEquals([...chosen.interactions.times!], [1714521600]);
  assertEquals((await read("log.csv", both, { columns: { time: null } })).interactions.times, null);
});

Deno.test("readDelimited() names the files, the columns and the ratings that it does not use", async () => {
  const files = {
    "ratings.csv": "userId,movieId,rating,genre,shop\na,x,4,g,s\na,y,2.5,g,s\n",
    "movies.md": "",
    "more/a.csv": "",
    "items.csv": "item,title,price\nx,Lily,3\n",
    ".hidden": "",
  };
  const notes = async (options: ReadOptions = {}) =>
    (await withFolder(
      files,
      (folder) => readDelimited(folder, { ...options, split: ({ users }) => new Uint8Array(users.length) }),
    )).notes;
  const unused =
    'Not used: "more/", "movies.md", column "price" of "items.csv", columns "genre", "shop" of "ratings.csv"';
  assertEquals(await notes(), [
    'Every interaction counts, whatever its "rating", which is 2.5 to 4; --min-rating X keeps those of X or more ' +
    "(option minRating)",
    unused,
  ]);
  assertEquals(await notes({ minRating: 1 }), [unused]);
  const alike = await read("log.csv", "user,item,count\na,x,1\na,y,1\n", {
    split: ({ users }) => new Uint8Array(users.length),
  });
  assertEquals(alike.notes, ['Not used: column "count" of "log.csv"']);
  const bare = await read("log.csv", "1,2,5\n1,3,4\n", { split: ({ users }) => new Uint8Array(users.length) });
  assertEquals(bare.notes, ['Not used: column 2 (from 0) of "log.csv"']);
});

Deno.test("readDelimited() lists few of many names, and little of long ones", async () => {
  const header = Array.from({ length: 5000 }, (_, c) => `c${c}`.padEnd(500, "x")).join(",");
  const message = await refuses("log.csv", `${header}\n${header}\n`);
  assertEquals(message.length < 5000 && message.includes(" and 4980 more"), true, message.slice(0, 3000));
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
  assertEquals((await read("log.csv", rows, { split: inFileOrder(leaveLastOut()) })).notes, [kept]);
});

Deno.test("readDelimited() takes the split from the file, from files, or from a rule", async () => {
  const words = await read("log.csv", "user,item,split\na,x,train\na,y,val\na,z,test\n");
  assertEquals([...words.interactions.split], [0, 1, 2]);
  const ruled = await read("log.csv", "user,item,split\na,x,2\na,y,0\na,z,1\n", { split: inFileOrder(leaveLastOut()) });
  assertEquals([...ruled.interactions.split], [0, 1, 2]);
  const files = { "train.csv": "user,item\na,x\n", "valid.csv": "user,item\na,y\n", "test.csv": "user,item\na,z\n" };
  assertEquals([...(await withFolder(files, readDelimited)).interactions.split], [0, 1, 2]);
  const { "valid.csv": _, ...two } = files;
  const data = await withFolder(two, readDelimited);
  assertEquals([pairs(data), [...data.interactions.split]], [["a x", "a z"], [0, 2]]);
  const { "test.csv": __, ...none } = files;
  assertEquals([...(await withFolder(none, readDelimited)).interactions.split], [0, 1]);
  const alone = await withFolder({ "train.csv": "user,item\na,x\na,y\na,z\n" }, readDelimited);
  assertEquals([...alone.interactions.split].sort(), [0, 1, 2]);
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
    "The source has no split: 1 of 3 interactions were drawn for validation and 1 for test, as by data import --split " +
    "official (option split)",
    'Modality "image": items without a row of their own: 1 of 3 ("B3")',
    'Modality "text": items without a row of their own: 1 of 3 ("B1"); rows of no item: 1',
  ]);
});

Deno.test("readDelimited() refuses lines it cannot read, with their numbers", async () => {
  const cases: [string, Content, string][] = [
    ["log.csv", "", ": the file is empty"],
    ["log.csv", "\n \n", ": the file is empty"],
    [
      "log.csv",
      Uint8Array.of(80, 75, 3, 4, 0, 0, 1),
      ": the file is a zip archive, which must be unpacked, or a spreadsheet, which must be saved as CSV; expected text in UTF-8",
    ],
    ["log.csv", Uint8Array.of(1, 0, 2), ": the file is binary; expected text in UTF-8"],
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
      ' line 3: the time is "NaN"; expected a number, such as seconds since 1970, or a date, such as 2024-05-01 ' +
      "(--time-column none reads no times)",
    ],
    [
      "log.csv",
      "user,item,timestamp\na,x,5\nb,y,\n",
      ' line 3: the time is ""; expected a number, such as seconds since 1970, or a date, such as 2024-05-01 ' +
      "(--time-column none reads no times)",
    ],
    [
      "log.csv",
      "user,item,order_date\na,x,2024-05-01\nb,y,1714521600\n",
      ' line 3: the time is "1714521600"; expected a date, such as 2024-05-01 or 2024-05-01T12:30:00Z ' +
      "(--time-column none reads no times)",
    ],
    [
      "log.csv",
      "user,item,date\na,x,01/05/2024\n",
      ' line 2: the time is "01/05/2024"; expected a number, such as seconds since 1970, or a date, such as 2024-05-01 ' +
      "(--time-column none reads no times)",
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
