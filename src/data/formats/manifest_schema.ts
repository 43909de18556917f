/**
 * The schemas of the JSON files of the project's own format. They are loaded when a file is read.
 *
 * @module
 */
import type { FormatError } from "../../../kernels/errors.ts";
import * as v from "valibot";
import { type Item, type Manifest, MODALITY_NAME } from "./manifest.ts";

const COUNT = "expected a whole number from 0 on";
const count = () => v.pipe(v.number(COUNT), v.integer(COUNT), v.minValue(0, COUNT));

/** Returns the schema of {@link Manifest}. */
export const manifestSchema = (): v.GenericSchema<unknown, Manifest> =>
  v.object({
    format: v.literal("giverny", 'expected "giverny"'),
    version: v.literal(1, "expected 1, the only version there is"),
    name: v.string(),
    notes: v.optional(v.array(v.string())),
    modalities: v.record(
      v.pipe(v.string(), v.regex(MODALITY_NAME, "expected a name fit for the name of a file")),
      v.variant("kind", [
        v.object({ kind: v.literal("dense"), filled: v.array(count()) }),
        v.object({ kind: v.literal("sparse"), columns: count() }),
      ]),
    ),
    pictures: v.boolean(),
  });

/** Returns the schema of {@link Item}. */
export const itemSchema = (): v.GenericSchema<unknown, Item> =>
  v.object({
    item: v.string(),
    title: v.optional(v.string()),
    text: v.optional(v.string()),
  });

/**
 * Returns the value of a text in JSON that follows a schema.
 *
 * @throws {FormatError} the result of `refuse` for the broken rule. The rule does not repeat the engine's message,
 * which counts lines within the text.
 */
export function parsed<T>(
  schema: v.GenericSchema<unknown, T>,
  text: string,
  refuse: (rule: string, cause?: unknown) => FormatError,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse("the text is not JSON, or is truncated", cause);
  }
  if (Array.isArray(value)) throw refuse("expected an object, found a list");
  const result = v.safeParse(schema, value, { message: ruleOf });
  if (result.success) return result.output;
  const where = v.getDotPath(result.issues[0]);
  throw refuse(`${where ? `"${where}": ` : ""}${result.issues[0].message}`);
}

/** The names of kinds of values in errors, by their names in the schema. */
const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  Array: "a list",
  Object: "an object",
  '("dense" | "sparse")': '"dense" or "sparse"',
};

function ruleOf({ expected, received }: v.BaseIssue<unknown>): string {
  const name = (kind: string) => KINDS[kind] ?? kind;
  return received === "undefined" ? "it is missing" : `expected ${name(expected ?? "")}, found ${name(received)}`;
}
