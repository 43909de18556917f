/** Tests of co-occurrence against a count of users. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { hasEntry, rowOf, transposed } from "../../src/core/pattern.ts";
import { cooccurrence } from "../../src/data/cooccurrence.ts";
import { patterns } from "../support.ts";

const histories = fc.tuple(fc.nat(6), fc.nat(7)).chain(([users, items]) => patterns(users, items));

Deno.test("cooccurrence() counts the users who have both, for every two different items that share one", () => {
  fc.assert(fc.property(histories, (history) => {
    const { pattern, counts } = cooccurrence(history);
    const users = [...Array(history.rows).keys()], items = [...Array(history.columns).keys()];
    const expected = items.map((i) =>
      items.flatMap((j) => {
        const count = users.filter((user) => hasEntry(history, user, i) && hasEntry(history, user, j)).length;
        return i !== j && count > 0 ? [[j, count]] : [];
      })
    );
    const found = items.map((i) => Array.from(rowOf(pattern, i), (j, n) => [j, counts[pattern.offsets[i] + n]]));
    assertEquals(found, expected);
    assertEquals([...transposed(pattern).pattern.indices], [...pattern.indices], "it is symmetric");
  }));
});
