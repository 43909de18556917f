/**
 * Command lines as they are shown: ready to be typed.
 *
 * @module
 */

/** How the program is started, as the README does. */
export const PROGRAM = "deno run -A main.ts";

/** Returns words as they are typed after the program: one that a shell would take apart stands in quotes. */
export function typed(...words: readonly string[]): string {
  return words.map((word) => /^[\p{L}\p{N}_./:,=@%+\\-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
    .join(" ");
}

/** Returns the lines that say what to type next, each command given by its words. */
export function next(...commands: readonly (readonly string[])[]): string {
  return `Next:\n${commands.map((words) => `  ${PROGRAM} ${typed(...words)}\n`).join("")}`;
}
