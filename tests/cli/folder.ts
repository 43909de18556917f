/**
 * Temporary folders for commands under test, and a data set that trains in milliseconds.
 *
 * @module
 */
import { key } from "../../src/core/random.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { writeDataset } from "../../src/data/formats/mod.ts";
import { garden } from "../../src/data/garden.ts";

/** Runs `act` on a new folder, and removes it. */
export async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A small garden without texts. */
export const SMALL: Dataset = withoutText(garden(key(5), { users: 40, items: 40 }));

/** Flags with which a small garden trains in milliseconds. */
export const QUICK = "--set dim=4 --set batch=64 --set lr=1e-2 --set every=1";

/** As {@link inFolder}, with a {@link SMALL} garden in the folder `data` within. */
export function withData(act: (folder: string) => Promise<void>, data: Dataset = SMALL): Promise<void> {
  return inFolder(async (folder) => {
    await writeDataset(`${folder}/data`, data);
    await act(folder);
  });
}

/** Returns the names in a folder, sorted; `null` where there is none. */
export async function namesIn(folder: string): Promise<string[] | null> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  } catch {
    return null;
  }
}

function withoutText(data: Dataset): Dataset {
  const { image } = data.modalities;
  return { ...data, name: "small", modalities: { image } };
}
