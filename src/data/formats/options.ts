/**
 * The options of readers, for questions that the files leave open.
 *
 * @module
 */
import type { MissingPolicy } from "../features.ts";
import type { Files } from "../files.ts";
import type { Splitter } from "../split.ts";

/** How to read a data set. */
export interface ReadOptions {
  /** The split; by default the split of the files, and the rule of `official()` where they have none. */
  readonly split?: Splitter | undefined;
  /** The rule for items without features, `"mean"` by default. */
  readonly missing?: MissingPolicy | undefined;
  /**
   * Whether features of `.npy` files are read into memory, the default, or become sources, whose rows are read when
   * needed. With `auto`, files of more than 1 GiB become sources.
   */
  readonly features?: "memory" | "source" | "auto" | undefined;
  /** The column of each role in delimited text; by default guessed from the header. */
  readonly columns?: ColumnNames | undefined;
  /** The lowest rating in delimited text that counts as an interaction; by default all count. */
  readonly minRating?: number | undefined;
  /** Whether the first line of delimited text names the columns; by default, where none of its cells is a number. */
  readonly header?: boolean | undefined;
  /**
   * The text between two cells; by default the first of tab, `::`, `;`, `|`, `,` and blank that splits all rows
   * alike.
   */
  readonly separator?: string | undefined;
  /** The table of a database that has the interactions; by default the only one with users and items. */
  readonly table?: string | undefined;
  /** A query in SQL whose rows are the interactions, in place of a table of a database. */
  readonly query?: string | undefined;
  /** The files to read from; by default those of this machine. */
  readonly files?: Files | undefined;
}

/** The column of each role, by its name or by its position from 0. */
export interface ColumnNames {
  /** By default `user`, `user_id`, `uid` or a name like these; without a header, column 0. */
  readonly user?: string | number | undefined;
  /** By default `item`, `item_id`, `movieId`, `asin` or a name like these; without a header, column 1. */
  readonly item?: string | number | undefined;
  /**
   * By default `time`, `timestamp`, `date`, `created_at` or a name like these; without a header, column 3 of four.
   * `null` reads no times. Cells are numbers, in any unit, or dates with the year first, as in ISO 8601, which become
   * seconds since 1970.
   */
  readonly time?: string | number | null | undefined;
  /**
   * By default `rating`, `score`, `stars`, `count`, `plays` or a name like these; without a header, column 2 of four.
   * Interactions are left out by it only if a lowest rating is given.
   */
  readonly rating?: string | number | undefined;
  /** By default `split` or `x_label`. Holds 0, 1, 2 or train, validation (val, valid), test. */
  readonly split?: string | number | undefined;
}
