/** The list of the public names of `train`: a new name enters on purpose. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import * as train from "../../src/train/mod.ts";

Deno.test("train/mod.ts exports these functions, classes and constants", () => {
  assertEquals(Object.keys(train).sort(), [
    "PROTOCOLS",
    "adam",
    "adamw",
    "checkpoint",
    "combinations",
    "constant",
    "constrained",
    "cosine",
    "decodeSafetensors",
    "drawCombinations",
    "encodeSafetensors",
    "endsEpoch",
    "evaluateEvery",
    "exponential",
    "fit",
    "loadLike",
    "loadTraining",
    "loadTree",
    "pipe",
    "refuseNaN",
    "saveTraining",
    "saveTree",
    "sgd",
    "stopEarly",
    "trainingSettings",
    "valuesOf",
    "warmUp",
  ]);
});
