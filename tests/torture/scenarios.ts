/**
 * Work that is killed at any of its operations and then done again: a training, an import, a comparison. In the end the
 * disk must have the bits of work that was never interrupted.
 *
 * @module
 */
import { assertEquals } from "deno-std/assert/equals.js";
import { openDevice } from "../../kernels/mod.ts";
import { withTarget } from "../../src/cli/target.ts";
import { key } from "../../src/core/random.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import type { Files } from "../../src/data/files.ts";
import { fingerprint } from "../../src/data/fingerprint.ts";
import { readGiverny, writeDataset } from "../../src/data/formats/mod.ts";
import { garden } from "../../src/data/garden.ts";
import { compare, planComparison } from "../../src/experiments/compare.ts";
import { variantOf } from "../../src/experiments/variant.ts";
import { lockTrials, workspaceOf } from "../../src/experiments/workspace.ts";
import { monet } from "../../src/models/mod.ts";
import { sweepFolder } from "../../src/runs/folder.ts";
import { readRecord } from "../../src/runs/record.ts";
import { resume } from "../../src/runs/resume.ts";
import { train } from "../../src/runs/train.ts";
import { type Hardware, localHardware } from "../../src/runs/device.ts";
import { Death, type Disk, disk, type Manner } from "./dying_files.ts";

/** Work that can be killed and done again. */
export interface Scenario {
  readonly name: string;
  /** Makes the files that are there before. */
  readonly prepare: (files: Files) => Promise<void>;
  /** Does the work, or goes on with it, as a person would. */
  readonly work: (files: Files) => Promise<void>;
  /** Checks the disk after a death, before the work is done again. */
  readonly check: (files: Files) => Promise<void>;
}

const DATA: Dataset = smallGarden(5);
const OTHER: Dataset = smallGarden(6);

function smallGarden(seed: number): Dataset {
  const data = garden(key(seed), { users: 16, items: 20 });
  return { ...data, name: "small", modalities: { image: data.modalities.image } };
}

const quick = { settings: { dim: 2, batch: 64, lr: 3e-2, every: 2, patience: 9 }, seed: 3 };

async function nothing(): Promise<void> {}

/** Trains, or goes on with the run, and then goes on for more epochs. */
const training: Scenario = {
  name: "training",
  prepare: nothing,
  work: async (files) => {
    const finished = async () => await files.stat("run/run.json") ? await readRecord("run", files) : null;
    if (!await finished()) await train(monet, DATA, { ...quick, epochs: 2, folder: "run", files, device: "wasm" });
    if ((await finished())?.status !== "finished") await resume("run", { data: DATA, files });
    const { epochs } = await readRecord("run", files);
    if (epochs < 4) await resume("run", { data: DATA, epochs: 4, files });
    else await (await files.lock("run"))?.();
  },
  check: nothing,
};

/** Replaces a data set by another. */
const importing: Scenario = {
  name: "import",
  prepare: (files) => writeDataset("home/shop", DATA, { files }),
  work: (files) => withTarget("home/shop", files, () => writeDataset("home/shop", OTHER, { files })),
  check: async (files) => {
    if (await files.stat("home/shop") === null) return;
    const found = await fingerprint(await readGiverny("home/shop", { files }));
    const known = await Promise.all([DATA, OTHER].map(fingerprint));
    assertEquals(known.includes(found), true, "the folder is the old one or the new one");
  },
};

/** Compares two models with two seeds. */
const comparing: Scenario = {
  name: "comparison",
  prepare: nothing,
  work: async (files) => {
    // Thousands of comparisons would have a device for each trial.
    const hardware: Hardware = { ...localHardware, open: () => openDevice("reference") };
    const workspace = await workspaceOf(DATA, { files, hardware });
    const plan = await planComparison([await variantOf("bprmf:dim=2", files)], workspace, {
      epochs: 2,
      set: Object.entries({ batch: "64", every: "1" }),
    });
    const release = await lockTrials(workspace.folder, files);
    const { rows } = (await compare(plan, workspace, { seeds: 2 }))!;
    await files.makeFolder("results");
    await sweepFolder("results", files);
    await files.write("results/table.json", new TextEncoder().encode(JSON.stringify(rows, withoutCost)));
    await release();
  },
  check: nothing,
};

/** The memory of a training that went on has the state that was read back. */
function withoutCost(name: string, value: unknown): unknown {
  return name === "cost" ? undefined : value;
}

/** All scenarios. */
export const SCENARIOS: readonly Scenario[] = [training, importing, comparing];

/** The content of the disk without costs of trials, which depend on the interruption. */
async function resultOf(place: Disk): Promise<Readonly<Record<string, string>>> {
  const content = await place.content();
  return Object.fromEntries(Object.entries(content).filter(([path]) => !path.endsWith("/outcome.json")));
}

/** Returns the disk after work without interruption, and its number of operations. */
export async function undisturbed(
  { prepare, work }: Scenario,
): Promise<{ readonly result: Readonly<Record<string, string>>; readonly operations: number }> {
  const place = disk();
  await prepare(place.start().files);
  const process = place.start();
  await work(process.files);
  return { result: await resultOf(place), operations: process.operations() };
}

/** A death: the operation, counted from 1, and the manner. */
export interface Dying {
  readonly at: number;
  readonly manner: Manner;
}

/**
 * Does the work with these deaths, one after the other, and then without any; checks that the result has the expected
 * content, and nothing else.
 */
export async function survive(
  { prepare, work, check }: Scenario,
  deaths: readonly Dying[],
  expected: Readonly<Record<string, string>>,
): Promise<void> {
  const place = disk();
  await prepare(place.start().files);
  for (const death of deaths) {
    try {
      await work(place.start(death).files);
    } catch (error) {
      if (!isDeath(error)) throw error;
    }
    await check(place.start().files);
  }
  await work(place.start().files);
  const found = await resultOf(place);
  const names = (of: Readonly<Record<string, string>>) => Object.keys(of).sort();
  assertEquals(names(found), names(expected));
  for (const [path, text] of Object.entries(expected)) {
    if (path.endsWith(".json")) assertEquals(found[path], text);
    assertEquals(found[path] === text, true, `${path} differs`);
  }
}

function isDeath(error: unknown): boolean {
  return error instanceof Death || error instanceof Error && error.cause !== undefined && isDeath(error.cause);
}
