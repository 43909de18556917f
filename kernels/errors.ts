/**
 * The errors of this library. Each message is one sentence that names the function or option, the operands and the rule
 * they break: `Cannot multiply a sparse [4, 5] by [6, 64]: inner axes must match`. All of them extend {@link
 * GivernyError}; any other error is a fault of the program or of the runtime.
 *
 * @module
 */

/**
 * The base class of all errors that this library throws on purpose.
 *
 * @example
 * ```ts
 * import { add, GivernyError, tensor, zeros } from "@giverny/giverny";
 * import { assertThrows } from "deno-std/assert/throws.js";
 * assertThrows(() => add(tensor([1, 2]), zeros([3])), GivernyError, "Cannot add [2] and [3]");
 * ```
 */
export class GivernyError extends Error {
  override readonly name: string = "GivernyError";
}

/** A value is out of its range, or a name is unknown. */
export class ValueError extends GivernyError {
  override readonly name: string = "ValueError";
}

/**
 * The shapes of operands do not fit each other. The message names the operation, the shapes and the rule.
 *
 * @example
 * ```ts
 * import { add, ShapeError, zeros } from "@giverny/giverny";
 * import { assertThrows } from "deno-std/assert/throws.js";
 * assertThrows(() => add(zeros([2]), zeros([3])), ShapeError, "Cannot add [2] and [3]: shapes must match");
 * ```
 */
export class ShapeError extends ValueError {
  override readonly name = "ShapeError";
}

/**
 * An operand is of a kind that the operation cannot take: a freed tensor, tensors of two devices, trees of two
 * structures.
 */
export class KindError extends GivernyError {
  override readonly name = "KindError";
}

/** A file or a text is not in the format that it should have. */
export class FormatError extends GivernyError {
  override readonly name = "FormatError";
}

/** A file or a folder cannot be written. */
export class FileError extends GivernyError {
  override readonly name = "FileError";
}

/** A device failed while it computed: a GPU was lost, or a worker thread ended. */
export class DeviceError extends GivernyError {
  override readonly name = "DeviceError";
}
