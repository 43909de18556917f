/**
 * Parts of several scenes: sky, water with its reflections, fields, trees.
 *
 * @module
 */
import {
  type Canvas,
  type Colour,
  colourAt,
  ellipse,
  ground,
  line,
  mix,
  paint,
  placed,
  type Point,
  stroke,
} from "./canvas.ts";
import { between, count, type Dice } from "./dice.ts";
import type { Light } from "./light.ts";

/** The canvas and the light of a scene, and the dice that place its objects. */
export interface Scene {
  readonly canvas: Canvas;
  readonly light: Light;
  readonly roll: Dice;
}

/** Calls a function `n` times. */
export function times(n: number, action: (k: number) => void): void {
  for (let k = 0; k < n; k++) action(k);
}

/** Returns a colour lighter (up to 1) or darker (down to −1). */
export function shade(colour: Colour, by: number): Colour {
  return mix(colour, by < 0 ? [0.06, 0.06, 0.14] : [1, 0.98, 0.92], Math.abs(by));
}

/** Paints the sky down to a horizon, with its sun, moon or clouds. */
export function sky({ canvas, light, roll }: Scene, horizon: number): void {
  ground(canvas, [-0.1, horizon], light.zenith, light.horizon);
  if (light.orb) {
    const at: Point = [between(roll, 0.6, 3.4), horizon * between(roll, 0.3, 0.55)];
    ellipse(canvas, at, [0.42, 0.42], light.orb, 0.25);
    ellipse(canvas, at, [0.2, 0.2], light.orb);
  }
  times(light.cloudy ? count(roll, 4, 6) : 0, () => {
    const cloud = placed(canvas, [between(roll, 0, 4), horizon * between(roll, 0.12, 0.7)], between(roll, 0.7, 1.2));
    const lit = shade(mix(light.horizon, light.zenith, 0.15), 0.45);
    ellipse(cloud, [0, 0.06], [0.5, 0.11], shade(light.zenith, -0.12), 0.5);
    ellipse(cloud, [0, 0], [0.5, 0.11], lit, 0.85);
    ellipse(cloud, [0.1, -0.1], [0.25, 0.12], lit, 0.85);
  });
}

/** Paints water below a shore: a reflection of the canvas above it, of a given clarity. */
export function water(scene: Scene, shore: number, clear = 0.62): void {
  const { canvas, light } = scene;
  const above = { ...canvas, pixels: canvas.pixels.slice() };
  const mirrored = (x: number, y: number) => {
    const seen = colourAt(above, [x + 0.05 * Math.sin(y * 19), Math.max(0, 2 * shore - y)]);
    return mix(light.deep, seen, clear * (1 - 0.1 * (y - shore)));
  };
  paint(canvas, [0, shore, 4, 3], (_, y) => shore - y, mirrored);
  ripples(scene, shore);
}

/** Paints level lines, light and dark, on the water below a shore. */
export function ripples({ canvas, light, roll }: Scene, shore: number): void {
  times(26, () => {
    const x = between(roll, 0, 4), y = between(roll, shore + 0.06, 3), wide = between(roll, 0.1, 0.4);
    const colour = mix(colourAt(canvas, [x, y]), roll() < 0.5 ? light.horizon : light.deep, 0.45);
    stroke(canvas, [x - wide, y], [x + wide, y], 0.05, colour, 0.7);
  });
}

/** Paints ground from a horizon down, with tufts that grow towards the viewer. */
export function field({ canvas, roll }: Scene, horizon: number, far: Colour, near: Colour = shade(far, -0.18)): void {
  ground(canvas, [horizon, 3], far, near);
  times(40, () => {
    const y = between(roll, horizon, 3), x = between(roll, 0, 4), tall = 0.05 + 0.09 * (y - horizon);
    const colour = shade(mix(far, near, (y - horizon) / (3 - horizon)), between(roll, -0.2, 0.25));
    stroke(canvas, [x, y], [x + between(roll, -0.06, 0.06), y - tall], 0.06, colour, 0.7);
  });
}

/** Paints hills whose crest rolls about a height. */
export function hills({ canvas, roll }: Scene, crest: number, colour: Colour): void {
  const phase = between(roll, 0, 6), pace = between(roll, 1.2, 2);
  const height = (x: number) => crest + 0.13 * Math.sin(pace * x + phase) + 0.05 * Math.sin(3.1 * pace * x);
  paint(canvas, [0, crest - 0.2, 4, 3], (x, y) => height(x) - y, colour);
}

/** Paints a round tree that stands at a place, bare in winter. */
export function tree({ canvas, light, roll }: Scene, foot: Point, tall: number, leaf: Colour = light.leaf): void {
  const here = placed(canvas, foot, tall), bark = light.lit([0.3, 0.22, 0.2]);
  stroke(here, [0, 0], [0, -0.5], 0.09, bark);
  times(light.bare ? 7 : 0, (k) => {
    const lean = 0.14 * (k - 3), top = 0.1 * Math.abs(k - 3) - 1;
    line(here, [[0, -0.35], [0.6 * lean, -0.65], [lean, top]], 0.04, bark, 0.9);
  });
  times(light.bare ? 0 : 12, (k) => {
    const far = Math.sqrt(k / 12), c = Math.cos(2.4 * k), s = Math.sin(2.4 * k);
    const colour = shade(leaf, between(roll, -0.1, 0.1) - 0.3 * far * s);
    ellipse(here, [0.35 * far * c, 0.3 * far * s - 0.66], [0.15, 0.13], colour, 0.9);
  });
}
