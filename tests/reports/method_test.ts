/** Tests of the sentences on how a comparison was made: they follow from the settings of its trials. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { sentences } from "../../src/reports/method.ts";
import { spread } from "../../src/experiments/spread.ts";
import type { Config } from "../../src/core/settings.ts";
import { defaultsOf } from "../../src/core/settings.ts";
import { PROTOCOLS, trainingSettings } from "../../src/train/settings.ts";

function model(label: string, changes: Config, epochs = 7): Parameters<typeof sentences>[0][number] {
  const cost = {
    parameters: 1,
    secondsPerEpoch: null,
    epochs: spread([epochs]),
    seconds: spread([1]),
    bytes: null,
    resident: 1,
  };
  return { label, config: { ...defaultsOf(trainingSettings), ...PROTOCOLS.A, ...changes }, cost };
}

Deno.test("sentences() follow the settings, also where they differ from the protocol", () => {
  const usual = sentences([model("monet", {}), model("gume", {})], "A").join("\n");
  for (
    const text of [
      "validation items are not",
      "Protocol A: every epoch draws random users, 1024 a step",
      "an evaluation every 5 epochs",
      "stopped by the 11th evaluation in a row",
      "At most 1000 epochs; steps of Adam with a learning rate of 0.001.",
    ]
  ) assertStringIncludes(usual, text);
  const changes = { maskValidation: true, batch: 256, every: 1, patience: 2, epochs: 1, sampler: "interaction" };
  const changed = sentences([model("monet", changes)], "A").join("\n");
  for (
    const text of [
      "training and validation items are left out",
      "Protocol A, with other settings: every epoch goes through all interactions, 256 a step",
      "an evaluation after every epoch",
      "stopped by the 3rd evaluation",
      "At most 1 epoch;",
    ]
  ) assertStringIncludes(changed, text);
});

Deno.test("sentences() name the batch size, with either sampler", () => {
  for (const sampler of ["user", "interaction"]) {
    assertStringIncludes(sentences([model("monet", { sampler, batch: 77 })], "A").join("\n"), ", 77 a step");
  }
});

Deno.test("sentences() name the models that differ, and leave out untrained models", () => {
  const rows = [model("a", {}), model("b", {}), model("c", { lr: 0.01 }), model("popularity", { lr: 5 }, 0)];
  const [, , steps] = sentences(rows, "A");
  assertEquals(
    steps,
    "At most 1000 epochs; steps of Adam with a learning rate of 0.01 (c), " +
      "steps of Adam with a learning rate of 0.001 (the others).",
  );
  assertEquals(sentences([model("popularity", {}, 0)], "A").length, 1);
});

Deno.test("sentences() say how the learning rate changes, and by which optimizer", () => {
  const steps = (changes: Config) => sentences([model("monet", changes)], "A")[2].split("; ")[1];
  assertEquals(
    steps({ optimizer: "sgd", decay: 0.96 }),
    "steps of SGD with a learning rate of 0.001, times 0.96 in 50 epochs.",
  );
  assertEquals(
    steps({ optimizer: "adamw", schedule: "cosine", decay: 0.96, warmup: 5 }),
    "steps of AdamW with a weight decay of 0.01 with a learning rate of 0.001, which falls along half a cosine, " +
      "after a rise over 5 epochs.",
  );
});
