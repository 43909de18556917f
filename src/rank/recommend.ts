/**
 * The best items for each user: what people are shown, and what evaluation judges.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Items, Users } from "../core/axis.ts";
import { type Pattern, patternFromCoo, rowIndices, takeRows } from "../core/pattern.ts";
import { free, scope } from "../core/scope.ts";
import { ShapeError, showShape } from "../core/shape.ts";
import { type Matrix, read, type Vector } from "../core/tensor.ts";
import { rowSums, sliceRows, type Top, topK } from "../ops/mod.ts";
import { type Block, type BlockOptions, blocks, type Score } from "./block.ts";

/** What to recommend, and to whom. */
export interface RankItemsOptions extends BlockOptions {
  /** The training items of every user: what scores may depend on, and what is left out as seen. */
  readonly history: Pattern<Users, Items>;
  /** The users to rank items for, as positions; all by default. */
  readonly users?: Int32Array;
  /** The length of each list; 20 by default. */
  readonly k?: number;
  /** Whether the items of a user's history may be recommended to them; `false` by default. */
  readonly includeSeen?: boolean;
  /** Further entries to leave out, validation items say; none by default. */
  readonly exclude?: readonly Pattern<Users, Items>[];
}

/** The best items for a user, best first. */
export interface Ranking {
  /** Whom it is for. */
  readonly user: number;
  /** Positions of items: k of them, or fewer if there are not as many to recommend. */
  readonly items: Int32Array;
  /** The score of each. */
  readonly scores: Float32Array;
}

/**
 * Returns the `k` items of the highest scores for each user, in the order of the users; of equal scores the lower item
 * comes first. Memory is bounded by the budget, which never changes the result.
 *
 * @throws {ValueError} if `k` is not a whole number above 0, there is no such user, or a score is NaN.
 * @throws {ShapeError} if the scores of a block, or a pattern to exclude, are not of its shape.
 *
 * @example
 * ```ts
 * import { fromArray, patternFromCoo, rankItems, repeatRows } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const history = patternFromCoo([2, 4], [0, 1], [1, 3]);
 * const popularity = fromArray([3, 8, 5, 5], [4]);
 * const [first, second] = await rankItems(({ users }) => repeatRows(popularity, users.length), { history, k: 2 });
 * assertEquals([...first.items], [2, 3]);
 * assertEquals([...second.items], [1, 2]);
 * ```
 */
export async function rankItems(score: Score, options: RankItemsOptions): Promise<Ranking[]> {
  const { history, k = 20, includeSeen = false, exclude = [], budget } = options;
  if (!(Number.isInteger(k) && k > 0)) {
    throw new ValueError(`Cannot recommend ${k} items: a whole number above 0 is needed`);
  }
  const users = options.users ?? Int32Array.from({ length: history.rows }, (_, user) => user);
  const masked = union([history.rows, history.columns], includeSeen ? exclude : [history, ...exclude]);
  const rankings: Ranking[] = [];
  for (const block of blocks(history, users, budget === undefined ? {} : { budget })) {
    const { indices, values } = await best(score, block, k, takeRows(masked, block.users));
    block.users.forEach((user, n) => {
      const row = indices.subarray(n * k, (n + 1) * k);
      const end = row.includes(-1) ? row.indexOf(-1) : k;
      rankings.push({ user, items: row.subarray(0, end), scores: values.subarray(n * k, n * k + end) });
    });
  }
  return rankings;
}

/** Returns the best of a block, and frees all that it took. */
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

/** Refuses NaN. A row without any can have a sum that is NaN (∞ − ∞), never the other way round. */
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

/** Returns the pattern of every entry that is in one of the patterns. */
function union(
  shape: readonly [Users, Items],
  patterns: readonly Pattern<Users, Items>[],
): Pattern<Users, Items> {
  const odd = patterns.find(({ rows, columns }) => rows !== shape[0] || columns !== shape[1]);
  if (odd) {
    throw new ShapeError(
      `Cannot exclude a ${showShape([odd.rows, odd.columns])} pattern from a ${showShape(shape)} ranking`,
    );
  }
  return patternFromCoo(
    shape,
    patterns.flatMap((pattern) => [...rowIndices(pattern)]),
    patterns.flatMap(({ indices }) => [...indices]),
  );
}
