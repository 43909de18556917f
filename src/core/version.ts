/**
 * The version of the library. `deno.json` has it too, with much that a browser need not load.
 *
 * @module
 */

/** The version of the library, as in `deno.json`. */
export const version: string = "0.1.0";
