/** Tests of blocks of users. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { entries, patternFromCoo, rowOf } from "../../src/core/pattern.ts";
import { type Block, blocks } from "../../src/rank/block.ts";
import { patterns } from "../support.ts";

const cuts = fc.record({
  history: patterns(8, 5),
  users: fc.array(fc.nat(7), { maxLength: 20 }).map((list) => Int32Array.from(list)),
  budget: fc.integer({ min: 1, max: 2000 }),
});
const cost = ({ users, history }: Block): number => (5 * users.length + entries(history)) * history.columns * 4;

Deno.test("blocks() have every user once, in order, with the history", () => {
  fc.assert(fc.property(cuts, ({ history, users, budget }) => {
    const cut = [...blocks(history, users, { budget })];
    assertEquals(cut.flatMap((block) => [...block.users]), [...users]);
    for (const block of cut) {
      assertEquals(block.users.length, block.history.rows);
      block.users.forEach((user, n) => assertEquals(rowOf(block.history, n), rowOf(history, user)));
    }
  }));
});

Deno.test("blocks() fill the budget, and exceed it for a single user only", () => {
  fc.assert(fc.property(cuts, ({ history, users, budget }) => {
    const cut = [...blocks(history, users, { budget })];
    cut.forEach((block, n) => {
      assert(block.users.length === 1 || cost(block) <= budget);
      if (n === 0) return;
      const [first] = blocks(history, block.users.subarray(0, 1));
      assert(cost(cut[n - 1]) + cost(first) > budget);
    });
  }));
});

Deno.test("blocks() refuses unknown users and empty budgets", () => {
  const history = patternFromCoo([2, 3], [0], [1]);
  const take = (user: number, budget: number) => () => [...blocks(history, Int32Array.of(user), { budget })];
  assertThrows(take(2, 1), ValueError, "Cannot rank items for user 2: users are numbered from 0 to 1");
  assertThrows(take(-1, 1), ValueError, "Cannot rank items for user -1: users are numbered from 0 to 1");
  assertThrows(take(0, 0), ValueError, "Cannot rank items within 0 bytes: the budget must be above 0");
  assertThrows(take(0, NaN), ValueError, "Cannot rank items within NaN bytes: the budget must be above 0");
});
