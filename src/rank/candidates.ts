/**
 * Candidates: the items that a ranking may contain.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Batch, Items, Users } from "../core/axis.ts";
import { type Pattern, patternFromCoo, rowOf, takeRows } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import { ShapeError, showShape } from "../core/shape.ts";

/** Items that may be ranked: a list for all users, or a pattern with the items of each user. */
export type CandidateItems = Int32Array | readonly number[] | Pattern<Users, Items>;

/** Returns the candidates of a user. */
export type CandidatesOf = (user: number) => Int32Array;

/**
 * Returns the function that gives the candidates of a user, after checking them; `null` where all items are candidates.
 *
 * @throws {ValueError} if a list has a number that is no item.
 * @throws {ShapeError} if a pattern does not have the shape of the ranking.
 */
export function candidatesOf(
  caller: string,
  candidates: CandidateItems | undefined,
  shape: readonly [users: Users, items: Items],
): CandidatesOf | null {
  if (candidates === undefined) return null;
  if ("offsets" in candidates) {
    const { rows, columns } = candidates;
    if (rows !== shape[0] || columns !== shape[1]) {
      const shapes = `a ${showShape([rows, columns])} pattern of candidates for ${showShape(shape)} scores`;
      throw new ShapeError(`Cannot ${caller} with ${shapes}: shapes must match`);
    }
    return (user) => rowOf(candidates, user);
  }
  const list = Array.from(candidates);
  const stranger = list.find((item) => !(Number.isInteger(item) && item >= 0 && item < shape[1]));
  if (stranger !== undefined) {
    const rule = `items are numbered from 0 to ${shape[1] - 1}`;
    throw new ValueError(`Cannot ${caller} with the candidate ${stranger}: ${rule}`);
  }
  const items = Int32Array.from(list);
  return () => items;
}

/** Returns the entries of a pattern that are candidates. */
export function amongCandidates(pattern: Pattern<Users, Items>, of: CandidatesOf): Pattern<Users, Items> {
  const kept = Array.from({ length: pattern.rows }, (_, user) => {
    const open = new Set(of(user));
    return [...rowOf(pattern, user)].filter((item) => open.has(item));
  });
  return patternFromCoo(
    [pattern.rows, pattern.columns],
    kept.flatMap((items, user) => items.map(() => user)),
    kept.flat(),
  );
}

/** Returns the items that are masked for some users: the entries of a pattern, and all items that are no candidates. */
export function maskedRows(
  masked: Pattern<Users, Items>,
  users: Int32Array,
  of: CandidatesOf | null,
): Pattern<Batch, Items> {
  if (!of) return takeRows(masked, users);
  const all = range(masked.columns);
  const rows = Array.from(users, (user) => {
    const open = new Uint8Array(masked.columns);
    for (const item of of(user)) open[item] = 1;
    for (const item of rowOf(masked, user)) open[item] = 0;
    return all.filter((item) => open[item] === 0);
  });
  const offsets = new Int32Array(users.length + 1);
  rows.forEach(({ length }, n) => offsets[n + 1] = offsets[n] + length);
  const indices = new Int32Array(offsets[users.length]);
  rows.forEach((row, n) => indices.set(row, offsets[n]));
  return { rows: users.length, columns: masked.columns, offsets, indices };
}
