/**
 * Reverse-mode differentiation without a tape: a traced tensor points at its inputs, and a gradient walks those pointers
 * back once. No state outlives a call, so derivatives nest and closures work.
 *
 * @module
 */
import type { Device, Storage } from "../../kernels/mod.ts";
import { formula } from "../../kernels/mod.ts";
import { recordAllocations, track } from "./scope.ts";
import { asMatrix, sameShape, type Shape, ShapeError, showShape } from "./shape.ts";
import { alive, deviceOf, full, type Node, type Scalar, stopGradient, type Tensor, wrap, zeros } from "./tensor.ts";
import { leaves, mapTree, type Tree } from "./tree.ts";

/** What a pullback may use: the operands, the result, the parameters, and which operands want a gradient. */
export interface Saved<Xs extends readonly Tensor[], Y extends Tensor, P> {
  /** The operands. */
  readonly xs: Xs;
  /** The result. */
  readonly y: Y;
  /** The parameters. */
  readonly p: P;
  /** For each operand, whether its gradient is used. */
  readonly wants: readonly boolean[];
}

/** A differentiable operation: how to compute it, and how to carry a gradient of its result back to its operands. */
export interface Primitive<Xs extends readonly Tensor[], Y extends Tensor, P> {
  /** A verb, used in messages: "Cannot ⟨name⟩ …". */
  readonly name: string;
  /** Computes the result on a device. */
  readonly forward: (device: Device, xs: Xs, p: P, shape: Y["shape"]) => Storage;
  /** Written in ops, so that second derivatives work. Never reads elements. */
  readonly vjp: (g: Y, saved: Saved<Xs, Y, P>) => readonly (Tensor | null)[];
}

/**
 * Runs a primitive whose result has a shape already checked, and remembers how if an operand is traced.
 *
 * @throws {KindError} if an operand was freed, or operands live on different devices.
 */
export function apply<Xs extends readonly Tensor[], Y extends Tensor, P, S extends Y["shape"]>(
  primitive: Primitive<Xs, Y, P>,
  xs: Xs,
  p: P,
  shape: S,
): Tensor<S> {
  const device = deviceOf(primitive.name, xs);
  const storage = primitive.forward(device, xs, p, shape);
  // An operand seen under another shape stays with the scope that owns it.
  if (xs.every((x) => x.storage !== storage)) track(storage);
  const node: Node | null = xs.every((x) => x.node === null) ? null : {
    name: primitive.name,
    inputs: xs,
    pull: (g, y, wants) => primitive.vjp(g as Y, { xs, y: y as Y, p, wants }),
  };
  return wrap(storage, shape, node);
}

const sum = formula("add", ({ add }) => add);

// Y = A + B  ⇒  Ā = B̄ = Ȳ
const ADD: Primitive<readonly [Tensor, Tensor], Tensor, null> = {
  name: "add",
  forward: ({ kernels }, xs, _, shape) => {
    const operands = xs.map(({ storage }) => ({ storage, extent: "both" } as const));
    return kernels.map(sum, operands, [], asMatrix(shape))[0];
  },
  vjp: (g) => [g, g],
};

/**
 * Returns a + b, elementwise. It stands here rather than with the other operations because gradients add up by it.
 *
 * @throws {ShapeError} if the shapes differ.
 */
export function add<S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(`Cannot add ${showShape(a.shape)} and ${showShape(b.shape)}: shapes must match`);
  }
  return apply(ADD, [a, b], null, a.shape);
}

/** A value and a function that carries a gradient of it back to what it was computed from. */
export type Pullback<P, Y> = readonly [value: Y, pullback: (g: Y) => P];

/**
 * Returns f(at), and the function that turns a gradient of it into the gradient of `at`: the vector–Jacobian product.
 *
 * @throws {ShapeError} if the gradient that is carried back has not the shape of the value.
 *
 * @example
 * ```ts
 * import { mul, readSync, tensor, vjp } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const [y, back] = vjp((x) => mul(x, x), tensor([1, 2, 3]));
 * assertEquals([...readSync(y)], [1, 4, 9]);
 * assertEquals([...readSync(back(tensor([1, 0, 1])))], [2, 0, 6]);
 * ```
 */
export function vjp<P extends Tree, Y extends Tensor>(f: (at: P) => Y, at: P): Pullback<P, Y> {
  const trace = { open: true };
  const variables = mapTree((x) => variable(x, trace), at);
  const y = f(variables);
  trace.open = false;
  const targets = new Set(leaves(variables).map(([, leaf]) => leaf));
  return [settle(y), (g) => {
    if (!sameShape(g.shape, y.shape)) {
      const shapes = `of shape ${showShape(g.shape)} through a result of shape ${showShape(y.shape)}`;
      throw new ShapeError(`Cannot carry back a gradient ${shapes}: shapes must match`);
    }
    const gradients = backward(y, g, targets);
    return mapTree((leaf) => {
      const gradient = gradients.get(leaf);
      return gradient ? settle(gradient) : zeros(leaf.shape, leaf.storage);
    }, variables);
  }];
}

/** Returns the function that gives a scalar function's value together with its gradient. */
export function valueAndGrad<P extends Tree>(f: (at: P) => Scalar): (at: P) => readonly [value: Scalar, gradient: P] {
  return (at) => {
    const [y, pullback] = vjp(f, at);
    if (y.shape.length !== 0) {
      throw new ShapeError(`Cannot take the gradient of a result of shape ${showShape(y.shape)}: it must be a scalar`);
    }
    return [y, pullback(full([], 1, y.storage))];
  };
}

/**
 * Returns the gradient of a scalar function of a tree.
 *
 * @throws {ShapeError} when called, if the function's value is not a scalar.
 *
 * @example
 * ```ts
 * import { grad, mul, readSync, sum, tensor, type Vector } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const slope = grad((x: Vector) => sum(mul(x, mul(x, x))));
 * assertEquals([...readSync(slope(tensor([1, 2])))], [3, 12]);
 * ```
 */
export function grad<P extends Tree>(f: (at: P) => Scalar): (at: P) => P {
  return (at) => valueAndGrad(f)(at)[1];
}

/** A fresh name for x that gradients can be taken at; through it they also flow on to x. */
function variable(x: Tensor, trace: { open: boolean }): Tensor {
  return wrap(alive(x, "differentiate at").storage, x.shape, {
    name: "variable",
    inputs: [x],
    pull: (g) => [g],
    trace,
  });
}

/**
 * Returns the gradient of `y`, given its own, at each target. What is made on the way is freed as soon as no gradient needs it,
 * unless somebody differentiates through this.
 */
function backward(y: Tensor, g: Tensor, targets: ReadonlySet<Tensor>): Map<Tensor, Tensor> {
  const order: Tensor[] = [];
  const leads = search(y, (x) => targets.has(x), order);
  const gradients = new Map([[y, g]]);
  const ours = new Set<Storage>();
  const watched = isLive(y) || isLive(g);
  for (const x of order.reverse()) {
    const arrived = gradients.get(x);
    if (!arrived || targets.has(x) || !x.node) continue;
    const { inputs, pull } = x.node;
    const wants = inputs.map((input) => leads.get(input) === true);
    const [, made] = recordAllocations(() =>
      pull(arrived, x, wants).forEach((part, i) => {
        const before = gradients.get(inputs[i]);
        if (part && wants[i]) gradients.set(inputs[i], before ? add(before, part) : part);
      })
    );
    gradients.delete(x);
    made.forEach((storage) => ours.add(storage));
    const needed = new Set(Array.from(gradients.values(), ({ storage }) => storage));
    for (const storage of watched ? [] : ours) {
      if (needed.has(storage)) continue;
      storage.device.free(storage);
      ours.delete(storage);
    }
  }
  return gradients;
}

/**
 * Finds which tensors behind `y` lead to one that is `found`, without going further than that. Those that do are appended
 * to `order`, inputs before results. A loop, not a recursion: histories may be deep.
 */
function search(y: Tensor, found: (x: Tensor) => boolean, order: Tensor[] = []): Map<Tensor, boolean> {
  const leads = new Map<Tensor, boolean>();
  const stack = [y];
  while (stack.length > 0) {
    const x = stack.at(-1)!;
    const inputs = found(x) ? [] : x.node?.inputs ?? [];
    const open = inputs.find((input) => !leads.has(input));
    if (open && !leads.has(x)) {
      stack.push(open);
      continue;
    }
    stack.pop();
    if (leads.has(x)) continue;
    leads.set(x, found(x) || inputs.some((input) => leads.get(input)));
    if (leads.get(x)) order.push(x);
  }
  return leads;
}

/** Returns whether a tensor leads to a variable of a differentiation that is still going on. */
function isLive(x: Tensor): boolean {
  return search(x, ({ node }) => node?.trace?.open === true).get(x) === true;
}

/** Drops the history of a result that nobody differentiates any more. */
function settle<T extends Tensor>(x: T): T {
  return isLive(x) ? x : stopGradient(x) as T;
}
