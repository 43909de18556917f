/**
 * Phrases about the subject of a painting.
 *
 * @module
 */
import type { Motif } from "./painting.ts";

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
