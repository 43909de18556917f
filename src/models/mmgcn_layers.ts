/**
 * The layers of MMGCN: how it convolves one modality, and the four ways in which the MONET paper takes that apart.
 *
 * @module
 */
import type { Dim, Nodes } from "../core/axis.ts";
import { type Key, split } from "../core/random.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement, Vector } from "../core/tensor.ts";
import { linearUniform, xavierNormal } from "../ops/draw.ts";
import { add, addAll, leakyRelu, scale } from "../ops/elementwise.ts";
import { concatColumns } from "../ops/matrix.ts";
import { linear } from "../ops/nn.ts";
import { propagate, spmm } from "../ops/sparse.ts";

/** What a layer learns: W₁ of neighbours, W₂ and b₂ of the nodes themselves, W₃ and b₃ of what is made of both. */
export type MmgcnLayer = {
  readonly W1: Matrix<Dim, Dim>;
  readonly W2?: Matrix<Dim, Dim>;
  readonly b2?: Vector<Dim>;
  readonly W3: Matrix<Dim, Dim>;
  readonly b3: Vector<Dim>;
};

/** What all layers have around them. */
export interface Surroundings {
  /** D⁻¹ A: every node's neighbours, weighed alike. */
  readonly mean: Csr<Nodes, Nodes>;
  /** The embeddings of what nodes are beside their features; absent where they have no part in it. */
  readonly ID?: Matrix<Nodes, Dim>;
}

/** (2) Mean aggregation: what a node's neighbours are on average, by W₁; 0 for a node without any. */
export function aggregate(
  mean: Csr<Nodes, Nodes>,
  x: Matrix<Nodes, Dim>,
  { W1 }: Pick<MmgcnLayer, "W1">,
): Matrix<Nodes, Dim> {
  return leakyRelu(spmm(mean, linear(x, W1)));
}

/** (5) The self-connection: what a node is itself, by W₂ and its ID embedding. */
export function connect(
  x: Matrix<Nodes, Dim>,
  { W2, b2 }: Pick<MmgcnLayer, "W2" | "b2">,
  ID: Matrix<Nodes, Dim>,
): Matrix<Nodes, Dim> {
  return add(leakyRelu(linear(x, W2!, b2)), ID);
}

/** (6) Concatenated combination: all that is known of a node, side by side, by W₃. */
export function combine(
  parts: readonly Matrix<Nodes, Dim>[],
  { W3, b3 }: Pick<MmgcnLayer, "W3" | "b3">,
): Matrix<Nodes, Dim> {
  return leakyRelu(linear(concatColumns(parts), W3, b3));
}

/** Returns Hˡ of Hˡ⁻¹. A variant without weights is given none. */
type Layer = (x: Matrix<Nodes, Dim>, around: Surroundings, weights: MmgcnLayer) => Matrix<Nodes, Dim>;

const full: Layer = (x, { mean, ID }, w) => combine([aggregate(mean, x, w), connect(x, w, ID!)], w);
const unconnected: Layer = (x, { mean }, w) => combine([aggregate(mean, x, w)], w);
const straight: Layer = (x, { mean, ID }) => add(propagate(mean, x, 1), ID!);
const itself: Layer = (x) => x;

const last = (all: readonly Matrix<Nodes, Dim>[]): Matrix<Nodes, Dim> => all[all.length - 1];
const average = (all: readonly Matrix<Nodes, Dim>[]): Matrix<Nodes, Dim> => scale(addAll(all), 1 / all.length);

/** A way to convolve. */
interface Variant {
  /** Returns Hˡ of Hˡ⁻¹. */
  readonly layer: Layer;
  /** Returns what a modality contributes, of H⁰ to Hᴸ. */
  readonly output: (all: readonly Matrix<Nodes, Dim>[]) => Matrix<Nodes, Dim>;
  /** Whether layers learn. */
  readonly learns: boolean;
  /** Whether nodes have ID embeddings. */
  readonly named: boolean;
  /** Whether H⁰ must be as wide as the output, since it is part of it. */
  readonly level: boolean;
}

/** The ways by the name a configuration gives them. */
export const PROPAGATIONS: Readonly<Record<"full" | "linear" | "neighbours" | "combined" | "none", Variant>> = {
  /** (2, 5, 6) */
  full: { layer: full, output: last, learns: true, named: true, level: false },
  /** Without weights and activations: Hˡ = D⁻¹A Hˡ⁻¹ + Hˡ⁻¹ + ID. */
  linear: { layer: straight, output: last, learns: false, named: true, level: true },
  /** Without self-connection: (2) and (6) only. */
  neighbours: { layer: unconnected, output: last, learns: true, named: false, level: false },
  /** The same, and the mean of H⁰ to Hᴸ. */
  combined: { layer: unconnected, output: average, learns: true, named: false, level: true },
  /** H⁰ as it is. */
  none: { layer: itself, output: last, learns: false, named: false, level: true },
};

/** The name of a way to convolve. */
export type Propagation = keyof typeof PROPAGATIONS;

/** How wide a modality's nodes are before the first layer and after it, and how many layers there are. */
export interface LayerSizes extends Placement {
  readonly width: number;
  readonly dim: number;
  readonly layers: number;
}

/**
 * Draws what the layers of a modality learn, under the name `layers`; an empty object where they learn nothing. Weights as Glorot
 * and Bengio's normal, but W₃ after the first layer and all biases as PyTorch's linear layers, as the released code does.
 */
export function drawLayers(
  propagation: Propagation,
  key: Key,
  { width, dim, layers, ...place }: LayerSizes,
): { readonly layers?: readonly MmgcnLayer[] } {
  const { learns, named } = PROPAGATIONS[propagation];
  if (!learns) return {};
  return {
    layers: split(key, layers).map((key, l): MmgcnLayer => {
      const [forW1, forW2, forb2, forW3, forb3] = split(key, 5);
      const inputs = l === 0 ? width : dim;
      const joined = named ? inputs + dim : inputs;
      const self = named && {
        W2: xavierNormal(forW2, [dim, inputs], place),
        b2: linearUniform(forb2, [dim], { inputs, ...place }),
      };
      const W3 = l === 0
        ? xavierNormal(forW3, [dim, joined], place)
        : linearUniform(forW3, [dim, joined], { inputs: joined, ...place });
      return {
        W1: xavierNormal(forW1, [inputs, inputs], place),
        ...self,
        W3,
        b3: linearUniform(forb3, [dim], { inputs: joined, ...place }),
      };
    }),
  };
}

/** What a modality contributes, from H⁰: L layers, and what its variant makes of them. */
export function convolve(
  x: Matrix<Nodes, Dim>,
  around: Surroundings,
  weights: readonly MmgcnLayer[],
  { propagation, layers }: { readonly propagation: Propagation; readonly layers: number },
): Matrix<Nodes, Dim> {
  const { layer, output } = PROPAGATIONS[propagation];
  return output(
    Array.from({ length: layers }).reduce<Matrix<Nodes, Dim>[]>(
      (all, _, l) => [...all, layer(last(all), around, weights[l])],
      [x],
    ),
  );
}
