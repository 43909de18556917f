/**
 * A stream of random numbers for drawing and telling, where the number of draws is not known beforehand.
 *
 * @module
 */
import { bits, foldIn, type Key } from "../../core/random.ts";

/** Returns the next number of a stream, uniform in [0, 1). */
export type Dice = () => number;

const BLOCK = 32;

/** Returns the stream of a key: the same key, the same numbers in the same order. */
export function dice(key: Key): Dice {
  let drawn = 0, words = new Uint32Array();
  return () => {
    if (drawn % BLOCK === 0) words = bits(foldIn(key, drawn / BLOCK), BLOCK);
    return words[drawn++ % BLOCK] * 2 ** -32;
  };
}

/** Returns one element of a list, each equally likely. */
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
