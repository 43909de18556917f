/**
 * The errors of this library. Each message is one sentence that names the function or option, the operands and the rule
 * that they break: `Cannot multiply a sparse [4, 5] by [6, 64]: inner axes must match`. All of them extend
 * {@link GivernyError}; any other error is a fault of the program or of the runtime.
 *
 * @module
 */

/**
 * The base class of all errors that this library throws on purpose.
 *
 * @example
 * ```ts
 * import { tensor, zeros } from "@giverny/giverny/core";
 * import { GivernyError } from "@giverny/giverny/kernels";
 * import { add } from "@giverny/giverny/ops";
 * import { throws } from "node:assert/strict";
 * throws(() => add(tensor([1, 2]), zeros([3])), GivernyError);
 * ```
 */
export class GivernyError extends Error {
  /** The name of the class. */
  override readonly name: string = "GivernyError";
}

/**
 * A value is out of its range, or a name is unknown.
 *
 * @example
 * ```ts
 * import { openDevice, ValueError } from "@giverny/giverny/kernels";
 * import { rejects } from "node:assert/strict";
 * await rejects(openDevice("wasm", { threads: 0 }), ValueError);
 * ```
 */
export class ValueError extends GivernyError {
  /** The name of the class. */
  override readonly name: string = "ValueError";
}

/**
 * An option, a name or a command makes no sense: nothing was begun, and nothing was written.
 *
 * @example
 * ```ts
 * import { UsageError } from "@giverny/giverny/kernels";
 * import { catalogued } from "@giverny/giverny/runs";
 * import { throws } from "node:assert/strict";
 * throws(() => catalogued("lightgnc"), UsageError);
 * ```
 */
export class UsageError extends ValueError {
  /** The name of the class. */
  override readonly name = "UsageError";
}

/**
 * The shapes of operands do not fit each other. The message names the operation, the shapes and the rule.
 *
 * @example
 * ```ts
 * import { zeros } from "@giverny/giverny/core";
 * import { ShapeError } from "@giverny/giverny/kernels";
 * import { add } from "@giverny/giverny/ops";
 * import { throws } from "node:assert/strict";
 * throws(() => add(zeros([2]), zeros([3])), ShapeError);
 * ```
 */
export class ShapeError extends ValueError {
  /** The name of the class. */
  override readonly name = "ShapeError";
}

/**
 * An operand is of a kind that the operation cannot take: a freed tensor, tensors of two devices, trees of two
 * structures.
 *
 * @example
 * ```ts
 * import { free, readSync, tensor } from "@giverny/giverny/core";
 * import { KindError } from "@giverny/giverny/kernels";
 * import { throws } from "node:assert/strict";
 * const x = tensor([1, 2]);
 * free(x);
 * throws(() => readSync(x), KindError);
 * ```
 */
export class KindError extends GivernyError {
  /** The name of the class. */
  override readonly name = "KindError";
}

/**
 * A file or a text is not in the format that it should have.
 *
 * @example
 * ```ts
 * import { FormatError, GivernyError } from "@giverny/giverny/kernels";
 * import { ok } from "node:assert/strict";
 * ok(new FormatError("Cannot read the file: it is empty") instanceof GivernyError);
 * ```
 */
export class FormatError extends GivernyError {
  /** The name of the class. */
  override readonly name = "FormatError";
}

/**
 * A file or a folder cannot be written.
 *
 * @example
 * ```ts
 * import { FileError, GivernyError } from "@giverny/giverny/kernels";
 * import { ok } from "node:assert/strict";
 * ok(new FileError("Cannot write the file: the disk is full") instanceof GivernyError);
 * ```
 */
export class FileError extends GivernyError {
  /** The name of the class. */
  override readonly name = "FileError";
}

/**
 * A device failed while it computed: a GPU was lost, or a worker thread ended.
 *
 * @example
 * ```ts
 * import { DeviceError, GivernyError } from "@giverny/giverny/kernels";
 * import { ok } from "node:assert/strict";
 * ok(new DeviceError("Cannot compute: the device was lost") instanceof GivernyError);
 * ```
 */
export class DeviceError extends GivernyError {
  /** The name of the class. */
  override readonly name = "DeviceError";
}
