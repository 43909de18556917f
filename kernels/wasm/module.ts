/**
 * The encoding of WebAssembly modules: from a function in machine code to a function that TypeScript can call.
 *
 * @module
 */

/** The type of the addresses of a memory: `i32` up to 4 GiB, `i64` up to 16 GiB. */
export type Addresses = "i32" | "i64";

/** Machine code: bytes, nested as they were composed, and parts that depend on the type of addresses. */
export type Code = readonly (number | Code | Readonly<Record<Addresses, Code>>)[];

/** The value types that kernels use. An `address` is an address, or a distance in bytes. */
export type ValueType = "address" | "i32" | "f32" | "v128";

/** A local variable or parameter of a function. */
export interface Local {
  readonly type: ValueType;
  readonly get: Code;
  set(value: Code): Code;
}

/** Makes a new local variable of the function; an `initial` value is set at the start of the function. */
export type NewLocal = (type: ValueType, initial?: Code) => Local;

const TYPES = { i64: 0x7e, i32: 0x7f, f64: 0x7c, f32: 0x7d, v128: 0x7b } as const;
/** The most pages of a memory, by the type of its addresses. */
export const MOST_PAGES: Readonly<Record<Addresses, number>> = { i32: 65536, i64: 262144 };

/** Returns a whole number from 0 in the variable-length encoding of the format. */
export function unsigned(n: number): number[] {
  return n < 128 ? [n] : [(n % 128) | 128, ...unsigned(Math.floor(n / 128))];
}

/** Returns a whole number of either sign in the variable-length encoding of the format. */
export function signed(n: number): number[] {
  return n >= -64 && n < 64 ? [n & 127] : [(n & 127) | 128, ...signed(Math.floor(n / 128))];
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

function variable(index: number, type: ValueType): Local {
  const name = unsigned(index);
  return { type, get: [0x20, ...name], set: (value) => [value, 0x21, ...name] };
}

/** The memory for which a module is made. */
interface Target {
  readonly addresses: Addresses;
  readonly shared: boolean;
}

/**
 * Returns the bytes of a module that imports `env.memory` and exports the routine as `run`. A parameter that is an
 * address of 64 bits arrives as a number in 64 bits, exact up to 2⁵³: then all arguments are numbers in TypeScript.
 */
function assemble({ parameters, body }: Routine, { addresses, shared }: Target): Uint8Array<ArrayBuffer> {
  const locals: ValueType[] = [];
  const initially: Code[] = [];
  const newLocal: NewLocal = (type, initial) => {
    const local = variable(parameters.length + locals.push(type) - 1, type);
    if (initial) initially.push(local.set(initial));
    return local;
  };
  const truncate = 0xb1;
  const given = parameters.map((type, i) => {
    const parameter = variable(i, type);
    const wide = type === "address" && addresses === "i64";
    return wide ? newLocal(type, [parameter.get, truncate]) : parameter;
  });
  const typeOf = (type: ValueType) => TYPES[type === "address" ? addresses : type];
  const passed = parameters.map((type) => [type === "address" && addresses === "i64" ? TYPES.f64 : typeOf(type)]);
  const code = body(given, newLocal);
  const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items];
  const text = (s: string): Code => vector([...new TextEncoder().encode(s)].map((byte) => [byte]));
  const sized = (code: Code): Code => {
    const bytes = flat(code, addresses);
    return [...unsigned(bytes.length), bytes];
  };
  const section = (id: number, items: readonly Code[]): Code => [id, sized(vector(items))];
  const wide = addresses === "i64" ? 4 : 0;
  const limits = shared ? [wide + 3, 1, ...unsigned(MOST_PAGES[addresses])] : [wide, 1];
  return Uint8Array.from(flat([
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [[0x60, vector(passed), vector([])]]),
    section(2, [[text("env"), text("memory"), 0x02, ...limits]]),
    section(3, [[0]]),
    section(7, [[text("run"), 0x00, 0]]),
    section(10, [sized([vector(locals.map((type) => [1, typeOf(type)])), initially, code, 0x0b])]),
  ], addresses));
}

function flat(code: Code, addresses: Addresses, out: number[] = []): number[] {
  for (const part of code) {
    if (typeof part === "number") out.push(part);
    else flat("i32" in part ? part[addresses] : part, addresses, out);
  }
  return out;
}

/** A routine as a module, and the function it exports. */
export interface Compiled {
  readonly code: Uint8Array<ArrayBuffer>;
  readonly run: (...args: number[]) => void;
}

/** Compiles a routine against a memory with addresses of this type. */
export function compile(routine: Routine, memory: WebAssembly.Memory, addresses: Addresses = "i32"): Compiled {
  const shared = typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer;
  const code = assemble(routine, { addresses, shared });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  return { code, run: exports.run as Compiled["run"] };
}

let relaxedSupport: boolean | undefined;

/** Returns whether this runtime has relaxed SIMD; it is asked once. */
export function relaxed(): boolean {
  return relaxedSupport ??= WebAssembly.validate(assemble({
    parameters: ["v128"],
    body: ([x]) => x.set([x.get, x.get, x.get, 0xfd, ...unsigned(0x105)]),
  }, { addresses: "i32", shared: false }));
}
