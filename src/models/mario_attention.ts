/**
 * The attention of MARIO: how much each modality of an item counts for a user, and the score that follows.
 *
 * @module
 */
import type { Batch, Dim } from "../core/axis.ts";
import { patternFromCsr } from "../core/pattern.ts";
import { type Key, split } from "../core/random.ts";
import { range } from "../core/range.ts";
import type { Matrix, Placement } from "../core/tensor.ts";
import { linearUniform } from "../ops/draw.ts";
import { add, scale, tanh } from "../ops/elementwise.ts";
import { concatColumns, matmulNT, reshape, sliceColumns } from "../ops/matrix.ts";
import { addRow } from "../ops/reduce.ts";
import { segmentSoftmaxMean } from "../ops/rows.ts";
import { scoreTiles } from "./tiles.ts";

/** What the additive attention learns: W and w of wᵀ tanh(W [u ‖ v]). The others learn nothing. */
export type AttentionParams = { readonly W?: Matrix<Dim, Dim>; readonly w?: Matrix<number, Dim> };

/** A table of embeddings. */
type Table = Matrix<number, Dim>;

/** How much modalities count before the softmax, f(u, v), given s = ⟨u, v⟩ of the same users and items. */
interface Attention {
  /** Of users u with the items in the same rows of each table: a column per table. */
  readonly ofPairs: (s: Matrix, u: Table, tables: readonly Table[], p: AttentionParams) => Matrix;
  /** Of all users u with all rows of a table. */
  readonly ofAll: (s: Matrix, u: Table, table: Table, p: AttentionParams) => Matrix;
}

const ofProducts = (f: (s: Matrix, u: Table) => Matrix): Attention => ({ ofPairs: f, ofAll: f });

/** W u and W v, with the halves of W that are theirs. */
function halves(
  u: Table,
  tables: readonly Table[],
  { W }: AttentionParams,
): readonly [ofUsers: Table, ofItems: Table[]] {
  const dim = u.shape[1];
  const [left, right] = [sliceColumns(W!, 0, dim), sliceColumns(W!, dim, 2 * dim)];
  return [matmulNT(u, left), tables.map((v) => matmulNT(v, right))];
}

const additive = (sums: Table, { w }: AttentionParams): Matrix => matmulNT(tanh(sums), w!);

/** (3) The attentions by the name a configuration gives them. */
export const ATTENTIONS: Readonly<Record<"dot" | "scaled" | "additive", Attention>> = {
  /** ⟨u, v⟩ */
  dot: ofProducts((s) => s),
  /** ⟨u, v⟩ / √d */
  scaled: ofProducts((s, u) => scale(s, u.shape[1] ** -0.5)),
  /** wᵀ tanh(W [u ‖ v]) */
  additive: {
    ofPairs: (_, u, tables, p) => {
      const [own, others] = halves(u, tables, p);
      return concatColumns(others.map((other) => additive(add(own, other), p)));
    },
    ofAll: (_, u, table, p) => {
      const [users, [items]] = halves(u, [table], p);
      return scoreTiles({ users }, { items }, (own, among) => additive(addRow(among.items, own.users), p));
    },
  },
};

/** Draws what an attention learns, under the name `attention`, as PyTorch's linear layers; an empty object where it learns nothing. */
export function drawAttention(
  name: keyof typeof ATTENTIONS,
  key: Key,
  { dim, ...place }: Placement & { readonly dim: number },
): { readonly attention?: AttentionParams } {
  if (name !== "additive") return {};
  const [forW, forw] = split(key);
  return {
    attention: {
      W: linearUniform(forW, [dim, 2 * dim], { inputs: 2 * dim, ...place }),
      w: linearUniform(forw, [1, dim], { inputs: dim, ...place }),
    },
  };
}

/**
 * (3, 4) The personalised scores Σ a_m s_m with a = softmax f, from f and s of each of `items` items in one modality after the
 * other, a row per user.
 */
export function personal(f: Matrix<Batch, number>, s: Matrix<Batch, number>, items: number): Matrix<Batch, number> {
  const [rows, columns] = s.shape;
  const modalities = columns / items;
  const ofUser = patternFromCsr(
    [rows, rows * modalities],
    range(rows + 1).map((n) => n * modalities),
    range(rows * modalities),
  );
  const [logits, values] = [f, s].map((x) => reshape(x, [rows * modalities, items]));
  return segmentSoftmaxMean(logits, values, ofUser);
}
