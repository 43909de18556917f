/** Tests of the record of a run, and of the digest of its settings. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { lightgcn } from "../../src/models/mod.ts";
import { configDigest } from "../../src/runs/belonging.ts";
import { within } from "../../src/runs/record.ts";
import { resolveSettings } from "../../src/runs/settings.ts";

Deno.test("within() joins folders and files", () => {
  assertEquals(["runs/a", "runs/a/", "/"].map((folder) => within(folder, "run.json")), [
    "runs/a/run.json",
    "runs/a/run.json",
    "//run.json",
  ]);
});

Deno.test("configDigest() depends on the settings, not on their order or the number of epochs", async () => {
  const config = resolveSettings(lightgcn);
  const turned = Object.fromEntries(Object.entries(config).reverse()) as typeof config;
  assertEquals(await configDigest(turned), await configDigest(config));
  assertEquals(await configDigest({ ...config, epochs: 7 }), await configDigest(config));
  assertEquals(await configDigest({ ...config, layers: 7 }) === await configDigest(config), false);
});
