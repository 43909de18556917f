/**
 * Trials and their outcomes: the cost and the failure, in a file of the trial's folder, where its run is too.
 *
 * @module
 */
import * as v from "valibot";
import { FormatError } from "../../kernels/errors.ts";
import type { Files } from "../data/files.ts";
import { readText, unreadable } from "../data/formats/files.ts";
import type { Model } from "../models/mod.ts";
import type { ModelModule } from "../runs/catalogue.ts";
import type { RunRecord } from "../runs/record.ts";
import type { RunConfig } from "../runs/settings.ts";

/** A training that is compared with others. */
export interface Trial {
  /** The name of its folder: the model, the seed and a digest of all other facts. */
  readonly id: string;
  /** The model. */
  readonly model: Model;
  /** The module of a model that is not in the catalogue. */
  readonly module: ModelModule | null;
  /** Every setting, the seed among them. */
  readonly config: RunConfig;
}

/** The cost of a trial. */
export interface Cost {
  /** The number of trained parameters. */
  readonly parameters: number;
  /** The number of epochs that were timed. */
  readonly epochs: number;
  /** Seconds of their steps. */
  readonly training: number;
  /** Seconds of the evaluations on validation between them. */
  readonly validating: number;
  /** The most bytes of tensors at one time; `null` if the device cannot tell. */
  readonly bytes: number | null;
  /** The most bytes of memory of the process meanwhile. */
  readonly resident: number;
}

/** The purpose of a trial: to be evaluated on validation only, or to rank with as well. */
export type Purpose = "validation" | "ranking";

/** The content of `outcome.json`. */
export interface StoredOutcome {
  /** The cost so far. */
  readonly cost: Cost;
  /** The reason why the trial failed; `null` if it did not. */
  readonly failure: string | null;
  /** The purpose: `ranking` if any experiment asked for that. */
  readonly wanted: Purpose;
}

/** The outcome of a trial. */
export interface Outcome extends Omit<StoredOutcome, "wanted"> {
  /** The trial. */
  readonly trial: Trial;
  /** Its folder. */
  readonly folder: string;
  /** The record of its run; `null` if it failed. */
  readonly record: RunRecord | null;
}

const StoredSchema: v.GenericSchema<unknown, StoredOutcome> = v.object({
  cost: v.object({
    parameters: v.number(),
    epochs: v.number(),
    training: v.number(),
    validating: v.number(),
    bytes: v.nullable(v.number()),
    resident: v.number(),
  }),
  failure: v.nullable(v.string()),
  wanted: v.optional(v.picklist(["validation", "ranking"]), "ranking"),
});

/** The outcome of a trial that has not begun. */
export const NOTHING: StoredOutcome = {
  cost: { parameters: 0, epochs: 0, training: 0, validating: 0, bytes: null, resident: 0 },
  failure: null,
  wanted: "validation",
};

/** Reads the outcome in the folder of a trial. */
export async function readOutcome(folder: string, files: Files): Promise<StoredOutcome> {
  const path = `${folder}/outcome.json`;
  if (await files.stat(path) === null) return NOTHING;
  const text = await readText(path, "the outcome of a trial", files);
  const found = v.safeParse(v.pipe(v.string(), v.parseJson(), StoredSchema), text);
  if (found.success) return found.output;
  throw unreadable("the outcome of a trial", path, "it is cut off or damaged");
}

/** Writes the outcome into the folder of a trial. */
export async function writeOutcome(folder: string, outcome: StoredOutcome, files: Files): Promise<void> {
  await files.write(`${folder}/outcome.json`, new TextEncoder().encode(`${JSON.stringify(outcome, null, 2)}\n`));
}

/**
 * Returns the result of reading from the folder of a trial.
 *
 * @throws {FormatError} if a file is damaged; the message says how to mend that.
 */
export async function fromFolder<T>(folder: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${error.message}; remove "${folder}", and the same command trains it again`, {
      cause: error,
    });
  }
}
