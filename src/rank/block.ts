/**
 * Ranking in blocks: users are scored a few at a time, so that users × items numbers never exist at once.
 *
 * @module
 */
import type { Batch, Items, Users } from "../core/axis.ts";
import { degree, type Pattern, selection, takeRows } from "../core/pattern.ts";
import type { Matrix } from "../core/tensor.ts";

/** Users to score all items for. */
export interface Block {
  /** Which users, as `gather` takes them. */
  readonly users: Pattern<Batch, Users>;
  /** The training items of each of them. */
  readonly history: Pattern<Batch, Items>;
}

/** Scores every item for each user of a block, higher for better. The matrix is freed once it is ranked. */
export type Score = (block: Block) => Matrix<Batch, Items>;

/** How large blocks may be. */
export interface BlockOptions {
  /** Bytes that scoring a block may take, about; 2²⁶ (64 MiB) by default. */
  readonly budget?: number;
}

/**
 * How many numbers scoring holds at once for each item and each user or history entry. MONET has the similarities, their
 * softmax and the product of both for an entry, and a little more for a user, of whom there are fewer.
 */
const COPIES = 4;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * Cuts users into blocks, in order, with (users + entries of their histories) × items × 16 bytes in the budget. A user who
 * exceeds it alone is a block all the same.
 *
 * @throws {RangeError} if the budget is not above 0, or there is no such user.
 *
 * @example
 * ```ts
 * import { blocks, patternOf } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const history = patternOf([3, 2], [0, 1, 2, 2], [0, 1, 0, 1]);
 * const cut = blocks(history, Int32Array.of(0, 1, 2), { budget: 4 * 2 * 16 });
 * assertEquals(Array.from(cut, ({ users }) => [...users.indices]), [[0, 1], [2]]);
 * ```
 */
export function* blocks(
  history: Pattern<Users, Items>,
  users: Int32Array,
  { budget = 2 ** 26 }: BlockOptions = {},
): Generator<Block, void, void> {
  if (!(budget > 0)) throw new RangeError(`Cannot rank items within ${budget} bytes: the budget must be above 0`);
  const stranger = users.find((user) => user < 0 || user >= history.rows);
  if (stranger !== undefined) {
    throw new RangeError(`Cannot rank items for user ${stranger}: users are numbered from 0 to ${history.rows - 1}`);
  }
  const room = budget / (COPIES * BYTES * history.columns);
  let first = 0;
  let used = 0;
  for (let n = 0; n <= users.length; n++) {
    const rows = n < users.length ? 1 + degree(history, users[n]) : Infinity;
    if (n > first && used + rows > room) {
      const part = users.subarray(first, n);
      yield { users: selection(part, history.rows), history: takeRows(history, part) };
      [first, used] = [n, 0];
    }
    used += rows;
  }
}
