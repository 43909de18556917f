/**
 * Subjects by the water: the lily pond, its bridge and willows, poplars on a bank, a harbour, sails, cliffs.
 *
 * @module
 */
import { type Colour, ellipse, ground, line, mix, polygon, stroke } from "./canvas.ts";
import { between, count } from "./dice.ts";
import { hills, ripples, type Scene, shade, sky, times, tree, water } from "./nature.ts";

function pads({ canvas, light, roll }: Scene, from: number, n: number): void {
  const green = light.bare ? light.lit([0.62, 0.72, 0.74]) : shade(light.leaf, 0.12);
  times(n, (k) => {
    const y = from + (3 - from) * (k + between(roll, 0.1, 0.9)) / n, x = between(roll, 0.1, 3.9);
    const wide = 0.15 + 0.14 * (y / 3);
    ellipse(canvas, [x, y + 0.03], [wide, wide * 0.4], shade(green, -0.45));
    ellipse(canvas, [x, y], [wide, wide * 0.38], shade(green, between(roll, -0.1, 0.3)));
    if (roll() < 0.5) {
      ellipse(canvas, [x, y - 0.07], [wide * 0.58, wide * 0.48], light.bloom);
      ellipse(canvas, [x, y - 0.1], [wide * 0.3, wide * 0.26], shade(light.bloom, 0.65));
    }
  });
}

/** Water lilies, seen from above. */
export function lilies(scene: Scene): void {
  const { canvas, light, roll } = scene;
  ground(canvas, [-0.1, 3], mix(light.horizon, light.deep, 0.5), light.deep);
  times(11, () => {
    const x = between(roll, 0, 4), deep = between(roll, 0.5, 1.7);
    stroke(canvas, [x, 0], [x + between(roll, -0.1, 0.1), deep], 0.24, shade(light.leaf, -0.3), 0.45);
  });
  ripples(scene, 0);
  pads(scene, 0.3, count(roll, 11, 15));
}

/** An arched footbridge over the pond. */
export function bridge(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.2);
  times(
    9,
    (k) => tree(scene, [k * 0.5 + between(roll, -0.1, 0.1), 1.5], between(roll, 1.1, 1.7), shade(light.leaf, -0.25)),
  );
  ground(canvas, [1.35, 1.6], light.grass, shade(light.grass, -0.2));
  const wood = light.lit([0.3, 0.62, 0.52]), rise = between(roll, 0.55, 0.7);
  const arch = (x: number): number => 1.62 - rise * (1 - ((x - 2) / 2.1) ** 2);
  const span = Array.from({ length: 17 }, (_, k) => k / 4);
  const deck = (lift: number): [number, number][] => span.map((x) => [x, arch(x) - lift]);
  line(canvas, deck(-0.06), 0.1, shade(wood, -0.45));
  line(canvas, deck(0), 0.13, wood);
  line(canvas, deck(0.36), 0.08, shade(wood, 0.3));
  span.forEach((x) => stroke(canvas, [x, arch(x)], [x, arch(x) - 0.36], 0.07, shade(wood, 0.15)));
  water(scene, 1.62, 0.75);
  pads(scene, 2, count(roll, 6, 9));
}

/** A willow that trails over the water. */
export function willow(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.7);
  hills(scene, 1.4, 1.75, shade(light.grass, -0.15));
  water(scene, 1.75);
  const x = between(roll, 1.2, 2.8), trunk = light.lit([0.28, 0.2, 0.18]);
  ellipse(canvas, [x, 2.1], [1.1, 0.24], shade(light.grass, -0.1));
  line(canvas, [[x, 2.1], [x - 0.08, 1.3], [x + 0.1, 0.7]], 0.26, trunk);
  if (!light.bare) ellipse(canvas, [x, 0.75], [1, 0.42], shade(light.leaf, -0.2));
  times(52, (k) => {
    const lean = (k / 51 * 2 - 1) * 1.3, top = 0.3 + 0.4 * lean * lean, reach = x + lean * between(roll, 0.95, 1.1);
    const end = Math.min(2.75, top + between(roll, 0.7, 1.7));
    const colour = shade(light.leaf, between(roll, -0.35, 0.4));
    line(
      canvas,
      [[x + lean * 0.8, top], [reach, top + 0.3], [reach + 0.04, end]],
      light.bare ? 0.04 : 0.08,
      colour,
      0.85,
    );
  });
}

/** A row of poplars on a bank. */
export function poplars(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 2);
  hills(scene, 1.75, 2.1, shade(light.grass, -0.12));
  const n = count(roll, 4, 7), lean = between(roll, -0.35, 0.35);
  times(n, (k) => {
    const x = (k + 0.5) / n * 4 + between(roll, -0.12, 0.12), tall = between(roll, 1.45, 1.85) + lean * (k / n - 0.5);
    stroke(canvas, [x, 2.1], [x, 2.1 - tall], 0.06, light.lit([0.32, 0.24, 0.22]));
    times(22, (j) => {
      const up = 0.14 + 0.86 * j / 22,
        wide = 0.2 * Math.sin(Math.PI * Math.min(1, up * 0.9 + 0.08)) + 0.04;
      const side = between(roll, -1, 1) * wide, y = 2.1 - tall * up;
      const colour = shade(light.leaf, side > 0 ? 0.22 : -0.22);
      stroke(canvas, [x + side * 0.4, y + 0.08], [x + side, y - 0.12], light.bare ? 0.05 : 0.13, colour, 0.9);
    });
  });
  ground(canvas, [2.05, 2.2], shade(light.grass, -0.05), shade(light.grass, -0.35));
  water(scene, 2.2, 0.8);
}

function boat({ canvas, light }: Scene, x: number, y: number, size: number, hull: Colour, sail: Colour | null): void {
  if (sail) {
    polygon(canvas, [[x - 0.03 * size, y - 1.25 * size], [x - 0.03 * size, y - 0.1 * size], [
      x - 0.5 * size,
      y - 0.1 * size,
    ]], sail);
    polygon(canvas, [[x + 0.04 * size, y - 1.1 * size], [x + 0.45 * size, y - 0.1 * size], [
      x + 0.04 * size,
      y - 0.1 * size,
    ]], shade(sail, -0.15));
  }
  stroke(canvas, [x, y], [x, y - 1.3 * size], 0.05 * size + 0.02, light.lit([0.3, 0.22, 0.2]));
  polygon(canvas, [[x - 0.5 * size, y - 0.08 * size], [x + 0.52 * size, y - 0.08 * size], [
    x + 0.34 * size,
    y + 0.12 * size,
  ], [x - 0.36 * size, y + 0.12 * size]], hull);
}

/** A harbour: masts and chimneys behind, a low sun or lamps, small rowing boats. */
export function harbour(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.5);
  const far = shade(light.lit([0.4, 0.45, 0.55]), -0.05);
  times(5, () => {
    const x = between(roll, 0, 4), wide = between(roll, 0.25, 0.5), top = 1.5 - between(roll, 0.12, 0.3);
    polygon(canvas, [[x - wide, top], [x + wide, top], [x + wide, 1.55], [x - wide, 1.55]], far, 0.8);
  });
  times(count(roll, 5, 8), () => {
    const x = between(roll, 0.1, 3.9), top = between(roll, 0.45, 0.95);
    stroke(canvas, [x, 1.5], [x, top], 0.05, shade(far, -0.35));
    stroke(canvas, [x - 0.2, top + 0.2], [x + 0.2, top + 0.15], 0.04, shade(far, -0.35));
  });
  water(scene, 1.52, 0.7);
  const glow = light.orb ?? light.horizon;
  times(
    7,
    (k) =>
      stroke(canvas, [1.9 - 0.1 * (k % 2), 1.7 + k * 0.18], [2.1 + 0.12 * (k % 3), 1.7 + k * 0.18], 0.07, glow, 0.85),
  );
  times(count(roll, 1, 3), (k) => {
    const x = between(roll, 0.5, 3.5), y = 2.05 + k * 0.32;
    polygon(
      canvas,
      [[x - 0.35, y], [x + 0.38, y], [x + 0.25, y + 0.12], [x - 0.22, y + 0.12]],
      light.lit([0.16, 0.16, 0.22]),
    );
    stroke(canvas, [x, y], [x, y - 0.22], 0.11, light.lit([0.16, 0.16, 0.22]));
  });
}

/** Sailing boats. */
export function sails(scene: Scene): void {
  const { light, roll } = scene;
  sky(scene, 1.5);
  hills(scene, 1.4, 1.6, shade(light.leaf, 0.15));
  const cloth = light.lit(roll() < 0.6 ? [0.98, 0.95, 0.86] : [0.86, 0.42, 0.22]);
  const sail = light.orb ? shade(cloth, -0.45) : cloth;
  const hull = light.lit(roll() < 0.5 ? [0.55, 0.2, 0.16] : [0.15, 0.22, 0.4]);
  const places = Array.from(
    { length: count(roll, 2, 3) },
    (_, k) => [0.8 + k * 1.15 + between(roll, -0.2, 0.2), between(roll, 0.7, 1.15)],
  );
  places.forEach(([x, size]) => boat(scene, x, 1.6, size, hull, sail));
  water(scene, 1.62, 0.8);
  places.forEach(([x, size]) => boat(scene, x, 1.62, size, hull, sail));
}

/** Chalk cliffs with an arch in the sea. */
export function cliffs(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.7);
  const chalk = light.lit([0.93, 0.89, 0.78]), side = roll() < 0.5;
  const flip = (x: number): number => side ? x : 4 - x;
  const shapeOf = (corners: [number, number][]): [number, number][] =>
    side ? corners : corners.map(([x, y]): [number, number] => [4 - x, y]).reverse();
  water(scene, 1.7);
  polygon(canvas, shapeOf([[0, 0.5], [1.5, 0.7], [1.75, 1.95], [0, 2.1]]), chalk);
  polygon(canvas, shapeOf([[0, 0.42], [1.5, 0.62], [1.52, 0.8], [0, 0.62]]), light.grass);
  polygon(canvas, shapeOf([[1.4, 0.75], [2.35, 0.95], [2.3, 1.2], [1.4, 1.25]]), shade(chalk, -0.06));
  polygon(canvas, shapeOf([[2.05, 1], [2.35, 0.95], [2.6, 1.95], [2.32, 1.95]]), shade(chalk, -0.12));
  polygon(canvas, shapeOf([[3.1, 0.95], [3.16, 0.95], [3.42, 1.95], [2.92, 1.95]]), shade(chalk, -0.03));
  times(
    6,
    (k) => stroke(canvas, [flip(0.05), 0.8 + k * 0.2], [flip(1.5), 0.95 + k * 0.17], 0.04, shade(chalk, -0.28), 0.5),
  );
  times(10, () => {
    const x = between(roll, 0, 4), y = between(roll, 2, 2.9);
    stroke(canvas, [x - 0.15, y], [x + 0.15, y], 0.05, shade(light.horizon, 0.4), 0.8);
  });
}
