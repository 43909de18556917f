/**
 * What a reader may be told, where the files leave it open.
 *
 * @module
 */
import type { MissingPolicy } from "../features.ts";
import type { Splitter } from "../split.ts";

/** How to read a data set. */
export interface ReadOptions {
  /** The split; by default the one of the files, and the rule of `official()` where they have none. */
  readonly split?: Splitter;
  /** What items without features get, `"mean"` by default. */
  readonly missing?: MissingPolicy;
  /** The column of each role in delimited text; by default guessed from the header. */
  readonly columns?: ColumnNames;
  /** Interactions of delimited text that are rated lower are left out; by default all count. */
  readonly minRating?: number;
  /** Whether the first line of delimited text names the columns; by default, where none of its cells is a number. */
  readonly header?: boolean;
  /** What stands between two cells; by default the first of tab, `::`, `;`, `|`, `,` and blank that splits all rows alike. */
  readonly separator?: string;
}

/** The column of each role, by its name or, counted from 0, its position. */
export interface ColumnNames {
  /** By default `user`, `user_id`, `uid` or a name like these; without a header, column 0. */
  readonly user?: string | number;
  /** By default `item`, `item_id`, `movieId`, `asin` or a name like these; without a header, column 1. */
  readonly item?: string | number;
  /** By default `time`, `timestamp` or `unixReviewTime`; without a header, column 3 of four. */
  readonly time?: string | number;
  /** By default `rating`, `score` or `stars`; without a header, column 2 of four. Read only where a least rating is given. */
  readonly rating?: string | number;
  /** By default `split` or `x_label`. Holds 0, 1, 2 or train, validation (val, valid), test. */
  readonly split?: string | number;
}
