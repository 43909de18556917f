/** Tests of matching features to items. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { rowOf } from "../../src/core/pattern.ts";
import {
  describeCoverage,
  type FeatureTable,
  gatherRows,
  matchFeatures,
  matchTags,
  numbered,
} from "../../src/data/features.ts";

const table = (ids: readonly string[] | null, ...rows: number[][]): FeatureTable => ({
  source: "image.npy",
  ids,
  columns: rows[0].length,
  values: Float32Array.from(rows.flat()),
});

Deno.test("matchFeatures() finds every item's row in any order of rows and items", () => {
  const cases = fc.uniqueArray(fc.nat(50), { minLength: 1 }).chain((ids) =>
    fc.tuple(fc.constant(ids), fc.shuffledSubarray(ids, { minLength: ids.length }))
  );
  fc.assert(fc.property(cases, ([rows, items]) => {
    const { modality, coverage } = matchFeatures(
      table(rows.map(String), ...rows.map((id) => [id, -id])),
      items.map(String),
    );
    assertEquals([...modality.values], items.flatMap((id) => [id, id === 0 ? -0 : -id]));
    assertEquals(coverage, { items: items.length, own: items.length, missing: [], unknown: 0 });
  }));
});

Deno.test("matchFeatures() gives items without a row the mean of the other items, or zeros", () => {
  const rows = table(["a", "stranger", "b"], [1, 2], [100, 100], [3, 6]);
  const mean = matchFeatures(rows, ["a", "x", "b"]);
  assertEquals([...mean.modality.values], [1, 2, 2, 4, 3, 6]);
  assertEquals([...mean.modality.known], [1, 0, 1]);
  assertEquals(mean.coverage, { items: 3, own: 2, missing: ["x"], unknown: 1 });
  assertEquals(
    describeCoverage("image", mean.coverage),
    'Modality "image": items without a row of their own: 1 of 3 ("x"); rows of no item: 1',
  );
  const zero = matchFeatures(rows, ["a", "x", "b"], { missing: "zero" });
  assertEquals([...zero.modality.values], [1, 2, 0, 0, 3, 6]);
});

Deno.test("matchFeatures() copies nothing where rows and items agree", () => {
  const rows = table(null, [1], [2]);
  assertEquals(matchFeatures(rows, ["0", "1"]).modality.values === rows.values, true);
});

Deno.test("matchFeatures() refuses features that do not match the items, with the reason", () => {
  const cases: [FeatureTable, string[], string][] = [
    [table(null, [1], [2]), ["0", "1", "2"], "expected 3 rows, one per item, found 2; add a row for each item"],
    [
      table(null, [1]),
      ["B01"],
      'its rows bear no ids, and item "B01" is not the number of a row; number the items as the rows are',
    ],
    [table(["a", "a"], [1], [2]), ["a"], 'item "a" has two rows; keep one'],
    [table(["a"], [1]), ["b"], 'no item has a row; its first id is "a", the first item "b"'],
  ];
  for (const [rows, items, rule] of cases) {
    assertThrows(
      () => matchFeatures(rows, items),
      ValueError,
      `Cannot match features of "image.npy" to items: ${rule}`,
    );
  }
  for (const [value, name] of [[NaN, "NaN"], [Infinity, "Infinity"], [-Infinity, "-Infinity"]] as const) {
    assertThrows(
      () => matchFeatures(table(null, [0, 0], [0, value]), ["0", "1"]),
      ValueError,
      `Cannot use features of "image.npy": row 1, column 1 (from 0) is ${name}; all must be finite numbers`,
    );
  }
  assertThrows(
    () => matchFeatures(table(["a"], [1]), ["a", "b", "c", "d", "e", "f", "g"], { missing: "error" }),
    ValueError,
    'Cannot match features of "image.npy" to items: 6 of 7 items have no row ("b", "c", "d", "e", "f", …); add them, ' +
      'or choose the policy "mean" or "zero"',
  );
});

Deno.test("matchTags() has a one for every tag of an item, also if it is listed twice", () => {
  const tags = { source: "tags.tsv", ids: ["b", "a", "z"], tags: [["10", "9", "9"], ["9"], ["3"]] };
  const { modality, coverage } = matchTags(tags, ["a", "x", "b"]);
  assertEquals(modality.pattern.columns, 3);
  assertEquals([0, 1, 2].map((i) => [...rowOf(modality.pattern, i)]), [[1], [], [1, 2]]);
  assertEquals([...modality.values], [1, 1, 1]);
  assertEquals([...modality.known], [1, 0, 1]);
  assertEquals(coverage, { items: 3, own: 2, missing: ["x"], unknown: 1 });
});

Deno.test("matchTags() refuses tags of no item", () => {
  assertThrows(
    () => matchTags({ source: "tags.tsv", ids: ["a"], tags: [["1"]] }, ["b"]),
    ValueError,
    'Cannot match features of "tags.tsv" to items: no item has a row; its first id is "a", the first item "b"',
  );
});

Deno.test("numbered() lists whole numbers in ascending order and other ids by appearance, each once", () => {
  assertEquals(numbered(["10", "9", "10"]), ["9", "10"]);
  assertEquals(numbered(["b", "10", "9", "b"]), ["b", "10", "9"]);
});

Deno.test("gatherRows() of bytes stay bytes, and row −1 is zeros", () => {
  assertEquals(gatherRows(Uint8Array.of(1, 2, 3, 4), Int32Array.of(1, -1, 0), 2), Uint8Array.of(3, 4, 0, 0, 1, 2));
});
