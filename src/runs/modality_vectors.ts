/**
 * The items' vectors of each modality, as `modalities.safetensors` holds them: analyses and explanations of a run need
 * them.
 *
 * @module
 */
import type { Dim, Items } from "../core/axis.ts";
import { key } from "../core/random.ts";
import { free, scope } from "../core/scope.ts";
import type { Matrix } from "../core/tensor.ts";
import { mapTree, type Tree } from "../core/tree.ts";
import { scale } from "../ops/elementwise.ts";
import type { TrainingSetup } from "./setup.ts";

/** A matrix of the items' vectors by modality. */
export type VectorsByModality = { readonly [modality: string]: Matrix<Items, Dim> };

/** The items' vectors of each modality. A model that has only one of the two leaves the other out. */
export type ModalityVectors = {
  /** The vectors before propagation: projected features, or embeddings of ids. */
  readonly before?: VectorsByModality;
  /** The vectors after propagation, before modalities are fused. */
  readonly after?: VectorsByModality;
};

/** Returns the items' vectors of each modality; `null` for a model without such vectors. */
export async function vectorsByModality(
  { model, context }: Pick<TrainingSetup, "model" | "context">,
  params: Tree,
): Promise<ModalityVectors | null> {
  if (!model.byModality && !model.beforePropagation) return null;
  const fresh = await model.refresh?.(params, context, { key: key(0), epoch: 0, purpose: "encode" });
  const whole = { ...context as object, ...fresh };
  try {
    return scope(() => {
      const before = model.beforePropagation?.(params, whole);
      const after = model.byModality?.(params, whole);
      const vectors: ModalityVectors = { ...(before ? { before } : {}), ...(after ? { after } : {}) };
      // Models may return parameters as they are.
      return mapTree((x) => scale(x, 1), vectors);
    });
  } finally {
    free(fresh);
  }
}
