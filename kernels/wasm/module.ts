/**
 * The encoding of WebAssembly modules: from a function in machine code to a function that TypeScript can call.
 *
 * @module
 */

/** Machine code: bytes, nested as they were composed. */
export type Code = readonly (number | Code)[];

/** The value types that kernels use. */
export type ValueType = "i32" | "f32" | "v128";

/** A local variable or parameter of a function. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** Makes a new local variable of the function; an `initial` value is set at the start of the function. */
export type NewLocal = (type: ValueType, initial?: Code) => Local;

const TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;

/** Returns a whole number from 0 in the variable-length encoding of the format. */
export function unsigned(n: number): number[] {
  return n < 128 ? [n] : [(n % 128) | 128, ...unsigned(Math.floor(n / 128))];
}

/** Returns a whole number of either sign in the variable-length encoding of the format. */
export function signed(n: number): number[] {
  return n >= -64 && n < 64 ? [n & 127] : [(n & 127) | 128, ...signed(n >> 7)];
}

/** Returns the four bytes of a float. */
export function float(x: number): number[] {
  return [...new Uint8Array(Float32Array.of(x).buffer)];
}

/** A function to assemble: the types of its parameters, and its body as a function of them. It returns nothing. */
export interface Routine {
  readonly parameters: readonly ValueType[];
  readonly body: (parameters: readonly Local[], newLocal: NewLocal) => Code;
}

function variable(index: number): Local {
  const name = unsigned(index);
  return { get: [0x20, ...name], set: (value) => [value, 0x21, ...name] };
}

/** Returns the bytes of a module that imports `env.memory` and exports the routine as `run`. */
function assemble({ parameters, body }: Routine, shared: boolean): Uint8Array<ArrayBuffer> {
  const locals: ValueType[] = [];
  const initially: Code[] = [];
  const newLocal: NewLocal = (type, initial) => {
    const local = variable(parameters.length + locals.push(type) - 1);
    if (initial) initially.push(local.set(initial));
    return local;
  };
  const code = body(parameters.map((_, i) => variable(i)), newLocal);
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
    section(10, [sized([vector(locals.map((type) => [1, TYPES[type]])), initially, code, 0x0b])]),
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

/** A routine as a module, and the function it exports. */
export interface Compiled {
  readonly code: Uint8Array<ArrayBuffer>;
  readonly run: (...args: number[]) => void;
}

/** Compiles a routine against a memory. */
export function compile(routine: Routine, memory: WebAssembly.Memory): Compiled {
  const shared = typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer;
  const code = assemble(routine, shared);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  return { code, run: exports.run as Compiled["run"] };
}

let relaxedSupport: boolean | undefined;

/** Returns whether this runtime has relaxed SIMD; it is asked once. */
export function relaxed(): boolean {
  return relaxedSupport ??= WebAssembly.validate(assemble({
    parameters: ["v128"],
    body: ([x]) => x.set([x.get, x.get, x.get, 0xfd, ...unsigned(0x105)]),
  }, false));
}
