/** Requests that arrive together become blocks, and each gets its own answer. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { fc } from "../fc.ts";
import { batched, TooBusy, turn } from "../../src/serve/batch.ts";

Deno.test("batched() answers each request, in the order of arrival, by the fewest blocks of the largest size", async () => {
  const bursts = fc.array(fc.nat(20), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(bursts, fc.integer({ min: 1, max: 8 }), async (bursts, most) => {
      const sizes: number[] = [], seen: number[] = [];
      const ask = batched(async (requests: readonly number[]) => {
        seen.push(...requests);
        await turn();
        return requests.map((n) => n * n);
      }, { most, waiting: 1000, sized: (size) => sizes.push(size) });
      let next = 0;
      for (const burst of bursts) {
        const requests = Array.from({ length: burst }, () => next++);
        assertEquals(await Promise.all(requests.map(ask)), requests.map((n) => n * n));
      }
      assertEquals(seen, [...seen.keys()]);
      assertEquals(sizes.length, bursts.reduce((sum, burst) => sum + Math.ceil(burst / most), 0));
      assert(sizes.every((size) => size <= most));
    }),
    { numRuns: 30 },
  );
});

Deno.test("batched() fails only the requests that fail alone", async () => {
  const ask = batched((requests: readonly number[]) => {
    if (requests.includes(3)) return Promise.reject(new Error("three"));
    return Promise.resolve(requests);
  }, { most: 8, waiting: 100 });
  const answers = await Promise.allSettled([1, 2, 3, 4].map(ask));
  assertEquals(answers.map(({ status }) => status), ["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  assertEquals(await ask(5), 5);
});

Deno.test("batched() refuses a request when too many wait", async () => {
  const ask = batched((requests: readonly number[]) => Promise.resolve(requests), { most: 2, waiting: 3 });
  const waiting = [1, 2, 3].map(ask);
  await assertRejects(() => ask(4), TooBusy);
  assertEquals(await Promise.all(waiting), [1, 2, 3]);
  assertEquals(await ask(5), 5);
});
