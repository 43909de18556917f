/**
 * A routine in machine code: its parameters, its frame on the stack, its constants, and its registers.
 *
 * A routine has two parameters of the System V convention: the address of its arguments, which are floats of 64 bits
 * (the first iteration, the end of the iterations, the address of scratch memory, then the others), and the address of
 * the device's memory, from which all other addresses count.
 *
 * @module
 */
import {
  at,
  type Code,
  CONSTANTS,
  type General,
  i64,
  PARAMETERS,
  type Place,
  RETURN,
  SAVED_REGISTERS,
  SCRATCH_REGISTERS,
  STACK,
} from "./assembler.ts";
import { flat, vex, word } from "./encoding.ts";
import { type Vectors, WINDOW } from "./vectors.ts";

/** The type of a parameter: an address in the device's memory, a whole number, or a float of 32 bits. */
export type Parameter = "address" | "whole" | "float";

/** A routine to assemble. */
export interface Routine {
  /** The parameters after the first iteration, the end and the scratch memory. */
  readonly parameters: readonly Parameter[];
  readonly body: (frame: Frame) => Code;
}

/** The names of a routine's parameters and of its free registers. */
export interface Frame {
  /** Where the first iteration, the end of the iterations, and the address of scratch memory are. */
  readonly from: Place;
  readonly to: Place;
  readonly scratch: Place;
  /** Where the parameters are: addresses and whole numbers in 64 bits, floats in 32. */
  readonly parameters: readonly Place[];
  /** Returns a general register that no other part of the routine uses. */
  readonly general: () => General;
  /** Returns a place on the stack for this many bytes. */
  readonly slot: (bytes?: number) => Place;
  /** Returns where a number is that is known now: the bits of a float. */
  readonly float: (x: number) => Place;
  /** Returns where a whole number of 32 bits is. */
  readonly whole: (n: number) => Place;
}

/** The arguments before the parameters: the first iteration, the end, the scratch memory. */
const FIXED: readonly Parameter[] = ["whole", "whole", "address"];

/** Returns the bytes of a routine for an instruction set. */
export function assemble({ parameters, body }: Routine, { name }: Pick<Vectors, "name">): Uint8Array<ArrayBuffer> {
  const all = [...FIXED, ...parameters];
  const constants: number[] = name === "avx2" ? [...WINDOW] : [];
  const free = [...SCRATCH_REGISTERS, ...SAVED_REGISTERS];
  let used = 8 * all.length;
  const [from, to, scratch, ...rest] = all.map((_, n) => at(STACK, 8 * n));
  const whole = (n: number): Place => {
    const known = constants.indexOf(n | 0, name === "avx2" ? WINDOW.length : 0);
    return at(CONSTANTS, 4 * (known < 0 ? constants.push(n | 0) - 1 : known));
  };
  const code = body({
    from,
    to,
    scratch,
    parameters: rest,
    general: () => {
      const register = free.shift();
      if (!register) throw new TypeError("Cannot take another register: the routine uses all of them");
      return register;
    },
    slot: (bytes = 8) => {
      used += bytes;
      return at(STACK, used - bytes);
    },
    float: (x) => whole(new Int32Array(Float32Array.of(x).buffer)[0]),
    whole,
  });
  const saved = [...SAVED_REGISTERS, CONSTANTS];
  const size = Math.ceil(used / 16) * 16;
  const [args, memory] = PARAMETERS;
  // Any register but the two parameters.
  const [free1] = SCRATCH_REGISTERS;
  const receive = all.map((type, n): Code =>
    type === "float"
      ? [
        vex({ map: 1, pp: 3, op: 0x5a }, 0, { reg: 0, first: 0, rm: at(args, 8 * n) }),
        vex({ map: 1, pp: 2, op: 0x11 }, 0, { reg: 0, rm: at(STACK, 8 * n) }),
      ]
      : [
        i64.fromFloat64(free1, at(args, 8 * n)),
        type === "address" ? i64.add(free1, memory) : [],
        i64.store(at(STACK, 8 * n), free1),
      ]
  );
  const before = flat([saved.map(i64.push), i64.sub(STACK, size)]);
  const after = flat([receive, code, i64.add(STACK, size), saved.toReversed().map(i64.pop), RETURN]);
  // The address of the constants relative to the code: an instruction of 7 bytes, the last four of which say how far.
  const length = before.length + 7 + after.length;
  const start = Math.ceil(length / 64) * 64;
  const address = [0x4c, 0x8d, 0x3d, ...flat(word(start - before.length - 7))];
  const bytes = new Uint8Array(start + 4 * constants.length);
  bytes.set([...before, ...address, ...after]);
  bytes.set(new Uint8Array(Int32Array.from(constants).buffer), start);
  return bytes;
}
