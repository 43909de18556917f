/**
 * The encoders of interactions that MARIO may have: BPR-MF, NGCF and LightGCN.
 *
 * @module
 */
import type { Dim, Items, Nodes, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import type { Key } from "../core/random.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement } from "../core/tensor.ts";
import { symmetricAdjacency, walkAdjacency } from "../data/graph.ts";
import { addAll, scale } from "../ops/elementwise.ts";
import { sliceRows } from "../ops/matrix.ts";
import { type Factors, layersOf, meanOfLayers, nodesOf } from "./factors.ts";
import { joinedLayers, JOININGS, messagesOf, sumOfItems } from "./fold_in.ts";
import { drawLayers, type NgcfEncoded, ngcfJoined, type NgcfLayer, ngcfMessages, propagated } from "./ngcf.ts";

/** The settings that encoders read. */
export interface EncoderConfig {
  readonly dim: number;
  readonly layers: number;
  readonly dropout: number;
}

/** The parameters of an encoder besides tables: the weights of NGCF's layers; none for the others. */
export type MarioEncoderParams = { readonly layers?: readonly NgcfLayer[] };

/** The inputs of an encoding: tables, and the graph. */
type Parts = [
  params: Factors & { readonly encoder?: MarioEncoderParams },
  context: {
    readonly graph: Csr<Nodes, Nodes>;
    readonly history: Pattern<Users, Items>;
    readonly config: EncoderConfig;
  },
];

/** An encoder of interactions. */
export interface InteractionEncoder {
  /** Returns the graph of its propagation. */
  readonly graph: (history: Pattern<Users, Items>, place: Placement) => Csr<Nodes, Nodes>;
  /** Returns the width of its embeddings. */
  readonly width: (config: EncoderConfig) => number;
  /** Draws its own parameters. */
  readonly draw: (key: Key, config: EncoderConfig, place: Placement) => MarioEncoderParams;
  /** Returns the embeddings of all nodes; with a key, those of a training step. */
  readonly encode: (
    graph: Csr<Nodes, Nodes>,
    start: Matrix<Nodes, Dim>,
    params: MarioEncoderParams,
    config: EncoderConfig,
    key?: Key,
  ) => Matrix<Nodes, Dim>;
  /** Returns what `join` needs besides the items. */
  readonly joinable: (...parts: Parts) => Pick<NgcfEncoded, "messages" | "layers">;
  /** Returns the embeddings of users who join. */
  readonly join: (e: NgcfEncoded, histories: Pattern<Users, Items>, config: EncoderConfig) => Matrix<Users, Dim>;
}

/** The sum of each user's items in all tables, which lie one below the other. */
const sumInTables: InteractionEncoder["join"] = ({ items }, histories) => {
  const { columns } = histories;
  const tables = Array.from(
    { length: items.shape[0] / columns },
    (_, m) => sliceRows(items, m * columns, (m + 1) * columns),
  );
  return sumOfItems(addAll(tables), histories);
};

const plain = { graph: symmetricAdjacency, width: ({ dim }: EncoderConfig) => dim, draw: () => ({}) };
const likeItsCode = { layer: "code", normalize: true, combine: "concat" } as const;

/** (1) by the name of the encoder. */
export const INTERACTION_ENCODERS: Readonly<Record<"bprmf" | "ngcf" | "lightgcn", InteractionEncoder>> = {
  /** The tables themselves. */
  bprmf: { ...plain, encode: (_, start) => start, joinable: () => ({}), join: sumInTables },
  /** All layers side by side, as NGCF's code computes them. */
  ngcf: {
    graph: (history, place) => walkAdjacency(history, { ...place, self: true }),
    width: ({ dim, layers }) => dim * (layers + 1),
    draw: (key, { dim, layers }, place) => ({
      layers: drawLayers(key, { dim, layers, layer: likeItsCode.layer }, place),
    }),
    encode: (graph, start, { layers = [] }, { dropout }, key) =>
      propagated(graph, start, layers, { ...likeItsCode, dropout }, key),
    joinable: (params, { graph, history }) =>
      ngcfMessages(graph, nodesOf(params), params.encoder?.layers ?? [], {
        layer: likeItsCode.layer,
        adjacency: "walk",
        users: history.rows,
      }),
    join: (e, histories, config) =>
      config.layers === 0
        ? sumInTables(e, histories, config)
        : ngcfJoined(e, histories, { ...likeItsCode, adjacency: "walk" }),
  },
  /** The mean of all layers. */
  lightgcn: {
    ...plain,
    encode: (graph, start, _, { layers }) => meanOfLayers(graph, start, layers),
    joinable: (params, { graph, history, config: { layers } }) =>
      layers === 0 ? {} : {
        messages: messagesOf(
          layersOf(graph, nodesOf(params), layers - 1),
          graph.pattern,
          history.rows,
          JOININGS.symmetric,
        ),
      },
    join: (e, histories, config) =>
      config.layers === 0
        ? sumInTables(e, histories, config)
        : scale(addAll(joinedLayers(e.messages, histories, JOININGS.symmetric)), 1 / (config.layers + 1)),
  },
};
