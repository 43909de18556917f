/**
 * The results of a sweep: a model trained at several values of one setting after the other.
 *
 * @module
 */
import type { SettingValue } from "../core/settings.ts";
import type { Row } from "./comparison.ts";
import type { Failed } from "./tried.ts";

/** The results at one value of a setting. */
export interface SweepPoint {
  /** The value. */
  readonly value: SettingValue;
  /** The model's results with it. */
  readonly row: Row;
}

/** The results along one setting. */
export interface SettingSweep {
  /** The setting. */
  readonly setting: string;
  /** The value that the model has by default. */
  readonly usual: SettingValue;
  /** The results, one per value. */
  readonly points: readonly SweepPoint[];
}

/** The results of a sweep. */
export interface Sweep {
  /** The model, and the settings given to it. */
  readonly label: string;
  /** The name of the data set. */
  readonly data: string;
  /** The protocol of training and evaluation. */
  readonly protocol: string;
  /** The command line that repeats the sweep; `null` if no command made it. */
  readonly command: string | null;
  /** When the results were put together: a time in UTC, as in `2024-05-01T12:00:00.000Z`. */
  readonly made: string;
  /** The results, one entry per setting. */
  readonly settings: readonly SettingSweep[];
  /** The trainings that failed. */
  readonly failed: readonly Failed[];
}
