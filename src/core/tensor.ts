/**
 * Tensors: immutable handles to 32-bit floats on a device, with a shape. While a tensor is being differentiated, it
 * also points to the tensors that it was computed from.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import { defaultDevice, describeDevice, type Device, shareMemory, type Storage } from "../../kernels/mod.ts";
import { track } from "./scope.ts";
import { type Frozen, type Shape, ShapeError, showShape, sizeOf } from "./shape.ts";
import { htmlOf, textOf } from "./table.ts";

/**
 * An immutable array of 32-bit floats with at most two axes. It has no methods: operations are functions. Its numbers
 * cannot be changed; {@link read} and {@link readSync} return copies.
 */
export interface Tensor<S extends Shape = Shape> {
  /** The lengths of its axes. */
  readonly shape: S;
  /** The block of memory that holds its numbers. */
  readonly storage: Storage;
  /** The operation and the operands it was computed from; `null` for a constant. */
  readonly node: Node | null;
}

/** A tensor without axes. */
export type Scalar = Tensor<readonly []>;
/** A tensor with one axis. */
export type Vector<N extends number = number> = Tensor<readonly [N]>;
/** A tensor with two axes. */
export type Matrix<R extends number = number, C extends number = number> = Tensor<readonly [R, C]>;

/** One step of a computation that is being differentiated. */
export interface Node {
  /** The operation. */
  readonly name: string;
  /** The operands. */
  readonly inputs: readonly Tensor[];
  /** Carries a gradient of the result back to the inputs that want one. */
  readonly pull: (g: Tensor, y: Tensor, wants: readonly boolean[]) => readonly (Tensor | null)[];
  /** Set on the variables of a differentiation, which is over when `open` turns false. */
  readonly trace?: { open: boolean };
}

/** The device for a new tensor. */
export interface Placement {
  /** The device; {@link defaultDevice} by default. */
  readonly device?: Device | undefined;
}

/**
 * Returns the device for a new tensor, after checking it: code without type checks may pass a `Choice`, or a promise.
 *
 * @throws {KindError} if it is no device.
 */
export function deviceFor({ device = defaultDevice() }: Placement): Device {
  const given: unknown = device;
  if (typeof given === "object" && given !== null && "kernels" in given) return device;
  throw new KindError("Cannot make a tensor on this device: write const { device } = await openDevice(name)");
}

const heading = ({ shape, storage }: Tensor): string =>
  `Tensor ${showShape(shape)} on ${storage.device.name}${storage.freed ? " (freed)" : ""}`;

/** Returns a tensor as `console.log` shows it: with its numbers, if the device can show them at once. */
function inspect(this: Tensor): string {
  const numbers = this.storage.freed ? null : this.storage.device.view(this.storage);
  if (!numbers || numbers.length === 0) return heading(this);
  return `${heading(this)}\n  ${textOf(numbers, this.shape, {}).replaceAll("\n", "\n  ")}`;
}

/** Returns a tensor as a Jupyter notebook shows it: a table of its numbers. */
async function display(this: Tensor): Promise<Readonly<Record<string, string>>> {
  if (this.storage.freed) return { "text/plain": heading(this) };
  const numbers = await read(this);
  return {
    "text/plain": `${heading(this)}\n${textOf(numbers, this.shape, {})}`,
    "text/html": htmlOf(heading(this), numbers, this.shape, {}),
  };
}

/** The methods by which Node, Deno and Deno's Jupyter kernel show tensors. */
const looks = {
  [Symbol.for("nodejs.util.inspect.custom")]: inspect,
  [Symbol.for("Deno.customInspect")]: inspect,
  [Symbol.for("Jupyter.display")]: display,
};

/** Returns a tensor over a block of memory. */
export function wrap<S extends Shape>(storage: Storage, shape: S, node: Node | null = null): Tensor<S> {
  return Object.assign(Object.create(looks), { shape, storage, node });
}

/**
 * Returns whether a value is a tensor.
 *
 * @example
 * ```ts
 * import { isTensor, tensor } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([tensor(1), 1, [1]].map(isTensor), [true, false, false]);
 * ```
 */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "storage" in value && "shape" in value;
}

/**
 * Returns a tensor of the given numbers, row by row.
 *
 * @throws {ShapeError} if there are more or fewer than the shape holds.
 *
 * @example
 * ```ts
 * import { fromArray, readSync } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const x = fromArray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * deepEqual(x.shape, [2, 3]);
 * deepEqual([...readSync(x)], [1, 2, 3, 4, 5, 6]);
 * ```
 */
export function fromArray<S extends Shape>(
  values: ArrayLike<number>,
  shape: S,
  place: Placement = {},
): Tensor<Frozen<S>> {
  return upload(values, shape as Shape as Frozen<S>, place);
}

/** Returns a tensor of the given numbers: {@link fromArray} for shapes whose type is settled. */
export function upload<S extends Shape>(
  values: ArrayLike<number>,
  shape: S,
  place: Placement = {},
): Tensor<S> {
  const size = sizeOf(shape);
  if (values.length !== size) {
    throw new ShapeError(
      `Cannot make a tensor of shape ${showShape(shape)} from ${values.length} numbers: it holds ${size}`,
    );
  }
  return wrap(track(deviceFor(place).upload(values)), shape);
}

/**
 * Returns a scalar.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(tensor(7).shape, []);
 * deepEqual(tensor([1, 2, 3]).shape, [3]);
 * deepEqual(tensor([[1, 2, 3], [4, 5, 6]]).shape, [2, 3]);
 * ```
 */
export function tensor(values: number, place?: Placement): Scalar;
/** Returns a vector of the listed numbers. */
export function tensor(values: readonly number[], place?: Placement): Vector;
/**
 * Returns a matrix of the listed rows.
 *
 * @throws {ShapeError} if the rows differ in length.
 */
export function tensor(values: readonly (readonly number[])[], place?: Placement): Matrix;
export function tensor(
  values: number | readonly number[] | readonly (readonly number[])[],
  place: Placement = {},
): Tensor {
  if (typeof values === "number") return fromArray([values], [], place);
  const first = values[0];
  if (typeof first !== "object") return fromArray(values as readonly number[], [values.length], place);
  const rows = values as readonly (readonly number[])[];
  const uneven = rows.find((row) => row.length !== first.length);
  if (uneven) {
    const lengths = `${first.length} and ${uneven.length}`;
    throw new ShapeError(`Cannot make a tensor of rows of ${lengths} numbers: rows must have the same length`);
  }
  return fromArray(rows.flat(), [rows.length, first.length], place);
}

/**
 * Returns a tensor in which every element is `value`.
 *
 * @example
 * ```ts
 * import { full, readSync } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(full([2], 7))], [7, 7]);
 * ```
 */
export function full<S extends Shape>(shape: S, value: number, place: Placement = {}): Tensor<Frozen<S>> {
  return fromArray(new Float32Array(sizeOf(shape)).fill(value), shape, place);
}

/**
 * Returns a tensor of zeros.
 *
 * @example
 * ```ts
 * import { readSync, zeros } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(zeros([1, 3]))], [0, 0, 0]);
 * ```
 */
export function zeros<S extends Shape>(shape: S, place: Placement = {}): Tensor<Frozen<S>> {
  return full(shape, 0, place);
}

/**
 * Returns a tensor of ones.
 *
 * @example
 * ```ts
 * import { ones, readSync } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(ones([2]))], [1, 1]);
 * ```
 */
export function ones<S extends Shape>(shape: S, place: Placement = {}): Tensor<Frozen<S>> {
  return full(shape, 1, place);
}

/**
 * Returns a copy of the numbers, row by row, from any device.
 *
 * @throws {KindError} if the tensor was freed.
 *
 * @example
 * ```ts
 * import { read, tensor } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...await read(tensor([1, 2]))], [1, 2]);
 * ```
 */
export async function read(x: Tensor): Promise<Float32Array> {
  const { device } = alive(x, "read").storage;
  return await device.read(x.storage);
}

/**
 * Returns a copy of the numbers, row by row, at once. Only devices that share the memory of the host can do this.
 *
 * @throws {KindError} if the tensor was freed, or its device cannot be read at once.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(tensor([1, 2]))], [1, 2]);
 * ```
 */
export function readSync(x: Tensor): Float32Array {
  const { device } = alive(x, "readSync").storage;
  const numbers = device.view(x.storage);
  if (!numbers) throw new KindError(`Cannot readSync from the device "${device.name}": use await read()`);
  return Float32Array.from(numbers);
}

/** Returns the tensor, after checking that it was not freed. */
export function alive<T extends Tensor>(x: T, verb: string): T {
  if (x.storage.freed) {
    const rule = "return it from its scope, or keep a copy() of it where training frees it";
    throw new KindError(`Cannot ${verb} a freed tensor of shape ${showShape(x.shape)}: ${rule}`);
  }
  return x;
}

/**
 * Returns the device that the operands of an operation are on.
 *
 * @throws {KindError} if one was freed, or they are on different devices.
 */
export function deviceOf(verb: string, xs: readonly Tensor[]): Device {
  const { device } = xs[0].storage;
  for (const x of xs) {
    if (!shareMemory(alive(x, verb).storage.device, device)) {
      const [one, other] = [device, x.storage.device].map(describeDevice);
      const which = one === other ? `both ${one}` : `${one} and ${other}`;
      throw new KindError(`Cannot ${verb} tensors on two devices, ${which}: copy one with toDevice()`);
    }
  }
  return device;
}

/**
 * Returns a tensor with the same numbers and no history: gradients treat it as a constant.
 *
 * @example x · stopGradient(x) has the slope x, not 2x
 * ```ts
 * import { grad, readSync, stopGradient, tensor, type Vector } from "@giverny/giverny/core";
 * import { mul, sum } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const slope = grad((x: Vector) => sum(mul(x, stopGradient(x))));
 * deepEqual([...readSync(slope(tensor([3])))], [3]);
 * ```
 */
export function stopGradient<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return x.node ? wrap(x.storage, x.shape) : x;
}
