/**
 * Blocks of users. Users are scored block by block, so that the scores of all users never have to fit in memory at
 * once.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Batch, Dim, Ids, Items, Users } from "../core/axis.ts";
import { degree, type Pattern, takeRows } from "../core/pattern.ts";
import type { Matrix, Vector } from "../core/tensor.ts";

/** Users that are scored together. */
export interface Block {
  /** The users, by number. */
  readonly users: Ids<Users>;
  /** The training items of each of these users, a row per user. */
  readonly history: Pattern<Batch, Items>;
  /** A weight for each coordinate of the final embeddings, a row per user, where a model takes them; 1 by default. */
  readonly weights?: Matrix<Batch, Dim> | undefined;
  /** β of each user, where a model has it; by default its setting. */
  readonly beta?: Vector<Batch> | undefined;
}

/**
 * Returns the score of every item for each user of a block; a higher score is better. The matrix is freed after
 * ranking.
 */
export type Score = (block: Block) => Matrix<Batch, Items>;

/** The size of blocks. */
export interface BlockOptions {
  /**
   * The approximate number of bytes for scoring a block; 2²⁶ (64 MiB) by default. Further tensors of a model are not
   * included: MONET's `excludeTarget` needs at most twice as much again.
   */
  readonly budget?: number | undefined;
}

/**
 * The numbers per item that scoring holds at once, after MONET: for a user, the general score, the target-aware score,
 * both scaled, and their sum; for an entry of a history, a similarity.
 */
const PER_USER = 5;
const PER_ENTRY = 1;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * Divides users into blocks, in order. A block needs (5 · users + entries of their histories) × items × 4 bytes, at
 * most the budget. A user who needs more than the budget is a block of its own.
 *
 * @throws {ValueError} if the budget is not above 0, or a user does not exist.
 *
 * @example
 * ```ts
 * import { patternFromCoo } from "@giverny/giverny/core";
 * import { blocks } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([3, 2], [0, 1, 2, 2], [0, 1, 0, 1]);
 * const cut = blocks(history, Int32Array.of(0, 1, 2), { budget: 12 * 2 * 4 });
 * deepEqual(Array.from(cut, ({ users }) => [...users]), [[0, 1], [2]]);
 * ```
 */
export function* blocks(
  history: Pattern<Users, Items>,
  users: Int32Array,
  options: BlockOptions = {},
): Generator<Block, void, void> {
  const { budget = 2 ** 26 } = options;
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
