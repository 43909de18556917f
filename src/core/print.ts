/**
 * Tensors as text.
 *
 * @module
 */
import { showShape } from "./shape.ts";
import { read, type Tensor } from "./tensor.ts";

/** How {@link print} shows numbers. */
export interface PrintOptions {
  /** Digits after the point; 4 by default. */
  readonly digits?: number;
  /** Rows and columns shown at each end before the middle is left out; 3 by default. */
  readonly edge?: number;
}

/**
 * Returns a tensor as text: its shape and device, then its numbers, with the middle left out where there are many.
 *
 * @example
 * ```ts
 * import { print, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals(await print(tensor([[1, 2], [3, 4]]), { digits: 1 }), "[2, 2] on wasm\n1.0  2.0\n3.0  4.0");
 * ```
 */
export async function print(x: Tensor, { digits = 4, edge = 3 }: PrintOptions = {}): Promise<string> {
  const numbers = await read(x);
  const columns = x.shape.at(-1) ?? 1;
  const rows = x.shape.length === 2 ? x.shape[0] : 1;
  const ends = (count: number) =>
    Array.from({ length: count }, (_, i) => i).filter((i) => count <= 2 * edge + 1 || i < edge || i >= count - edge);
  const cells = ends(rows).map((r) => ends(columns).map((c) => numbers[r * columns + c].toFixed(digits)));
  const width = Math.max(0, ...cells.flat().map((cell) => cell.length));
  const gap = (parts: string[], count: number, mark: string) =>
    parts.length < count ? parts.toSpliced(edge, 0, mark) : parts;
  const lines = cells.map((row) => gap(row.map((cell) => cell.padStart(width)), columns, "…").join("  "));
  return [`${showShape(x.shape)} on ${x.storage.device.name}`, ...gap(lines, rows, "⋮")].join("\n");
}
