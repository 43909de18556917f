/**
 * Requests that arrive together are answered together: the scores of many people cost little more than the scores of a
 * single person.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** The options of {@link batched}. */
export interface BatchOptions {
  /** The most requests in a block. */
  readonly most: number;
  /** The most requests that wait. */
  readonly waiting: number;
  /** Receives the size of each block. */
  readonly sized?: ((size: number) => void) | undefined;
}

/** Refuses a request, because too many wait. */
export class TooBusy extends Error {
  override readonly name = "TooBusy";
}

/** A request that waits for its block. */
interface Waiting<A, B> {
  readonly request: A;
  readonly resolve: (answer: B) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Returns a function that answers requests by blocks, in the order of arrival. A block begins when the former has ended
 * and the event loop has read its sockets, so no request waits for others that may not come. Where a block fails, its
 * requests are answered one by one, and only those that fail alone fail.
 *
 * @throws {TooBusy} through the promise, if too many requests wait.
 */
export function batched<A, B>(
  answer: (requests: readonly A[]) => Promise<readonly B[]>,
  { most, waiting: bound, sized = () => {} }: BatchOptions,
): (request: A) => Promise<B> {
  const waiting: Waiting<A, B>[] = [];
  let running = false;
  const settle = async (block: readonly Waiting<A, B>[]): Promise<void> => {
    try {
      const answers = await answer(block.map(({ request }) => request));
      block.forEach(({ resolve }, n) => resolve(answers[n]));
    } catch (error) {
      if (block.length === 1) block[0].reject(error);
      else for (const one of block) await settle([one]);
    }
  };
  const work = async (): Promise<void> => {
    for (; waiting.length > 0; await turn()) {
      const block = waiting.splice(0, most);
      sized(block.length);
      await settle(block);
    }
    running = false;
  };
  return (request) => {
    if (waiting.length >= bound) return Promise.reject(new TooBusy(`${bound} requests wait already`));
    const promise = new Promise<B>((resolve, reject) => waiting.push({ request, resolve, reject }));
    if (!running) {
      running = true;
      turn().then(work);
    }
    return promise;
  };
}

/** Lets the event loop read its sockets. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
