/**
 * A short name for exactly this data, so that a run can record the data it was trained on.
 *
 * @module
 */
import type { Dataset, Modality } from "./dataset.ts";
import { sha256 } from "./sha256.ts";
import { rowBlocks } from "./sources.ts";

/**
 * Returns 64 hexadecimal digits that differ if the ids, interactions, split or features do: the SHA-256 of the
 * SHA-256 of each part. Names, titles, texts and pictures do not count. Features have the same fingerprint in memory
 * and as a source, whose rows are read for it.
 *
 * @example
 * ```ts
 * import { fingerprint, garden, official, resplit } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { notEqual } from "node:assert/strict";
 * const data = garden(key(0));
 * notEqual(await fingerprint(data), await fingerprint(resplit(data, official(1))));
 * ```
 */
export async function fingerprint(data: Dataset): Promise<string> {
  const { users, items, split, times } = data.interactions;
  const modalities = Object.entries(data.modalities).sort(([a], [b]) => a < b ? -1 : 1);
  const layout = modalities.map(([name, m]) =>
    m.kind === "sparse" ? [name, m.kind, m.pattern.columns] : [name, "dense", m.columns]
  );
  const digests = await Promise.all([
    digest(new TextEncoder().encode(JSON.stringify([data.users, data.items, layout]))),
    ...[users, items, split, times ?? new Float64Array(0)].map(digest),
    ...modalities.flatMap(([, modality]) => digestsOf(modality)),
  ]);
  const whole = await digest(new Uint8Array(digests.flatMap((part) => [...part])));
  return Array.from(whole, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Column = Int32Array | Uint8Array | Float32Array | Float64Array;

function digestsOf(modality: Modality): Promise<Uint8Array>[] {
  switch (modality.kind) {
    case "dense":
      return [modality.values, modality.known].map(digest);
    case "sparse":
      return [modality.pattern.offsets, modality.pattern.indices, modality.values, modality.known].map(digest);
    case "source":
      return [sha256(byteBlocks(rowBlocks(modality))), digest(modality.known)];
  }
}

async function* byteBlocks(blocks: AsyncIterable<Float32Array>): AsyncGenerator<Uint8Array> {
  for await (const { buffer, byteOffset, byteLength } of blocks) yield new Uint8Array(buffer, byteOffset, byteLength);
}

async function digest({ buffer, byteOffset, byteLength }: Column): Promise<Uint8Array> {
  // Shared memory cannot be digested in place.
  const bytes = buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(buffer, byteOffset, byteLength).slice();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
