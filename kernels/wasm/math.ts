/**
 * The elementwise algebra as SIMD instructions on four floats.
 *
 * @module
 */
import type { Algebra } from "../scalar.ts";
import { withTranscendentals } from "../transcendental.ts";
import { type Code, f32x4, i32x4, type NewLocal, v128 } from "./assembler.ts";

const constants = new WeakMap<NewLocal, Map<string, Code>>();

/**
 * Returns a constant in a local that is set once. Written in place, each loop would spend several instructions on it.
 */
function constantOf(newLocal: NewLocal, code: Code): Code {
  const known = constants.get(newLocal) ?? new Map<string, Code>();
  constants.set(newLocal, known);
  const found = known.get(`${code}`) ?? newLocal("v128", code).get;
  known.set(`${code}`, found);
  return found;
}

/**
 * Returns the algebra that writes instructions: a value is code that leaves it on the stack. Every result goes to a
 * local, appended to `statements` in order, so values may be used more than once.
 */
export function vectors(newLocal: NewLocal, statements: Code[]): Algebra<Code> {
  const keep = (code: Code): Code => {
    const local = newLocal("v128");
    statements.push(local.set(code));
    return local.get;
  };
  const constant = (x: number) => constantOf(newLocal, f32x4.const(x));
  const binary = (op: (a: Code, b: Code) => Code) => (a: Code, b: Code) => keep(op(a, b));
  const unary = (op: (a: Code) => Code) => (a: Code) => keep(op(a));
  const shift = (op: typeof i32x4.shiftLeft) => (a: Code, by: number) => keep(op(a, by));
  return withTranscendentals<Code>({
    zero: constant(0),
    one: constant(1),
    constant,
    whole: (n) => constantOf(newLocal, i32x4.const(n)),
    add: binary(f32x4.add),
    sub: binary(f32x4.sub),
    mul: binary(f32x4.mul),
    div: binary(f32x4.div),
    min: binary(f32x4.min),
    max: binary(f32x4.max),
    least: binary(f32x4.least),
    most: binary(f32x4.most),
    neg: unary(f32x4.neg),
    abs: unary(f32x4.abs),
    sqrt: unary(f32x4.sqrt),
    fma: (a, b, c) => keep(f32x4.madd(a, b, c)),
    greater: binary(f32x4.greater),
    where: (a, b, yes, no) => keep(v128.select(yes, no, f32x4.greater(a, b))),
    select: (mask, yes, no) => keep(v128.select(yes, no, mask)),
    and: binary(v128.and),
    or: binary(v128.or),
    addInt: binary(i32x4.add),
    subInt: binary(i32x4.sub),
    fromInt: unary(f32x4.fromInt),
    shiftLeft: shift(i32x4.shiftLeft),
    shiftRight: shift(i32x4.shiftRight),
    shiftRightUnsigned: shift(i32x4.shiftRightUnsigned),
  });
}
