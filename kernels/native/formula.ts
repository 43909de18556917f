/**
 * Formulas in machine code: the formula runs once on an algebra that lists its instructions; `allocation.ts` gives them
 * registers.
 *
 * @module
 */
import type { Algebra } from "../scalar.ts";
import { withTranscendentals } from "../transcendental.ts";
import { allocate, type Allocated, type Instruction, type Value } from "./allocation.ts";
import type { Place, Vector } from "./assembler.ts";
import type { Frame } from "./routine.ts";
import type { BinaryName, Vectors } from "./vectors.ts";

export type { Allocated, Value } from "./allocation.ts";

/** A list of instructions, and the algebra that appends to it. */
export interface Formulas {
  readonly algebra: Algebra<Value>;
  /** A vector in memory. */
  readonly load: (from: Place) => Value;
  /** The chosen lanes of a vector in memory; see {@link Vectors.choose}. */
  readonly loadSome: (from: Place) => Value;
  /** One number in memory, for all lanes. */
  readonly splat: (from: Place) => Value;
  /** A vector that other code keeps in a register. */
  readonly kept: (register: Vector) => Value;
  /** Returns the code of all instructions. It leaves the results in registers, and names them. */
  readonly assemble: (results: readonly Value[], registers: readonly Vector[]) => Allocated;
}

/** The instructions in which the operands may change places. */
const COMMUTATIVE: readonly BinaryName[] = ["add", "mul", "and", "or", "xor", "addInt"];

/** Returns an empty list of instructions for the frame of a routine. */
export function formulas(set: Vectors, frame: Frame): Formulas {
  const list: Instruction[] = [];
  const append = (instruction: Instruction): Value => list.push(instruction) - 1;
  const numbers = new Map<string, Value>();
  const splat = (from: Place): Value => {
    const name = `${from.base.general} ${from.index?.general} ${from.offset}`;
    const known = numbers.get(name) ?? append({ kind: "read", from, read: set.splat, number: true });
    numbers.set(name, known);
    return known;
  };
  return {
    algebra: algebraOf(set, append, splat, frame),
    load: (from) => append({ kind: "read", from, read: set.load, number: false }),
    loadSome: (from) => append({ kind: "read", from, read: set.loadSome, number: false }),
    splat,
    kept: (register) => append({ kind: "kept", register }),
    assemble: (results, registers) => allocate({ set, frame, list, results, registers }),
  };
}

type Shifting = "shiftLeft" | "shiftRight" | "shiftRightUnsigned";

function algebraOf(
  set: Vectors,
  append: (instruction: Instruction) => Value,
  splat: (from: Place) => Value,
  frame: Frame,
): Algebra<Value> {
  const constant = (x: number) => splat(frame.float(x));
  const whole = (n: number) => splat(frame.whole(n));
  const binary = (op: BinaryName) => (a: Value, b: Value) =>
    append({
      kind: "computed",
      args: [a, b],
      commutes: COMMUTATIVE.includes(op),
      emit: (to, [a, b]) => set[op](to, a, b),
      withNumber: (to, a, b) => set.withNumber(op, to, a, b),
    });
  const compare = (op: "greater" | "differ") => (a: Value, b: Value) =>
    append({ kind: "computed", args: [a, b], emit: (to, [a, b]) => set[op](to, a, b) });
  const unary = (op: "sqrt" | "fromInt") => (a: Value) =>
    append({ kind: "computed", args: [a], emit: (to, [a]) => set[op](to, a) });
  const shift = (op: Shifting) => (a: Value, by: number) =>
    append({ kind: "computed", args: [a], emit: (to, [a]) => set[op](to, a, by) });
  const select = (mask: Value, yes: Value, no: Value) =>
    append({ kind: "computed", args: [mask, yes, no], emit: (to, [mask, yes, no]) => set.select(to, mask, yes, no) });
  const [and, or, xor, smaller, larger] = (["and", "or", "xor", "least", "most"] as const).map(binary);
  const [greater, differ] = (["greater", "differ"] as const).map(compare);
  return withTranscendentals<Value>({
    zero: constant(0),
    one: constant(1),
    constant,
    whole,
    add: binary("add"),
    sub: binary("sub"),
    mul: binary("mul"),
    div: binary("div"),
    // In one of the two orders the result is NaN if an operand is. −0 | 0 is −0.
    min: (a, b) => or(smaller(a, b), smaller(b, a)),
    // −0 & 0 is 0. All bits are set where an operand is NaN, which is NaN too.
    max: (a, b) => or(and(larger(a, b), larger(b, a)), or(differ(a, a), differ(b, b))),
    // The instructions return their second operand if one is NaN.
    least: (a, b) => smaller(b, a),
    most: (a, b) => larger(b, a),
    neg: (a) => xor(a, whole(0x80000000)),
    abs: (a) => and(a, whole(0x7fffffff)),
    sqrt: unary("sqrt"),
    fma: (a, b, c) => append({ kind: "fused", args: [a, b, c] }),
    greater,
    where: (a, b, yes, no) => select(greater(a, b), yes, no),
    select,
    and,
    or,
    addInt: binary("addInt"),
    subInt: binary("subInt"),
    fromInt: unary("fromInt"),
    shiftLeft: shift("shiftLeft"),
    shiftRight: shift("shiftRight"),
    shiftRightUnsigned: shift("shiftRightUnsigned"),
  });
}
