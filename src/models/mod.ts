/**
 * The catalogue of models.
 *
 * @module
 */
import type { Model } from "./model.ts";
import { monet } from "./monet.ts";
import { popularity } from "./popularity.ts";

export type * from "./model.ts";
export { monet, type MonetConfig, type MonetContext, type MonetEmbeddings, type MonetParams } from "./monet.ts";
export { type Popularity, popularity } from "./popularity.ts";

/** Every model by its name. A new one joins here, and training, ranking and the command line know it. */
export const models: Readonly<Record<string, Model>> = { popularity, monet };
