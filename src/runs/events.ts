/**
 * The events of a training. A listener receives them: a progress bar, a page, a test.
 *
 * @module
 */
import type { Score } from "../rank/block.ts";
import type { Epoch } from "./journal.ts";
import type { TrainingStatus } from "./resume_point.ts";
import type { Times } from "./profile.ts";
import type { RunRecord } from "./record.ts";

/** The training is about to take its first step. */
export interface StartEvent {
  /** The kind of the event. */
  readonly type: "start";
  /** The record of the run. */
  readonly record: RunRecord;
  /** The folder of the run; `null` for a run in memory. */
  readonly folder: string | null;
  /** The epochs that are finished already, in a run that is resumed. */
  readonly from: number;
  /** The largest number of epochs. */
  readonly epochs: number;
  /** The number of steps until then; 0 for a model that is not trained. */
  readonly steps: number;
  /** The number of trained parameters. */
  readonly parameters: number;
  /** Whether the data have validation interactions, so that the best epoch can be selected. */
  readonly selects: boolean;
  /** The bytes that the training needs, by the model's estimate; `null` for a model that gives none. */
  readonly bytes: number | null;
}

/** A step was taken. */
export interface StepEvent {
  /** The kind of the event. */
  readonly type: "step";
  /** The epoch, from 0. */
  readonly epoch: number;
  /** The number of steps taken since the start event. */
  readonly done: number;
  /** Reads the loss of the step, which waits for the device. It can be read until the listener returns. */
  readonly loss: () => Promise<number>;
}

/** An epoch has ended. */
export interface EpochEvent {
  /** The kind of the event. */
  readonly type: "epoch";
  /** The epoch's loss, time and evaluation. */
  readonly epoch: Epoch;
  /**
   * Scores every item by the parameters of this epoch, for rankings; `null` if the epoch was not evaluated. It can be
   * used until the listener returns.
   */
  readonly score: Score | null;
}

/** An epoch is safe in the folder of the run. */
export interface SavedEvent {
  /** The kind of the event. */
  readonly type: "saved";
  /** The status that was written. */
  readonly status: TrainingStatus;
  /** The time since the start event. */
  readonly times: Times;
}

/** A remark: a fallback that was taken, a measurement that takes time. */
export interface NoteEvent {
  /** The kind of the event. */
  readonly type: "note";
  /** The remark, one sentence. */
  readonly text: string;
}

/** An event of a training. */
export type TrainingEvent = StartEvent | StepEvent | EpochEvent | SavedEvent | NoteEvent;

/** A function that receives events. The training goes on when its promise resolves. */
export type Listener = (event: TrainingEvent) => void | Promise<void>;
