/**
 * Validation that is taken out of training, for data with a split of their own: test stays as it is.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { choose, type Key, key } from "../core/random.ts";
import { type Dataset, datasetOf, SPLITS } from "./dataset.ts";
import { grouped } from "./features.ts";
import { groups, inFileOrder, resplit, type Splitter, timesOf } from "./split.ts";

/**
 * The rule by which interactions of training become validation: a share of them drawn at random (`"ratio:0.1"`), the
 * `"last"` in time of each user, or `"none"`.
 */
export type ValidationRule = "none" | "last" | `ratio:${number}`;

/** The options of {@link withValidation}. */
export interface ValidationOptions {
  /** The source of the random draws; `key(0)` by default. */
  readonly key?: Key | undefined;
  /** `"file"` if the order of the log is the order of time; `"time"` by default. */
  readonly order?: "time" | "file" | undefined;
}

const [TRAIN, VALIDATION, TEST] = SPLITS.keys();
const RATIO = /^ratio:(\d*\.?\d+)$/;

/**
 * Returns the rule that a text states.
 *
 * @throws {ValueError} if it states none.
 *
 * @example
 * ```ts
 * import { validationRule } from "@giverny/giverny/data";
 * import { equal, throws } from "node:assert/strict";
 * equal(validationRule("ratio:0.2"), "ratio:0.2");
 * throws(() => validationRule("ratio:2"), /Cannot hold out "ratio:2" for validation/);
 * ```
 */
export function validationRule(text: string): ValidationRule {
  const share = Number(RATIO.exec(text)?.[1]);
  if (text === "none" || text === "last" || share > 0 && share < 1) return text as ValidationRule;
  throw new ValueError(
    `Cannot hold out "${text}" for validation: expected none, last, or ratio:X with X between 0 and 1`,
  );
}

/**
 * Returns a splitter that keeps test as it is and takes validation out of training by a rule. Validation of the old
 * split counts as training. A user keeps at least one interaction in training, so validation can be smaller than the
 * rule says.
 *
 * @throws {ValueError} if the rule is none, or, from the splitter, if the rule is `"last"` and the log has no times.
 *
 * @example
 * ```ts
 * import { holdOutValidation } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const column = new Int32Array(4);
 * const log = { users: column, items: column, split: Uint8Array.of(0, 0, 0, 2), times: Float64Array.of(5, 9, 7, 8) };
 * deepEqual([...holdOutValidation("last")(log)], [0, 1, 0, 2]);
 * ```
 */
export function holdOutValidation(rule: ValidationRule, source: Key = key(0)): Splitter {
  const [kind, share] = validationRule(rule).split(":");
  return (interactions) => {
    const { users, split } = interactions;
    const codes = split.map((code) => code === TEST ? TEST : TRAIN);
    if (kind === "none") return codes;
    const trained = Int32Array.from(codes.keys()).filter((e) => codes[e] === TRAIN);
    const histories = [...groups(trained.map((e) => users[e])).values()].map((group) => group.map((p) => trained[p]));
    const held = kind === "last"
      ? lastOf(histories, timesOf(interactions, "Cannot hold out each user's last training interaction"))
      : Array.from(choose(source, trained.length, Math.round(Number(share) * trained.length)), (p) => trained[p]);
    held.forEach((e) => codes[e] = VALIDATION);
    for (const history of histories) {
      if (history.every((e) => codes[e] !== TRAIN)) history.forEach((e) => codes[e] = TRAIN);
    }
    return codes;
  };
}

function lastOf(histories: readonly (readonly number[])[], times: Float64Array): number[] {
  return histories.map((history) => history.reduce((last, e) => times[e] >= times[last] ? e : last));
}

/**
 * Returns a data set whose validation is held out by a rule, with a note of the numbers. Without a rule the split stays
 * as it is; if it has no validation, a note says so.
 *
 * @throws {ValueError} as {@link holdOutValidation} does.
 *
 * @example
 * ```ts
 * import { garden, withValidation } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const { notes } = withValidation(garden(key(0)), "ratio:0.1");
 * deepEqual(notes, ["Held out for validation: 848 of the 8,484 interactions of training, drawn at random"]);
 * ```
 */
export function withValidation(
  data: Dataset,
  rule: ValidationRule | undefined,
  { key: source, order }: ValidationOptions = {},
): Dataset {
  const kept = statement(data);
  if (rule === undefined) return kept === null ? data : noted(data, kept);
  const splitter = holdOutValidation(rule, source);
  const held = resplit(data, order === "file" ? inFileOrder(splitter) : splitter);
  const [train, validation] = counts(held);
  const manner = rule === "last" ? "the last of each user" : "drawn at random";
  const sentence = rule === "none"
    ? `Nothing is held out for validation: training has ${grouped(train)} interactions`
    : `Held out for validation: ${grouped(validation)} of the ${
      grouped(train + validation)
    } interactions of training, ` +
      manner;
  // The statement about the old split no longer holds.
  return noted({ ...held, notes: held.notes?.filter((note) => note !== kept) }, sentence);
}

/** Returns the sentence about a split without validation, or `null` if there is validation. */
function statement(data: Dataset): string | null {
  const [train, validation, test] = counts(data);
  if (validation > 0) return null;
  return `The split has no validation: ${grouped(train)} interactions are in training, ${grouped(test)} in test; ` +
    "--validation ratio:0.1 or last takes some out of training (option validation)";
}

function counts({ interactions: { split } }: Dataset): number[] {
  const found = [0, 0, 0];
  split.forEach((code) => found[code]++);
  return found;
}

function noted(data: Dataset, sentence: string): Dataset {
  return datasetOf({ ...data, notes: [...new Set([...data.notes ?? [], sentence])] });
}
