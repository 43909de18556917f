/** Tests of files of settings to search, and of the files in the package. @module */
import { FormatError, UsageError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { settingsOf } from "../../src/runs/settings.ts";
import { combinationsOf, type Grid, readGrid } from "../../src/experiments/grid.ts";
import { configure } from "../../src/core/settings.ts";
import { models } from "../../src/models/mod.ts";
import { inFolder } from "../cli/folder.ts";

/** Returns the grid in a text. */
async function gridOf(text: string): Promise<Grid> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, text);
    return await readGrid(file);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("readGrid() reads lists and ranges per model, draws and seed", async () => {
  const grid = await gridOf("draws = 3\nseed = 7\n[monet]\nalpha = { from = 0, to = 1, step = 0.5 }\nbeta = [0.1]\n");
  assertEquals(grid, {
    draws: 3,
    seed: 7,
    spaces: { monet: { alpha: { from: 0, to: 1, step: 0.5 }, beta: [0.1] } },
  });
  assertEquals(await gridOf("[bprmf]\nl2 = [0]\n"), { draws: null, seed: 0, spaces: { bprmf: { l2: [0] } } });
});

Deno.test("combinationsOf() gives all combinations, or a draw that follows from the seed and the model", async () => {
  const grid = await gridOf(
    "[monet]\nalpha = { from = 0, to = 1, step = 0.5 }\nbeta = [0.1, 0.2]\n[bprmf]\nl2 = [0]\n",
  );
  assertEquals(combinationsOf("monet", grid).length, 6);
  assertEquals(combinationsOf("gume", grid), []);
  assertEquals(combinationsOf("monet", grid, ["alpha"]), [{ beta: 0.1 }, { beta: 0.2 }]);
  assertEquals(combinationsOf("monet", grid, ["alpha", "beta"]), []);
  const random = "draws = 4\n[monet]\nlr = { from = 1e-4, to = 1e-2, log = true }\n";
  const one = combinationsOf("monet", await gridOf(random));
  assertEquals(one.length, 4);
  assertEquals(combinationsOf("monet", await gridOf(`${random}[bprmf]\nl2 = [0, 1]\n`)), one);
  assertNotEquals(combinationsOf("monet", await gridOf(`seed = 1\n${random}`)), one);
});

Deno.test("readGrid() and combinationsOf() refuse invalid files and ranges", async () => {
  const cases = [
    ["[monet", "it is no TOML"],
    ["[monet]\nalpha = 1\n", '"monet.alpha": expected a table per model'],
    ["[monet]\nalpha = []\n", '"monet.alpha": expected'],
    ["[monet]\n", '"monet": expected a table per model with a list or a range per setting'],
    ["draws = 0\n", '"draws": expected a whole number from 1 to 10000'],
    ["seed = 0.5\n", '"seed": expected a whole number from 0 on'],
    ["draw = 2\n", '"draw": expected a table per model'],
    ["[monet]\nalpha = { from = 0 }\n", '"monet.alpha": expected'],
  ];
  for (const [text, why] of cases) await assertRejects(() => gridOf(text), FormatError, why);
  await assertRejects(() => gridOf("[mone]\nalpha = [1]\n"), UsageError, 'did you mean "monet"?');
  await inFolder((folder) => assertRejects(() => readGrid(`${folder}/no.toml`), FormatError, "there is no such file"));
  const open = await gridOf("[monet]\nlr = { from = 1, to = 2 }\n");
  assertThrows(() => combinationsOf("monet", open), UsageError, "(in the table of monet)");
});

Deno.test("every grid in the package has known settings and allowed values", async () => {
  const folder = new URL("../../src/experiments/grids/", import.meta.url);
  const files = await Array.fromAsync(Deno.readDir(folder));
  assert(files.length >= 4);
  for (const { name } of files) {
    const grid = await readGrid(new URL(name, folder).pathname);
    for (const model of Object.keys(grid.spaces)) {
      const all = combinationsOf(model, grid);
      assert(all.length > 1, `${name}, ${model}`);
      for (const changes of all) configure(settingsOf(models[model]), changes);
    }
  }
});
