/**
 * Many trials, one after the other. Trials that are trained already are not trained again, and an interruption keeps
 * the rest.
 *
 * @module
 */
import type { Outcome, Purpose, Trial } from "./outcome.ts";
import { outcomeOf, runTrial } from "./trial.ts";
import type { Workspace } from "./workspace.ts";

/** A trial and its name for people. */
export interface NamedTrial {
  /** The name for people. */
  readonly label: string;
  /** The trial. */
  readonly trial: Trial;
}

/** The outcomes of trials, in their order. */
export interface Outcomes {
  readonly outcomes: readonly Outcome[];
  /** Whether an interruption came before the last; the outcomes are those of the trials before it. */
  readonly interrupted: boolean;
}

/** Runs the trials that are missing. Equal trials run once. */
export async function runTrials(
  trials: readonly NamedTrial[],
  workspace: Workspace,
  purpose: Purpose,
): Promise<Outcomes> {
  const { events, signal, now } = workspace;
  const missing = await notDone(trials, workspace, purpose);
  await events({ type: "trials", total: missing.size });
  const found = new Map<string, Outcome>();
  let done = 0;
  try {
    for (const { label, trial } of trials) {
      if (found.has(trial.id)) continue;
      if (signal.aborted) return { outcomes: [...found.values()], interrupted: true };
      const since = now();
      const outcome = await runTrial(trial, workspace, {
        purpose,
        events: (event) => events({ type: "training", label, done, event }),
      });
      if (outcome === "interrupted") return { outcomes: [...found.values()], interrupted: true };
      found.set(trial.id, outcome);
      if (!missing.has(trial.id)) continue;
      done++;
      await events({ type: "trial", label, outcome, milliseconds: now() - since });
    }
  } finally {
    await events({ type: "end" });
  }
  return { outcomes: [...found.values()], interrupted: false };
}

async function notDone(
  trials: readonly NamedTrial[],
  workspace: Workspace,
  purpose: Purpose,
): Promise<Set<string>> {
  const missing = new Set<string>();
  for (const { trial } of trials) if (!await outcomeOf(trial, workspace, purpose)) missing.add(trial.id);
  return missing;
}
