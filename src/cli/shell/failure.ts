/**
 * How a failure is told: one sentence that says what, where and how to mend it, and an exit code. 1 when the command failed,
 * 2 when it was misused.
 *
 * @module
 */
import { GivernyError } from "../../../kernels/errors.ts";
import { nearest } from "../../core/settings.ts";

/** A command line, setting or name that makes no sense: the command was never begun. */
export class Misuse extends GivernyError {
  override readonly name = "Misuse";
}

/** What ended a command that leaves something to go on with: the cause is the failure, the message what can be done. */
export class Unfinished extends GivernyError {
  override readonly name = "Unfinished";
}

/** What ended by Ctrl-C, without the result that was asked for, exits as shells have it. */
export const INTERRUPTED = 130;

/** An exit code: fine, failed, misused or interrupted. */
export type Exit = 0 | 1 | 2 | typeof INTERRUPTED;

/** A failure, ready to be shown. */
export interface Failure {
  /** One sentence, without a stack. */
  readonly sentence: string;
  readonly exit: 1 | 2;
  /** What can be done now: lines, each ending in a newline. */
  readonly advice?: string;
}

/** Returns the sentence and exit code of whatever was thrown. */
export function describe(error: unknown): Failure {
  if (!(error instanceof Error)) return { sentence: `Unexpected failure: ${error}`, exit: 1 };
  if (error instanceof Unfinished) return { ...describe(error.cause), advice: error.message };
  if (error instanceof Misuse) return { sentence: error.message, exit: 2 };
  return { sentence: systemSentence(error) ?? ownSentence(error), exit: 1 };
}

/** What the system refuses, by the name of its error. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder; check the path",
  EACCES: "permission is denied; check whose it is, or choose another place",
  EPERM: "permission is denied; check whose it is, or choose another place",
  EROFS: "the disk is read-only; choose another place",
  ENOSPC: "the disk is full; free some space, or choose another disk",
  EDQUOT: "the disk quota is used up; free some space, or choose another disk",
  EISDIR: "it is a folder, not a file",
  ENOTDIR: "a part of the path is a file, not a folder",
  EIO: "the device failed; try another disk",
};

/** Deno ends the messages of failed file operations with the operation and the path, as in `…: writefile 'x'`. */
const OPERAND = /: (\w+) '(.+?)'(?: -> '.*')?$/;

function systemSentence(error: Error): string | null {
  if (error instanceof Deno.errors.NotCapable) return `Cannot go on: ${error.message}, or run with -A`;
  const refusal = refusalOf(error);
  if (!refusal) return error.cause instanceof Error ? wrappedSentence(error, error.cause) : null;
  const [, operation = "", path] = OPERAND.exec(error.message) ?? [];
  const writes = /^(write|mkdir|rename|remove|trunc|make|copy)/.test(operation) || refusal.startsWith("the disk");
  return `Cannot ${writes ? "write" : "open"} ${path ? `"${path}"` : "a file"}: ${refusal}`;
}

/** The library says which file it could not write, and lets the system say why. */
function wrappedSentence({ message }: Error, cause: Error): string | null {
  const refusal = refusalOf(cause);
  return refusal && message.endsWith(cause.message) ? message.slice(0, -cause.message.length) + refusal : null;
}

function refusalOf(error: Error): string | undefined {
  return "code" in error ? REFUSALS[String(error.code)] : undefined;
}

/** The message of an error of this library is a sentence already; any other error is a fault of the program. */
function ownSentence(error: Error): string {
  return error instanceof GivernyError
    ? error.message
    : `Unexpected ${error.name}: ${error.message} (--debug shows where)`;
}

/**
 * Returns the misuse of a name that is not one of `known`: it offers the nearest, and lists them all where they are few.
 *
 * @param what The action that was asked for, as in `train the model`.
 */
export function unknownName(what: string, name: string, known: readonly string[]): Misuse {
  const meant = nearest(name, known);
  const rule = meant !== null ? `did you mean "${meant}"?` : `known are ${known.join(", ")}`;
  return new Misuse(`Cannot ${what} "${name}": there is no such name; ${rule}`);
}
