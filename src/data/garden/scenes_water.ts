/**
 * Subjects by the water: the lily pond, its bridge and willows, poplars on a bank, a harbour, sails, cliffs.
 *
 * @module
 */
import {
  block,
  type Canvas,
  type Colour,
  ellipse,
  ground,
  line,
  mix,
  placed,
  type Point,
  polygon,
  stroke,
} from "./canvas.ts";
import { between, count } from "./dice.ts";
import { hills, ripples, type Scene, shade, sky, times, tree, water } from "./nature.ts";

/** Water lilies, seen from above. */
export function lilies(scene: Scene): void {
  const { canvas, light, roll } = scene;
  ground(canvas, [-0.1, 3], mix(light.horizon, light.deep, 0.5), light.deep);
  times(11, () => {
    const x = between(roll, 0, 4), tip: Point = [x + between(roll, -0.1, 0.1), between(roll, 0.5, 1.7)];
    stroke(canvas, [x, 0], tip, 0.24, shade(light.leaf, -0.3), 0.45);
  });
  ripples(scene, 0);
  pads(scene, 0.3, count(roll, 11, 15));
}

/** Leaves on the water below a shore, some in flower. */
function pads({ canvas, light, roll }: Scene, shore: number, n: number): void {
  const green = light.bare ? light.lit([0.62, 0.72, 0.74]) : shade(light.leaf, 0.12);
  times(n, (k) => {
    const y = shore + (3 - shore) * (k + between(roll, 0.1, 0.9)) / n;
    const pad = placed(canvas, [between(roll, 0.1, 3.9), y], 0.15 + 0.05 * y);
    ellipse(pad, [0, 0.2], [1, 0.4], shade(green, -0.45));
    ellipse(pad, [0, 0], [1, 0.38], shade(green, between(roll, -0.1, 0.3)));
    if (roll() < 0.5) return;
    ellipse(pad, [0, -0.3], [0.58, 0.48], light.bloom);
    ellipse(pad, [0, -0.45], [0.3, 0.26], shade(light.bloom, 0.65));
  });
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
  const arch = (lift: number): Point[] =>
    Array.from({ length: 17 }, (_, k) => [k / 4, 1.62 - lift - rise * (1 - ((k / 4 - 2) / 2.1) ** 2)]);
  line(canvas, arch(-0.06), 0.1, shade(wood, -0.45));
  line(canvas, arch(0), 0.13, wood);
  line(canvas, arch(0.36), 0.08, shade(wood, 0.3));
  arch(0).forEach(([x, y]) => stroke(canvas, [x, y], [x, y - 0.36], 0.07, shade(wood, 0.15)));
  water(scene, 1.62, 0.75);
  pads(scene, 2, count(roll, 6, 9));
}

/** A willow that trails over the water. */
export function willow(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.7);
  hills(scene, 1.4, shade(light.grass, -0.15));
  water(scene, 1.75);
  const here = placed(canvas, [between(roll, 1.2, 2.8), 0]);
  ellipse(here, [0, 2.1], [1.1, 0.24], shade(light.grass, -0.1));
  line(here, [[0, 2.1], [-0.08, 1.3], [0.1, 0.7]], 0.26, light.lit([0.28, 0.2, 0.18]));
  if (!light.bare) ellipse(here, [0, 0.75], [1, 0.42], shade(light.leaf, -0.2));
  times(52, (k) => {
    const lean = (k / 51 * 2 - 1) * 1.3, top = 0.3 + 0.4 * lean * lean, reach = lean * between(roll, 0.95, 1.1);
    const tip: Point = [reach + 0.04, Math.min(2.75, top + between(roll, 0.7, 1.7))];
    const colour = shade(light.leaf, between(roll, -0.35, 0.4));
    line(here, [[lean * 0.8, top], [reach, top + 0.3], tip], light.bare ? 0.04 : 0.08, colour, 0.85);
  });
}

/** A row of poplars on a bank. */
export function poplars(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 2);
  hills(scene, 1.75, shade(light.grass, -0.12));
  const n = count(roll, 4, 7), descent = between(roll, -0.35, 0.35);
  times(n, (k) => {
    const tall = between(roll, 1.45, 1.85) + descent * (k / n - 0.5);
    const here = placed(canvas, [(k + 0.5) / n * 4 + between(roll, -0.12, 0.12), 2.1]);
    stroke(here, [0, 0], [0, -tall], 0.06, light.lit([0.32, 0.24, 0.22]));
    times(22, (j) => {
      const up = 0.14 + 0.86 * j / 22, wide = 0.04 + 0.2 * Math.sin(Math.PI * Math.min(1, 0.9 * up + 0.08));
      const side = between(roll, -wide, wide), colour = shade(light.leaf, side > 0 ? 0.22 : -0.22);
      stroke(here, [0.4 * side, 0.08 - tall * up], [side, -0.12 - tall * up], light.bare ? 0.05 : 0.13, colour, 0.9);
    });
  });
  ground(canvas, [2.05, 2.2], shade(light.grass, -0.05), shade(light.grass, -0.35));
  water(scene, 2.2, 0.8);
}

/** A harbour: masts and sheds behind, a path of light, small rowing boats. */
export function harbour(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.5);
  const far = light.lit([0.38, 0.43, 0.53]), dark = light.lit([0.16, 0.16, 0.22]), glow = light.orb ?? light.horizon;
  times(5, () => {
    const x = between(roll, 0, 4), wide = between(roll, 0.25, 0.5);
    block(canvas, [x - wide, between(roll, 1.2, 1.38), x + wide, 1.55], far, 0.8);
  });
  times(count(roll, 5, 8), () => {
    const mast = placed(canvas, [between(roll, 0.1, 3.9), between(roll, 0.45, 0.95)]);
    stroke(mast, [0, 0], [0, 1], 0.05, shade(far, -0.35));
    stroke(mast, [-0.2, 0.2], [0.2, 0.15], 0.04, shade(far, -0.35));
  });
  water(scene, 1.52, 0.7);
  times(7, (k) => {
    const y = 1.7 + k * 0.18;
    stroke(canvas, [1.9 - 0.1 * (k % 2), y], [2.1 + 0.12 * (k % 3), y], 0.07, glow, 0.85);
  });
  times(count(roll, 1, 3), (k) => {
    const rower = placed(canvas, [between(roll, 0.5, 3.5), 2.05 + k * 0.32]);
    polygon(rower, [[-0.35, 0], [0.38, 0], [0.25, 0.12], [-0.22, 0.12]], dark);
    stroke(rower, [0, 0], [0, -0.22], 0.11, dark);
  });
}

/** Sailing boats. */
export function sails(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.5);
  hills(scene, 1.4, shade(light.leaf, 0.15));
  const cloth = light.lit(roll() < 0.6 ? [0.94, 0.74, 0.4] : [0.86, 0.42, 0.22]);
  const sail = light.orb ? shade(cloth, -0.45) : cloth;
  const hull = light.lit(roll() < 0.5 ? [0.55, 0.2, 0.16] : [0.15, 0.22, 0.4]);
  const boats = Array.from(
    { length: count(roll, 2, 3) },
    (_, k) => placed(canvas, [0.8 + k * 1.15 + between(roll, -0.2, 0.2), 1.62], between(roll, 0.7, 1.15)),
  );
  boats.forEach((boat) => rig(boat, hull, sail));
  water(scene, 1.62, 0.8);
  boats.forEach((boat) => rig(boat, hull, sail));
}

function rig(boat: Canvas, hull: Colour, sail: Colour): void {
  polygon(boat, [[-0.03, -1.25], [-0.03, -0.1], [-0.5, -0.1]], sail);
  polygon(boat, [[0.04, -1.1], [0.45, -0.1], [0.04, -0.1]], shade(sail, -0.15));
  stroke(boat, [0, 0], [0, -1.3], 0.07, shade(hull, -0.3));
  polygon(boat, [[-0.5, -0.08], [0.52, -0.08], [0.34, 0.12], [-0.36, 0.12]], hull);
}

/** Chalk cliffs with an arch and a needle in the sea. */
export function cliffs(scene: Scene): void {
  const { light, roll } = scene;
  sky(scene, 1.7);
  water(scene, 1.7);
  const chalk = light.lit([0.88, 0.81, 0.68]);
  const coast = roll() < 0.5 ? scene.canvas : placed(scene.canvas, [4, 0], 1, -1);
  polygon(coast, [[0, 0.5], [1.5, 0.7], [1.75, 1.95], [0, 2.1]], chalk);
  polygon(coast, [[0, 0.42], [1.5, 0.62], [1.52, 0.8], [0, 0.62]], light.grass);
  polygon(coast, [[1.4, 0.75], [2.35, 0.95], [2.3, 1.2], [1.4, 1.25]], shade(chalk, -0.06));
  polygon(coast, [[2.05, 1], [2.35, 0.95], [2.6, 1.95], [2.32, 1.95]], shade(chalk, -0.12));
  polygon(coast, [[3.1, 0.95], [3.16, 0.95], [3.42, 1.95], [2.92, 1.95]], shade(chalk, -0.03));
  times(6, (k) => stroke(coast, [0.05, 0.8 + k * 0.2], [1.5, 0.95 + k * 0.17], 0.04, shade(chalk, -0.28), 0.5));
  times(10, () => {
    const x = between(roll, 0, 4), y = between(roll, 2, 2.9);
    stroke(coast, [x - 0.15, y], [x + 0.15, y], 0.05, shade(light.horizon, 0.4), 0.8);
  });
}
