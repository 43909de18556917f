/**
 * The settings of a training run, whatever the model. A model brings those its paper trains it with; see `Model.training`.
 *
 * @module
 */
import type { Config, Settings } from "../core/settings.ts";

/** How a model is trained, stopped and judged. */
export type TrainingConfig = Config & {
  readonly optimizer: "adam" | "sgd";
  readonly lr: number;
  readonly decay: number;
  readonly sampler: "user" | "interaction";
  readonly batch: number;
  readonly epochs: number;
  readonly every: number;
  readonly patience: number;
  readonly maskValidation: boolean;
  readonly seed: number;
};

/** The settings of a training run. */
export const trainingSettings: Settings<TrainingConfig> = {
  optimizer: { default: "adam", choices: ["adam", "sgd"], about: "how gradients become steps" },
  lr: { default: 1e-3, min: 0, about: "the learning rate" },
  decay: { default: 1, min: 0, max: 1, about: "what the rate is multiplied by in 50 epochs, a little each epoch" },
  sampler: {
    default: "interaction",
    choices: ["user", "interaction"],
    about:
      "user: random users, one of their items each (LATTICE, MONET); interaction: every interaction once (MMRec, GUME)",
  },
  batch: { default: 2048, min: 1, whole: true, about: "triples in a step" },
  epochs: { default: 1000, min: 0, whole: true, about: "the most epochs" },
  every: { default: 1, min: 1, whole: true, about: "epochs from one evaluation on validation to the next" },
  patience: { default: 20, min: 0, whole: true, about: "evaluations without improvement before the one that stops" },
  maskValidation: { default: false, about: "leave validation items out of test rankings, beside training items" },
  seed: {
    default: 123,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    whole: true,
    about: "all randomness of the run follows from it",
  },
};

/**
 * The two ways in which the papers train and stop, as settings. They judge differently too: A reports `ndcgRetrieved`, B
 * `ndcg`; here every evaluation reports both.
 *
 * - A, of LATTICE, MICRO and MONET: random users; an evaluation every 5 epochs, beginning with the first; stopped by the 11th
 *   in a row that does not improve.
 * - B, of MMRec and GUME: every interaction once an epoch; an evaluation every epoch; stopped by the 21st.
 */
export const PROTOCOLS: Readonly<Record<"A" | "B", Config>> = {
  A: { sampler: "user", batch: 1024, every: 5, patience: 10 },
  B: { sampler: "interaction", batch: 2048, every: 1, patience: 20 },
};
