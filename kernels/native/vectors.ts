/**
 * The vector instructions of the assembler, in two sets: eight floats of AVX2 with FMA, and sixteen of AVX-512. Kernels
 * are written once and take a set as a parameter.
 *
 * @module
 */
import { at, type Code, CONSTANTS, type General, i64, type Operand, type Place, type Vector } from "./assembler.ts";
import { evex, type Opcode, vex } from "./encoding.ts";

/** The instruction sets that kernels are written for, the widest last. */
export type SetName = "avx2" | "avx512";

type Unary = (to: Vector, a: Vector | Place) => Code;
type Binary = (to: Vector, a: Vector, b: Vector | Place) => Code;
type Shift = (to: Vector, a: Vector, by: number) => Code;

const UNARIES: Readonly<Record<"sqrt" | "fromInt", Opcode>> = {
  sqrt: { map: 1, pp: 0, op: 0x51 },
  /** Whole numbers to floats. */
  fromInt: { map: 1, pp: 0, op: 0x5b },
};

/** The instructions on two vectors. */
export type BinaryName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "least"
  | "most"
  | "and"
  | "or"
  | "xor"
  | "addInt"
  | "subInt"
  | "addProduct"
  | "timesPlus";

const BINARIES: Readonly<Record<BinaryName, Opcode>> = {
  add: { map: 1, pp: 0, op: 0x58 },
  sub: { map: 1, pp: 0, op: 0x5c },
  mul: { map: 1, pp: 0, op: 0x59 },
  div: { map: 1, pp: 0, op: 0x5e },
  /** a where a < b, else b: b if one is NaN, or if both are zeros. */
  least: { map: 1, pp: 0, op: 0x5d },
  /** a where a > b, else b: b if one is NaN, or if both are zeros. */
  most: { map: 1, pp: 0, op: 0x5f },
  and: { map: 1, pp: 0, op: 0x54 },
  or: { map: 1, pp: 0, op: 0x56 },
  xor: { map: 1, pp: 0, op: 0x57 },
  /** Sums and differences of whole numbers. */
  addInt: { map: 1, pp: 1, op: 0xfe },
  subInt: { map: 1, pp: 1, op: 0xfa },
  /** to + a · b, rounded once. */
  addProduct: { map: 2, pp: 1, op: 0xb8 },
  /** to · a + b, rounded once. */
  timesPlus: { map: 2, pp: 1, op: 0xa8 },
};

/** The instructions on whole vectors. The first operand is the result. */
export interface Vectors extends Readonly<Record<keyof typeof UNARIES, Unary>>, Readonly<Record<BinaryName, Binary>> {
  readonly name: SetName;
  /** The number of floats in a vector. */
  readonly lanes: number;
  /** The vector registers that kernels may use. */
  readonly registers: readonly Vector[];
  /** Whether the second operand of an instruction may be one number in memory for all lanes. */
  readonly embedded: boolean;
  /** The same instruction with one number in memory as its second operand, for sets with `embedded`. */
  readonly withNumber: (op: BinaryName, to: Vector, a: Vector, b: Place) => Code;
  /** Copies a vector from a register or memory. */
  readonly load: Unary;
  readonly store: (to: Place, from: Vector) => Code;
  /** Copies one float from memory, or the lowest lane of a vector, to all lanes. */
  readonly splat: Unary;
  readonly shiftLeft: Shift;
  readonly shiftRight: Shift;
  readonly shiftRightUnsigned: Shift;
  /** All bits of a lane are set where a > b. */
  readonly greater: Binary;
  /** All bits of a lane are set where a and b differ; NaN differs from itself. */
  readonly differ: Binary;
  /** Bits of `yes` where the lane of the mask is set, else of `no`. */
  readonly select: (to: Vector, mask: Vector, yes: Vector, no: Vector) => Code;
  /** Chooses the first lanes for `loadSome` and `storeSome`: as many as the register says, from 0 to `lanes`. */
  readonly choose: (count: General, free: General) => Code;
  /** Copies the chosen lanes from memory; the others become 0, and their memory is not touched. */
  readonly loadSome: (to: Vector, from: Place) => Code;
  /** The chosen lanes of a vector, and the other lanes of another. */
  readonly chosenOf: (to: Vector, a: Vector, others: Vector) => Code;
  /** Writes the chosen lanes. */
  readonly storeSome: (to: Place, from: Vector) => Code;
  /** Compares the lowest lanes, for the conditions of jumps. If one is NaN, the first is `below`. */
  readonly compareLowest: (a: Vector, b: Vector | Place) => Code;
  /** Writes the lowest lane. */
  readonly storeLowest: (to: Place, from: Vector) => Code;
  /** One bit of a general register for each lane in which a > b. The vector `free` may be overwritten. */
  readonly bitsGreater: (to: General, free: Vector, a: Vector, b: Vector | Place) => Code;
}

const LOAD: Opcode = { map: 1, pp: 0, op: 0x10 };
const STORE: Opcode = { map: 1, pp: 0, op: 0x11 };
const COMPARE_ONE: Opcode = { map: 1, pp: 0, op: 0x2e };
const STORE_ONE: Opcode = { map: 1, pp: 2, op: 0x11 };
const SPLAT: Opcode = { map: 2, pp: 1, op: 0x18 };
const COMPARE: Opcode = { map: 1, pp: 0, op: 0xc2 };
const DIFFER = 4;
const GREATER = 0x1e;
const SHIFT: Opcode = { map: 1, pp: 1, op: 0x72 };
const [SHIFT_LEFT, SHIFT_RIGHT, SHIFT_RIGHT_UNSIGNED] = [6, 4, 2];

const register = (vector: number): Vector => ({ vector });
const first = (count: number): readonly Vector[] => Array.from({ length: count }, (_, n) => register(n));

function record<K extends string, V>(opcodes: Readonly<Record<K, Opcode>>, make: (opcode: Opcode) => V): Record<K, V> {
  return Object.fromEntries(Object.entries<Opcode>(opcodes).map(([name, op]) => [name, make(op)])) as Record<K, V>;
}

/** The register that holds the chosen lanes of AVX2, all bits of a lane set. */
const CHOSEN = 15;
/** The constants that come first in a routine for AVX2: `choose` reads eight of them. */
export const WINDOW: readonly number[] = Array.from({ length: 16 }, (_, n) => n < 8 ? -1 : 0);

function avx2(): Vectors {
  const code = (op: Opcode, reg: number, a: number, rm: Operand, immediate?: number) =>
    vex(op, 1, { reg, first: a, rm, immediate });
  const binary = (op: Opcode): Binary => (to, a, b) => code(op, to.vector, a.vector, b);
  const unary = (op: Opcode): Unary => (to, a) => code(op, to.vector, 0, a);
  const shift = (extension: number): Shift => (to, a, by) => code(SHIFT, extension, to.vector, a, by);
  const compare = (kind: number): Binary => (to, a, b) => code(COMPARE, to.vector, a.vector, b, kind);
  const greater = compare(GREATER);
  return {
    ...record(UNARIES, unary),
    ...record(BINARIES, binary),
    name: "avx2",
    lanes: 8,
    registers: first(CHOSEN),
    embedded: false,
    withNumber: () => {
      throw new TypeError("Cannot encode a number in memory with AVX2: splat it first");
    },
    load: unary(LOAD),
    store: (to, from) => code(STORE, from.vector, 0, to),
    splat: unary(SPLAT),
    shiftLeft: shift(SHIFT_LEFT),
    shiftRight: shift(SHIFT_RIGHT),
    shiftRightUnsigned: shift(SHIFT_RIGHT_UNSIGNED),
    greater,
    differ: compare(DIFFER),
    select: (to, mask, yes, no) => code({ map: 3, pp: 1, op: 0x4a }, to.vector, no.vector, yes, mask.vector << 4),
    // A window of eight numbers that begins with as many −1 as lanes are chosen; see WINDOW.
    choose: (count, free) => [
      i64.set(free, 8),
      i64.sub(free, count),
      code(LOAD, CHOSEN, 0, at(CONSTANTS, 0, free, 4)),
    ],
    chosenOf: (to, a, others) => code({ map: 3, pp: 1, op: 0x4a }, to.vector, others.vector, a, CHOSEN << 4),
    loadSome: (to, from) => code({ map: 2, pp: 1, op: 0x2c }, to.vector, CHOSEN, from),
    storeSome: (to, from) => code({ map: 2, pp: 1, op: 0x2e }, from.vector, CHOSEN, to),
    compareLowest: (a, b) => vex(COMPARE_ONE, 0, { reg: a.vector, rm: b }),
    storeLowest: (to, from) => vex(STORE_ONE, 0, { reg: from.vector, rm: to }),
    bitsGreater: (to, free, a, b) => [
      greater(free, a, b),
      code({ map: 1, pp: 0, op: 0x50 }, to.general, 0, free),
    ],
  };
}

/** The mask registers of AVX-512 for the chosen lanes, and for comparisons. */
const [K_CHOSEN, K_COMPARED] = [1, 2];
const BYTES = 64;

function avx512(): Vectors {
  const code = (op: Opcode, reg: number, a: number, rm: Operand, { immediate, unit = BYTES, ...rest }: Details = {}) =>
    evex(op, 2, { reg, first: a, rm, immediate }, { unit, ...rest });
  const binary = (op: Opcode): Binary => (to, a, b) => code(op, to.vector, a.vector, b);
  const unary = (op: Opcode): Unary => (to, a) => code(op, to.vector, 0, a);
  const shift = (extension: number): Shift => (to, a, by) => code(SHIFT, extension, to.vector, a, { immediate: by });
  const compared = (kind: number, a: Vector, b: Vector | Place) =>
    code(COMPARE, K_COMPARED, a.vector, b, { immediate: kind });
  /** All bits of the lanes that compare. */
  const compare = (kind: number): Binary => (to, a, b) => [
    compared(kind, a, b),
    code({ map: 2, pp: 2, op: 0x38 }, to.vector, 0, register(K_COMPARED)),
  ];
  return {
    ...record(UNARIES, unary),
    ...record(BINARIES, binary),
    name: "avx512",
    lanes: 16,
    registers: first(32),
    embedded: true,
    withNumber: (op, to, a, b) => code(BINARIES[op], to.vector, a.vector, b, { broadcast: true, unit: 4 }),
    load: unary(LOAD),
    store: (to, from) => code(STORE, from.vector, 0, to),
    splat: (to, a) => code(SPLAT, to.vector, 0, a, { unit: 4 }),
    shiftLeft: shift(SHIFT_LEFT),
    shiftRight: shift(SHIFT_RIGHT),
    shiftRightUnsigned: shift(SHIFT_RIGHT_UNSIGNED),
    greater: compare(GREATER),
    differ: compare(DIFFER),
    select: (to, mask, yes, no) => [
      code({ map: 2, pp: 2, op: 0x39 }, K_COMPARED, 0, mask),
      code({ map: 2, pp: 1, op: 0x65 }, to.vector, no.vector, yes, { mask: K_COMPARED }),
    ],
    choose: (count, free) => [
      i64.set(free, -1),
      i64.lowBits(free, free, count),
      vex({ map: 1, pp: 0, op: 0x92 }, 0, { reg: K_CHOSEN, rm: free }),
    ],
    chosenOf: (to, a, others) => code({ map: 2, pp: 1, op: 0x65 }, to.vector, others.vector, a, { mask: K_CHOSEN }),
    loadSome: (to, from) => code(LOAD, to.vector, 0, from, { mask: K_CHOSEN, zero: true }),
    storeSome: (to, from) => code(STORE, from.vector, 0, to, { mask: K_CHOSEN }),
    compareLowest: (a, b) => evex(COMPARE_ONE, 0, { reg: a.vector, rm: b }, { unit: 4 }),
    storeLowest: (to, from) => evex(STORE_ONE, 0, { reg: from.vector, rm: to }, { unit: 4 }),
    bitsGreater: (to, _free, a, b) => [
      compared(GREATER, a, b),
      vex({ map: 1, pp: 0, op: 0x93 }, 0, { reg: to.general, rm: register(K_COMPARED) }),
    ],
  };
}

interface Details {
  readonly immediate?: number | undefined;
  readonly mask?: number | undefined;
  readonly zero?: boolean | undefined;
  readonly broadcast?: boolean | undefined;
  readonly unit?: number | undefined;
}

/** The instruction sets, by name. */
export const SETS: Readonly<Record<SetName, Vectors>> = { avx2: avx2(), avx512: avx512() };
