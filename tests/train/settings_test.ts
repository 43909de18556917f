/** Tests of the settings of a training. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { configure, defaultsOf } from "../../src/core/settings.ts";
import { SAMPLERS } from "../../src/data/batch.ts";
import { PROTOCOLS, trainingSettings } from "../../src/train/settings.ts";

Deno.test("trainingSettings describe every setting, and their defaults are allowed", () => {
  for (const { about } of Object.values(trainingSettings)) assert(about.length > 10);
  const defaults = defaultsOf(trainingSettings);
  assertEquals(configure(trainingSettings, defaults), defaults);
});

Deno.test("trainingSettings offer all samplers", () => {
  assertEquals([...trainingSettings.sampler.choices!].sort(), Object.keys(SAMPLERS).sort());
});

Deno.test("PROTOCOLS are settings, and protocol B is the default", () => {
  for (const protocol of Object.values(PROTOCOLS)) configure(trainingSettings, protocol);
  assertEquals(configure(trainingSettings, PROTOCOLS.B), defaultsOf(trainingSettings));
});
