/**
 * A stream of random numbers, for pictures and texts whose number of draws is not known in advance.
 *
 * @module
 */
import { bits, foldIn, type Key } from "../../core/random.ts";

/** A function that returns the next number of a stream, uniform in [0, 1). */
export type Dice = () => number;

const BLOCK = 32;

/** Returns the stream of a key. The same key gives the same numbers in the same order. */
export function dice(key: Key): Dice {
  let drawn = 0, words = new Uint32Array();
  return () => {
    if (drawn % BLOCK === 0) words = bits(foldIn(key, drawn / BLOCK), BLOCK);
    return words[drawn++ % BLOCK] * 2 ** -32;
  };
}

/** Returns an element of a list; all are equally likely. */
export function pick<T>(roll: Dice, list: readonly T[]): T {
  return list[Math.floor(roll() * list.length)];
}

/** Returns a number uniform in [low, high). */
export function between(roll: Dice, low: number, high: number): number {
  return low + (high - low) * roll();
}

/** Returns a whole number from `low` to `high`, both included. */
export function count(roll: Dice, low: number, high: number): number {
  return low + Math.floor(roll() * (high - low + 1));
}
