/**
 * What the page and its worker say to each other.
 *
 * @module
 */

/** The machines to choose from. */
export type Machine = "webgpu" | "wasm";

/** What the page asks of the worker: to train from the start on a machine, or to end the training. */
export type Order = { readonly kind: "train"; readonly machine: Machine } | { readonly kind: "stop" };

/** What there is to see before anything is learned. Users and items are positions, as everywhere in the library. */
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
  /** How many epochs a training has. */
  readonly epochs: number;
}

/** What computes, as it said itself. */
export interface Opened {
  /** What was asked for. */
  readonly asked: Machine;
  /** What answered. */
  readonly name: string;
  /** One line for people. */
  readonly about: string;
  /** Why this one. */
  readonly reason: string;
  /** How many threads it may use. */
  readonly threads: number;
  /** Whether it is made for this: `false` for a processor that works as a GPU. */
  readonly hardware: boolean;
}

/** The state of a training after some epochs. */
export interface Judged {
  /** How many epochs are done; 0 before the first step. */
  readonly epochs: number;
  /** The mean loss of the last of them; `null` before the first. */
  readonly loss: number | null;
  /** Milliseconds per step in the last of them; `null` before the first. */
  readonly milliseconds: number | null;
  /** How many threads have started. */
  readonly threads: number;
  /** Recall@20 on validation: the mean over users with validation items. */
  readonly recall: number;
  /** The best items for each user, best first. */
  readonly lists: readonly Int32Array[];
}

/** What the worker tells the page. */
export type News =
  | { readonly kind: "garden"; readonly garden: Garden }
  | { readonly kind: "opened"; readonly opened: Opened }
  /** A step's loss, and where in the training it was, in epochs. */
  | { readonly kind: "step"; readonly at: number; readonly loss: number }
  | { readonly kind: "judged"; readonly judged: Judged }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly message: string };
