/**
 * Tensors as text.
 *
 * @module
 */
import { showShape } from "./shape.ts";
import { type PrintOptions, textOf } from "./table.ts";
import { read, type Tensor } from "./tensor.ts";

export type { PrintOptions } from "./table.ts";

/**
 * Returns a tensor as text: its shape and device, then its numbers. The middle of long axes is left out.
 *
 * @throws {KindError} if the tensor was freed.
 *
 * @example
 * ```ts
 * import { print, tensor } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * equal(await print(tensor([[1, 2], [3, 4]]), { digits: 1 }), "[2, 2] on wasm\n1.0  2.0\n3.0  4.0");
 * ```
 */
export async function print(x: Tensor, options: PrintOptions = {}): Promise<string> {
  const numbers = await read(x);
  const text = textOf(numbers, x.shape, options);
  const heading = `${showShape(x.shape)} on ${x.storage.device.name}`;
  return x.shape.length === 2 && x.shape[0] === 0 ? heading : `${heading}\n${text}`;
}
