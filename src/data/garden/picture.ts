/**
 * The picture of a painting, in pixels.
 *
 * @module
 */
import { brushwork } from "./brush.ts";
import { blank } from "./canvas.ts";
import type { Dice } from "./dice.ts";
import { lightOf } from "./light.ts";
import type { Scene } from "./nature.ts";
import type { Motif, Painting } from "./painting.ts";
import { haystacks, mill, mountain, orchard, parasol, poppies } from "./scenes_land.ts";
import { apples, cathedral, station, street, sunflowers } from "./scenes_town.ts";
import { bridge, cliffs, harbour, lilies, poplars, sails, willow } from "./scenes_water.ts";

/** Pixels per unit of the canvas. */
const SCALE = 8;
/** Rows of pixels of every picture. */
export const HEIGHT: number = 3 * SCALE;
/** Columns of pixels of every picture. */
export const WIDTH: number = 4 * SCALE;

const SCENES: Readonly<Record<Motif, (scene: Scene) => void>> = {
  lilies,
  bridge,
  willow,
  poplars,
  haystacks,
  poppies,
  orchard,
  mountain,
  mill,
  parasol,
  cathedral,
  station,
  street,
  harbour,
  sails,
  cliffs,
  sunflowers,
  apples,
};

/** Returns the picture of a painting: height × width × 3 bytes. */
export function draw(painting: Painting, roll: Dice): Uint8ClampedArray {
  const canvas = blank(SCALE);
  SCENES[painting.motif]({ canvas, light: lightOf(painting), roll });
  brushwork(canvas, painting.manner, roll);
  const bytes = new Uint8ClampedArray(canvas.pixels.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = 255 * canvas.pixels[k];
  return bytes;
}
