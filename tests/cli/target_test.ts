/** Tests of the folder that a command writes: its lock, and the leftovers of killed commands. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { UsageError } from "../../kernels/errors.ts";
import { withTarget } from "../../src/cli/target.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("withTarget() removes what killed commands left, of this folder only", async () => {
  const files = memoryFiles();
  for (const folder of ["shop", "shop.0.partial/new", "shop.1.partial", "shop2.0.partial", "shop.partial"]) {
    await files.makeFolder(`home/${folder}`);
  }
  await files.write("home/shop.partial/lock", bytes("1"));
  await files.write("home/shop.0.partial/new/users.tsv", bytes(""));
  await withTarget("home/shop/", files, async () => {
    assertEquals((await files.list("home")).map(({ name }) => name), ["shop", "shop.partial", "shop2.0.partial"]);
    await assertRejects(() => withTarget("home/shop", files, async () => {}), UsageError, "another command writes it");
  });
  assertEquals((await files.list("home")).map(({ name }) => name), ["shop", "shop2.0.partial"]);
});

Deno.test("withTarget() puts the old folder back after a kill between the two renames", async () => {
  const files = memoryFiles();
  for (const age of ["old", "new"]) {
    await files.makeFolder(`shop.0.partial/${age}`);
    await files.write(`shop.0.partial/${age}/users.tsv`, bytes(age));
  }
  await withTarget("shop", files, async () => {
    assertEquals(new TextDecoder().decode(await files.read("shop/users.tsv")), "old");
  });
  assertEquals((await files.list("")).map(({ name }) => name), ["shop"]);
});
