/**
 * An epoch of training of each model against MMRec's code, from a folder that the user names: CPU seconds on one
 * thread, sampling included, on the real data of TikTok. A model that cannot run here is left out, with a sentence.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { median } from "../measure.ts";
import { type Python, start } from "./python.ts";

/** Our names of models that MMRec, or a project built on it, has too, and their names there. */
const MODELS: Readonly<Record<string, string>> = {
  bprmf: "BPR",
  vbpr: "VBPR",
  lightgcn: "LightGCN",
  mmgcn: "MMGCN",
  grcn: "GRCN",
  lattice: "LATTICE",
  freedom: "FREEDOM",
  bm3: "BM3",
  mgcn: "MGCN",
  gume: "GUME",
};

/** The options of {@link compareWithMmrec}. */
export interface MmrecOptions {
  /** The folder of TikTok's data. */
  readonly data: string;
  /** A Python that has PyTorch; `null` if there is none. */
  readonly python: Python | null;
  /** The number of epochs to measure, after one that is not measured. */
  readonly epochs: number;
}

/** A line of the table: CPU seconds of an epoch. */
export interface MmrecRow {
  readonly model: string;
  readonly ours: number;
  readonly theirs: number;
}

/** Measures each model here and there, and returns the medians of the epochs. */
export async function compareWithMmrec(
  code: string,
  { data, python, epochs }: MmrecOptions,
): Promise<MmrecRow[]> {
  const here = (name: string) => `${import.meta.dirname}/${name}`;
  const own = ["run", "-A", "--no-lock", "--quiet", here("epoch.ts")];
  const times = (text: string) => median(JSON.parse(text.trim().split("\n").at(-1)!).seconds);
  const rows: MmrecRow[] = [];
  if (!await Deno.stat(`${code}/src/models`).then(({ isDirectory }) => isDirectory, () => false)) {
    console.error(`Leaving out MMRec: there is no folder ${code}/src/models`);
    return [];
  }
  for (const [model, name] of Object.entries(MODELS)) {
    const leaveOut = (error: Error) => {
      console.error(`Leaving out ${name} of ${code}: ${error.message}`);
      return null;
    };
    const common = ["--data", data, "--epochs", `${epochs}`];
    const args = [here("mmrec_work.py"), "--code", code, "--model", name, ...common];
    const theirs = python
      ? await start(python.program, args, { ...python.env, OMP_NUM_THREADS: "1" }).then(times, leaveOut)
      : leaveOut(new Error("no Python here has both torch and numpy"));
    if (theirs === null) continue;
    rows.push({ model, ours: times(await start(Deno.execPath(), [...own, "--model", model, ...common])), theirs });
  }
  return rows;
}

/** Returns the rows as a table in Markdown. */
export function mmrecTable(rows: readonly MmrecRow[]): string {
  const cells = rows.map(({ model, ours, theirs }) => [
    model,
    ours.toFixed(2),
    theirs.toFixed(2),
    (theirs / ours).toFixed(2),
  ]);
  const head = ["model", "ours, CPU s", "theirs, CPU s", "theirs / ours"];
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...cells.map(line)].join("\n");
}
