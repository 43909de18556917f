/**
 * The instructions of a small WebAssembly assembler. Each is a function from the code of its operands to code, so a
 * kernel reads like the expression that it computes; `module.ts` compiles the code to a function.
 *
 * Opcodes are those of the WebAssembly core specification with the SIMD and relaxed SIMD instructions.
 *
 * @module
 */
import { type Code, float, type Local, relaxed, signed, unsigned } from "./module.ts";

export type { Addresses, Code, Local, NewLocal, Routine, ValueType } from "./module.ts";

type Unary = (a: Code) => Code;
type Binary = (a: Code, b: Code) => Code;
type Ternary = (a: Code, b: Code, c: Code) => Code;
type Load = (address: Code, offset?: number) => Code;
type Store = (address: Code, value: Code, offset?: number) => Code;
type StoreLane = (address: Code, value: Code, lane: number, offset?: number) => Code;
type Shift = (a: Code, by: number) => Code;
type Instructions<Unaries extends string, Binaries extends string> =
  & Readonly<Record<Unaries, Unary>>
  & Readonly<Record<Binaries, Binary>>;

const simd = (code: number) => [0xfd, ...unsigned(code)];
const unary = (...op: number[]): Unary => (a) => [a, ...op];
const binary = (...op: number[]): Binary => (a, b) => [a, b, ...op];
const ternary = (...op: number[]): Ternary => (a, b, c) => [a, b, c, ...op];
const load = (...op: number[]): Load => (address, offset = 0) => [address, ...op, 0, ...unsigned(offset)];
const store =
  (...op: number[]): Store => (address, value, offset = 0) => [address, value, ...op, 0, ...unsigned(offset)];
const storeLane = (op: number): StoreLane => (address, value, lane, offset = 0) => [
  address,
  value,
  ...simd(op),
  0,
  ...unsigned(offset),
  lane,
];
const shift = (op: number): Shift => (a, by) => [a, i32.const(by), ...simd(op)];

/** Instructions on counters and indices. */
export const i32:
  & Instructions<
    never,
    "add" | "sub" | "mul" | "remainder" | "shl" | "shiftRight" | "and" | "or" | "equal" | "lessThan"
  >
  & {
    readonly const: (n: number) => Code;
    readonly load: Load;
    readonly store: Store;
    readonly min: (a: Local, b: Local) => Code;
  } = {
    const: (n: number): Code => [0x41, ...signed(n | 0)],
    add: binary(0x6a),
    sub: binary(0x6b),
    mul: binary(0x6c),
    /** Both read as unsigned. */
    remainder: binary(0x70),
    shl: binary(0x74),
    shiftRight: binary(0x76),
    and: binary(0x71),
    or: binary(0x72),
    /** 1 if they are equal, else 0; all comparisons return 1 or 0. */
    equal: binary(0x46),
    load: load(0x28),
    store: store(0x36),
    /** The smaller of two, read as unsigned. */
    min: (a, b) => [a.get, b.get, i32.lessThan(a.get, b.get), 0x1b],
    /** Both read as unsigned. */
    lessThan: binary(0x49),
  };

/** Returns a part of an instruction that depends on the type of addresses. */
const either = (i32: number, i64: number): Code => [{ i32: [i32], i64: [i64] }];
const binaryOf = (op: Code): Binary => (a, b) => [a, b, op];

/** Instructions on addresses and distances in bytes, of 32 or 64 bits: the memory of the routine decides. */
export const address:
  & Instructions<never, "add" | "sub" | "mul" | "shl" | "and" | "lessThan">
  & {
    readonly const: (n: number) => Code;
    readonly from: (index: Code) => Code;
  } = {
    const: (n) => [{ i32: i32.const(n), i64: [0x42, ...signed(n)] }],
    /** From a counter or an index, read as unsigned. */
    from: (index) => [index, { i32: [], i64: [0xad] }],
    add: binaryOf(either(0x6a, 0x7c)),
    sub: binaryOf(either(0x6b, 0x7d)),
    mul: binaryOf(either(0x6c, 0x7e)),
    shl: binaryOf(either(0x74, 0x86)),
    and: binaryOf(either(0x71, 0x83)),
    /** Both read as unsigned. */
    lessThan: binaryOf(either(0x49, 0x54)),
  };

/** The types of so many parameters that are addresses. */
export function addresses(count: number): "address"[] {
  return Array.from({ length: count }, () => "address");
}

/** The address of the number at an index, counted from a base. */
export function word(base: Code, index: Code): Code {
  return address.add(base, address.shl(address.from(index), address.const(2)));
}

/** The address of the row at an index, counted from a base, if rows have this distance in bytes. */
export function rowAt(base: Code, index: Code, distance: Code): Code {
  return address.add(base, address.mul(address.from(index), distance));
}

/** Instructions on one float. */
export const f32: Instructions<"demote", "add" | "mul" | "equal" | "less" | "greater"> & {
  readonly const: (x: number) => Code;
  readonly load: Load;
  readonly store: Store;
} = {
  const: (x) => [0x43, ...float(x)],
  /** From 64 bits. */
  demote: unary(0xb6),
  equal: binary(0x5b),
  less: binary(0x5d),
  greater: binary(0x5e),
  add: binary(0x92),
  mul: binary(0x94),
  load: load(0x2a),
  store: store(0x38),
};

/** Instructions on one float of 64 bits. */
export const f64: Instructions<never, "add" | "max"> & { readonly store: Store } = {
  add: binary(0xa0),
  max: binary(0xa5),
  store: store(0x39),
};

/** Instructions on two floats of 64 bits. */
export const f64x2: Instructions<"promote", "add" | "max"> & { readonly lane: Shift } = {
  /** The first two of four floats. */
  promote: unary(...simd(0x5f)),
  lane: (a, lane) => [a, ...simd(0x21), lane],
  add: binary(...simd(0xf0)),
  max: binary(...simd(0xf5)),
};

/** Instructions on 128 bits of any type. */
export const v128: Instructions<"any", "and" | "or" | "xor"> & Readonly<Record<"load" | "loadSplat", Load>> & {
  readonly store: Store;
  readonly storeLane32: StoreLane;
  readonly storeLane64: StoreLane;
  readonly select: Ternary;
} = {
  load: load(...simd(0x00)),
  /** Reads one float into all four lanes. */
  loadSplat: load(...simd(0x09)),
  store: store(...simd(0x0b)),
  storeLane32: storeLane(0x5a),
  storeLane64: storeLane(0x5b),
  /** 1 if any bit is set, else 0. */
  any: unary(...simd(0x53)),
  and: binary(...simd(0x4e)),
  or: binary(...simd(0x50)),
  xor: binary(...simd(0x51)),
  /** Bits of `a` where the mask is set, else bits of `b`. */
  select: ternary(...simd(0x52)),
};

/** Instructions on four floats. */
export const f32x4:
  & Instructions<
    "splat" | "abs" | "neg" | "sqrt" | "fromInt",
    "differ" | "greater" | "add" | "sub" | "mul" | "div" | "min" | "max" | "least" | "most"
  >
  & {
    readonly const: (x: number) => Code;
    readonly lane: Shift;
    readonly madd: Ternary;
    readonly shuffle: (a: Code, b: Code, lanes: readonly number[]) => Code;
  } = {
    const: (x: number): Code => [...simd(0x0c), ...float(x), ...float(x), ...float(x), ...float(x)],
    splat: unary(...simd(0x13)),
    lane: (a, lane) => [a, ...simd(0x1f), lane],
    /** All bits of a lane are set where the two differ; NaN differs from itself. */
    differ: binary(...simd(0x42)),
    /** All bits of a lane are set where the first is greater. */
    greater: binary(...simd(0x44)),
    abs: unary(...simd(0xe0)),
    neg: unary(...simd(0xe1)),
    sqrt: unary(...simd(0xe3)),
    add: binary(...simd(0xe4)),
    sub: binary(...simd(0xe5)),
    mul: binary(...simd(0xe6)),
    div: binary(...simd(0xe7)),
    min: binary(...simd(0xe8)),
    max: binary(...simd(0xe9)),
    /** b where b < a, else a: one instruction, where `min` takes several. NaN in `a` stays; NaN in `b` is ignored. */
    least: binary(...simd(0xea)),
    /** b where b > a, else a: one instruction, where `max` takes several. NaN in `a` stays; NaN in `b` is ignored. */
    most: binary(...simd(0xeb)),
    fromInt: unary(...simd(0xfa)),
    /** Four lanes, by their numbers among the eight of `a` and `b`. */
    shuffle: (
      a,
      b,
      lanes,
    ) => [a, b, ...simd(0x0d), lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte))],
    /** a · b + c in one instruction where the processor has relaxed SIMD, else in two. */
    madd: (a: Code, b: Code, c: Code): Code =>
      relaxed() ? [a, b, c, ...simd(0x105)] : [a, b, ...simd(0xe6), c, ...simd(0xe4)],
  };

/** Instructions on four integers. */
export const i32x4:
  & Instructions<"splat", "add" | "sub">
  & Readonly<Record<"shiftLeft" | "shiftRight" | "shiftRightUnsigned", Shift>>
  & {
    readonly const: (n: number) => Code;
    readonly of: (a: number, b: number, c: number, d: number) => Code;
  } = {
    const: (n) => i32x4.of(n, n, n, n),
    of: (...lanes) => [...simd(0x0c), ...new Uint8Array(Int32Array.from(lanes).buffer)],
    splat: unary(...simd(0x11)),
    shiftLeft: shift(0xab),
    shiftRight: shift(0xac),
    shiftRightUnsigned: shift(0xad),
    add: binary(...simd(0xae)),
    sub: binary(...simd(0xb1)),
  };

/** Runs `body` as long as the condition holds. */
export function during(condition: Code, body: Code): Code {
  return when(condition, [0x03, 0x40, body, condition, 0x0d, 0x00, 0x0b]);
}

/**
 * Runs `body` while the unsigned counter, which starts at `from` and grows by `step`, is below `to`. The counter may be
 * an address; then the other three are addresses too.
 */
export function loop(counter: Local, from: Code, to: Code, step: Code, body: Code): Code {
  const { lessThan, add } = counter.type === "address" ? address : i32;
  return [counter.set(from), during(lessThan(counter.get, to), [body, counter.set(add(counter.get, step))])];
}

/** Runs `yes` if the condition holds, else `no`. */
export function when(condition: Code, yes: Code, no: Code = []): Code {
  return [condition, 0x04, 0x40, yes, no.length ? [0x05, no] : [], 0x0b];
}
