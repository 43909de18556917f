/**
 * The readers of all formats but the project's own, in one module that is loaded late.
 *
 * @module
 */
export { interactionFiles, readDelimited, severalFiles } from "./delimited.ts";
export { isLattice, readLattice } from "./lattice.ts";
export { isMmrec, readMmrec } from "./mmrec.ts";
export { databaseIn, isDatabase, readDatabase } from "./sqlite.ts";
export { readTsvFolder } from "./tsv_folder.ts";
