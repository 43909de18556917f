/**
 * What `compare` and `sweep` have in common: the data they are on, the folder they write to, the command that repeats them.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { statistics } from "../data/statistics.ts";
import { writeFile } from "../data/formats/files.ts";
import { checkVacant } from "../cli/runs/folder.ts";
import { groundOf } from "../cli/runs/start.ts";
import { INTERRUPTED } from "../cli/shell/failure.ts";
import { type Io, note, type Report } from "../cli/shell/io.ts";
import { PROGRAM, typed } from "../cli/shell/typed.ts";
import { checkWritable } from "../cli/shell/writable.ts";
import { type Bench, digestOf } from "./trial.ts";
import { occupy } from "./trials.ts";
import type { Common } from "./variant.ts";

/** What both take. */
export interface BenchOptions extends Common {
  /** How many seeds, from 1. */
  readonly seeds: number;
  readonly protocol: "A" | "B";
  readonly device: "auto" | "wasm" | "webgpu" | "reference" | undefined;
  readonly threads: number | undefined;
  /** The folder of trials, tables and report; by default `compare` and `sweep` share one for the trials on the data, and the rest lies in one within. */
  readonly out: string | undefined;
}

/** The words of a command. */
export interface Words {
  /** The words after the program that repeat it. */
  readonly command: readonly string[];
  /** Those among them that say what is trained. */
  readonly subject: readonly string[];
}

/** Returns the words of a command, whose own say what is trained. */
export function wordsOf(
  what: "compare" | "sweep",
  own: readonly string[],
  { data, set, protocol, epochs, ...options }: BenchOptions,
): Words {
  const flags = (given: Readonly<Record<string, string | number | undefined>>) =>
    Object.entries(given).flatMap(([flag, value]) => value === undefined ? [] : [`--${flag}`, String(value)]);
  const { seeds, device, threads, out } = options;
  const subject = [
    ...own,
    ...flags({ protocol, epochs }),
    ...set.flatMap(([name, value]) => ["--set", `${name}=${value}`]),
  ];
  return { command: [what, "--data", data, ...subject, ...flags({ seeds, device, threads, out })], subject };
}

/**
 * Reads the data, and says where trials are kept and where results are written.
 *
 * @throws {ValueError} if nothing is held out for test.
 * @throws {Misuse} if the folder is there, and not one of trials.
 */
export async function benchOf(
  { command: [what], subject }: Words,
  { data: source, out, device = "auto", threads }: BenchOptions,
  io: Io,
): Promise<{ readonly bench: Bench; readonly out: string }> {
  const ground = await groundOf(source, io);
  if (statistics(ground.data).interactions.test === 0) {
    throw new ValueError(`Cannot ${what} on "${source}": nothing is held out for test; import it with --split`);
  }
  const plain = (text: string) => text.replaceAll(/[^\p{L}\p{N}_]+/gu, "-");
  const home = out ?? `runs/${plain(ground.data.name)}`;
  await checkVacant(home, "trials");
  // Other models have results of their own, and the same trials.
  const own = `${home}/${what}-${plain(subject[1]).slice(0, 40)}-${await digestOf(subject)}`;
  return { bench: { folder: `${home}/trials`, ground, device, threads }, out: out ?? own };
}

/**
 * Keeps others from the trials until it is disposed of, and sees to it that results can be written when they are there.
 *
 * @throws {Misuse} if another command is at the trials.
 */
export async function claim({ folder }: Bench, out: string, files: readonly string[]): Promise<Disposable> {
  const claimed = await occupy(folder);
  try {
    await Deno.mkdir(out, { recursive: true });
    for (const name of files) await checkWritable(`${out}/${name}`);
    return claimed;
  } catch (error) {
    claimed[Symbol.dispose]();
    throw error;
  }
}

/** Writes results, the Markdown first, and returns a line that says where. What another command wrote there is replaced, and a note says how to have it again. */
export async function writeResults(
  out: string,
  files: Readonly<Record<string, string>>,
  command: readonly string[],
  io: Io,
): Promise<string> {
  const [first] = Object.keys(files);
  const before = await Deno.readTextFile(`${out}/${first}`).catch(() => "");
  const [, other] = /by\s`(.+)`\.\n/.exec(before) ?? [];
  for (const [name, text] of Object.entries(files)) await writeFile(`${out}/${name}`, new TextEncoder().encode(text));
  if (other !== undefined && other !== `${PROGRAM} ${typed(...command)}`) {
    note(io, `replaced in "${out}" what this wrote, and writes again without training: ${other}`);
  }
  return `Written: ${Object.keys(files).map((name) => `${out}/${name}`).join(", ")}`;
}

/** Returns the report of a command that Ctrl-C ended: the same goes on. */
export function unfinished(command: readonly string[]): Report {
  return {
    data: { status: "interrupted", command },
    text: () => `Interrupted. What was trained is kept; go on with\n  ${PROGRAM} ${typed(...command)}\n`,
    exit: INTERRUPTED,
  };
}
