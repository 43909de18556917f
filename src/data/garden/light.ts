/**
 * The colours of a scene under the light of a season, an hour and a state of the air.
 *
 * @module
 */
import { type Colour, mix } from "./canvas.ts";
import type { Air, Hour, Painting, Season } from "./painting.ts";

/** The colours of a scene under its light. */
export interface Light {
  /** The top of the sky. */
  readonly zenith: Colour;
  /** The sky at the horizon. */
  readonly horizon: Colour;
  /** The sun or the moon, where it is visible. */
  readonly orb: Colour | null;
  readonly cloudy: boolean;
  /** Water without reflections. */
  readonly deep: Colour;
  readonly leaf: Colour;
  readonly grass: Colour;
  /** The fields: young wheat, ripe wheat, stubble or snow. */
  readonly crop: Colour;
  readonly bloom: Colour;
  readonly earth: Colour;
  /** Whether trees have lost their leaves. */
  readonly bare: boolean;
  /** Returns a colour under this light. */
  readonly lit: (local: Colour) => Colour;
}

interface Day {
  readonly zenith: Colour;
  readonly horizon: Colour;
  readonly orb: Colour | null;
  readonly tint: Colour;
}

const DAYS: Readonly<Record<Hour, Day>> = {
  dawn: { zenith: [0.60, 0.66, 0.86], horizon: [0.99, 0.79, 0.70], orb: [1, 0.60, 0.42], tint: [0.93, 0.84, 0.92] },
  morning: { zenith: [0.50, 0.73, 0.92], horizon: [0.95, 0.94, 0.84], orb: null, tint: [1.02, 0.99, 0.90] },
  noon: { zenith: [0.24, 0.52, 0.87], horizon: [0.70, 0.86, 0.95], orb: null, tint: [1.02, 1.02, 0.98] },
  dusk: { zenith: [0.36, 0.30, 0.58], horizon: [0.99, 0.62, 0.30], orb: [1, 0.82, 0.42], tint: [0.88, 0.62, 0.56] },
  night: { zenith: [0.09, 0.14, 0.36], horizon: [0.30, 0.42, 0.64], orb: [0.99, 0.96, 0.80], tint: [0.42, 0.51, 0.74] },
};

interface Growth {
  readonly leaf: Colour;
  readonly grass: Colour;
  readonly crop: Colour;
  readonly bloom: Colour;
  readonly earth: Colour;
}

const GROWTH: Readonly<Record<Season, Growth>> = {
  spring: {
    leaf: [0.52, 0.74, 0.34],
    grass: [0.56, 0.78, 0.38],
    crop: [0.66, 0.80, 0.42],
    bloom: [0.98, 0.74, 0.82],
    earth: [0.62, 0.52, 0.40],
  },
  summer: {
    leaf: [0.18, 0.46, 0.24],
    grass: [0.44, 0.62, 0.26],
    crop: [0.94, 0.78, 0.30],
    bloom: [0.93, 0.22, 0.18],
    earth: [0.76, 0.64, 0.44],
  },
  autumn: {
    leaf: [0.82, 0.42, 0.12],
    grass: [0.66, 0.56, 0.26],
    crop: [0.80, 0.62, 0.34],
    bloom: [0.68, 0.28, 0.46],
    earth: [0.56, 0.42, 0.30],
  },
  winter: {
    leaf: [0.42, 0.37, 0.38],
    grass: [0.90, 0.93, 0.98],
    crop: [0.93, 0.94, 0.99],
    bloom: [0.80, 0.84, 0.95],
    earth: [0.80, 0.82, 0.88],
  },
};

const HAZE: Readonly<Record<Air, number>> = { clear: 0, clouds: 0.06, mist: 0.27 };

/** Returns the light of a painting. */
export function lightOf({ season, hour, air }: Painting): Light {
  const { zenith, horizon, orb, tint } = DAYS[hour];
  const { leaf, grass, crop, bloom, earth } = GROWTH[season];
  const veil = mix(horizon, [0.86, 0.87, 0.90], hour === "night" ? 0.25 : 0.6);
  const lit = ([r, g, b]: Colour): Colour => mix([r * tint[0], g * tint[1], b * tint[2]], veil, HAZE[air]);
  return {
    zenith: mix(zenith, veil, HAZE[air] * 1.6),
    horizon: mix(horizon, veil, HAZE[air]),
    orb: orb && mix(orb, veil, HAZE[air] / 2),
    cloudy: air === "clouds",
    deep: mix(zenith, lit([0.2, 0.45, 0.5]), 0.6),
    leaf: lit(leaf),
    grass: lit(grass),
    crop: lit(crop),
    bloom: lit(bloom),
    earth: lit(earth),
    bare: season === "winter",
    lit,
  };
}
