/**
 * A training that is ready for its first step. Nothing is written yet: errors in data, settings and device show here.
 *
 * @module
 */
import type { Choice } from "../../kernels/mod.ts";
import { type Key, key, split } from "../core/random.ts";
import { leaves, type Tree } from "../core/tree.ts";
import type { Sampler } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { type Model, samplerOf } from "../models/mod.ts";
import { adam, adamw } from "../train/adam.ts";
import { constrained } from "../train/constrain.ts";
import type { Optimizer, Training } from "../train/optimizer.ts";
import { cosine, exponential, type Schedule, warmUp } from "../train/schedule.ts";
import { sgd } from "../train/sgd.ts";
import type { RunConfig } from "./settings.ts";

/** All that a training follows from. */
export interface TrainingSetup {
  readonly model: Model;
  readonly config: RunConfig;
  readonly data: Dataset;
  readonly device: Choice;
  /** The model's context: graphs and features on the device. */
  readonly context: unknown;
  /** The initial parameters and the optimizer's memory. */
  readonly start: Training<Tree>;
  readonly optimizer: Optimizer;
  readonly rate: Schedule;
  /** The source of batches; `null` for a model without parameters, which is not trained. */
  readonly batches: Sampler | null;
  /** All randomness of the steps. */
  readonly key: Key;
}

/** The schedules by the name that the setting gives them. */
const SCHEDULES: Readonly<Record<RunConfig["schedule"], (config: RunConfig) => Schedule>> = {
  exponential: ({ lr, decay }) => exponential(lr, { factor: decay }),
  cosine: ({ lr, epochs }) => cosine(lr, { epochs }),
};

/**
 * Prepares the training of a model on data. All randomness follows from the seed in the settings.
 *
 * @throws as the model's `prepare` and the samplers do.
 */
export async function setUpTraining(
  model: Model,
  config: RunConfig,
  data: Dataset,
  device: Choice,
): Promise<TrainingSetup> {
  const [initial, drawing] = split(key(config.seed));
  const context = await model.prepare(data, config, device);
  const plain = { adam, adamw: () => adamw({ weightDecay: config.weightDecay }), sgd }[config.optimizer]();
  const optimizer = model.constrain ? constrained(plain, model.constrain) : plain;
  const start = optimizer.start(model.init(initial, context));
  const history = histories(data, "train");
  return {
    model,
    config,
    data,
    device,
    context,
    start,
    optimizer,
    rate: warmUp(SCHEDULES[config.schedule](config), config.warmup),
    batches: leaves(start.params).length > 0
      ? samplerOf(model, history, config, { ...config, users: data.users })
      : null,
    key: drawing,
  };
}
