/** Tests of SHA-256 in parts. @module */
import { deepEqual, equal } from "node:assert/strict";
import { fc } from "../fc.ts";
import { sha256 } from "../../src/data/sha256.ts";

async function* each(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await part;
}

Deno.test("sha256() of bytes in parts is the platform's digest of all bytes", async () => {
  const part = fc.uint8Array({ maxLength: 150 });
  await fc.assert(fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
    const whole = Uint8Array.from(parts.flatMap((bytes) => [...bytes]));
    deepEqual(await sha256(each(parts)), new Uint8Array(await crypto.subtle.digest("SHA-256", whole)));
  }));
});

Deno.test("sha256() of nothing and of lengths at which padding changes agree with the platform", async () => {
  for (const length of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 2 ** 20 + 7]) {
    const bytes = new Uint8Array(length).map((_, i) => i * 31);
    deepEqual(await sha256(each([bytes])), new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  }
  equal((await sha256(each([])))[0], 0xe3);
});
