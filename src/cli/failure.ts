/**
 * The report of a failure: one sentence that names the cause, the place and the remedy, and an exit code: 1 if the
 * command failed, 2 if its words make no sense.
 *
 * @module
 */
import { GivernyError, UsageError } from "../../kernels/errors.ts";
import { type FailedRun, TrainingFailed } from "../runs/failure.ts";
import { next, rankingCommands } from "./command_line.ts";

/** The signals that end a command after its current step, and its exit codes then, as shells define them. */
export const INTERRUPTIONS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** An exit code: success, failure, misuse, interruption. */
export type Exit = 0 | 1 | 2 | 129 | 130 | 143;

/** Returns the exit code of an interrupted command. The reason of the abort is the name of the system's signal. */
export function exitOf({ reason }: AbortSignal): Exit {
  return Object.hasOwn(INTERRUPTIONS, String(reason))
    ? INTERRUPTIONS[reason as keyof typeof INTERRUPTIONS]
    : INTERRUPTIONS.SIGINT;
}

/** A failure, ready to be shown. */
export interface Failure {
  /** One sentence, without a stack. */
  readonly sentence: string;
  readonly exit: 1 | 2;
  /** The commands that go on from here: lines, each ending in a newline. */
  readonly advice?: string;
}

/** Returns the sentence and the exit code of an error. */
export function describe(error: unknown): Failure {
  if (!(error instanceof Error)) return { sentence: `Unexpected failure: ${error}`, exit: 1 };
  if (error instanceof TrainingFailed) return { ...describe(error.cause), advice: adviceOf(error.run) };
  if (error instanceof UsageError) return { sentence: error.message, exit: 2 };
  return { sentence: systemSentence(error) ?? ownSentence(error), exit: 1 };
}

/** The refusals of the operating system, by error code. */
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

/** The messages of failed file operations end with the operation and the path: `…: writefile 'x'`, `…, mkdir 'x'`. */
const OPERAND = /[:,] (\w+) '(.+?)'(?: -> '.*')?$/;

function systemSentence(error: Error): string | null {
  if (error instanceof Deno.errors.NotCapable) return `Cannot go on: ${error.message}, or run with -A`;
  const refusal = refusalOf(error);
  if (!refusal) return error.cause instanceof Error ? wrappedSentence(error, error.cause) : null;
  const [, operation = "", path] = OPERAND.exec(error.message) ?? [];
  const writes = /^(write|mkdir|rename|remove|trunc|make|copy)/.test(operation) || refusal.startsWith("the disk");
  return `Cannot ${writes ? "write" : "open"} ${path ? `"${path}"` : "a file"}: ${refusal}`;
}

/** The library names the file that it could not write, and the operating system gives the reason. */
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

/** Returns the commands for a run that failed: they rank with it, if it has a best epoch, and go on with it. */
function adviceOf({ folder, record: { data }, status: { epochs, best } }: FailedRun): string {
  const ranking = best ? rankingCommands(folder, data.interactions.test > 0) : [];
  return `The run is kept${epochs > 0 ? ` up to epoch ${epochs}` : ""}.\n${
    next(...ranking, ["train", "--resume", folder])
  }`;
}
