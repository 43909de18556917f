/**
 * The messages between the page and its worker.
 *
 * @module
 */

/** The devices that the page offers. */
export type PageDevice = "webgpu" | "wasm";

/** A message of the page: train from the start on a device, or end the training. */
export type Order = { readonly kind: "train"; readonly device: PageDevice } | { readonly kind: "stop" };

/** The data set, as the page shows it. Users and items are numbers, as everywhere in the library. */
export interface Garden {
  /** The ids of the users. */
  readonly users: readonly string[];
  /** The titles of the items. */
  readonly titles: readonly string[];
  /** Small pictures of the items: items × height × width × 3 bytes, red, green, blue. */
  readonly pictures: { readonly height: number; readonly width: number; readonly pixels: Uint8Array };
  /** The training items of each user. */
  readonly history: readonly Int32Array[];
  /** The validation items of each user, which training never sees. */
  readonly heldOut: readonly Int32Array[];
  /** Recall@20 of the popularity ranking on validation. */
  readonly popularity: number;
  /** The number of epochs of a training. */
  readonly epochs: number;
}

/** The device that computes. */
export interface Opened {
  /** The device that the page asked for. */
  readonly asked: PageDevice;
  /** The device that was opened. */
  readonly name: string;
  /** One line that describes it. */
  readonly about: string;
  /** The reason for this device. */
  readonly reason: string;
  /** The largest number of threads that it uses. */
  readonly threads: number;
  /** Whether it is hardware: `false` for a processor that emulates a GPU. */
  readonly hardware: boolean;
}

/** The evaluation of a training after an epoch. */
export interface Evaluated {
  /** The number of finished epochs; 0 before the first step. */
  readonly epochs: number;
  /** The mean loss of the last epoch; `null` before the first. */
  readonly loss: number | null;
  /** Milliseconds per step in the last epoch; `null` before the first. */
  readonly milliseconds: number | null;
  /** The number of threads that have started. */
  readonly threads: number;
  /** Recall@20 on validation: the mean over users with validation items. */
  readonly recall: number;
  /** The best items for each user, best first. */
  readonly lists: readonly Int32Array[];
}

/** A message of the worker. */
export type Message =
  | { readonly kind: "garden"; readonly garden: Garden }
  | { readonly kind: "opened"; readonly opened: Opened }
  /** The loss of a step, and the position of the step in the training, in epochs. */
  | { readonly kind: "step"; readonly at: number; readonly loss: number }
  | { readonly kind: "evaluated"; readonly evaluated: Evaluated }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly message: string };
