/**
 * Names for axes. A name exists in the type only: at run time an axis is its length, a plain number.
 *
 * @module
 */

/** The property that carries the name of an axis. It exists in types only. */
export declare const NAME: unique symbol;

/**
 * The length of an axis that carries a name in its type. A plain number is accepted wherever an axis is expected, so
 * names are optional. Two different names are never accepted for each other.
 *
 * @example
 * ```ts
 * import { type Axis, type Matrix, zeros } from "@giverny/giverny/core";
 * import { add } from "@giverny/giverny/ops";
 * type Painters = Axis<"painters">;
 * type Motifs = Axis<"motifs">;
 * const a: Matrix<Painters, number> = zeros([3, 2]);
 * const b: Matrix<Motifs, number> = zeros([3, 2]);
 * // @ts-expect-error: painters are not motifs, although both axes have length 3
 * add(a, b);
 * ```
 */
export type Axis<Name extends string = string> = number & { readonly [NAME]?: Name };

/** The users of a data set. */
export type Users = Axis<"users">;
/** The items of a data set. */
export type Items = Axis<"items">;
/** The nodes of the interaction graph: users, then items. */
export type Nodes = Axis<"nodes">;
/** The rows of a training batch, or of a block of users that are ranked together. */
export type Batch = Axis<"batch">;
/** The coordinates of an embedding. */
export type Dim = Axis<"dim">;
/** The columns of the raw features of a modality. */
export type Features = Axis<"features">;
/** The stored entries of a sparse pattern. */
export type Entries = Axis<"entries">;

/**
 * Row numbers along an axis, as `gather` takes them. The name of the axis lives in the type only: any `Int32Array` will
 * do.
 */
export type Ids<A extends number = number> = Int32Array & { readonly [NAME]?: A };
