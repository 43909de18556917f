/**
 * The encoding of x86-64 instructions: prefixes, register numbers, and addresses, as in the manual of the architecture
 * (Intel SDM, volume 2, chapter 2). `assembler.ts` has the instructions.
 *
 * @module
 */

/** Machine code: bytes, nested as they were composed. */
export type Code = readonly (number | Code)[];

/** A general register: an address, a counter, or an index of 64 bits. */
export interface General {
  readonly general: number;
}

/** A vector register. */
export interface Vector {
  readonly vector: number;
}

/** A place in memory: base + index · scale + offset. */
export interface Place {
  readonly base: General;
  readonly index?: General | undefined;
  readonly scale: 1 | 2 | 4 | 8;
  /** In bytes, of either sign, below 2³¹. */
  readonly offset: number;
}

/** The place at a register, moved by an offset and by an index times a scale. */
export function at(base: General, offset = 0, index?: General, scale: Place["scale"] = 1): Place {
  return { base, offset, index, scale };
}

/** Returns the place this many bytes further. */
export function further(place: Place, bytes: number): Place {
  return { ...place, offset: place.offset + bytes };
}

/** Returns the bytes of nested code. */
export function flat(code: Code, out: number[] = []): number[] {
  for (const part of code) typeof part === "number" ? out.push(part) : flat(part, out);
  return out;
}

/** Returns the number of bytes of nested code. */
export function sizeOf(code: Code): number {
  let size = 0;
  for (const part of code) size += typeof part === "number" ? 1 : sizeOf(part);
  return size;
}

/** Returns a whole number as four bytes, the lowest first. */
export function word(n: number): Code {
  return [n & 255, n >> 8 & 255, n >> 16 & 255, n >> 24 & 255];
}

/** Returns whether a number fits in a signed byte. */
export function short(n: number): boolean {
  return n >= -128 && n < 128;
}

/** The operand that an instruction can read from a register or from memory. */
export type Operand = General | Vector | Place;

/** Returns whether an operand is in memory. */
export function isPlace(operand: Operand): operand is Place {
  return "base" in operand;
}

/** Returns the number of a register. */
export function numberOf(register: General | Vector): number {
  return "general" in register ? register.general : register.vector;
}

/** The upper bits of the register numbers of an operand, which a prefix holds: those of the index and of the base. */
interface UpperBits {
  readonly x: number;
  readonly b: number;
}

function upperBits(rm: Operand): UpperBits {
  return isPlace(rm)
    ? { x: rm.index ? rm.index.general >> 3 : 0, b: rm.base.general >> 3 }
    : { x: numberOf(rm) >> 4, b: numberOf(rm) >> 3 & 1 };
}

/**
 * The bytes ModRM, SIB and displacement. A displacement that is a multiple of `unit` and small enough takes one byte,
 * in that unit.
 */
function operandBytes(reg: number, rm: Operand, unit: number): Code {
  const field = (reg & 7) << 3;
  if (!isPlace(rm)) return [0xc0 | field | numberOf(rm) & 7];
  const { base, index, scale, offset } = rm;
  const low = base.general & 7;
  // Base 4 means that a SIB byte follows; base 5 without a displacement means an address relative to the code.
  const needsSib = index !== undefined || low === 4;
  const scaled = offset / unit;
  const [mode, displacement] = offset === 0 && low !== 5
    ? [0x00, []]
    : Number.isInteger(scaled) && short(scaled)
    ? [0x40, [scaled & 255]]
    : [0x80, word(offset)];
  if (!needsSib) return [mode | field | low, displacement];
  const sib = Math.log2(scale) << 6 | ((index?.general ?? 4) & 7) << 3 | low;
  return [mode | field | 4, sib, displacement];
}

/** An instruction on general registers, as the manual names its parts. */
export interface Plain {
  /** 1 if the operands have 64 bits, 0 if they have 32. */
  readonly w?: 0 | 1 | undefined;
  /** A byte before all other prefixes. */
  readonly prefix?: number | undefined;
  readonly opcode: readonly number[];
}

/** Encodes an instruction on general registers. */
export function plain({ w = 1, prefix, opcode }: Plain, reg: number, rm: Operand): Code {
  const { x, b } = upperBits(rm);
  const rex = 0x40 | w << 3 | (reg >> 3) << 2 | (isPlace(rm) ? x : 0) << 1 | b;
  return [prefix === undefined ? [] : [prefix], rex === 0x40 ? [] : [rex], opcode, operandBytes(reg, rm, 1)];
}

/** An instruction on vectors, as the manual names its parts. */
export interface Opcode {
  /** The map: 1 is 0F, 2 is 0F38, 3 is 0F3A. */
  readonly map: 1 | 2 | 3;
  /** The implied prefix: 0 none, 1 is 66, 2 is F3, 3 is F2. */
  readonly pp: 0 | 1 | 2 | 3;
  readonly w?: 0 | 1 | undefined;
  readonly op: number;
}

/** The operands of an instruction on vectors. */
export interface Operands {
  /** The number in the field `reg`: the result, as a rule, or an extension of the opcode. */
  readonly reg: number;
  /** The number in the field `vvvv`: the first operand, as a rule. */
  readonly first?: number | undefined;
  /** The second operand. */
  readonly rm: Operand;
  /** The byte that follows. */
  readonly immediate?: number | undefined;
}

/** Encodes with the prefix VEX: vectors of 128 bits (length 0) or 256 (length 1), registers 0 to 15. */
export function vex({ map, pp, w = 0, op }: Opcode, length: 0 | 1, { reg, first = 0, rm, immediate }: Operands): Code {
  const { x, b } = upperBits(rm);
  const last = (~first & 15) << 3 | length << 2 | pp;
  const prefix = (x | b | w) === 0 && map === 1
    ? [0xc5, (~reg >> 3 & 1) << 7 | last]
    : [0xc4, (~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | map, w << 7 | last];
  return [prefix, op, operandBytes(reg, rm, 1), immediate === undefined ? [] : [immediate]];
}

/** The parts of an EVEX prefix that VEX has not. */
export interface Extension {
  /** The mask register that chooses lanes; 0 for all lanes. */
  readonly mask?: number | undefined;
  /** Whether lanes that the mask leaves out become 0; they keep their value by default. */
  readonly zero?: boolean | undefined;
  /** Whether the memory operand is one number for all lanes. */
  readonly broadcast?: boolean | undefined;
  /** The bytes of the memory operand: the unit of short displacements. */
  readonly unit: number;
}

/** Encodes with the prefix EVEX: vectors of 128 bits (length 0), 256 (1) or 512 (2), registers 0 to 31. */
export function evex(
  { map, pp, w = 0, op }: Opcode,
  length: 0 | 1 | 2,
  { reg, first = 0, rm, immediate }: Operands,
  { mask = 0, zero = false, broadcast = false, unit }: Extension,
): Code {
  const { x, b } = upperBits(rm);
  return [
    0x62,
    (~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | (~reg >> 4 & 1) << 4 | map,
    w << 7 | (~first & 15) << 3 | 4 | pp,
    Number(zero) << 7 | length << 5 | Number(broadcast) << 4 | (~first >> 4 & 1) << 3 | mask,
    op,
    operandBytes(reg, rm, unit),
    immediate === undefined ? [] : [immediate],
  ];
}
