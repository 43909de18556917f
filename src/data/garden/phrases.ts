/**
 * What can be said of a subject, a season, an hour, the air and a hand.
 *
 * @module
 */
import type { Air, Hour, Manner, Motif, Season } from "./painting.ts";

/** Titles of each subject, and sentences about it. */
export const MOTIF: Readonly<Record<Motif, { readonly titles: readonly string[]; readonly says: readonly string[] }>> =
  {
    lilies: {
      titles: ["Water lilies", "The lily pond", "Lilies on still water"],
      says: [
        "lily pads drift over the pond and the flowers open between them",
        "there is no shore, only floating leaves, blossoms and the sky upside down",
        "round leaves and pale petals lie scattered on the surface of a pool",
      ],
    },
    bridge: {
      titles: ["The footbridge", "The Japanese bridge", "Bridge over the pond"],
      says: [
        "a green wooden bridge arches from bank to bank above the lily pads",
        "the curve of the footbridge is closed to a ring by its own reflection in the pond",
        "a bowed railing crosses the water garden under dense trees",
      ],
    },
    willow: {
      titles: ["Weeping willow", "The old willow", "Willow by the water"],
      says: [
        "a willow lets its branches trail into the water",
        "long strands hang from the old tree like a curtain before the pond",
        "the weeping tree leans over its small island and its twigs touch the surface",
      ],
    },
    poplars: {
      titles: ["Poplars", "Poplars on the bank", "Row of poplars"],
      says: [
        "tall poplars stand in a row along the river and again in it, head down",
        "slender trunks divide the view like the bars of a song, and the stream repeats them",
        "a file of trees, straight as masts, follows the bend of the bank",
      ],
    },
    haystacks: {
      titles: ["Haystacks", "Grainstacks", "Stacks of wheat"],
      says: [
        "stacks of straw sit in the field like small thatched houses, their shadows long beside them",
        "grain has been heaped into cones after the harvest and waits for the thresher",
        "nothing but hay, stubble and a line of hills behind",
      ],
    },
    poppies: {
      titles: ["Poppy field", "Poppies", "Field with poppies"],
      says: [
        "red poppies run down the slope, and a woman and a child walk through them",
        "the meadow is strewn with scarlet flowers up to a line of trees",
        "two walkers wade in wild flowers, hats bright above the grass",
      ],
    },
    orchard: {
      titles: ["The orchard", "Fruit trees", "Plum trees in rows"],
      says: [
        "round crowns of plum and pear stand in rows on the grass",
        "an orchard behind the farm, each tree in the pool of its shadow",
        "fruit trees with short trunks march up the hillside",
      ],
    },
    mountain: {
      titles: ["The mountain", "The white mountain", "View of the mountain"],
      says: [
        "the bare mountain rises over a plain with red roofs and round bushes",
        "a single peak of limestone looks down on farms and fields",
        "beyond the valley the rock lifts its pale flank into the sky",
      ],
    },
    mill: {
      titles: ["The windmill", "Mill and flower fields", "The old mill"],
      says: [
        "a windmill turns its sails over stripes of tulips",
        "bands of flowers lead to the miller's tower and its four wings",
        "flat country, dark mill, and the colours of the bulb fields drawn with a ruler",
      ],
    },
    parasol: {
      titles: ["Woman with a parasol", "The walk", "The green parasol"],
      says: [
        "a woman under a parasol stops on the hill and looks down at us, her dress blown sideways",
        "a lady in a light dress holds her sunshade against the sky",
        "seen from below, a figure with an umbrella of green silk crosses the long grass",
      ],
    },
    cathedral: {
      titles: ["The cathedral", "The cathedral front", "Portal and towers"],
      says: [
        "the west front of the cathedral fills the frame with towers, portals and a rose window",
        "old stone carved like lace climbs between two unequal towers",
        "a gothic façade seen from a window across the square",
      ],
    },
    station: {
      titles: ["The railway station", "Arrival of the train", "Engine under glass"],
      says: [
        "a locomotive waits under the glass roof in its own steam",
        "smoke rolls up between iron pillars while the train comes in along the rails",
        "the station hall is full of vapour, and behind it stand the houses of the quarter",
      ],
    },
    street: {
      titles: ["The boulevard", "Street in the old town", "The long street"],
      says: [
        "people hurry down the boulevard between tall houses with slate roofs",
        "façades and rows of windows run together at the end of the street",
        "the town seen from a balcony: pavements, coats, shutters",
      ],
    },
    harbour: {
      titles: ["The harbour", "Impression of the port", "Boats in harbour"],
      says: [
        "masts and cranes dissolve behind a rowing boat in the harbour",
        "a path of light lies on the water of the port and small black boats cross it",
        "ships at anchor, quays, and a man who sculls home",
      ],
    },
    sails: {
      titles: ["Regatta", "Sailing boats", "Sails on the river"],
      says: [
        "sailing boats tack in the basin, and the water breaks their sails into slabs",
        "a regatta with tall triangular canvas and hulls that lean",
        "yachts wait for the wind, each standing on its own image",
      ],
    },
    cliffs: {
      titles: ["The cliffs", "Arch and needle", "Chalk cliffs"],
      says: [
        "chalk cliffs step into the sea through an arch, and a needle of rock stands apart",
        "the coast breaks off in white walls, with grass above and surf beneath",
        "waves work at the gate they have cut through the headland",
      ],
    },
    sunflowers: {
      titles: ["Sunflowers", "Sunflowers in a jar", "Bouquet of sunflowers"],
      says: [
        "sunflowers crowd an earthenware jar, some upright, some tired",
        "yellow petals around brown discs, a bouquet set down before a plain wall",
        "a vase on the table and cut flowers from the yard that turn every way",
      ],
    },
    apples: {
      titles: ["Apples on a cloth", "Still life with apples", "Apples and a bottle"],
      says: [
        "apples roll about on a rumpled white cloth beside a dark bottle",
        "a still life of fruit and glass, where the table tilts a little",
        "red, yellow and green fruit set out on linen in the kitchen",
      ],
    },
  };

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

/** How titles speak of each hour, and sentences about its light. */
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

/** How titles speak of the air, and clauses about it; clear air goes without saying. */
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
