/**
 * Names for axes. A name lives in the type only: at run time an axis is its length, a plain number.
 *
 * @module
 */

/** Where an axis keeps its name. It exists in types only. */
export declare const NAME: unique symbol;

/**
 * The length of an axis that carries a name in its type. A plain number is accepted wherever an axis is asked for, so
 * naming is voluntary; two different names never mix.
 *
 * @example
 * ```ts
 * import type { Axis, Matrix } from "@giverny/giverny";
 * import { add, zeros } from "@giverny/giverny";
 * type Painters = Axis<"painters">;
 * type Motifs = Axis<"motifs">;
 * const a: Matrix<Painters, number> = zeros([3, 2]);
 * const b: Matrix<Motifs, number> = zeros([3, 2]);
 * // @ts-expect-error: painters are not motifs, although there are three of each
 * add(a, b);
 * ```
 */
export type Axis<Name extends string = string> = number & { readonly [NAME]?: Name };

/** The users of a data set. */
export type Users = Axis<"users">;
/** The items of a data set. */
export type Items = Axis<"items">;
/** Users followed by items: the nodes of the interaction graph. */
export type Nodes = Axis<"nodes">;
/** The rows of a training batch, or of a block of a ranking. */
export type Batch = Axis<"batch">;
/** The coordinates of an embedding. */
export type Dim = Axis<"dim">;
/** The columns of a modality's raw features. */
export type Features = Axis<"features">;
/** The stored entries of a sparse pattern. */
export type Entries = Axis<"entries">;

/** Row numbers along an axis, as `gather` takes them. The name of the axis lives in the type only: any `Int32Array` will do. */
export type Ids<A extends number = number> = Int32Array & { readonly [NAME]?: A };
