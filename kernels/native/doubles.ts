/**
 * Vector instructions on floats of 64 bits, in which sums are kept: a vector of floats becomes two vectors of them.
 *
 * @module
 */
import type { Code, Place, Vector } from "./assembler.ts";
import { evex, type Opcode, vex } from "./encoding.ts";
import type { Vectors } from "./vectors.ts";

const PROMOTE: Opcode = { map: 1, pp: 0, op: 0x5a };
const ADD: Opcode = { map: 1, pp: 1, w: 1, op: 0x58 };
const UPPER_HALF: Readonly<Record<Vectors["name"], Opcode>> = {
  avx2: { map: 3, pp: 1, op: 0x19 },
  avx512: { map: 3, pp: 1, op: 0x1b },
};

/** Encodes an instruction of the whole width of a set. */
function encode(
  { name, lanes }: Vectors,
  op: Opcode,
  reg: number,
  first: number,
  rm: Vector | Place,
  immediate?: number,
) {
  const operands = { reg, first, rm, immediate };
  return name === "avx512" ? evex(op, 2, operands, { unit: 4 * lanes }) : vex({ ...op, w: 0 }, 1, operands);
}

/** The upper half of a vector, as the lower half of another. */
export function upperHalf(set: Vectors, to: Vector, from: Vector): Code {
  const unit = 2 * set.lanes;
  const operands = { reg: from.vector, rm: to, immediate: 1 };
  const op = UPPER_HALF[set.name];
  return set.name === "avx512" ? evex(op, 2, operands, { unit }) : vex(op, 1, operands);
}

/** The lower half of a vector of floats, as floats of 64 bits. */
export function promote(set: Vectors, to: Vector, from: Vector): Code {
  return encode(set, PROMOTE, to.vector, 0, from);
}

/** The sum of two vectors of floats of 64 bits. */
export function addDoubles(set: Vectors, to: Vector, a: Vector, b: Vector): Code {
  return encode(set, ADD, to.vector, a.vector, b);
}

/** Adds the floats of a vector to two vectors of sums. The vector is overwritten. */
export function addTo(set: Vectors, [low, high]: readonly Vector[], values: Vector, free: Vector): Code {
  return [
    promote(set, free, values),
    addDoubles(set, low, low, free),
    upperHalf(set, values, values),
    promote(set, values, values),
    addDoubles(set, high, high, values),
  ];
}

/**
 * Adds up 16 sums, in two or four vectors in registers 0 to 15: the halves of 8, then of 4, then of 2, then the two
 * that are left. The sum is the lowest lane of the first vector.
 */
export function sumDoubles(set: Vectors, sums: readonly Vector[], free: Vector): Code {
  const [sum, other] = sums;
  const add = (length: 0 | 1, by: Vector): Code =>
    vex({ ...ADD, w: 0 }, length, { reg: sum.vector, first: sum.vector, rm: by });
  const eight: Code = set.name === "avx512"
    ? [addDoubles(set, sum, sum, other), upperHalf(set, free, sum), add(1, free)]
    : [addDoubles(set, sum, sum, sums[2]), addDoubles(set, other, other, sums[3]), add(1, other)];
  return [
    eight,
    vex(UPPER_HALF.avx2, 1, { reg: sum.vector, rm: free, immediate: 1 }),
    add(0, free),
    // Lane 1 as lane 0.
    vex({ map: 1, pp: 1, op: 0x15 }, 0, { reg: free.vector, first: sum.vector, rm: sum }),
    add(0, free),
  ];
}

/** Writes the lowest lane, as a float of 64 bits. */
export function storeDouble(to: Place, from: Vector): Code {
  return vex({ map: 1, pp: 3, op: 0x11 }, 0, { reg: from.vector, rm: to });
}

/** The lowest lane, of 64 bits, as a float. */
export function demoteLowest(to: Vector, from: Vector): Code {
  return vex({ map: 1, pp: 3, op: 0x5a }, 0, { reg: to.vector, first: from.vector, rm: from });
}

/** The lowest lane, a float, as one of 64 bits. */
export function promoteLowest(to: Vector, from: Vector): Code {
  return vex({ map: 1, pp: 2, op: 0x5a }, 0, { reg: to.vector, first: from.vector, rm: from });
}
