/**
 * The parts of scores that are made of inner products of final embeddings: by the modalities whose columns lie side by
 * side, and by the items of the history.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { free, scope } from "../core/scope.ts";
import { type Matrix, read } from "../core/tensor.ts";
import { concatColumns, reshape } from "../ops/matrix.ts";
import { rowDots } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import type { Block } from "../rank/block.ts";
import type { Factors } from "./factors.ts";
import type { Columns, ScorePart } from "./model.ts";

/** A part of an inner product. */
export interface Product {
  /** The modality; `null` where modalities are fused. */
  readonly modality: string | null;
  /** The part. */
  readonly value: number;
}

/** Returns rows of tables as numbers, one table after the other. */
export async function rowsOf(wanted: readonly (readonly [Matrix, Int32Array])[]): Promise<Float32Array[]> {
  const found = await Promise.all(wanted.map(async ([table, rows]) => {
    const picked = scope(() => gather(table, rows));
    const numbers = await read(picked);
    free(picked);
    const width = table.shape[1];
    return Array.from(rows, (_, n) => numbers.slice(n * width, (n + 1) * width));
  }));
  return found.flat();
}

/** Returns ⟨x ∘ w, y⟩ by modality; without columns it is one part. */
export function productsByColumns(
  x: Float32Array,
  y: Float32Array,
  columns: readonly Columns[],
  weights: Float32Array | undefined,
): Product[] {
  const parts = columns.length > 0 ? columns : [{ modality: null, width: x.length }];
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  if (width !== x.length) {
    throw new ValueError(
      `Cannot explain a score of embeddings with ${x.length} columns: the modalities of the run have ${width}`,
    );
  }
  let at = 0;
  return parts.map(({ modality, width }) => {
    let value = 0;
    for (const end = at + width; at < end; at++) value += x[at] * (weights?.[at] ?? 1) * y[at];
    return { modality, value };
  });
}

/** Returns ⟨e_u, e_c⟩ by modality, for the one user of a block. */
export async function dotParts(
  { users, items }: Factors,
  block: Block,
  item: number,
  columns: readonly Columns[],
): Promise<ScorePart[]> {
  const [user, target] = await rowsOf([[users, block.users], [items, Int32Array.of(item)]]);
  return productsByColumns(user, target, columns, await weightsOf(block))
    .map((part) => ({ kind: "general", item: null, attention: null, ...part }));
}

async function weightsOf({ weights }: Block): Promise<Float32Array | undefined> {
  return weights && (await rowsOf([[weights, Int32Array.of(0)]]))[0];
}

/** The settings of {@link targetAwareParts}. */
export interface TargetAwareOptions {
  readonly beta: number;
  /** Whether the item is left out of the history that it is compared with. */
  readonly excludeTarget: boolean;
  readonly columns: readonly Columns[];
}

/** Returns (1 − β) ⟨e_u, e_c⟩ + β Σ aᵢ ⟨e_c, eᵢ⟩ by modality and by the items i of the history: (4, 5, 6) of MONET. */
export async function targetAwareParts(
  e: Factors,
  block: Block,
  item: number,
  { excludeTarget, columns, ...options }: TargetAwareOptions,
): Promise<ScorePart[]> {
  const beta = block.beta ? (await read(block.beta))[0] : options.beta;
  const general = (await dotParts(e, block, item, columns)).map((part) => ({
    ...part,
    value: (1 - beta) * part.value,
  }));
  const history = [...block.history.indices].filter((other) => !(excludeTarget && other === item));
  const weights = await weightsOf(block);
  const [target, ...others] = await rowsOf([[e.items, Int32Array.of(item, ...history)]]);
  const products = others.map((other) => productsByColumns(other, target, columns, weights));
  const sums = products.map((parts) => parts.reduce((sum, { value }) => sum + value, 0));
  const largest = Math.max(...sums);
  const total = sums.reduce((sum, s) => sum + Math.exp(s - largest), 0);
  const aware = history.flatMap((other, n) => {
    const attention = Math.exp(sums[n] - largest) / total;
    return products[n].map(({ modality, value }): ScorePart => (
      { kind: "target-aware", modality, item: other, attention, value: beta * attention * value }
    ));
  });
  return [...general, ...aware];
}

/** The settings of {@link attendedParts}. */
export interface AttendedOptions {
  /** Returns the attention before the softmax, from the products, of one user with the same item in each table. */
  readonly attention: (s: Matrix, user: Matrix, tables: readonly Matrix[]) => Matrix;
  /** The names of the tables; `null` where modalities are fused. */
  readonly names: readonly string[] | null;
}

/** Returns Σ aₘ ⟨u, vᵐ⟩ by modality, with the attention a: (3, 4) of MARIO. The tables lie one below the other. */
export async function attendedParts(
  e: Factors,
  users: Int32Array,
  { item, items }: { readonly item: number; readonly items: number },
  { attention, names }: AttendedOptions,
): Promise<ScorePart[]> {
  const count = e.items.shape[0] / items;
  const found = scope(() => {
    const u = gather(e.users, users);
    const tables = Array.from({ length: count }, (_, m) => gather(e.items, Int32Array.of(item + m * items)));
    const s = concatColumns(tables.map((v) => reshape(rowDots(u, v), [1, 1])));
    return [s, attention(s, u, tables)] as const;
  });
  const [values, logits] = await Promise.all(found.map((x) => read(x)));
  free(found);
  const largest = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return Array.from(values, (value, m): ScorePart => {
    const share = count === 1 ? null : Math.exp(logits[m] - largest) / total;
    return { kind: "general", modality: names?.[m] ?? null, item: null, attention: share, value: (share ?? 1) * value };
  });
}
