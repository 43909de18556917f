/**
 * A training made ready, with nothing written yet: whatever is wrong with data, settings or device shows here.
 *
 * @module
 */
import type { Choice } from "../../../kernels/mod.ts";
import { type Key, key, split } from "../../core/random.ts";
import { leaves, type Tree } from "../../core/tree.ts";
import type { Sampler } from "../../data/batch.ts";
import { type Dataset, histories } from "../../data/dataset.ts";
import { type Model, models, samplerOf } from "../../models/mod.ts";
import { adam } from "../../train/adam.ts";
import { constrained } from "../../train/constrain.ts";
import type { Optimizer, Training } from "../../train/optimizer.ts";
import { exponential, type Schedule } from "../../train/schedule.ts";
import { sgd } from "../../train/sgd.ts";
import type { RunConfig } from "./config.ts";
import { unknownName } from "../shell/failure.ts";

/** All that a training follows from. */
export interface Task {
  readonly model: Model;
  readonly config: RunConfig;
  readonly data: Dataset;
  readonly device: Choice;
  readonly context: unknown;
  readonly start: Training<Tree>;
  readonly optimizer: Optimizer;
  readonly rate: Schedule;
  /** Where batches come from; `null` for a model without parameters, which is not trained. */
  readonly batches: Sampler | null;
  readonly key: Key;
}

/** Returns the task of training a model on data. The seed of its settings decides everything random. */
export async function taskOf(model: Model, config: RunConfig, data: Dataset, device: Choice): Promise<Task> {
  const [initial, drawing] = split(key(config.seed));
  const context = await model.prepare(data, config, device);
  const plain = { adam, sgd }[config.optimizer]();
  const optimizer = model.constrain ? constrained(plain, model.constrain) : plain;
  const start = optimizer.start(model.init(initial, context));
  const trained = leaves(start.params).length > 0;
  return {
    model,
    config,
    data,
    device,
    context,
    start,
    optimizer,
    rate: exponential(config.lr, { factor: config.decay }),
    batches: trained ? samplerOf(model, histories(data, "train"), config, config) : null,
    key: drawing,
  };
}

/**
 * Returns the model of this name.
 *
 * @throws {Misuse} if there is none, with the nearest name.
 */
export function modelNamed(name: string, what = "train the model"): Model {
  if (!Object.hasOwn(models, name)) throw unknownName(what, name, Object.keys(models));
  return models[name];
}
