/**
 * A small WebAssembly assembler. Instructions are functions from the code of their operands to code, so a kernel reads like
 * the expression it computes; {@link compile} turns a function into something to call.
 *
 * Opcodes are those of the WebAssembly core specification with the SIMD and relaxed SIMD instructions.
 *
 * @module
 */

/** Machine code: bytes, nested as they were composed. */
export type Code = readonly (number | Code)[];

/** The value types kernels use. */
export type ValueType = "i32" | "f32" | "v128";

/** A local variable or parameter of a function. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** Makes a new local variable in the function being written. */
export type Fresh = (type: ValueType) => Local;

const TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;

/** A whole number from 0, in the variable-length encoding of the format. */
function unsigned(n: number): number[] {
  return n < 128 ? [n] : [(n % 128) | 128, ...unsigned(Math.floor(n / 128))];
}

/** A whole number of either sign, likewise. */
function signed(n: number): number[] {
  return n >= -64 && n < 64 ? [n & 127] : [(n & 127) | 128, ...signed(n >> 7)];
}

function float(x: number): number[] {
  return [...new Uint8Array(Float32Array.of(x).buffer)];
}

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

/** Instructions on addresses, counters and indices. */
export const i32: Instructions<never, "add" | "sub" | "mul" | "shl" | "lessThan"> & {
  readonly const: (n: number) => Code;
  readonly load: Load;
} = {
  const: (n: number): Code => [0x41, ...signed(n | 0)],
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  shl: binary(0x74),
  load: load(0x28),
  /** Both read as unsigned. */
  lessThan: binary(0x49),
};

/** Instructions on one float. */
export const f32: Instructions<never, "add" | "mul"> & { readonly load: Load; readonly store: Store } = {
  add: binary(0x92),
  mul: binary(0x94),
  load: load(0x2a),
  store: store(0x38),
};

/** Instructions on 128 bits, whatever they mean. */
export const v128: Instructions<never, "and" | "or"> & Readonly<Record<"load" | "loadSplat", Load>> & {
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
  and: binary(...simd(0x4e)),
  or: binary(...simd(0x50)),
  /** Bits of `a` where the mask is set, else bits of `b`. */
  select: ternary(...simd(0x52)),
};

/** Instructions on four floats. */
export const f32x4:
  & Instructions<
    "splat" | "nearest" | "abs" | "neg" | "sqrt" | "fromInt",
    "greater" | "add" | "sub" | "mul" | "div" | "min" | "max"
  >
  & {
    readonly const: (x: number) => Code;
    readonly lane: Shift;
    readonly madd: Ternary;
  } = {
    const: (x: number): Code => [...simd(0x0c), ...float(x), ...float(x), ...float(x), ...float(x)],
    splat: unary(...simd(0x13)),
    lane: (a, lane) => [a, ...simd(0x1f), lane],
    greater: binary(...simd(0x44)),
    nearest: unary(...simd(0x6a)),
    abs: unary(...simd(0xe0)),
    neg: unary(...simd(0xe1)),
    sqrt: unary(...simd(0xe3)),
    add: binary(...simd(0xe4)),
    sub: binary(...simd(0xe5)),
    mul: binary(...simd(0xe6)),
    div: binary(...simd(0xe7)),
    min: binary(...simd(0xe8)),
    max: binary(...simd(0xe9)),
    fromInt: unary(...simd(0xfa)),
    /** a · b + c in one instruction where the machine has relaxed SIMD, else in two. */
    madd: (a: Code, b: Code, c: Code): Code =>
      relaxed() ? [a, b, c, ...simd(0x105)] : [a, b, ...simd(0xe6), c, ...simd(0xe4)],
  };

/** Instructions on four integers. */
export const i32x4:
  & Instructions<"fromFloat", "add" | "sub">
  & Readonly<Record<"shiftLeft" | "shiftRight" | "shiftRightUnsigned", Shift>>
  & {
    readonly const: (n: number) => Code;
  } = {
    const: (n: number): Code => {
      const word = [...new Uint8Array(Int32Array.of(n).buffer)];
      return [...simd(0x0c), ...word, ...word, ...word, ...word];
    },
    shiftLeft: shift(0xab),
    shiftRight: shift(0xac),
    shiftRightUnsigned: shift(0xad),
    add: binary(...simd(0xae)),
    sub: binary(...simd(0xb1)),
    fromFloat: unary(...simd(0xf8)),
  };

/** Runs `body` while the unsigned counter, which starts at `from` and grows by `step`, is below `to`. */
export function loop(counter: Local, from: Code, to: Code, step: Code, body: Code): Code {
  const goesOn = i32.lessThan(counter.get, to);
  return [
    counter.set(from),
    [goesOn, 0x04, 0x40, [0x03, 0x40, body, counter.set(i32.add(counter.get, step)), goesOn, 0x0d, 0x00, 0x0b], 0x0b],
  ];
}

/** A function to assemble: the types of its parameters, and its body written over them. It returns nothing. */
export interface Routine {
  readonly parameters: readonly ValueType[];
  readonly body: (parameters: readonly Local[], fresh: Fresh) => Code;
}

function variable(index: number): Local {
  const name = unsigned(index);
  return { get: [0x20, ...name], set: (value) => [value, 0x21, ...name] };
}

/** Returns the bytes of a module that imports `env.memory` and exports the routine as `run`. */
function assemble({ parameters, body }: Routine, shared: boolean): Uint8Array<ArrayBuffer> {
  const locals: ValueType[] = [];
  const fresh: Fresh = (type) => variable(parameters.length + locals.push(type) - 1);
  const code = body(parameters.map((_, i) => variable(i)), fresh);
  const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items];
  const text = (s: string): Code => vector([...new TextEncoder().encode(s)].map((byte) => [byte]));
  const section = (id: number, items: readonly Code[]): Code => [id, sized(vector(items))];
  const limits = shared ? [3, 1, ...unsigned(65536)] : [0, 1];
  return Uint8Array.from(flat([
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [[0x60, vector(parameters.map((type) => [TYPES[type]])), vector([])]]),
    section(2, [[text("env"), text("memory"), 0x02, ...limits]]),
    section(3, [[0]]),
    section(7, [[text("run"), 0x00, 0]]),
    section(10, [sized([vector(locals.map((type) => [1, TYPES[type]])), code, 0x0b])]),
  ]));
}

function sized(code: Code): Code {
  const bytes = flat(code);
  return [...unsigned(bytes.length), bytes];
}

function flat(code: Code, out: number[] = []): number[] {
  for (const part of code) typeof part === "number" ? out.push(part) : flat(part, out);
  return out;
}

/** Compiles a routine against a memory. */
export function compile(routine: Routine, memory: WebAssembly.Memory): (...args: number[]) => void {
  const shared = typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer;
  const module = new WebAssembly.Module(assemble(routine, shared));
  return new WebAssembly.Instance(module, { env: { memory } }).exports.run as (...args: number[]) => void;
}

let relaxedSupport: boolean | undefined;

/** Returns whether this machine has relaxed SIMD, asked once. */
export function relaxed(): boolean {
  return relaxedSupport ??= WebAssembly.validate(assemble({
    parameters: ["v128"],
    body: ([x]) => x.set([x.get, x.get, x.get, ...simd(0x105)]),
  }, false));
}
