/**
 * The folder of real data sets next to the repository, which some tests need.
 *
 * @module
 */

/** The path of the folder, with a slash at its end. */
export const DATA: string = new URL("../../shared/data/", import.meta.url).pathname;

/** Returns whether a data set is not there. */
export function absent(name: string): boolean {
  try {
    return !Deno.statSync(DATA + name).isDirectory;
  } catch {
    return true;
  }
}
