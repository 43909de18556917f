/**
 * What a tensor is: an immutable handle to 32-bit floats on a device, with a shape, and while it is being differentiated a
 * pointer to what it was computed from.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import { defaultDevice, describeDevice, type Device, type Storage } from "../../kernels/mod.ts";
import { track } from "./scope.ts";
import { type Frozen, type Shape, ShapeError, showShape, sizeOf } from "./shape.ts";

/**
 * An immutable array of 32-bit floats with at most two axes. It has no methods: what may be done to it are functions.
 * Nobody can write through it; {@link read} and {@link readSync} return copies.
 */
export interface Tensor<S extends Shape = Shape> {
  /** The lengths of its axes. */
  readonly shape: S;
  /** Where the numbers are. */
  readonly storage: Storage;
  /** What it was computed from; `null` for a constant. */
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
  /** What it was applied to. */
  readonly inputs: readonly Tensor[];
  /** Carries a gradient of the result back to the inputs that want one. */
  readonly pull: (g: Tensor, y: Tensor, wants: readonly boolean[]) => readonly (Tensor | null)[];
  /** Set on the variables of a differentiation, which is over when `open` turns false. */
  readonly trace?: { open: boolean };
}

/** Where a new tensor is put. */
export interface Placement {
  /** The device; {@link defaultDevice} by default. */
  readonly device?: Device;
}

/** What people see when they log a tensor. */
const looks = {
  [Symbol.for("nodejs.util.inspect.custom")](this: Tensor): string {
    return `Tensor ${showShape(this.shape)} on ${this.storage.device.name}${this.storage.freed ? " (freed)" : ""}`;
  },
};

/** Returns a tensor over a block. */
export function wrap<S extends Shape>(storage: Storage, shape: S, node: Node | null = null): Tensor<S> {
  return Object.assign(Object.create(looks), { shape, storage, node });
}

/** Returns whether a value is a tensor. */
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
 * import { fromArray, readSync } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const x = fromArray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * assertEquals(x.shape, [2, 3]);
 * assertEquals([...readSync(x)], [1, 2, 3, 4, 5, 6]);
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
  { device = defaultDevice() }: Placement = {},
): Tensor<S> {
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError(`Cannot shape ${values.length} numbers as ${showShape(shape)}: it holds ${sizeOf(shape)}`);
  }
  return wrap(track(device.upload(values)), shape);
}

/**
 * Returns the tensor that a number, a list of numbers, or a list of rows spells out.
 *
 * @throws {ShapeError} if the rows differ in length.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals(tensor([[1, 2, 3], [4, 5, 6]]).shape, [2, 3]);
 * assertEquals(tensor(7).shape, []);
 * ```
 */
export function tensor(values: number, place?: Placement): Scalar;
/** Returns a vector. */
export function tensor(values: readonly number[], place?: Placement): Vector;
/** Returns a matrix. */
export function tensor(values: readonly (readonly number[])[], place?: Placement): Matrix;
export function tensor(
  values: number | readonly number[] | readonly (readonly number[])[],
  place: Placement = {},
): Tensor {
  if (typeof values === "number") return fromArray([values], [], place);
  const first = values[0];
  if (typeof first !== "object") return fromArray(values as readonly number[], [values.length], place);
  const rows = values as readonly (readonly number[])[];
  const uneven = rows.findIndex((row) => row.length !== first.length);
  if (uneven >= 0) {
    throw new ShapeError(
      `Cannot make a matrix of rows of ${first.length} and ${rows[uneven].length} numbers: rows must be equally long`,
    );
  }
  return fromArray(rows.flat(), [rows.length, first.length], place);
}

/** Returns a tensor in which every element is `value`. */
export function full<S extends Shape>(shape: S, value: number, place: Placement = {}): Tensor<Frozen<S>> {
  return fromArray(new Float32Array(sizeOf(shape)).fill(value), shape, place);
}

/** Returns a tensor of zeros. */
export function zeros<S extends Shape>(shape: S, place: Placement = {}): Tensor<Frozen<S>> {
  return full(shape, 0, place);
}

/** Returns a tensor of ones. */
export function ones<S extends Shape>(shape: S, place: Placement = {}): Tensor<Frozen<S>> {
  return full(shape, 1, place);
}

/**
 * Returns a copy of the numbers, row by row, from any device.
 *
 * @throws {KindError} if the tensor was freed.
 */
export async function read(x: Tensor): Promise<Float32Array> {
  const { device } = alive(x, "read").storage;
  return await device.read(x.storage);
}

/**
 * Returns a copy of the numbers, row by row, at once; possible on devices that share the host's memory.
 *
 * @throws {KindError} if the tensor was freed, or lives on a device that only answers later.
 */
export function readSync(x: Tensor): Float32Array {
  const { device } = alive(x, "read").storage;
  const numbers = device.view(x.storage);
  if (!numbers) throw new KindError(`Cannot read at once from the device "${device.name}": await read() instead`);
  return Float32Array.from(numbers);
}

/** Returns the tensor, after checking that it was not freed. */
export function alive<T extends Tensor>(x: T, verb: string): T {
  if (x.storage.freed) {
    throw new KindError(
      `Cannot ${verb} a freed tensor of shape ${showShape(x.shape)}: return it from the scope that made it`,
    );
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
    if (alive(x, verb).storage.device !== device) {
      const [one, other] = [device, x.storage.device].map(describeDevice);
      const which = one === other ? `both ${one}` : `${one} and ${other}`;
      throw new KindError(`Cannot ${verb} tensors on two devices, ${which}: copy one with toDevice()`);
    }
  }
  return device;
}

/** Returns a tensor with the same numbers that carries no history: gradients treat it as a constant. */
export function stopGradient<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return x.node ? wrap(x.storage, x.shape) : x;
}
