import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { parseSettings, readSettings, resolve } from "../../src/cli/config.ts";
import { Misuse } from "../../src/cli/failure.ts";

const DEFAULTS = { lr: 1e-4, layers: 2, fusion: "weighted", faithful: true, ks: [10, 20] };

Deno.test("parseSettings() reads values as TOML does, and words without quotes", () => {
  const pairs = [["lr", "1e-3"], ["fusion", "sum"], ["faithful", "false"], ["ks", "[5]"], ["name", '"1"']] as const;
  assertEquals(parseSettings(pairs), { lr: 1e-3, fusion: "sum", faithful: false, ks: [5], name: "1" });
});

Deno.test("resolve() lays settings over defaults, the later over the earlier", () => {
  assertEquals(resolve(DEFAULTS), DEFAULTS);
  assertEquals(resolve(DEFAULTS, { lr: 1, layers: 3 }, { lr: 2 }), { ...DEFAULTS, lr: 2, layers: 3 });
});

Deno.test("resolve() refuses a name that is unknown and a value of another kind", () => {
  assertThrows(() => resolve(DEFAULTS, { layer: 1 }), Misuse, 'did you mean "layers"?');
  assertThrows(() => resolve(DEFAULTS, { lr: "fast" }), Misuse, 'Cannot set "lr" to "fast": expected a number');
  assertThrows(() => resolve(DEFAULTS, { constructor: 1 }), Misuse, "there is no such name");
});

Deno.test("readSettings() reads TOML, and names the file and line that is none", async () => {
  const path = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(path, "lr = 1e-3\nks = [5, 10]\n");
    assertEquals(await readSettings(path), { lr: 1e-3, ks: [5, 10] });
    await Deno.writeTextFile(path, "lr = 1e-3\nfusion = sum\n");
    await assertRejects(() => readSettings(path), Misuse, `Cannot read settings from "${path}" line 2: `);
  } finally {
    await Deno.remove(path);
  }
});
