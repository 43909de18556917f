/**
 * The instruction sets of this machine, for tests of machine code.
 *
 * @module
 */
import { nativeSupport } from "../../../kernels/native/device.ts";
import { instructionSets } from "../../../kernels/native/features.ts";
import type { SetName } from "../../../kernels/native/vectors.ts";

const support = nativeSupport();

/** Whether machine code cannot run here. */
export const ignore: boolean = typeof support === "string";

/** The instruction sets that can be tested; none where machine code cannot run. */
export const sets: readonly SetName[] = ignore ? [] : instructionSets();
