/**
 * How fast is the same work in other libraries? Runs ours, jax-js, TensorFlow.js and PyTorch in turn, each in a new
 * process, and prints a table of medians over the rounds. Before anything is timed, all results must agree.
 *
 * The JavaScript libraries are downloaded from npm by this command only. A library that cannot run here is left out,
 * with a sentence. PyTorch comes from the first Python that has it: `$PYTHON`, `python3` or `/usr/bin/python3`. It
 * computes with the kernels of OpenBLAS that are fastest here. `wasm` is ours without machine code.
 *
 * `deno task bench:peers [--only NAME] [--rounds 5] [--threads N] [--repeat N] [--json]`
 *
 * With `--mmrec DIR`, a folder with MMRec's code, it compares an epoch of each model with that code instead.
 *
 * `deno task bench:peers --mmrec DIR [--repeat 3] [--json]`
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { ValueError } from "../../kernels/errors.ts";
import { command, median, options, print } from "../measure.ts";
import { compareWithMmrec, mmrecTable } from "./mmrec.ts";
import { findPython, type Python, start } from "./python.ts";

/** A line of a benchmark. */
interface Line {
  readonly name: string;
  readonly peer: string;
  readonly ms: number;
  readonly threads: number;
  readonly check: readonly (number | null)[];
}

/** A line of the table. */
interface Row {
  readonly name: string;
  readonly peer: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  readonly target: number;
  readonly threads: number;
  readonly theirThreads: number;
}

/** One process. */
interface Job {
  readonly by: "giverny" | "wasm" | "jax-js" | "tfjs" | "torch";
  readonly args: readonly string[];
  /** The number of times to take in each process; 7 by default. */
  readonly repeat?: number;
}

/** Runs a job with further flags and returns its lines. */
type Perform = (job: Job, ...flags: string[]) => Promise<Line[]>;

/** The same work in several libraries, ours first. */
interface Group {
  readonly name: string;
  readonly jobs: readonly Job[];
}

/** The least ratio theirs / ours that we want, by peer, or by name and peer; 1 by default: equally fast. */
const TARGETS: Readonly<Record<string, number>> = {
  "matmul forward, torch": 1.3,
  "matmul gradient, torch": 1.3,
  "matmul transposed, torch": 1.3,
  "step men, torch ragged": 1.7,
  "step women, torch ragged": 1.7,
  "epoch tiktok, torch ragged": 4,
};

const OURS = "giverny";
const ours = (...args: string[]): Job => ({ by: OURS, args });
/** Ours on the WebAssembly device. */
const wasm = (...args: string[]): Job => ({ by: "wasm", args });
const torch = (...args: string[]): Job => ({ by: "torch", args });

const GROUPS: readonly Group[] = [
  {
    name: "matmul",
    jobs: [
      ours("matmul"),
      wasm("matmul"),
      { by: "jax-js", args: ["jax"] },
      { by: "tfjs", args: ["tfjs"] },
      torch("matmul"),
    ],
  },
  { name: "spmm", jobs: [ours("spmm"), wasm("spmm"), torch("spmm")] },
  {
    name: "step-men",
    jobs: [ours("step", "--shape", "men"), wasm("step", "--shape", "men"), torch("ragged", "--shape", "men")],
  },
  {
    name: "step-women",
    jobs: [
      ours("step", "--shape", "women"),
      wasm("step", "--shape", "women"),
      torch("ragged", "--shape", "women"),
      { ...torch("dense", "--shape", "women", "--warm-up", "1"), repeat: 3 },
    ],
  },
  {
    name: "epoch",
    jobs: [
      { ...ours("step", "--epoch", "--shape", "tiktok"), repeat: 3 },
      { ...torch("epoch", "--shape", "tiktok", "--warm-up", "1"), repeat: 3 },
    ],
  },
];

const here = (path: string) => `${import.meta.dirname}/${path}`;

/** Runs a job and returns its lines. */
async function run(
  { by, args: [what, ...args] }: Job,
  flags: readonly string[],
  python: Python | null,
): Promise<Line[]> {
  if (by === "torch" && !python) throw new ValueError("no Python here has both torch and numpy");
  const own = by === OURS || by === "wasm";
  const script = own ? `../${what}.ts` : by === "torch" ? "torch_work.py" : `${what}.ts`;
  const device = by === "wasm" ? ["--device", "wasm"] : [];
  const text = by === "torch"
    ? await start(
      python!.program,
      [here(script), what, ...args, "--data", here("../../../shared/data/tiktok"), ...flags],
      python!.env,
    )
    : await start(
      Deno.execPath(),
      ["run", "-A", "--no-lock", "--quiet", here(script), ...args, ...device, "--json", ...flags],
    );
  // Python writes NaN, which JSON lacks.
  return text.trim().split("\n").map((line) => ({ peer: by, ...JSON.parse(line.replaceAll("NaN", "null")) }));
}

/** Fails unless every number of a peer is near ours. */
function agree(ours: Line, theirs: Line): void {
  const near = (x: number | null, y: number | null) =>
    x !== null && y !== null && Math.abs(x - y) <= 1e-4 * Math.max(1e-2, Math.abs(x));
  if (!ours.check.every((x, n) => near(x, theirs.check[n]))) {
    throw new ValueError(
      `Cannot compare ${theirs.peer} with ours at ${ours.name}: its result is ${theirs.check}, ours is ${ours.check}`,
    );
  }
}

/** Leaves out the jobs that cannot run here, with the reason, and checks that the others agree with ours. */
async function agreed({ name, jobs: [own, ...peers] }: Group, perform: Perform): Promise<Group> {
  const expected = await perform(own, "--check");
  const able = [own];
  for (const job of peers) {
    const lines = await perform(job, "--check").catch((error: Error) => {
      console.error(`Leaving out ${job.by} at ${name}: ${error.message}`);
      return [];
    });
    for (const line of lines) agree(expected.find((each) => each.name === line.name) ?? line, line);
    if (lines.length > 0) able.push(job);
  }
  return { name, jobs: able };
}

/** Runs every job once in each round, and returns the lines of all rounds. */
async function takeTurns(groups: readonly Group[], rounds: number, repeat: number | undefined, perform: Perform) {
  const lines: Line[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { name, jobs } of groups) {
      console.error(`Round ${round} of ${rounds}: ${name}`);
      for (const job of jobs) lines.push(...await perform(job, "--repeat", `${repeat ?? job.repeat ?? 7}`));
    }
  }
  return lines;
}

/** Compares ours with each peer at all work that both did. */
function compare(lines: readonly Line[]): Row[] {
  const kinds = [...new Map(lines.map((line) => [`${line.name} ${line.peer}`, line])).values()];
  const ms = (of: Line) =>
    median(lines.filter(({ name, peer }) => name === of.name && peer === of.peer).map(({ ms }) => ms));
  return kinds.filter(({ peer }) => peer !== OURS).flatMap((theirs) =>
    kinds.filter(({ name, peer }) => name === theirs.name && peer === OURS).map((ours) => ({
      name: ours.name,
      peer: theirs.peer,
      ours: ms(ours),
      theirs: ms(theirs),
      ratio: ms(theirs) / ms(ours),
      target: TARGETS[`${ours.name}, ${theirs.peer}`] ?? TARGETS[theirs.peer] ?? 1,
      threads: ours.threads,
      theirThreads: theirs.threads,
    }))
  );
}

/** Prints a table, in Markdown. */
function table(rows: readonly Row[]): void {
  const cells = rows.map(({ name, peer, ours, theirs, ratio, target, threads, theirThreads }) => [
    name,
    peer,
    ours.toFixed(1),
    theirs.toFixed(1),
    ratio.toFixed(2),
    target.toFixed(2),
    `${threads} / ${theirThreads}`,
  ]);
  const head = ["work", "library", "ours, ms", "theirs, ms", "theirs / ours", "target", "threads"];
  const widths = head.map((title, n) => Math.max(title.length, ...cells.map((row) => row[n].length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, n) => cell.padEnd(widths[n])).join(" | ")} |`;
  console.log([line(head), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n"));
}

await command(async () => {
  const { only = "", rounds = 5, threads = navigator.hardwareConcurrency, repeat, json, mmrec } = options({
    json: "flag",
    mmrec: "text",
    only: "text",
    rounds: "count",
    threads: "count",
    repeat: "count",
  });
  if (mmrec) {
    const python = await findPython(here("torch_work.py"));
    const data = here("../../../shared/data/tiktok");
    const found = await compareWithMmrec(mmrec, { data, python, epochs: repeat ?? 3 });
    if (json) found.forEach((row) => print({ ...row }, json));
    else console.log(mmrecTable(found));
    return;
  }
  const chosen = GROUPS.filter(({ name }) => name.startsWith(only));
  if (chosen.length === 0) {
    throw new ValueError(`Cannot run only "${only}": there are ${GROUPS.map(({ name }) => name).join(", ")}`);
  }
  const python = await findPython(here("torch_work.py"));
  if (python) console.error(`PyTorch computes with OpenBLAS for ${python.core}, the fastest here`);
  const perform: Perform = (job, ...flags) => run(job, ["--threads", `${threads}`, ...flags], python);
  console.error("Checking that all results agree");
  const groups: Group[] = [];
  for (const group of chosen) groups.push(await agreed(group, perform));
  const rows = compare(await takeTurns(groups, rounds, repeat, perform));
  if (json) rows.forEach((row) => print({ ...row }, json));
  else table(rows);
});
