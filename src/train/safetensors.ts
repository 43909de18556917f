/**
 * The safetensors format: a length, a JSON header with the name, shape and position of each tensor, and the numbers.
 * Python and many other tools read it.
 *
 * @module
 */
import { FormatError } from "../../kernels/errors.ts";
import { type Shape, sizeOf } from "../core/shape.ts";

/** A tensor in a file. */
export interface Stored {
  /** The lengths of its axes. */
  readonly shape: Shape;
  /** The numbers, row by row. */
  readonly values: Float32Array;
}

/** The content of a file: tensors and metadata by name. */
export interface Archive {
  /** Tensors by name. */
  readonly tensors: Readonly<Record<string, Stored>>;
  /** Metadata by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Returns the bytes of a safetensors file.
 *
 * @example
 * ```ts
 * import { encodeSafetensors } from "@giverny/giverny/train";
 * import { equal } from "node:assert/strict";
 * const values = Float32Array.of(3, 4);
 * const bytes = encodeSafetensors({ tensors: { W: { shape: [1, 2], values } }, metadata: {} });
 * equal(new TextDecoder().decode(bytes.subarray(8, 28)), '{"__metadata__":{},"');
 * ```
 */
export function encodeSafetensors(archive: Archive): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = archive;
  let end = 0;
  const places = Object.entries(tensors).map(([name, { shape, values }]) => {
    const start = end;
    end += values.byteLength;
    return [name, { dtype: "F32", shape, data_offsets: [start, end] }];
  });
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(places) }));
  const header = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + header + end).fill(0x20, 8, 8 + header);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header), true);
  bytes.set(json, 8);
  let at = 8 + header;
  for (const { values } of Object.values(tensors)) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

/**
 * Returns the content of a safetensors file.
 *
 * @throws {FormatError} if the bytes are no whole safetensors file of 32-bit floats. The message does not name the
 * file: the caller adds the name.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * const values = Float32Array.of(3, 4);
 * const archive = { tensors: { W: { shape: [1, 2], values } }, metadata: { model: "monet" } } as const;
 * deepEqual(decodeSafetensors(encodeSafetensors(archive)), archive);
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array): Archive {
  if (bytes.length < 8) throw new FormatError(`it is cut off after ${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) throw new FormatError("its header is cut off, or it is no safetensors file");
  const { __metadata__ = {}, ...entries } = parsed(bytes.subarray(8, 8 + length));
  const data = bytes.subarray(8 + length);
  const found = Object.entries(entries).map(([name, entry]) => entryAt(name, entry, data));
  checkPlaces(found, data.length);
  return {
    tensors: Object.fromEntries(found.map(({ name, stored }) => [name, stored])),
    metadata: texts(__metadata__),
  };
}

/** A tensor and its place in the file. */
interface Entry {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly stored: Stored;
}

/** Fails unless the tensors lie one after the other, without gaps and overlaps. */
function checkPlaces(found: readonly Entry[], bytes: number): void {
  const stored = found.toSorted((a, b) => a.start - b.start || a.end - b.end).reduce((before, { name, start, end }) => {
    if (start !== before) throw new FormatError(`tensor "${name}" does not begin where the tensor before it ends`);
    return end;
  }, 0);
  if (stored !== bytes) throw new FormatError(`it has ${bytes} bytes of numbers, and its header describes ${stored}`);
}

function parsed(header: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
    if (isRecord(value)) return value;
  } catch {
    // Texts that are not JSON and JSON that is not an object are refused below.
  }
  throw new FormatError("its header is not a JSON object, so it is no safetensors file");
}

function entryAt(name: string, entry: unknown, data: Uint8Array): Entry {
  const { dtype, shape, data_offsets } = isRecord(entry) ? entry : {};
  if (dtype !== "F32") {
    throw new FormatError(`tensor "${name}" is of type ${JSON.stringify(dtype)}; only "F32" is read`);
  }
  if (!isCounts(shape) || !isShape(shape)) throw new FormatError(`tensor "${name}" has no shape of at most two axes`);
  const [start, end] = isCounts(data_offsets) ? data_offsets : [];
  if (end - start !== 4 * sizeOf(shape)) {
    throw new FormatError(`tensor "${name}" does not have the number of bytes that its shape [${shape}] needs`);
  }
  if (end > data.length) throw new FormatError(`it is cut off within tensor "${name}"`);
  return { name, start, end, stored: { shape, values: new Float32Array(data.slice(start, end).buffer) } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function isShape(counts: readonly number[]): counts is Shape {
  return counts.length <= 2;
}

function texts(value: unknown): Record<string, string> {
  if (isRecord(value) && Object.values(value).every((text) => typeof text === "string")) {
    return value as Record<string, string>;
  }
  throw new FormatError("its metadata are not texts");
}
