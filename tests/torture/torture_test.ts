/**
 * Tests that killed work ends with the bits of work that was never interrupted, for some operations; the task `torture`
 * tests all.
 *
 * @module
 */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { Death, disk, MANNERS } from "./dying_files.ts";
import { SCENARIOS, survive, undisturbed } from "./scenarios.ts";

/** The number of deaths of each scenario in this suite. */
const MOST = 14;

for (const scenario of SCENARIOS) {
  Deno.test(`a killed ${scenario.name} ends with the bits of one that was never interrupted`, async () => {
    const { result, operations } = await undisturbed(scenario);
    const step = Math.ceil(operations / MOST);
    for (let at = 1; at <= operations; at += step) {
      await survive(scenario, [{ at, manner: MANNERS[at % MANNERS.length] }], result);
    }
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a process on a disk dies before its operation, within it, or with the rename before it", async () => {
  const expected = {
    before: { "a": "old2", "b": "new1" },
    torn: { "a": "old2", "b": "new1", "b.0.partial": "ne" },
    lost: { "a": "old2", "b": "old1", "b.0.partial": "new1" },
  };
  for (const manner of MANNERS) {
    const place = disk();
    const { files: before } = place.start();
    for (const name of ["a", "b"]) await before.write(name, bytes(name === "a" ? "old2" : "old1"));
    const { files, operations } = place.start({ at: 2, manner });
    await files.write("b", bytes("new1"));
    await assertRejects(() => files.write("b", bytes("news")), Death);
    await assertRejects(() => files.read("a"), Death);
    assertEquals([manner, await place.content(), operations()], [manner, expected[manner], 2]);
  }
});
