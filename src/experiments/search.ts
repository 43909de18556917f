/**
 * The search for good settings: every combination is trained with one seed, and the best on validation is chosen.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Config } from "../core/settings.ts";
import type { Searched } from "./comparison.ts";
import { combinationsOf, type Grid } from "./grid.ts";
import type { Outcome } from "./outcome.ts";
import { removeWeights } from "./trial.ts";
import { type NamedTrial, runTrials } from "./trials.ts";
import { type CommonSettings, namedTrial, type Variant } from "./variant.ts";
import type { Workspace } from "./workspace.ts";

/**
 * The seed that combinations are trained with. It is among the seeds of the comparison, so the best is not trained
 * twice.
 */
const SEED = 1;

/** The combinations of settings to try for a variant. */
export interface Plan {
  /** The variant. */
  readonly variant: Variant;
  /** The combinations, each with its trial. */
  readonly combinations: readonly { readonly changes: Config; readonly named: NamedTrial }[];
}

/**
 * Returns the combinations for each variant whose model has a table in the grid. Settings that a variant fixes are not
 * varied.
 *
 * @throws {UsageError} if a model has no such setting, or a value is out of range.
 */
export async function planSearch(
  variants: readonly Variant[],
  grid: Grid,
  common: CommonSettings,
  workspace: Pick<Workspace, "loaded">,
): Promise<Plan[]> {
  const plans: Plan[] = [];
  for (const variant of variants) {
    const combinations = [];
    for (const changes of combinationsOf(variant.model.name, grid, variant.set.map(([name]) => name))) {
      combinations.push({ changes, named: await namedTrial(variant, common, workspace, { seed: SEED, changes }) });
    }
    if (combinations.length > 0) plans.push({ variant, combinations });
  }
  return plans;
}

/** The result of a search. */
export interface Found {
  readonly searched: readonly Searched[];
  /** The outcomes of all combinations. */
  readonly outcomes: readonly Outcome[];
}

/**
 * Trains the combinations, and chooses for each variant the one with the best R@20 on validation; of equal ones the
 * first. `null` if it was interrupted.
 *
 * @throws {ValueError} if all combinations of a model failed, or no interaction is held out for validation.
 */
export async function search(plans: readonly Plan[], workspace: Workspace): Promise<Found | null> {
  const trials = plans.flatMap(({ combinations }) => combinations.map(({ named }) => named));
  const { outcomes, interrupted } = await runTrials(trials, workspace, "validation");
  if (interrupted) return null;
  const byId = new Map(outcomes.map((outcome) => [outcome.trial.id, outcome]));
  const searched = plans.map(({ variant: { label, model }, combinations }): Searched => {
    const tried = combinations.map(({ changes, named }) => {
      const found = byId.get(named.trial.id)?.record?.results[model.name];
      return { changes, score: found?.validation?.["recall@20"] ?? null };
    });
    const best = tried.reduce((best, one) => (one.score ?? -1) > (best.score ?? -1) ? one : best);
    if (best.score !== null) return { label, tried, chosen: best.changes };
    const failure = byId.get(combinations[0].named.trial.id)?.failure ?? "nothing is held out for validation";
    throw new ValueError(
      `Cannot choose settings of ${label}: no combination has an accuracy on validation: ${failure}`,
    );
  });
  return { searched, outcomes };
}

/** Removes the weights of combinations that were tried and not chosen. */
export async function removeUnchosen(
  { outcomes }: Found,
  ranked: readonly Outcome[],
  workspace: Workspace,
): Promise<void> {
  const kept = new Set(ranked.map(({ trial }) => trial.id));
  for (const outcome of outcomes) if (!kept.has(outcome.trial.id)) await removeWeights(outcome, workspace);
}
