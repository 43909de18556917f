/**
 * Rankings: the best items for each user, for recommendation and for evaluation.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Items, Users } from "../core/axis.ts";
import { type Pattern, patternFromCoo, rowIndices } from "../core/pattern.ts";
import { free, scope } from "../core/scope.ts";
import { ShapeError, showShape } from "../core/shape.ts";
import { type Matrix, read, type Vector } from "../core/tensor.ts";
import { rowSums, sliceRows, type Top, topK } from "../ops/mod.ts";
import { type Block, type BlockOptions, blocks, type Score } from "./block.ts";
import { type CandidateItems, candidatesOf, maskedRows } from "./candidates.ts";

/** The options of {@link rankItems}. */
export interface RankItemsOptions extends BlockOptions {
  /** The training items of every user. Scores may depend on them, and they are not ranked. */
  readonly history: Pattern<Users, Items>;
  /** The numbers of the users; all by default. */
  readonly users?: Int32Array | undefined;
  /** The length of each list; 20 by default. */
  readonly k?: number | undefined;
  /** Whether the items of a user's history may be ranked; `false` by default. */
  readonly includeSeen?: boolean | undefined;
  /** Further entries to leave out, for example validation items; none by default. */
  readonly exclude?: readonly Pattern<Users, Items>[] | undefined;
  /** The items that may be ranked: a list, or a pattern with the items of each user; all by default. */
  readonly candidates?: CandidateItems | undefined;
}

/** The best items for a user, best first. */
export interface Ranking {
  /** The number of the user. */
  readonly user: number;
  /** The numbers of the items: k of them, or fewer if fewer may be ranked. */
  readonly items: Int32Array;
  /** The score of each item. */
  readonly scores: Float32Array;
}

/**
 * Returns the `k` items with the highest scores for each user, in the order of the users. Of equal scores, the item
 * with the lower number comes first. The budget bounds the memory and never changes the result.
 *
 * @throws {ValueError} if `k` is not a whole number above 0, a user or a candidate does not exist, or a score is NaN.
 * @throws {ShapeError} if the scores of a block or a pattern have a wrong shape.
 *
 * @example
 * ```ts
 * import { fromArray, patternFromCoo } from "@giverny/giverny/core";
 * import { repeatRows } from "@giverny/giverny/ops";
 * import { rankItems } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([2, 4], [0, 1], [1, 3]);
 * const popularity = fromArray([3, 8, 5, 5], [4]);
 * const [first, second] = await rankItems(({ users }) => repeatRows(popularity, users.length), { history, k: 2 });
 * deepEqual([...first.items], [2, 3]);
 * deepEqual([...second.items], [1, 2]);
 * ```
 */
export async function rankItems(score: Score, options: RankItemsOptions): Promise<Ranking[]> {
  const { history, k = 20, includeSeen = false, exclude = [], budget } = options;
  if (!(Number.isInteger(k) && k > 0)) {
    throw new ValueError(`Cannot rank ${k} items: k is a whole number above 0`);
  }
  const users = options.users ?? Int32Array.from({ length: history.rows }, (_, user) => user);
  const masked = union([history.rows, history.columns], includeSeen ? exclude : [history, ...exclude]);
  const of = candidatesOf("rankItems", options.candidates, [history.rows, history.columns]);
  const rankings: Ranking[] = [];
  for (const block of blocks(history, users, { budget })) {
    const { indices, values } = await best(score, block, k, maskedRows(masked, block.users, of));
    block.users.forEach((user, n) => {
      const row = indices.subarray(n * k, (n + 1) * k);
      const end = row.includes(-1) ? row.indexOf(-1) : k;
      rankings.push({ user, items: row.subarray(0, end), scores: values.subarray(n * k, n * k + end) });
    });
  }
  return rankings;
}

/** Returns the best items of a block, and frees all tensors that were needed. */
async function best(score: Score, block: Block, k: number, masked: Pattern): Promise<Top> {
  const { scores, sums } = scope(() => {
    const scores = score(block);
    checkShape(scores, block);
    return { scores, sums: rowSums(scores) };
  });
  try {
    await checkNumbers(scores, sums, block);
    return await topK(scores, k, { exclude: masked });
  } finally {
    free([scores, sums, masked]);
  }
}

function checkShape({ shape }: Matrix, { users, history }: Block): void {
  if (shape[0] !== users.length || shape[1] !== history.columns) {
    throw new ShapeError(
      `Cannot rank scores of shape ${showShape(shape)} for ${users.length} users: ` +
        `expected ${showShape([users.length, history.columns])}, a row per user and a column per item`,
    );
  }
}

/** Refuses scores that are NaN. The sum of their row is NaN too; the sum of another row may be NaN as well (∞ − ∞). */
async function checkNumbers(scores: Matrix, sums: Vector, { users }: Block): Promise<void> {
  for (const [row, sum] of (await read(sums)).entries()) {
    if (!Number.isNaN(sum)) continue;
    const own = scope(() => sliceRows(scores, row, row + 1));
    const item = (await read(own)).findIndex(Number.isNaN);
    free(own);
    if (item >= 0) {
      throw new ValueError(
        `Cannot rank items for user ${users[row]}: the score of item ${item} is NaN; ` +
          "look for NaN in the features, or train with a lower learning rate",
      );
    }
  }
}

/** Returns the pattern of all entries of some patterns. */
function union(
  shape: readonly [Users, Items],
  patterns: readonly Pattern<Users, Items>[],
): Pattern<Users, Items> {
  const odd = patterns.find(({ rows, columns }) => rows !== shape[0] || columns !== shape[1]);
  if (odd) {
    throw new ShapeError(
      `Cannot exclude a ${showShape([odd.rows, odd.columns])} pattern from ${
        showShape(shape)
      } scores: shapes must match`,
    );
  }
  return patternFromCoo(
    shape,
    patterns.flatMap((pattern) => [...rowIndices(pattern)]),
    patterns.flatMap(({ indices }) => [...indices]),
  );
}
