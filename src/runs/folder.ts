/**
 * Making, locking and cleaning the folder of a run.
 *
 * @module
 */
import { UsageError } from "../../kernels/errors.ts";
import type { Files } from "../data/files.ts";
import { writeDataset } from "../data/formats/mod.ts";
import { FILES, type RunRecord, within, writeRecord } from "./record.ts";
import { writtenSettings } from "./settings.ts";
import type { TrainingSetup } from "./setup.ts";

/** The part of a run folder that this training created, and may therefore remove. */
export type Created = "folder" | "files" | "nothing";

/**
 * Checks that a new run can have a folder. Leftovers of a training that was killed before it began do not count.
 *
 * @throws {UsageError} if the folder exists and is not empty.
 */
export async function checkVacant(folder: string, files: Files): Promise<void> {
  const info = await files.stat(folder);
  if (!info) return;
  const refuse = (rule: string) => new UsageError(`Cannot keep a run in "${folder}": ${rule}`);
  if (info.kind !== "folder") throw refuse("it is a file; name a new folder");
  const names = (await files.list(folder)).map(({ name }) => name);
  if (names.some((name) => !isLeftover(name, names))) throw refuse("the folder is not empty; name a new one");
}

/** The names that a file has while it is written. */
const PARTIAL = /\.\d+\.partial$/;

/** Returns whether an entry was left by a training that was killed before it wrote `run.json`: its lock shows that. */
function isLeftover(name: string, names: readonly string[]): boolean {
  if (/^lock(\.takeover)?$/.test(name)) return true;
  const stopped = names.includes("lock") && !names.includes("run.json");
  return stopped && (name === "config.toml" || PARTIAL.test(name));
}

/** Removes the files of a locked run folder that were not written to their end. */
export async function sweepFolder(folder: string, files: Files): Promise<void> {
  for (const { name } of await files.list(folder)) {
    if (PARTIAL.test(name)) await files.remove(`${folder}/${name}`);
  }
}

/**
 * Makes the folder of a new run and locks it.
 *
 * @throws {UsageError} if the folder is not empty, or another process writes to it.
 */
export async function createFolder(
  folder: string,
  files: Files,
): Promise<{ readonly created: Created; readonly release: () => Promise<void> }> {
  const created = await files.stat(folder) === null ? "folder" : "files";
  await files.makeFolder(folder);
  await checkVacant(folder, files);
  const release = await lockFolder(folder, files);
  try {
    await checkVacant(folder, files);
    await sweepFolder(folder, files);
    return { created, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * Locks the folder of a run and returns the function that releases it.
 *
 * @throws {UsageError} if another process writes to it.
 */
export async function lockFolder(folder: string, files: Files): Promise<() => Promise<void>> {
  const release = await files.lock(folder);
  if (release) return release;
  throw new UsageError(
    `Cannot train in "${folder}": another training writes to it; wait until it ends, or name another folder (if none runs, remove "${folder}/lock")`,
  );
}

/** Writes all that is known of a run before its first step. The record is early: with it, a killed run can go on. */
export async function beginFolder(
  folder: string,
  record: RunRecord,
  { model, config, data }: Pick<TrainingSetup, "model" | "config" | "data">,
  files: Files,
): Promise<void> {
  await writeConfig(folder, { model, config }, files);
  await writeRecord(folder, record, files);
  await writeDataset(within(folder, "data"), data, { modalities: false, files });
}

/** Writes `config.toml`. */
export async function writeConfig(
  folder: string,
  { model, config }: Pick<TrainingSetup, "model" | "config">,
  files: Files,
): Promise<void> {
  await files.write(within(folder, "config.toml"), new TextEncoder().encode(writtenSettings(model, config)));
}

/** Removes the files that were made for a run that failed before its first epoch. */
export async function removeCreated(folder: string, created: Created, files: Files): Promise<void> {
  for (const file of FILES) await files.remove(within(folder, file)).catch(() => {});
  if (created === "folder") await files.remove(folder).catch(() => {});
}
