/**
 * The modalities of MARIO: what interactions say of items, by a collaborative filter that is trained with the rest of it, and what
 * raw features say, with decoders that are to get those back. The equations' numbers are those of `mario.ts`.
 *
 * @module
 */
import type { Batch, Dim, Features, Ids, Items, Nodes, Users } from "../core/axis.ts";
import { entries, type Pattern, takeRows } from "../core/pattern.ts";
import { type Key, split } from "../core/random.ts";
import { range } from "../core/range.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement, Scalar, Vector } from "../core/tensor.ts";
import { symmetricAdjacency, walkAdjacency } from "../data/graph.ts";
import type { FeatureMatrix } from "../data/tensors.ts";
import { linearUniform } from "../ops/draw.ts";
import { abs, add, addAll, scale, sub } from "../ops/elementwise.ts";
import { linear } from "../ops/nn.ts";
import { mean, sum } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import { csr, sddmm } from "../ops/sparse.ts";
import { meanOfLayers } from "./factors.ts";
import { inputsOf } from "./features.ts";
import { drawLayers, type NgcfLayer, propagated } from "./ngcf.ts";

/** How large an encoder is, and what it drops. */
export interface EncoderConfig {
  /** The width of the tables it begins with. */
  readonly dim: number;
  /** Graph convolutions. */
  readonly layers: number;
  /** The share of NGCF's messages that training drops. */
  readonly dropout: number;
}

/** What an encoder learns beside tables of users and items: NGCF the weights of its layers, the others nothing. */
export type EncoderParams = { readonly layers?: readonly NgcfLayer[] };

/** What makes embeddings of interactions. */
interface Encoder {
  /** The graph it propagates along. */
  readonly graph: (history: Pattern<Users, Items>, place: Placement) => Csr<Nodes, Nodes>;
  /** How wide its embeddings are. */
  readonly width: (config: EncoderConfig) => number;
  /** Draws what it learns. */
  readonly draw: (key: Key, config: EncoderConfig, place: Placement) => EncoderParams;
  /** What nodes are; with a key, in a training step. */
  readonly encode: (
    graph: Csr<Nodes, Nodes>,
    start: Matrix<Nodes, Dim>,
    params: EncoderParams,
    config: EncoderConfig,
    key?: Key,
  ) => Matrix<Nodes, Dim>;
}

const plain = { graph: symmetricAdjacency, width: ({ dim }: EncoderConfig) => dim, draw: () => ({}) };
const likeItsCode = { layer: "code", normalize: true, combine: "concat" } as const;

/** (1) The encoders of interactions by the name a configuration gives them. */
export const ENCODERS: Readonly<Record<"bprmf" | "ngcf" | "lightgcn", Encoder>> = {
  /** The tables themselves. */
  bprmf: { ...plain, encode: (_, start) => start },
  /** All layers side by side, as NGCF's code computes them. */
  ngcf: {
    graph: (history, place) => walkAdjacency(history, { ...place, self: true }),
    width: ({ dim, layers }) => dim * (layers + 1),
    draw: (key, { dim, layers }, place) => ({
      layers: drawLayers(key, { dim, layers, layer: likeItsCode.layer }, place),
    }),
    encode: (graph, start, { layers = [] }, { dropout }, key) =>
      propagated(graph, start, layers, { ...likeItsCode, dropout }, key),
  },
  /** The mean of all layers. */
  lightgcn: { ...plain, encode: (graph, start, _, { layers }) => meanOfLayers(graph, start, layers) },
};

/** What a modality learns: W and b of its encoder, D and c of its decoder. */
export type MarioPart = {
  readonly W: Matrix<Dim, Features>;
  readonly b: Vector<Dim>;
  readonly D: Matrix<Features, Dim>;
  readonly c: Vector<Features>;
};

/** What all modalities but that of interactions learn. */
export type MarioParts = { readonly [modality: string]: MarioPart };

/** Draws what a modality learns from features x, embeddings of `dim` numbers, as PyTorch's linear layers. */
export function drawPart(
  key: Key,
  x: FeatureMatrix,
  { dim, ...place }: Placement & { readonly dim: number },
): MarioPart {
  const inputs = inputsOf(x);
  const [forW, forB, forD, forC] = split(key, 4);
  return {
    W: linearUniform(forW, [dim, inputs], { inputs, ...place }),
    b: linearUniform(forB, [dim], { inputs, ...place }),
    D: linearUniform(forD, [inputs, dim], { inputs: dim, ...place }),
    c: linearUniform(forC, [inputs], { inputs: dim, ...place }),
  };
}

/** Raw features of some items. */
type Content<R extends number> = Matrix<R, Features> | Csr<R, Features>;

/** (2) What rows of raw features are in each modality. */
export function contents<R extends number>(
  modalities: MarioParts,
  features: Readonly<Record<string, Content<R>>>,
): Matrix<R, Dim>[] {
  return Object.entries(modalities).map(([name, { W, b }]) => linear(features[name], W, b));
}

/** Returns features of a batch's items. */
export function rowsOf(x: FeatureMatrix, items: Ids<Items>): Content<Batch> {
  if (!("pattern" in x)) return gather(x, items);
  const { pattern, values } = x;
  const count = entries(pattern);
  const at = takeRows({ ...pattern, columns: count, indices: range(count) }, items);
  return csr(takeRows(pattern, items), gather(values, at.indices));
}

/** (5) How far decoded embeddings are from the features they come from: the sum over modalities of mean |x̃ − x|. */
export function preservation<R extends number>(
  modalities: MarioParts,
  embeddings: readonly Matrix<R, Dim>[],
  features: Readonly<Record<string, Content<R>>>,
): Scalar {
  return addAll(Object.entries(modalities).map(([name, part], n) => error(part, embeddings[n], features[name])));
}

/** Returns mean |x̃ − x|. Sparse features need no zeros written out: |x̃| stands for all cells, and is put right at the entries. */
function error<R extends number>({ D, c }: MarioPart, embeddings: Matrix<R, Dim>, x: Content<R>): Scalar {
  const decoded = linear(embeddings, D, c);
  if (!("pattern" in x)) return mean(abs(sub(decoded, x)));
  const { pattern, values } = x;
  const there = add(sddmm(pattern, embeddings, D), gather(c, pattern.indices));
  const excess = sum(sub(abs(sub(there, values)), abs(there)));
  return scale(add(sum(abs(decoded)), excess), 1 / (pattern.rows * pattern.columns));
}
