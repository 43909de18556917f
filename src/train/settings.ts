/**
 * The settings of a training, for every model. A model overrides them by the settings of its paper; see
 * `Model.training`.
 *
 * @module
 */
import type { Config, Settings } from "../core/settings.ts";

/** The settings of a training: its optimizer, batches, stopping and evaluation. See {@link trainingSettings}. */
export type TrainingConfig = Config & {
  readonly optimizer: "adam" | "adamw" | "sgd";
  readonly weightDecay: number;
  readonly lr: number;
  readonly schedule: "exponential" | "cosine";
  readonly decay: number;
  readonly warmup: number;
  readonly sampler: "user" | "interaction";
  readonly batch: number;
  readonly epochs: number;
  readonly every: number;
  readonly patience: number;
  readonly maskValidation: boolean;
  readonly seed: number;
};

/**
 * The settings of a training, with defaults, ranges and help.
 *
 * @example
 * ```ts
 * import { defaultsOf } from "@giverny/giverny/core";
 * import { trainingSettings } from "@giverny/giverny/train";
 * import { equal } from "node:assert/strict";
 * equal(defaultsOf(trainingSettings).batch, 2048);
 * ```
 */
export const trainingSettings: Settings<TrainingConfig> = {
  optimizer: {
    default: "adam",
    choices: ["adam", "adamw", "sgd"],
    about: "how gradients become steps; adamw is Adam with weightDecay",
  },
  weightDecay: {
    default: 0.01,
    min: 0,
    about: "the share of each parameter, times the learning rate, that a step of adamw subtracts",
  },
  lr: { default: 1e-3, min: 0, about: "the learning rate" },
  schedule: {
    default: "exponential",
    choices: ["exponential", "cosine"],
    about: "how the learning rate falls: by the factor decay, or along half a cosine to 0 after the last of `epochs`",
  },
  decay: {
    default: 1,
    min: 0,
    max: 1,
    about: "the factor of the learning rate over 50 epochs; it falls a little each epoch",
  },
  warmup: { default: 0, min: 0, about: "the number of epochs in which the learning rate rises from 0, step by step" },
  sampler: {
    default: "interaction",
    choices: ["user", "interaction"],
    about:
      "user: random users, one of their items each (LATTICE, MONET); interaction: every interaction once (MMRec, GUME)",
  },
  batch: { default: 2048, min: 1, max: 2 ** 24, whole: true, about: "the number of triples in a step" },
  epochs: { default: 1000, min: 0, whole: true, about: "the largest number of epochs" },
  every: {
    default: 1,
    min: 1,
    whole: true,
    about: "the number of epochs from one evaluation on validation to the next",
  },
  patience: {
    default: 20,
    min: 0,
    whole: true,
    about: "the number of evaluations without improvement before training stops",
  },
  maskValidation: { default: false, about: "leave validation items out of test rankings, not only training items" },
  seed: {
    default: 123,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    whole: true,
    about: "the seed of all random numbers",
  },
};

/**
 * The two protocols by which the papers train and stop, as settings. Papers with A report `ndcgRetrieved`, papers with
 * B `ndcg`; evaluations of this library report both.
 *
 * - A, of LATTICE, MICRO and MONET: random users; an evaluation every 5 epochs, starting with the first; training stops
 *   at the 11th evaluation in a row without improvement.
 * - B, of MMRec and GUME: every interaction once an epoch; an evaluation every epoch; training stops at the 21st.
 *
 * @example
 * ```ts
 * import { configure } from "@giverny/giverny/core";
 * import { PROTOCOLS, trainingSettings } from "@giverny/giverny/train";
 * import { equal } from "node:assert/strict";
 * equal(configure(trainingSettings, PROTOCOLS.A).patience, 10);
 * ```
 */
export const PROTOCOLS: Readonly<Record<"A" | "B", Config>> = {
  A: { sampler: "user", batch: 1024, every: 5, patience: 10 },
  B: { sampler: "interaction", batch: 2048, every: 1, patience: 20 },
};
