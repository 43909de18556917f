/**
 * Reverse-mode differentiation without a tape: a traced tensor points at its inputs, and a gradient follows these
 * pointers back once. No state outlives a call, so derivatives can be nested, and closures work.
 *
 * @module
 */
import type { Device, Storage } from "../../kernels/mod.ts";
import { formula } from "../../kernels/mod.ts";
import { recordAllocations, track } from "./scope.ts";
import { asMatrix, sameShape, type Shape, ShapeError, showShape } from "./shape.ts";
import { alive, deviceOf, full, type Node, type Scalar, stopGradient, type Tensor, wrap, zeros } from "./tensor.ts";
import { leaves, mapTree, type Tree } from "./tree.ts";

/** The values that a pullback may use. */
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

/** A differentiable operation: its forward computation, and its pullback. Apply it with {@link apply}. */
export interface Primitive<Xs extends readonly Tensor[], Y extends Tensor, P> {
  /** The name of the function that users call, for messages: "Cannot ⟨name⟩ …". */
  readonly name: string;
  /** Computes the result on a device. */
  readonly forward: (device: Device, xs: Xs, p: P, shape: Y["shape"]) => Storage;
  /**
   * Carries the gradient `g` of the result back to the operands: one gradient per operand, or `null`. It consists of
   * operations, so that second derivatives work, and never reads elements.
   */
  readonly vjp: (g: Y, saved: Saved<Xs, Y, P>) => readonly (Tensor | null)[];
}

/**
 * Applies a primitive. The caller has checked the shapes of the operands. If an operand is being differentiated, the
 * result points back to the operands. For an elementwise formula, `elementwise` of `/ops` is shorter.
 *
 * @param p The parameters of the primitive.
 * @param shape The shape of the result.
 * @throws {KindError} if an operand was freed, or operands are on different devices.
 *
 * @example A custom operation, from a kernel and its pullback
 * ```ts
 * import { apply, type Matrix, type Primitive, readSync, tensor } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const FLIP: Primitive<readonly [Matrix], Matrix, null> = {
 *   name: "flip",
 *   forward: ({ kernels }, [{ storage, shape }]) =>
 *     kernels.transpose(storage, { rows: shape[0], columns: shape[1] }),
 *   vjp: (g) => [flip(g)],
 * };
 * function flip(x: Matrix): Matrix {
 *   return apply(FLIP, [x], null, [x.shape[1], x.shape[0]]);
 * }
 * deepEqual([...readSync(flip(tensor([[1, 2], [3, 4]])))], [1, 3, 2, 4]);
 * ```
 */
export function apply<Xs extends readonly Tensor[], Y extends Tensor, P, S extends Y["shape"]>(
  primitive: Primitive<Xs, Y, P>,
  xs: Xs,
  p: P,
  shape: S,
): Tensor<S> {
  const device = deviceOf(primitive.name, xs);
  const storage = primitive.forward(device, xs, p, shape);
  // The result of a reshape shares the storage of its operand, which its scope owns already.
  if (xs.every((x) => x.storage !== storage)) track(storage);
  const node: Node | null = xs.every((x) => x.node === null) ? null : {
    name: primitive.name,
    inputs: xs,
    pull: (g, y, wants) => primitive.vjp(g as Y, { xs, y: y as Y, p, wants }),
  };
  return wrap(storage, shape, node);
}

/** The most tensors that one pass over memory adds: few enough for the bindings of a GPU. */
const MOST_TERMS = 4;

const plus = formula("add", ({ add }) => (first, ...rest) => rest.reduce((sum, x) => add(sum, x), first));

// Y = ((A + B) + C) + …  ⇒  Ā = B̄ = C̄ = Ȳ
const ADD: Primitive<readonly Tensor[], Tensor, null> = {
  name: "add",
  forward: ({ kernels }, xs, _, shape) => {
    const operands = xs.map(({ storage }) => ({ storage, extent: "both" } as const));
    return kernels.map(plus, operands, [], asMatrix(shape))[0];
  },
  vjp: (g, { xs }) => xs.map(() => g),
};

/**
 * Returns the sum of one or more tensors of one shape, added from the first to the last. Several are added in one pass
 * over memory.
 */
export function addInTurn<S extends Shape>([first, ...rest]: readonly Tensor<S>[]): Tensor<S> {
  let sum = first;
  for (let n = 0; n < rest.length; n += MOST_TERMS - 1) {
    sum = apply(ADD, [sum, ...rest.slice(n, n + MOST_TERMS - 1)], null, first.shape);
  }
  return sum;
}

/**
 * Returns a + b, elementwise. It is defined in `core`, because differentiation adds gradients with it.
 *
 * @throws {ShapeError} if the shapes differ.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { add } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(add(tensor([1, 2]), tensor([10, 20])))], [11, 22]);
 * ```
 */
export function add<S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(`Cannot add ${showShape(a.shape)} and ${showShape(b.shape)}: shapes must match`);
  }
  return apply(ADD, [a, b], null, a.shape);
}

/** A value, and the function that carries a gradient of the value back to the inputs. */
export type Pullback<P, Y> = readonly [value: Y, pullback: (g: Y) => P];

/**
 * Returns f(at), and the function that turns a gradient of f(at) into the gradient of `at`: the vector–Jacobian
 * product.
 *
 * @throws {ShapeError} if the gradient that is carried back does not have the shape of the value.
 *
 * @example
 * ```ts
 * import { readSync, tensor, vjp } from "@giverny/giverny/core";
 * import { mul } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const [y, back] = vjp((x) => mul(x, x), tensor([1, 2, 3]));
 * deepEqual([...readSync(y)], [1, 4, 9]);
 * deepEqual([...readSync(back(tensor([1, 0, 1])))], [2, 0, 6]);
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
      const shapes = `a gradient of shape ${showShape(g.shape)} back from a result of shape ${showShape(y.shape)}`;
      throw new ShapeError(`Cannot carry ${shapes}: shapes must match`);
    }
    const gradients = backward(y, g, targets);
    return mapTree((leaf) => {
      const gradient = gradients.get(leaf);
      return gradient ? settle(gradient) : zeros(leaf.shape, leaf.storage);
    }, variables);
  }];
}

/**
 * Returns the function that gives the value of a scalar function together with its gradient.
 *
 * @throws {ShapeError} when called, if the value is not a scalar.
 *
 * @example
 * ```ts
 * import { readSync, tensor, valueAndGrad, type Vector } from "@giverny/giverny/core";
 * import { square, sum } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const [value, gradient] = valueAndGrad((x: Vector) => sum(square(x)))(tensor([1, 2]));
 * deepEqual([...readSync(value)], [5]);
 * deepEqual([...readSync(gradient)], [2, 4]);
 * ```
 */
export function valueAndGrad<P extends Tree>(f: (at: P) => Scalar): (at: P) => readonly [value: Scalar, gradient: P] {
  return (at) => {
    const [y, pullback] = vjp(f, at);
    if (y.shape.length !== 0) {
      throw new ShapeError(`Cannot take the gradient of a value of shape ${showShape(y.shape)}: it must be a scalar`);
    }
    return [y, pullback(full([], 1, y.storage))];
  };
}

/**
 * Returns the gradient of a scalar function of a tree: a function that returns a tree of the same structure.
 *
 * @throws {ShapeError} when called, if the value is not a scalar.
 *
 * @example
 * ```ts
 * import { grad, readSync, tensor, type Vector } from "@giverny/giverny/core";
 * import { mul, sum } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const slope = grad((x: Vector) => sum(mul(x, mul(x, x))));
 * deepEqual([...readSync(slope(tensor([1, 2])))], [3, 12]);
 * ```
 */
export function grad<P extends Tree>(f: (at: P) => Scalar): (at: P) => P {
  return (at) => valueAndGrad(f)(at)[1];
}

/** Returns a variable with the numbers of x. Gradients can be taken at it, and flow on to x. */
function variable(x: Tensor, trace: { open: boolean }): Tensor {
  return wrap(alive(x, "differentiate at").storage, x.shape, {
    name: "variable",
    inputs: [x],
    pull: (g) => [g],
    trace,
  });
}

/**
 * Carries the gradient `g` of `y` back, and returns the gradient at each target. Intermediate tensors are freed as soon
 * as no gradient needs them, unless an outer differentiation is still going on.
 */
function backward(y: Tensor, g: Tensor, targets: ReadonlySet<Tensor>): Map<Tensor, Tensor> {
  const order: Tensor[] = [];
  const leads = search(y, (x) => targets.has(x), order);
  const parts = new Map([[y, [g]]]);
  const ours = new Set<Storage>();
  const watched = isLive(y) || isLive(g);
  /** Runs `body`, and frees the blocks made so far that no gradient needs. */
  const releasing = (body: () => void) => {
    const [, made] = recordAllocations(body);
    if (watched) return;
    made.forEach((storage) => ours.add(storage));
    const needed = new Set(Array.from(parts.values()).flatMap((list) => list.map(({ storage }) => storage)));
    for (const storage of ours) {
      if (needed.has(storage)) continue;
      storage.device.free(storage);
      ours.delete(storage);
    }
  };
  /** Adds the gradients that have arrived at a tensor: together, since each pass over memory costs time. */
  const settled = (x: Tensor) => {
    const arrived = parts.get(x) ?? [];
    if (arrived.length > 1) releasing(() => parts.set(x, [addInTurn(arrived)]));
    return parts.get(x)?.[0];
  };
  for (const x of order.reverse()) {
    const arrived = settled(x);
    if (!arrived || targets.has(x) || !x.node) continue;
    const { inputs, pull } = x.node;
    const wants = inputs.map((input) => leads.get(input) === true);
    releasing(() => {
      pull(arrived, x, wants).forEach((part, i) => {
        if (!part || !wants[i]) return;
        const before = parts.get(inputs[i]) ?? [];
        // No more than a pass adds: gradients that wait take memory.
        parts.set(inputs[i], before.length < MOST_TERMS ? [...before, part] : [addInTurn(before), part]);
      });
      parts.delete(x);
    });
  }
  return new Map(Array.from(parts, ([x]) => [x, settled(x)!]));
}

/**
 * Returns, for each tensor in the history of `y`, whether it was computed from a tensor that is `found`. The search
 * stops at such tensors. Tensors with `true` are appended to `order`, inputs before results. This is a loop, not a
 * recursion, because histories may be deep.
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

/** Returns whether a tensor was computed from a variable of a differentiation that is still going on. */
function isLive(x: Tensor): boolean {
  return search(x, ({ node }) => node?.trace?.open === true).get(x) === true;
}

/** Drops the history of a result, unless an outer differentiation is still going on. */
function settle<T extends Tensor>(x: T): T {
  return isLive(x) ? x : stopGradient(x) as T;
}
