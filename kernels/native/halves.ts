/**
 * Instructions on parts of vectors, for registers 0 to 15: they transpose squares, and join the lanes of a vector.
 *
 * @module
 */
import type { Code, Operand, Place, Vector } from "./assembler.ts";
import { evex, type Opcode, vex } from "./encoding.ts";
import type { Vectors } from "./vectors.ts";

type Binary = (to: Vector, a: Vector, b: Vector | Place) => Code;

const LOAD: Opcode = { map: 1, pp: 0, op: 0x10 };
const STORE: Opcode = { map: 1, pp: 0, op: 0x11 };

const vex256 = (op: Opcode, to: Vector, a: Vector, rm: Operand, immediate?: number) =>
  vex(op, 1, { reg: to.vector, first: a.vector, rm, immediate });

/**
 * Instructions on four and eight floats that both sets have, for registers 0 to 15: they transpose squares. Lanes
 * beyond the eighth become 0.
 */
export const eight: {
  /** Copies four floats from memory to the lower half; the upper half becomes 0. */
  readonly loadHalf: (to: Vector, from: Place) => Code;
  /** The lower half of a, and four floats from memory as the upper half. */
  readonly withUpperHalf: Binary;
  /** In each half: lanes 0 of a and b, lanes 1 of a and b. */
  readonly interleaveLow: Binary;
  /** In each half: lanes 2 of a and b, lanes 3 of a and b. */
  readonly interleaveHigh: Binary;
  /** In each half: lanes 0 and 1 of a, lanes 0 and 1 of b. */
  readonly lowPairs: Binary;
  /** In each half: lanes 2 and 3 of a, lanes 2 and 3 of b. */
  readonly highPairs: Binary;
  /** Writes all eight. */
  readonly store: (to: Place, from: Vector) => Code;
} = {
  loadHalf: (to, from) => vex(LOAD, 0, { reg: to.vector, rm: from }),
  withUpperHalf: (to, a, b) => vex256({ map: 3, pp: 1, op: 0x18 }, to, a, b, 1),
  interleaveLow: (to, a, b) => vex256({ map: 1, pp: 0, op: 0x14 }, to, a, b),
  interleaveHigh: (to, a, b) => vex256({ map: 1, pp: 0, op: 0x15 }, to, a, b),
  lowPairs: (to, a, b) => vex256({ map: 1, pp: 0, op: 0xc6 }, to, a, b, 0x44),
  highPairs: (to, a, b) => vex256({ map: 1, pp: 0, op: 0xc6 }, to, a, b, 0xee),
  store: (to, from) => vex(STORE, 1, { reg: from.vector, rm: to }),
};

/**
 * Joins 16 lanes, in one or two vectors in registers 0 to 15: the halves of 8, then of 4, then of 2, then the two that
 * are left. The result is the lowest lane of the first vector.
 *
 * @param join Joins two vectors in the first, at least in this many lanes.
 */
export function foldLanes(
  { name }: Vectors,
  parts: readonly Vector[],
  free: Vector,
  join: (to: Vector, by: Vector, lanes: 8 | 4) => Code,
): Code {
  const [result] = parts;
  const upperEight = name === "avx512"
    ? evex({ map: 3, pp: 1, op: 0x1b }, 2, { reg: result.vector, rm: free, immediate: 1 }, { unit: 32 })
    : [];
  return [
    upperEight,
    join(result, parts[1] ?? free, 8),
    vex({ map: 3, pp: 1, op: 0x19 }, 1, { reg: result.vector, rm: free, immediate: 1 }),
    join(result, free, 4),
    // Lanes 2 and 3, as lanes 0 and 1.
    vex({ map: 1, pp: 0, op: 0x12 }, 0, { reg: free.vector, first: result.vector, rm: result }),
    join(result, free, 4),
    // Lane 1 as lane 0.
    vex({ map: 1, pp: 2, op: 0x16 }, 0, { reg: free.vector, rm: result }),
    join(result, free, 4),
  ];
}

/** Adds up 16 partial sums; see {@link foldLanes}. */
export function sumLanes(set: Vectors, sums: readonly Vector[], free: Vector): Code {
  return foldLanes(
    set,
    sums,
    free,
    (to, by, lanes) =>
      vex({ map: 1, pp: 0, op: 0x58 }, lanes === 8 ? 1 : 0, { reg: to.vector, first: to.vector, rm: by }),
  );
}
