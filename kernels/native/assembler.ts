/**
 * The instructions of a small assembler for x86-64. Each is a function from operands to bytes, so a kernel is a nested
 * list of instructions; `routine.ts` makes a function of it. Names are those of the WebAssembly assembler where the
 * instructions do the same.
 *
 * @module
 */
import { type Code, type General, type Place, plain, short, sizeOf, vex, word } from "./encoding.ts";

export { at, type Code, further, type General, type Operand, type Place, type Vector } from "./encoding.ts";

const named = (general: number): General => ({ general });

/** The register that holds the address of the stack. */
export const STACK: General = named(4);
/** The register that holds the address of the routine's constants. */
export const CONSTANTS: General = named(15);
/** The registers of the two parameters of a routine. */
export const PARAMETERS: readonly [General, General] = [named(7), named(6)];
/** The registers that a routine may use freely. */
export const SCRATCH_REGISTERS: readonly General[] = [0, 1, 2, 6, 7, 8, 9, 10, 11].map(named);
/** The registers that a routine must restore. */
export const SAVED_REGISTERS: readonly General[] = [3, 5, 12, 13, 14].map(named);

type Arithmetic = (to: General, by: General | Place | number) => Code;

/** An instruction of the oldest family: register and register, register and memory, or register and number. */
function arithmetic(opcode: number, extension: number): Arithmetic {
  return (to, by) => {
    if (typeof by !== "number") return plain({ opcode: [opcode] }, to.general, by);
    return short(by)
      ? [plain({ opcode: [0x83] }, extension, to), by & 255]
      : [plain({ opcode: [0x81] }, extension, to), word(by)];
  };
}

function shift(extension: number): (to: General, by: number) => Code {
  return (to, by) => [plain({ opcode: [0xc1] }, extension, to), by];
}

/** Instructions on general registers of 64 bits. The first operand is the result. */
export const i64: {
  /** Copies a register, 64 bits of memory, or a number. */
  readonly set: (to: General, from: General | Place | number) => Code;
  /** Writes 64 bits to memory. */
  readonly store: (to: Place, from: General) => Code;
  /** Reads 32 bits from memory, as an unsigned number. */
  readonly load32: (to: General, from: Place) => Code;
  /** Writes the low 32 bits to memory. */
  readonly store32: (to: Place, from: General) => Code;
  /** The address of a place. */
  readonly address: (to: General, place: Place) => Code;
  readonly add: Arithmetic;
  readonly sub: Arithmetic;
  readonly and: Arithmetic;
  readonly or: Arithmetic;
  /** Sets the flags of a comparison. */
  readonly compare: Arithmetic;
  readonly mul: (to: General, by: General | Place) => Code;
  /** A register or memory times a number. */
  readonly mulBy: (to: General, from: General | Place, by: number) => Code;
  readonly shl: (to: General, by: number) => Code;
  readonly shiftRight: (to: General, by: number) => Code;
  /** The smaller of two, read as unsigned. */
  readonly min: (to: General, by: General | Place) => Code;
  /** A float of 64 bits in memory as a whole number. */
  readonly fromFloat64: (to: General, from: Place) => Code;
  /** The number of zeros below the lowest bit that is set. */
  readonly trailingZeros: (to: General, from: General) => Code;
  /** The low bits of a register: as many as another register says. */
  readonly lowBits: (to: General, from: General, count: General) => Code;
  /** Clears the lowest bit that is set; sets the flag `equal` if none was. */
  readonly clearLowest: (to: General, from: General) => Code;
  readonly push: (from: General) => Code;
  readonly pop: (to: General) => Code;
} = {
  set: (to, from) => {
    if (typeof from !== "number") return plain({ opcode: [0x8b] }, to.general, from);
    if (from === 0) return plain({ w: 0, opcode: [0x33] }, to.general, to);
    return [plain({ opcode: [0xc7] }, 0, to), word(from)];
  },
  store: (to, from) => plain({ opcode: [0x89] }, from.general, to),
  load32: (to, from) => plain({ w: 0, opcode: [0x8b] }, to.general, from),
  store32: (to, from) => plain({ w: 0, opcode: [0x89] }, from.general, to),
  address: (to, place) => plain({ opcode: [0x8d] }, to.general, place),
  add: arithmetic(0x03, 0),
  sub: arithmetic(0x2b, 5),
  and: arithmetic(0x23, 4),
  or: arithmetic(0x0b, 1),
  compare: arithmetic(0x3b, 7),
  mul: (to, by) => plain({ opcode: [0x0f, 0xaf] }, to.general, by),
  mulBy: (to, from, by) => [plain({ opcode: [0x69] }, to.general, from), word(by)],
  shl: shift(4),
  shiftRight: shift(5),
  min: (to, by) => [i64.compare(to, by), plain({ opcode: [0x0f, 0x47] }, to.general, by)],
  fromFloat64: (to, from) => vex({ map: 1, pp: 3, w: 1, op: 0x2c }, 0, { reg: to.general, rm: from }),
  trailingZeros: (to, from) => plain({ prefix: 0xf3, opcode: [0x0f, 0xbc] }, to.general, from),
  lowBits: (to, from, count) =>
    vex({ map: 2, pp: 0, w: 1, op: 0xf5 }, 0, { reg: to.general, first: count.general, rm: from }),
  clearLowest: (to, from) => vex({ map: 2, pp: 0, w: 1, op: 0xf3 }, 0, { reg: 1, first: to.general, rm: from }),
  push: ({ general }) => [general >> 3 ? [0x41] : [], 0x50 | general & 7],
  pop: ({ general }) => [general >> 3 ? [0x41] : [], 0x58 | general & 7],
};

/** Brings the line of a place into the second-level cache. */
export function prefetch(place: Place): Code {
  return plain({ w: 0, opcode: [0x0f, 0x18] }, 2, place);
}

/** Returns to the caller; the upper halves of vectors are cleared, since older code would wait for them. */
export const RETURN: Code = [0xc5, 0xf8, 0x77, 0xc3];

/** The conditions of jumps, after a comparison of unsigned numbers. */
const CONDITIONS = { below: 2, notBelow: 3, equal: 4, notEqual: 5, notAbove: 6, above: 7 } as const;
/** A condition on the flags of the last comparison. */
export type Condition = keyof typeof CONDITIONS;
const OPPOSITE = {
  below: "notBelow",
  notBelow: "below",
  equal: "notEqual",
  notEqual: "equal",
  above: "notAbove",
  notAbove: "above",
} as const;

/** A jump over this many bytes, counted from its end, if the condition holds. */
function jumpIf(condition: Condition, over: number): Code {
  return [0x0f, 0x80 | CONDITIONS[condition], word(over)];
}

/** Runs `yes` if the condition holds after `flags`, else `no`. */
export function when(flags: Code, condition: Condition, yes: Code, no: Code = []): Code {
  const skip: Code = no.length ? [0xe9, word(sizeOf(no))] : [];
  return [flags, jumpIf(OPPOSITE[condition], sizeOf(yes) + sizeOf(skip)), yes, skip, no];
}

/** Runs `body` once, and again as long as the condition holds after it. */
export function repeat(body: Code, condition: Condition): Code {
  return [body, jumpIf(condition, -sizeOf(body) - 6)];
}

/** Runs `body` as long as a comparison holds before it. */
export function during(counter: General, limit: General | Place | number, condition: Condition, body: Code): Code {
  const compare = i64.compare(counter, limit);
  return when(compare, condition, repeat([body, compare], condition));
}

/** Runs `body` for a counter that starts at its present value and grows by `step` while it is below `end`. */
export function loop(counter: General, end: General | Place | number, step: number, body: Code): Code {
  return during(counter, end, "below", [body, i64.add(counter, step)]);
}

/** Runs `body` as long as a counter is at least `by`, and subtracts `by` after each time. */
export function countDown(counter: General, by: number, body: Code): Code {
  const compare = i64.compare(counter, by);
  return when(compare, "notBelow", repeat([body, i64.sub(counter, by), compare], "notBelow"));
}
