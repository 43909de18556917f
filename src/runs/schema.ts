/**
 * The functions that describe the files of a run. They are loaded when a file is read: a training needs none.
 *
 * @module
 */
export {
  array,
  boolean,
  custom,
  exactOptional,
  getDotPath,
  literal,
  nullable,
  number,
  object,
  optional,
  parseJson,
  picklist,
  pipe,
  record,
  safeParse,
  string,
  union,
} from "valibot";
