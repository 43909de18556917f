/**
 * The facets of a painting: subject, season, hour, air and manner. Its words and its picture follow from them.
 *
 * @module
 */
import { type Dice, pick } from "./dice.ts";

/** The subjects. */
export const MOTIFS = [
  "lilies",
  "bridge",
  "willow",
  "poplars",
  "haystacks",
  "poppies",
  "orchard",
  "mountain",
  "mill",
  "parasol",
  "cathedral",
  "station",
  "street",
  "harbour",
  "sails",
  "cliffs",
  "sunflowers",
  "apples",
] as const;

/** The times of the year. */
export const SEASONS = ["spring", "summer", "autumn", "winter"] as const;

/** The times of the day. */
export const HOURS = ["dawn", "morning", "noon", "dusk", "night"] as const;

/** The states of the air. */
export const AIRS = ["clear", "clouds", "mist"] as const;

/** The manners of painting, each with a palette: broken colour, dots, whorls, slanting planes, veils, flat shapes. */
export const MANNERS = ["dabs", "dots", "whorls", "planes", "veils", "flats"] as const;

/** A subject. */
export type Motif = typeof MOTIFS[number];
/** A time of the year. */
export type Season = typeof SEASONS[number];
/** A time of the day. */
export type Hour = typeof HOURS[number];
/** A state of the air. */
export type Air = typeof AIRS[number];
/** A way of painting. */
export type Manner = typeof MANNERS[number];

/** One painting. */
export interface Painting {
  readonly motif: Motif;
  readonly season: Season;
  readonly hour: Hour;
  readonly air: Air;
  readonly manner: Manner;
}

/** Returns a painting, every facet drawn independently. */
export function imagine(roll: Dice): Painting {
  return {
    motif: pick(roll, MOTIFS),
    season: pick(roll, SEASONS),
    hour: pick(roll, HOURS),
    air: pick(roll, AIRS),
    manner: pick(roll, MANNERS),
  };
}
