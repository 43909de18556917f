/** Tests of records: JSON, lines of Python, and lists that are taken apart. @module */
import { deepEqual, equal, throws } from "node:assert/strict";
import { fc } from "../../fc.ts";
import { recordsOf } from "../../../src/data/formats/json.ts";
import { parsePython } from "../../../src/data/formats/python_literal.ts";
import { explode, tableOf } from "../../../src/data/formats/records.ts";
import { readDataset } from "../../../src/data/formats/mod.ts";
import { refusal, withFolder } from "./folder.ts";

const records = (text: string) => recordsOf("log.json", "interactions", text);
const table = (text: string) => tableOf("log.json", "interactions", records(text));

Deno.test("recordsOf() reads lists of objects and lines of objects alike", () => {
  fc.assert(fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 }), (objects) => {
    const lines = objects.map((object) => JSON.stringify(object)).join("\n");
    const expected = objects.map((record) => JSON.parse(JSON.stringify(record)));
    deepEqual(records(lines).map(({ record }) => record), expected);
    deepEqual(records(` ${JSON.stringify(objects, null, 1)}\n`).map(({ record }) => record), expected);
  }));
  const { header, rows, lines } = table('{"a": 1, "b": [1, [2, "x"]]}\r\n\n{"c": {"d": null}, "a": null}');
  deepEqual([header, rows, lines], [["a", "b", "c"], [["1", "1, 2, x", ""], ["", "", '{"d":null}']], [1, 3]]);
});

Deno.test("recordsOf() refuses other texts, with the line", () => {
  throws(() => records("[1, 2]"), /"log.json" line 1: expected a JSON object/);
  throws(() => records('[{"a": 1}, 7]'), /line 1: expected a list of objects; its part 2 is 7/);
  throws(() => records('[{"a": 1},'), /"log.json": the text is not JSON, or is truncated/);
  throws(() => records('{"a": 1}\n{"a": '), /line 2: expected a JSON object/);
  throws(() => records("{'a': 1}\n{'a': b}"), /line 2: expected an object of Python/);
  throws(() => table("[]"), /there are no records/);
});

Deno.test("tableOf() refuses deep nesting and too many keys instead of running out of memory", () => {
  const deep = (levels: number, open: string, close: string) => `${open.repeat(levels)}1${close.repeat(levels)}`;
  equal(table(`{"a": ${deep(40, "[", "]")}}`).rows[0][0], "1");
  throws(() => table(`{"b": 1}\n{"a": ${deep(5000, "[", "]")}}`), /line 2: a value is nested too deeply/);
  throws(() => table(`{"a": ${deep(5000, '{"x":', "}")}}`), /line 1: a value is nested too deeply/);
  const keys = Array.from({ length: 70_000 }, (_, k) => `"k${k}": 1`).join(",");
  throws(() => table(`{${keys}}`), /line 1: expected at most 65536 columns, found 70000/);
});

Deno.test("parsePython() reads the literals that repr() writes, and nothing else", () => {
  deepEqual(
    parsePython(
      `{'asin': u'B1', "it's": 'a \\'quote\\' \\u00e9\\x41\\n', 't': (1, -2.5e3, [True, None], {}), 'n': {1: 2L}}`,
    ),
    { asin: "B1", "it's": "a 'quote' éA\n", t: [1, -2500, [true, null], {}], n: { 1: 2 } },
  );
  for (
    const text of [
      "",
      "{",
      "{'a'}",
      "{'a': }",
      "[1 2]",
      "['a]",
      "f(x)",
      "1 2",
      "[1]]",
      "[".repeat(100) + "]".repeat(100),
    ]
  ) {
    equal(parsePython(text), undefined, text);
  }
  deepEqual(records("{'asin': 'B1', 'title': 'T'}\n{'asin': 'B2'}").map(({ line }) => line), [1, 2]);
});

Deno.test("explode() takes lists apart, and the lists of the same length with them", () => {
  const rows = explode(
    records('[{"u": 1, "i": [4, 5], "t": [7, 8], "g": ["x"]}, {"u": 2, "i": 6, "t": 9, "g": []}]'),
    "i",
  );
  deepEqual(rows.map(({ record }) => record), [
    { u: 1, i: 4, t: 7, g: ["x"] },
    { u: 1, i: 5, t: 8, g: ["x"] },
    { u: 2, i: 6, t: 9, g: [] },
  ]);
});

Deno.test("readDataset() reads lists of items in JSON, and Amazon's files of 2014", async () => {
  const lists = '[{"user": 1, "item_ids": [4, 5], "times": [7, 8]}, {"user": 2, "item_ids": [], "times": []}]';
  const listed = await withFolder({ "interactions.json": lists }, readDataset);
  deepEqual([listed.users, listed.items, [...listed.interactions.times!]], [["1"], ["4", "5"], [7, 8]]);
  const amazon = await withFolder({
    "reviews.json": '{"reviewerID": "A1", "asin": "B1", "overall": 5.0, "unixReviewTime": 1}\n' +
      '{"reviewerID": "A1", "asin": "B2", "overall": 5.0, "unixReviewTime": 2}\n',
    "meta_Office.json": "{'asin': 'B1', 'title': \"It's\", 'categories': [['Pens', 'Ink']]}\n{'asin': 'B2'}\n",
  }, readDataset);
  deepEqual([amazon.titles, amazon.texts], [["It's", ""], ["It's\nPens, Ink", ""]]);
  equal(
    await refusal({ "train.json": '{"0": [0, "x"]}', "val.json": "{}", "test.json": "{}" }, readDataset),
    'FormatError: Cannot read interactions from "train.json": user "0" has "x"; expected a list of item ids, whole ' +
      "numbers from 0 on",
  );
  const parts = { "train.json": '[{"user": 1, "item": 2}]', "test.json": '{"user": 1, "item": 3}\n' };
  deepEqual([...(await withFolder(parts, readDataset)).interactions.split], [0, 2]);
});
