/**
 * What is known of a trial beside its run: what it cost, why it failed, and what it is wanted for, in a file of its folder.
 *
 * @module
 */
import { FormatError } from "../../kernels/errors.ts";
import * as v from "valibot";
import { readText, unreadable, writeFile } from "../data/formats/files.ts";
import { exists } from "../cli/runs/folder.ts";

/** What a trial took. */
export interface Cost {
  /** How many numbers it learned. */
  readonly parameters: number;
  /** Epochs whose time was taken. */
  readonly epochs: number;
  /** Seconds of their steps. */
  readonly training: number;
  /** Seconds of evaluations on validation between them. */
  readonly validating: number;
  /** The most bytes of tensors at once; `null` where the device cannot tell. */
  readonly bytes: number | null;
  /** The most bytes of memory that the process had meanwhile. */
  readonly resident: number;
}

/** What a trial is for: to be judged on validation, or to rank with as well. */
export type Purpose = "validation" | "ranking";

/** What is known of a trial beside its run. */
export interface Known {
  readonly cost: Cost;
  /** Why it failed; `null` if it did not. */
  readonly failure: string | null;
  /** What it was trained for: to rank with, if anybody ever asked for that. */
  readonly wanted: Purpose;
}

const Kept: v.GenericSchema<unknown, Known> = v.object({
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

/** What is known of a trial that has not begun. */
export const NOTHING: Known = {
  cost: { parameters: 0, epochs: 0, training: 0, validating: 0, bytes: null, resident: 0 },
  failure: null,
  wanted: "validation",
};

/** Returns what is known of the trial in a folder. */
export async function kept(folder: string): Promise<Known> {
  const path = `${folder}/outcome.json`;
  if (!await exists(path)) return NOTHING;
  const found = v.safeParse(v.pipe(v.string(), v.parseJson(), Kept), await readText(path, "the outcome of a trial"));
  if (found.success) return found.output;
  throw unreadable("the outcome of a trial", path, "it is cut off or damaged");
}

/** Writes what is known of the trial in a folder. */
export async function keep(folder: string, known: Known): Promise<void> {
  await writeFile(`${folder}/outcome.json`, new TextEncoder().encode(`${JSON.stringify(known, null, 2)}\n`));
}

/**
 * Returns what is read from the folder of a trial.
 *
 * @throws {FormatError} if a file of it is damaged, saying how to mend that.
 */
export async function fromFolder<T>(folder: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${error.message}; remove "${folder}", and the same command trains it anew`, {
      cause: error,
    });
  }
}
