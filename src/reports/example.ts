/**
 * A comparison and a sweep with made-up numbers, to try reports with.
 *
 * @module
 */
import { defaultsOf } from "../core/settings.ts";
import type { Comparison, Row } from "../experiments/comparison.ts";
import { spread } from "../experiments/spread.ts";
import type { Sweep } from "../experiments/sweep.ts";
import { trainingSettings } from "../train/settings.ts";

/** A time in UTC. */
const MADE = "2024-05-01T12:00:00.000Z";

const upTo = (length: number): number[] => Array.from({ length }, (_, n) => n);

/**
 * Returns the row of a model, given its R@20 and the p of its difference from the best; one that is not trained has one
 * seed.
 */
function row(model: string, recall: number, p: number | null, seeds: number, epochs = 8): Row {
  const over = (value: number) => spread(upTo(seeds).map((n) => value * (1 + 0.02 * ((3 * n + 2) % 5 - 2))));
  const scales = { "recall@10": 0.6, "recall@20": 1, "precision@20": 0.06, "ndcg@20": 0.45, "coverage@20": 3.2 };
  const difference = recall - 0.244;
  const against = p === null
    ? null
    : { mean: difference, error: 0.004, pT: p, d: 8 * difference, pWilcoxon: p, r: 6 * difference };
  const epochAt = (e: number, seed: number): Row["epochs"][number][number] => {
    const validation = { "recall@20": recall * (1 - Math.exp(-(e + 1 + seed / 4) / 2)) };
    const times = { seconds: 0.5, evaluationSeconds: 0.1, checkpointSeconds: 0.05 };
    return { epoch: e + 1, loss: 0.7 * Math.exp(-e / 4), lr: 1e-3, ...times, validation, best: true };
  };
  return {
    label: model,
    model,
    settings: {},
    config: defaultsOf(trainingSettings),
    seeds: upTo(seeds).map((n) => n + 1),
    test: Object.fromEntries(Object.entries(scales).map(([name, scale]) => [name, over(scale * recall)])),
    groups: upTo(5).map((n) => over(recall * (1.3 - 0.2 * n))),
    validation: epochs > 0 ? over(recall * 1.03) : null,
    cost: {
      parameters: epochs > 0 ? 100_000 : 0,
      secondsPerEpoch: epochs > 0 ? over(0.5) : null,
      epochs: spread([epochs]),
      seconds: epochs > 0 ? over(3000 * recall ** 3) : spread([0]),
      bytes: 4e7,
      resident: 3e8,
    },
    against: { "recall@20": against, "ndcg@20": against },
    published: [],
    epochs: upTo(seeds).map((seed) => upTo(epochs).map((e) => epochAt(e, seed))),
  };
}

/**
 * Returns a comparison of four models with made-up numbers. Its second model ties with the first.
 *
 * @example
 * ```ts
 * import { exampleComparison } from "@giverny/giverny/reports";
 * import { equal } from "node:assert/strict";
 * equal(exampleComparison().rows.length, 4);
 * ```
 */
export function exampleComparison(): Comparison {
  return {
    data: {
      name: "garden",
      fingerprint: "0".repeat(64),
      users: 600,
      items: 400,
      interactions: { train: 7693, validation: 961, test: 962, all: 9616 },
      coldItems: 0,
    },
    protocol: "A",
    command: null,
    made: MADE,
    versions: {},
    device: "no device: the numbers are made up",
    rows: [
      row("monet", 0.244, null, 5),
      row("lattice", 0.239, 0.21, 5),
      row("bprmf", 0.171, 0.0002, 5),
      row("popularity", 0.094, 0.0001, 1, 0),
    ],
    failed: [],
    others: [],
    searches: [],
  };
}

/**
 * Returns a sweep of one setting with made-up numbers.
 *
 * @example
 * ```ts
 * import { exampleSweep } from "@giverny/giverny/reports";
 * import { equal } from "node:assert/strict";
 * equal(exampleSweep().settings[0].points.length, 5);
 * ```
 */
export function exampleSweep(): Sweep {
  const points = [0, 0.5, 1, 1.5, 2].map((value) => ({
    value,
    row: row("monet", 0.244 - 0.02 * (value - 1) ** 2, null, 1),
  }));
  return {
    label: "monet",
    data: "garden",
    protocol: "A",
    command: null,
    made: MADE,
    settings: [{ setting: "alpha", usual: 1, points }],
    failed: [],
  };
}
