/**
 * Phrases about the season, the hour, the air and the manner of a painting.
 *
 * @module
 */
import type { Air, Hour, Manner, Season } from "./painting.ts";

/** Sentences about each season. */
export const SEASON: Readonly<Record<Season, readonly string[]>> = {
  spring: [
    "everything is fresh green and the first blossom is out",
    "it is April, with tender leaves and soft ground",
    "spring has just come, and the colours are still young",
    "new shoots and pink buds give away the month",
  ],
  summer: [
    "high summer, with heavy foliage and ripe fields",
    "the leaves are dark and the heat can be felt",
    "a July of gold and deep green",
    "warm earth and full gardens, in the long days of summer",
  ],
  autumn: [
    "the foliage has turned to rust and copper",
    "an October painting in russet, brown and wine",
    "autumn has set the leaves on fire",
    "the year is fading, and what is left of the leaves is orange",
  ],
  winter: [
    "snow lies on everything and the branches are bare",
    "a winter piece, white on white with grey twigs",
    "frost has taken the colour out of the ground",
    "January, cold and still, with the first snow",
  ],
};

/** Words for each hour in titles, and sentences about its light. */
export const HOUR: Readonly<
  Record<Hour, { readonly at: string; readonly name: string; readonly says: readonly string[] }>
> = {
  dawn: {
    at: "at dawn",
    name: "sunrise",
    says: [
      "the sun is just up and the sky is rose and lavender",
      "first light, pale pink along the edge",
      "daybreak warms the air before the shadows form",
    ],
  },
  morning: {
    at: "in the morning",
    name: "morning",
    says: [
      "a light blue morning with cream near the ground",
      "clear early hours, cool and friendly",
      "the morning sun comes in from the side",
    ],
  },
  noon: {
    at: "at noon",
    name: "midday",
    says: [
      "the midday sun stands overhead in a strong blue",
      "full noon, with short shadows and nothing hidden",
      "bright daylight bleaches the colours",
    ],
  },
  dusk: {
    at: "at dusk",
    name: "evening",
    says: [
      "the sun goes down in orange and violet",
      "an evening glow, amber below and purple above",
      "sunset burns along the edge and leaves the rest in mauve",
    ],
  },
  night: {
    at: "by moonlight",
    name: "night",
    says: [
      "the moon is out and all is deep blue",
      "night has fallen, with a few pale lights",
      "a nocturne in indigo and silver",
    ],
  },
};

/** Words for the air in titles, and clauses about it; there are none for clear air. */
export const AIR: Readonly<Record<Air, { readonly title: readonly string[]; readonly says: readonly string[] }>> = {
  clear: { title: [], says: [] },
  clouds: {
    title: ["under clouds"],
    says: ["and clouds go over", "below a procession of clouds", "with white cumulus piling up"],
  },
  mist: {
    title: ["in the mist"],
    says: ["and mist softens every outline", "through a veil of haze", "with fog that swallows the distance"],
  },
};

/** Sentences about each manner. */
export const MANNER: Readonly<Record<Manner, readonly string[]>> = {
  dabs: [
    "the paint is set down in quick commas of broken colour",
    "short lively dabs flicker all over",
    "painted wet in wet out of doors, one touch next to the other",
  ],
  dots: [
    "countless dots are placed side by side and mix in the eye",
    "the surface is a mosaic of small points of pure colour",
    "patient specks, orange against blue, make up every form",
  ],
  whorls: [
    "the brush turns and swirls, thick with paint",
    "everything is caught in rolling lines that never rest",
    "impasto ridges coil through earth and sky alike",
  ],
  planes: [
    "built of slanting parallel strokes in ochre and green, like masonry",
    "each form is faceted into patches that lock together",
    "diagonal hatching constructs the space block by block",
  ],
  veils: [
    "thin washes of grey and pearl, hardly more than a breath",
    "tones are drawn across in long level veils",
    "a muted harmony, where edges melt away",
  ],
  flats: [
    "flat shapes of unbroken colour with clean outlines, bold as a poster",
    "areas of saturated paint lie next to one another without shading",
    "simplified forms in colours straight from the tube",
  ],
};
