/**
 * The check that a result can be written, before the work that leads to it.
 *
 * @module
 */
import { UsageError } from "../../kernels/errors.ts";

/**
 * Checks that a file can be written. It leaves no file behind.
 *
 * @throws {UsageError} if it is a folder, or its folder does not exist.
 */
export async function checkWritable(path: string): Promise<void> {
  const refuse = (rule: string) => new UsageError(`Cannot write "${path}": ${rule}`);
  const there = await Deno.stat(path).catch(() => null);
  if (there?.isDirectory) throw refuse("it is a folder; name a file, or move it away");
  try {
    (await Deno.open(path, { append: true, create: true })).close();
    if (!there) await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw refuse("its folder does not exist; make it, or name another place");
  }
}
