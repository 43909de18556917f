/**
 * Whether a result can be written, asked before the work that leads to it.
 *
 * @module
 */
import { Misuse } from "./failure.ts";

/**
 * Makes sure that a file can be written, and leaves none behind.
 *
 * @throws {Misuse} if it is a folder, or lies in none.
 */
export async function checkWritable(path: string): Promise<void> {
  const refuse = (rule: string) => new Misuse(`Cannot write "${path}": ${rule}`);
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
