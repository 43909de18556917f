/**
 * The fold-in of users in MONET, and the columns of its modalities: see `monet.ts`.
 *
 * @module
 */
import type { Items, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { addAll, scale } from "../ops/elementwise.ts";
import { concatColumns } from "../ops/matrix.ts";
import { type Factors, type FusionParams, FUSIONS } from "./factors.ts";
import { foldInSum, joinedLayers, type Joining, JOININGS, type Messages } from "./fold_in.ts";
import type { Columns } from "./model.ts";

/** The settings of MONET that a fold-in reads. */
export interface MonetJoining {
  readonly dim: number;
  readonly layers: number;
  readonly alpha: number;
  readonly propagation: "megcn" | "normalized" | "lightgcn";
  readonly fusion: "concat" | "sum" | "weighted" | "fc";
  readonly cf: "none" | "lightgcn" | "megcn";
}

/** The final embeddings, and what (3) and the fusion need for users who join. */
export type MonetEncoded = Factors & {
  /** The items' messages of all modalities side by side. */
  readonly messages?: Messages;
  /** The items' messages of the `cf` part. */
  readonly cfMessages?: Messages;
  readonly fusion?: FusionParams;
};

/** Returns the weights in the row of a user who joins. The self term of (3) is α. */
export function joiningOf(name: MonetJoining["propagation"], { alpha }: Pick<MonetJoining, "alpha">): Joining {
  if (name === "normalized") return JOININGS.selfSymmetric;
  return { ...JOININGS.symmetric, self: () => name === "megcn" ? alpha : 0 };
}

/** (3) The final embeddings of users who join. */
export function foldInUser(e: MonetEncoded, histories: Pattern<Users, Items>, config: MonetJoining): MonetEncoded {
  const { layers, dim, propagation, cf } = config;
  if (layers === 0) return foldInSum(e, histories);
  const join = (messages: Messages | undefined, name: MonetJoining["propagation"]) => {
    const all = joinedLayers(messages, histories, joiningOf(name, config));
    return name === "lightgcn" ? scale(addAll(all), 1 / (layers + 1)) : all[layers];
  };
  const content = join(e.messages, propagation);
  const side = cf === "none" ? content : concatColumns([content, join(e.cfMessages, cf)]);
  return { ...e, users: FUSIONS[config.fusion](side, side.shape[1] / dim, e.fusion ?? {}) };
}

/** Returns the columns of modalities that lie side by side. */
export function columns({ fusion, cf, dim }: MonetJoining, modalities: readonly string[]): Columns[] {
  if (fusion !== "concat") return [];
  const names = [...modalities, ...(cf === "none" ? [] : ["interactions"])];
  return names.map((modality) => ({ modality, width: dim }));
}
