/**
 * A short name for exactly this data, so that a run can say what it was trained on.
 *
 * @module
 */
import type { Dataset, Modality } from "./dataset.ts";

/**
 * Returns 64 hexadecimal digits that differ if the ids, interactions, split or features do: the SHA-256 of the SHA-256 of
 * each part. Names, titles, texts and pictures do not count.
 *
 * @example
 * ```ts
 * import { fingerprint, garden, key, official, resplit } from "@giverny/giverny";
 * import { assertNotEquals } from "deno-std/assert/not_equals.js";
 * const data = garden(key(0));
 * assertNotEquals(await fingerprint(data), await fingerprint(resplit(data, official())));
 * ```
 */
export async function fingerprint(data: Dataset): Promise<string> {
  const { users, items, split, times } = data.interactions;
  const modalities = Object.entries(data.modalities).sort(([a], [b]) => a < b ? -1 : 1);
  const layout = modalities.map(([name, m]) => [name, m.kind, m.kind === "dense" ? m.columns : m.pattern.columns]);
  const parts = [
    new TextEncoder().encode(JSON.stringify([data.users, data.items, layout])),
    ...[
      users,
      items,
      split,
      times ?? new Float64Array(0),
      ...modalities.flatMap(([, modality]) => columnsOf(modality)),
    ],
  ];
  const digests = await Promise.all(parts.map(digest));
  const whole = await digest(new Uint8Array(digests.flatMap((part) => [...part])));
  return Array.from(whole, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Column = Int32Array | Uint8Array | Float32Array | Float64Array;

function columnsOf(modality: Modality): Column[] {
  return modality.kind === "dense"
    ? [modality.values, modality.known]
    : [modality.pattern.offsets, modality.pattern.indices, modality.values, modality.known];
}

async function digest({ buffer, byteOffset, byteLength }: Column): Promise<Uint8Array<ArrayBuffer>> {
  // Shared memory cannot be digested in place.
  const bytes = buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(buffer, byteOffset, byteLength).slice();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
