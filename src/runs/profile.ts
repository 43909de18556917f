/**
 * The time that a training takes, and the kernels that take it.
 *
 * @module
 */
import type { Profile } from "../../kernels/mod.ts";
import { addedUp, type ProfileLine } from "../../kernels/profile.ts";

/** The parts of a training: its steps, with all work between them, and its evaluations on validation. */
const PARTS: readonly TrainingPart[] = ["steps", "validation"];

/** A part of a training. */
export type TrainingPart = "steps" | "validation";

/** The time of a part of a training. */
export interface PartProfile {
  /** The part. */
  readonly part: TrainingPart;
  /** The time in all. */
  readonly milliseconds: number;
  /** The time during which no kernel ran. */
  readonly outside: number;
  /** The calls of kernels, the longest first. */
  readonly kernels: readonly ProfileLine[];
}

/** The time of a training, part by part. A training without evaluations has one part. */
export type TrainingProfile = readonly PartProfile[];

/** The time of each part of a training, in milliseconds. */
export type Times = Readonly<Record<TrainingPart, number>>;

/** A stopwatch that runs while a training does. */
export interface Stopwatch {
  /** Runs work and counts its time as validation. */
  readonly validating: <T>(work: () => Promise<T>) => Promise<T>;
  /** Returns the times so far. */
  readonly times: () => Times;
  /** Returns the times, and the profile: `null` if the device keeps none. */
  readonly stop: () => { readonly times: Times; readonly profile: TrainingProfile | null };
}

/** Starts a stopwatch. `profile` is the device's, if it keeps one. */
export function startStopwatch(profile: Profile | undefined, now: () => number): Stopwatch {
  const times: Record<TrainingPart, number> = { steps: 0, validation: 0 };
  const lines: Record<TrainingPart, ProfileLine[]> = { steps: [], validation: [] };
  let since = now();
  profile?.take();
  const lap = (part: TrainingPart): void => {
    const time = now();
    times[part] += time - since;
    since = time;
    if (profile) lines[part] = addedUp([...lines[part], ...profile.take()]);
  };
  return {
    validating: async (work) => {
      lap("steps");
      const result = await work();
      lap("validation");
      return result;
    },
    times: () => {
      lap("steps");
      return { ...times };
    },
    stop: () => {
      lap("steps");
      const parts = PARTS.filter((part) => part === "steps" || lines[part].length > 0).map((part) => ({
        part,
        milliseconds: times[part],
        outside: times[part] - lines[part].reduce((sum, { milliseconds }) => sum + milliseconds, 0),
        kernels: lines[part],
      }));
      return { times: { ...times }, profile: profile ? parts : null };
    },
  };
}
