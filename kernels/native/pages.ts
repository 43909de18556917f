/**
 * Pages of executable memory, and calls into them. This is the only file of the native device that knows the operating
 * system: Linux on x86-64, reached by Deno's foreign functions. Another system needs a file with the same exports.
 *
 * @module
 */
import { DeviceError } from "../errors.ts";

/** The bytes of a page of memory. */
const PAGE = 4096;
const [READ, WRITE, EXECUTE] = [1, 2, 4];
/** Memory of this process only, without a file: MAP_PRIVATE and MAP_ANONYMOUS. */
const ANONYMOUS = 0x22;

/** The functions of the C library that are called. */
export interface Library {
  readonly mmap: (
    at: null,
    bytes: bigint,
    access: number,
    flags: number,
    file: number,
    offset: bigint,
  ) => Deno.PointerValue;
  readonly mprotect: (at: Deno.PointerValue, bytes: bigint, access: number) => number;
  readonly bsearch: (
    first: Deno.PointerValue,
    second: Deno.PointerValue,
    count: bigint,
    size: bigint,
    compare: Deno.PointerValue,
  ) => void;
}

function openLibrary(): Library {
  return Deno.dlopen("libc.so.6", {
    mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
    mprotect: { parameters: ["pointer", "usize", "i32"], result: "i32" },
    bsearch: { parameters: ["pointer", "pointer", "usize", "usize", "pointer"], result: "void" },
  }).symbols;
}

let opened: Library | undefined;

/** Returns the C library. It is opened once for all devices: Deno compiles each function that it calls. */
export function library(): Library {
  return opened ??= openLibrary();
}

/**
 * Copies code to pages of its own, between two pages that nothing may touch, and returns its address, which is the same
 * for all threads of the process. The pages are first writable and then executable, never both. They stay until the
 * process ends.
 *
 * @throws {DeviceError} if the system does not let memory become executable.
 */
export function execute(code: Uint8Array): number {
  const { mmap, mprotect } = library();
  const refusal = (call: string) =>
    new DeviceError(`Cannot compute on "native": ${call} refuses executable memory; choose the device "wasm"`);
  const size = Math.ceil(code.length / PAGE) * PAGE;
  const start = mmap(null, BigInt(size + 2 * PAGE), 0, ANONYMOUS, -1, 0n);
  // mmap returns −1 if it fails.
  if (start === null || Deno.UnsafePointer.value(start) > 2n ** 63n) throw refusal("mmap");
  const first = Deno.UnsafePointer.offset(start, PAGE)!;
  if (mprotect(first, BigInt(size), READ | WRITE) !== 0) throw refusal("mprotect");
  new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(first, size)).set(code);
  if (mprotect(first, BigInt(size), READ | EXECUTE) !== 0) throw refusal("mprotect");
  return Number(Deno.UnsafePointer.value(first));
}

/** Calls machine code with numbers, which it finds as 64-bit floats at its first address. */
export type Call = (...args: number[]) => void;

/**
 * Returns a function that makes calls of addresses, for one thread. The second address that the code gets is the first
 * byte of the memory. This function is sent to workers as text, so it uses no name from outside itself; without a
 * library it opens one.
 *
 * `bsearch` is the way into machine code: in a list of one entry it calls the comparison that it is given exactly once,
 * with two addresses. Deno calls a function of a library in a fifth of the time in which it calls a pointer.
 */
export function caller(memory: ArrayBufferLike, searching?: Pick<Library, "bsearch">): (code: number) => Call {
  const { bsearch }: Pick<Library, "bsearch"> = searching ?? Deno.dlopen("libc.so.6", {
    bsearch: { parameters: ["pointer", "pointer", "usize", "usize", "pointer"], result: "void" },
  }).symbols;
  const numbers = new Float64Array(new ArrayBuffer(1024));
  const first = Deno.UnsafePointer.of(numbers);
  const second = Deno.UnsafePointer.of(new Uint8Array(memory as ArrayBuffer));
  return (address) => {
    const code = Deno.UnsafePointer.create(BigInt(address));
    return (...args) => {
      numbers.set(args);
      bsearch(first, second, 1n, 1n, code);
    };
  };
}
