/**
 * Tests of the examples: each runs, and prints something.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";

const folder = new URL("../examples/", import.meta.url);

for (const { name } of Deno.readDirSync(folder)) {
  if (!name.endsWith(".ts")) continue;
  Deno.test(`examples/${name} runs`, async () => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL(name, folder).pathname],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    assert(stdout.length > 0, "it printed nothing");
  });
}
