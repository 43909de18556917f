import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { models } from "../../src/models/mod.ts";
import { trainingSettings } from "../../src/train/settings.ts";
import { type } from "./captured.ts";

Deno.test("models lists the catalogue", async () => {
  const { out } = await type("models");
  for (const { name, about } of Object.values(models)) assert(new RegExp(`^${name} .*${about}`, "m").test(out), name);
  const listed = JSON.parse((await type("models --json")).out).models;
  assertEquals(listed.map(({ name }: { name: string }) => name), Object.keys(models));
});

Deno.test("models describes every setting of a model, with its default and range", async () => {
  const { out } = await type("models monet");
  for (const name of Object.keys({ ...trainingSettings, ...models.monet.settings })) {
    assert(new RegExp(`^${name} `, "m").test(out), name);
  }
  for (const part of [/^beta +0\.3 +0 … 1 /m, /^lr +0\.0001 /m, /^normalize +true +true, false /m]) {
    assert(part.test(out), out);
  }
  assertEquals(JSON.parse((await type("models monet --json")).out).settings.sampler.default, "user");
});

Deno.test("models suggests the nearest name for a misspelt one", async () => {
  const { exit, err } = await type("models monte");
  assertEquals(exit, 2);
  assertStringIncludes(err, 'did you mean "monet"?');
});
