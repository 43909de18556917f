/**
 * Sparse matrices: a pattern with a number at each entry, and the copies of patterns on devices.
 *
 * @module
 */
import type { Device, Sparse, Storage } from "../../kernels/mod.ts";
import type { Entries } from "./axis.ts";
import { entries, type Pattern } from "./pattern.ts";
import { tieTo, track } from "./scope.ts";
import type { Vector } from "./tensor.ts";

/** A sparse `[rows, columns]` matrix in compressed rows. Make one with `csr`. */
export interface Csr<R extends number = number, C extends number = number> {
  /** The positions of the entries. */
  readonly pattern: Pattern<R, C>;
  /** One number per entry of the pattern. */
  readonly values: Vector<Entries>;
  /** The same numbers in the order of the transposed pattern, for products with the transpose. */
  readonly transposedValues: Vector<Entries>;
}

/**
 * Returns the copy of a pattern on a device, made on the first call. The device keeps it as long as the pattern lives,
 * and freeing the pattern frees it.
 */
export function deviceCopy(pattern: Pattern, device: Device): Sparse<Storage> {
  const found = device.copies.get(pattern);
  if (found && !found.offsets.freed) return found;
  const copy: Sparse<Storage> = {
    rows: pattern.rows,
    columns: pattern.columns,
    entries: entries(pattern),
    offsets: track(device.uploadIndices(pattern.offsets)),
    indices: track(device.uploadIndices(pattern.indices)),
  };
  tieTo(pattern, [copy.offsets, copy.indices]);
  device.copies.set(pattern, copy);
  return copy;
}
