/**
 * Command lines, ready to be typed.
 *
 * @module
 */

/** The start of the program, as in the README. */
export const PROGRAM = "deno run -A main.ts";

/** Returns words as they are typed after the program. A word that a shell would divide is quoted. */
export function typed(...words: readonly string[]): string {
  return words.map((word) => /^[\p{L}\p{N}_./:,=@%+\\-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
    .join(" ");
}

/** Returns the lines that name the next commands, each given by its words. */
export function next(...commands: readonly (readonly string[])[]): string {
  return `Next:\n${commands.map((words) => `  ${PROGRAM} ${typed(...words)}\n`).join("")}`;
}

/** Returns the commands that rank with a run. */
export function rankingCommands(folder: string, hasTest: boolean): string[][] {
  return [...(hasTest ? [["evaluate", folder]] : []), ["recommend", folder, "--all"]];
}

/** Returns a command line of this program. */
export function commandLine(words: readonly string[]): string {
  return `${PROGRAM} ${typed(...words)}`;
}
