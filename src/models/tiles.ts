/**
 * Scores by a small network for every pair of a user and an item, computed for a user and a range of items at a time,
 * so that the intermediate results stay small.
 *
 * @module
 */
import type { Batch, Dim, Items } from "../core/axis.ts";
import { range } from "../core/range.ts";
import { scope } from "../core/scope.ts";
import type { Matrix, Tensor, Vector } from "../core/tensor.ts";
import { concatColumns, concatRows, reshape, sliceRows } from "../ops/matrix.ts";

/** The inputs of a network by name: tables of users or of items. */
type Tables<Name extends string, R extends number> = Readonly<Record<Name, Matrix<R, Dim>>>;

/** The items of a range. A few hundred numbers for each of them then fit into a processor's cache. */
const TILE = 1024;

/**
 * Returns the scores of all items for each user. `score` computes them for one user and a range of items: it receives
 * the user's row of every table of users, and the items' rows of every table of items. Its intermediate results are
 * freed each time.
 */
export function scoreTiles<U extends string, I extends string>(
  users: Tables<U, Batch>,
  items: Tables<I, Items>,
  score: (own: Readonly<Record<U, Vector<Dim>>>, among: Tables<I, number>) => Tensor,
): Matrix<Batch, Items> {
  const [height, width] = [rowsIn(users), rowsIn(items)];
  const rows = [...range(height)].map((user) => cut(users, (x) => reshape(sliceRows(x, user, user + 1), [x.shape[1]])));
  const columns = Array.from({ length: Math.ceil(width / TILE) }, (_, tile) => {
    const [from, to] = [tile * TILE, Math.min(width, (tile + 1) * TILE)];
    return scope(() => {
      const among = cut(items, (x) => sliceRows(x, from, to));
      return concatRows(rows.map((own) => scope(() => reshape(score(own, among), [1, to - from]))));
    });
  });
  return concatColumns(columns);
}

function rowsIn(tables: Readonly<Record<string, Matrix>>): number {
  return Object.values(tables)[0].shape[0];
}

/** Returns a part of every table. */
function cut<N extends string, R extends number, T>(
  tables: Tables<N, R>,
  part: (x: Matrix<R, Dim>) => T,
): Record<N, T> {
  const entries = Object.entries<Matrix<R, Dim>>(tables).map(([name, x]) => [name, part(x)] as const);
  return Object.fromEntries(entries) as Record<N, T>;
}
