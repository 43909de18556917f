/**
 * Derivatives of elementwise formulas, which are formulas too: an algebra of expressions writes a formula down, and the
 * chain rule is applied to it from the result back to the operands.
 *
 * @module
 */
import { type Algebra, type Formula, formula, interpret } from "../../kernels/scalar.ts";

/** The operations of the algebra. */
type Operation = Exclude<keyof Algebra<unknown>, "zero" | "one" | "constant">;

/** A formula written down: a value that is given, a constant, or an operation on other expressions. */
type Expression =
  | { readonly given: number }
  | { readonly constant: number }
  | { readonly operation: Operation; readonly of: readonly Expression[] };

const [zero, one]: Expression[] = [{ constant: 0 }, { constant: 1 }];
const isConstant = (e: Expression, x: number): boolean => "constant" in e && e.constant === x;
const write = (operation: Operation) => (...of: Expression[]): Expression => ({ operation, of });

/** Writes expressions down, without operations that have no effect. */
const written: Algebra<Expression> = {
  zero,
  one,
  constant: (constant) => ({ constant }),
  add: (a, b) => isConstant(a, 0) ? b : isConstant(b, 0) ? a : write("add")(a, b),
  sub: (a, b) => isConstant(b, 0) ? a : isConstant(a, 0) ? written.neg(b) : write("sub")(a, b),
  mul: (a, b) =>
    isConstant(a, 0) || isConstant(b, 0) ? zero : isConstant(a, 1) ? b : isConstant(b, 1) ? a : write("mul")(a, b),
  div: (a, b) => isConstant(a, 0) ? zero : isConstant(b, 1) ? a : write("div")(a, b),
  fma: write("fma"),
  neg: (a) => isConstant(a, 0) ? zero : write("neg")(a),
  abs: write("abs"),
  min: write("min"),
  max: write("max"),
  sqrt: write("sqrt"),
  exp: write("exp"),
  log: write("log"),
  log1p: write("log1p"),
  tanh: write("tanh"),
  where: (a, b, yes, no) => isConstant(yes, 0) && isConstant(no, 0) ? zero : write("where")(a, b, yes, no),
};

/** Returns the gradient of each operand of an operation y, from the gradient g of y. */
type Rule = (g: Expression, y: Expression, of: readonly Expression[]) => readonly Expression[];

const { add, sub, mul, div, neg, constant, where } = written;

const RULES: Readonly<Record<Operation, Rule>> = {
  add: (g) => [g, g],
  sub: (g) => [g, neg(g)],
  mul: (g, _, [a, b]) => [mul(g, b), mul(g, a)],
  div: (g, y, [, b]) => [div(g, b), neg(mul(div(g, b), y))],
  fma: (g, _, [a, b]) => [mul(g, b), mul(g, a), g],
  neg: (g) => [neg(g)],
  abs: (g, _, [a]) => [where(a, zero, g, where(zero, a, neg(g), zero))],
  min: (g, _, [a, b]) => [where(b, a, g, zero), where(b, a, zero, g)],
  max: (g, _, [a, b]) => [where(a, b, g, zero), where(a, b, zero, g)],
  sqrt: (g, y) => [div(mul(g, constant(0.5)), y)],
  exp: (g, y) => [mul(g, y)],
  log: (g, _, [a]) => [div(g, a)],
  log1p: (g, _, [a]) => [div(g, add(one, a))],
  tanh: (g, y) => [mul(g, sub(one, mul(y, y)))],
  where: (g, _, [a, b]) => [zero, zero, where(a, b, g, zero), where(a, b, zero, g)],
};

/** Returns expressions with each after those that it is made of. */
function ordered(e: Expression, done: Set<Expression> = new Set()): Set<Expression> {
  if (done.has(e)) return done;
  if ("of" in e) e.of.forEach((part) => ordered(part, done));
  return done.add(e);
}

/** Computes an expression in an algebra, from the values that are given. */
function compute<V>(e: Expression, algebra: Algebra<V>, given: readonly V[]): V {
  const known = new Map<Expression, V>();
  for (const part of ordered(e)) {
    if ("given" in part) known.set(part, given[part.given]);
    else if ("of" in part) {
      const operation: (...values: V[]) => V = algebra[part.operation];
      known.set(part, operation(...part.of.map((each) => known.get(each)!)));
    } else {
      const { constant } = part;
      known.set(part, constant === 0 ? algebra.zero : constant === 1 ? algebra.one : algebra.constant(constant));
    }
  }
  return known.get(e)!;
}

/** The derivative of a formula in one of its operands, times the gradient of its result. */
export interface Derivative {
  /** A formula of the values that are `used`, and of the scalars of the formula. */
  readonly formula: Formula;
  /** The values that it needs: 0 is the gradient, and n + 1 is operand n. */
  readonly used: readonly number[];
  /** Whether it is the gradient itself. */
  readonly passes: boolean;
}

/** Returns the derivatives of a formula of one output in its operands; `null` where a derivative is 0 everywhere. */
function derived(f: Formula, operands: number, scalars: number): readonly (Derivative | null)[] {
  const given = Array.from({ length: 1 + operands + scalars }, (_, n): Expression => ({ given: n }));
  const [result] = interpret(written, f, given.slice(1));
  const gradients = new Map([[result, given[0]]]);
  for (const e of Array.from(ordered(result)).reverse()) {
    const g = gradients.get(e);
    if (!g || !("of" in e)) continue;
    RULES[e.operation](g, e, e.of).forEach((part, n) => {
      gradients.set(e.of[n], add(gradients.get(e.of[n]) ?? zero, part));
    });
  }
  const made = new Map<Expression, Derivative>();
  return given.slice(1, 1 + operands).map((operand) => {
    const gradient = gradients.get(operand) ?? zero;
    if (isConstant(gradient, 0)) return null;
    if (!made.has(gradient)) {
      made.set(gradient, { ...asFormula(f.name, gradient, given, operands), passes: gradient === given[0] });
    }
    return made.get(gradient)!;
  });
}

/** Returns an expression as a formula of the values that it needs, and of the scalars, which are the last values. */
function asFormula(
  name: string,
  e: Expression,
  given: readonly Expression[],
  operands: number,
): Pick<Derivative, "formula" | "used"> {
  const parts = ordered(e);
  const used = Array.from({ length: 1 + operands }, (_, n) => n).filter((n) => parts.has(given[n]));
  const places = [...used, ...Array.from({ length: given.length - 1 - operands }, (_, n) => 1 + operands + n)];
  const write = <V>(algebra: Algebra<V>) => (...values: V[]): V => {
    const all: V[] = [];
    places.forEach((place, n) => all[place] = values[n]);
    return compute(e, algebra, all);
  };
  return { formula: formula(name, write), used };
}

const known = new WeakMap<Formula, Map<string, readonly (Derivative | null)[]>>();

/**
 * Returns the derivatives of a formula of one output in its operands, times the gradient of the result; `null` where a
 * derivative is 0 everywhere. Operands with the same derivative, such as the terms of a sum, have the same object. A
 * formula is derived once.
 */
export function derivatives(f: Formula, operands: number, scalars: number): readonly (Derivative | null)[] {
  const made = known.get(f) ?? new Map<string, readonly (Derivative | null)[]>();
  known.set(f, made);
  const key = `${operands} ${scalars}`;
  const found = made.get(key) ?? derived(f, operands, scalars);
  made.set(key, found);
  return found;
}
