/**
 * The bounds of requests to a server.
 *
 * @module
 */
/** The bounds of requests. */
export interface Limits {
  /** The most items of a list; 1,000 by default. */
  readonly k: number;
  /** The most items of a list with reasons; 50 by default. */
  readonly explained: number;
  /** The most ids in a history, of candidates, or of exclusions; 10,000 by default. */
  readonly ids: number;
  /** The most interactions in a request; 1,000 by default. */
  readonly interactions: number;
  /** The most bytes of a body; 1 MiB by default. */
  readonly body: number;
  /** The most bytes of a request's headers; 16 KiB by default. */
  readonly headers: number;
  /** The most connections at once; 1,000 by default. */
  readonly connections: number;
  /** The seconds for a client to send a request or to read an answer; 10 by default. */
  readonly seconds: number;
  /** The most requests that are scored as one block; 64 by default. */
  readonly block: number;
  /** The most requests that wait for their block; 2,000 by default. */
  readonly waiting: number;
}

/** The bounds of requests by default. */
export const LIMITS: Limits = {
  k: 1000,
  explained: 50,
  ids: 10_000,
  interactions: 1000,
  body: 2 ** 20,
  headers: 2 ** 14,
  connections: 1000,
  seconds: 10,
  block: 64,
  waiting: 2000,
};
