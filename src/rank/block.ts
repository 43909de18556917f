/**
 * Ranking in blocks: users are scored a few at a time, so that users × items numbers never exist at once.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Batch, Ids, Items, Users } from "../core/axis.ts";
import { degree, type Pattern, takeRows } from "../core/pattern.ts";
import type { Matrix } from "../core/tensor.ts";

/** Users to score all items for. */
export interface Block {
  /** The users, by number. */
  readonly users: Ids<Users>;
  /** The training items of each of these users, a row per user. */
  readonly history: Pattern<Batch, Items>;
}

/** Scores every item for each user of a block, higher for better. The matrix is freed once it is ranked. */
export type Score = (block: Block) => Matrix<Batch, Items>;

/** How large blocks may be. */
export interface BlockOptions {
  /**
   * Bytes that scoring a block may take, about; 2²⁶ (64 MiB) by default. What a model makes beside that comes on top: MONET's
   * `excludeTarget` twice as much, at most.
   */
  readonly budget?: number;
}

/**
 * How many numbers scoring holds at once for each item: of MONET's, the similarities for a history entry, and for a user the
 * general score, the target-aware one, both scaled, and their sum.
 */
const PER_USER = 5;
const PER_ENTRY = 1;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * Cuts users into blocks, in order, with (5 · users + entries of their histories) × items × 4 bytes in the budget. A user who
 * exceeds it alone is a block all the same.
 *
 * @throws {ValueError} if the budget is not above 0, or there is no such user.
 *
 * @example
 * ```ts
 * import { blocks, patternFromCoo } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const history = patternFromCoo([3, 2], [0, 1, 2, 2], [0, 1, 0, 1]);
 * const cut = blocks(history, Int32Array.of(0, 1, 2), { budget: 12 * 2 * 4 });
 * assertEquals(Array.from(cut, ({ users }) => [...users]), [[0, 1], [2]]);
 * ```
 */
export function* blocks(
  history: Pattern<Users, Items>,
  users: Int32Array,
  { budget = 2 ** 26 }: BlockOptions = {},
): Generator<Block, void, void> {
  if (!(budget > 0)) throw new ValueError(`Cannot rank items within ${budget} bytes: the budget must be above 0`);
  const stranger = users.find((user) => user < 0 || user >= history.rows);
  if (stranger !== undefined) {
    throw new ValueError(`Cannot rank items for user ${stranger}: users are numbered from 0 to ${history.rows - 1}`);
  }
  const room = budget / (BYTES * history.columns);
  let first = 0;
  let used = 0;
  for (let n = 0; n <= users.length; n++) {
    const rows = n < users.length ? PER_USER + PER_ENTRY * degree(history, users[n]) : Infinity;
    if (n > first && used + rows > room) {
      const part = users.subarray(first, n);
      yield { users: part, history: takeRows(history, part) };
      [first, used] = [n, 0];
    }
    used += rows;
  }
}
