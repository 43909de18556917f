/**
 * The folder that `data import` and `data garden` write: one command at a time, and without what a killed one left.
 *
 * @module
 */
import { UsageError } from "../../kernels/errors.ts";
import type { Files } from "../data/files.ts";

/**
 * Runs `write` while no other command writes the folder `target`. Before, it removes what killed commands left next to
 * the folder, and puts the old folder back where one was killed between the removal of the old folder and the new one.
 *
 * @throws {UsageError} if another command writes the folder.
 */
export async function withTarget(target: string, files: Files, write: () => Promise<void>): Promise<void> {
  const path = target.replace(/(?<=.)[/\\]+$/, "");
  const [, above = "", name] = /^(.*[/\\])?([^/\\]*)$/s.exec(path) ?? [];
  const claim = `${path}.partial`;
  await files.makeFolder(claim);
  const release = await files.lock(claim);
  if (!release) throw new UsageError(`Cannot write a data set to "${target}": another command writes it; wait for it`);
  try {
    for (const entry of await files.list(above || ".")) {
      if (isLeftover(entry.name, name)) await putAway(`${above}${entry.name}`, path, files);
    }
    await write();
  } finally {
    await release();
    // Another command may have made its lock in the meantime.
    if ((await files.list(claim).catch(() => [null])).length === 0) await files.remove(claim);
  }
}

/** Returns whether an entry is the folder in which a command prepared the folder `name`. */
function isLeftover(entry: string, name: string): boolean {
  return entry.startsWith(`${name}.`) && /^\d+\.partial$/.test(entry.slice(name.length + 1));
}

async function putAway(left: string, path: string, files: Files): Promise<void> {
  const [old, present] = [await files.stat(`${left}/old`), await files.stat(path)];
  if (old && !present) await files.rename(`${left}/old`, path);
  await files.remove(left);
}
