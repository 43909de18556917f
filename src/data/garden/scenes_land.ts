/**
 * Subjects in the fields: haystacks, poppies, an orchard, a mountain, a mill, a walk with a parasol.
 *
 * @module
 */
import { block, ellipse, line, placed, type Point, polygon, stroke } from "./canvas.ts";
import { between, count } from "./dice.ts";
import { field, hills, type Scene, shade, sky, times, tree } from "./nature.ts";

/** One to three haystacks and their shadows. */
export function haystacks(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.2);
  hills(scene, 1.05, shade(light.leaf, 0.25));
  field(scene, 1.3, light.crop);
  const straw = light.lit([0.86, 0.62, 0.28]), n = count(roll, 1, 3), side = roll() < 0.5 ? 1 : -1;
  times(n, (k) => {
    const x = n === 1 ? between(roll, 1.5, 2.5) : 0.95 + k * 1.2 + between(roll, -0.1, 0.1);
    const stack = placed(canvas, [x, 2.5 - 0.28 * k], n === 1 ? 1.15 : 0.95 - 0.22 * k, side);
    polygon(stack, [[0, -0.1], [0.6, -0.06], [1.5, 0.2], [0.3, 0.24]], light.lit([0.3, 0.28, 0.5]), 0.55);
    polygon(stack, [[-0.52, -0.62], [0.52, -0.62], [0.44, 0], [-0.44, 0]], shade(straw, -0.12));
    polygon(stack, [[0, -1.35], [0.62, -0.55], [-0.62, -0.55]], straw);
    times(5, (j) => stroke(stack, [0, -1.25], [-0.08 - 0.09 * j, -0.6], 0.06, shade(straw, 0.4), 0.6));
    times(4, (j) => {
      const x = 0.14 + 0.08 * j;
      stroke(stack, [x + 0.04, 0.05 * j - 0.6], [x, 0], 0.08, shade(straw, -0.45), 0.7);
    });
    if (light.bare) polygon(stack, [[0, -1.4], [0.2, -1.1], [-0.24, -1.05]], shade(light.crop, 0.3));
  });
}

/** A meadow of poppies below a line of trees. */
export function poppies(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.15);
  times(6, (k) => tree(scene, [0.3 + k * 0.7 + between(roll, -0.2, 0.2), 1.2], between(roll, 0.45, 0.8)));
  field(scene, 1.12, light.grass);
  const red = light.lit(light.bare ? [0.72, 0.3, 0.32] : [0.93, 0.2, 0.14]), slope = between(roll, -0.12, 0.12);
  times(90, () => {
    const near = roll() ** 0.7, x = between(roll, 0, 4), size = 0.035 + 0.085 * near;
    const colour = shade(red, between(roll, -0.15, 0.25));
    ellipse(canvas, [x, 1.2 + 1.75 * near + slope * (x - 2)], [size, size * 0.8], colour);
  });
  const walkers = placed(canvas, [between(roll, 0.9, 3.1), 1.75]);
  stroke(walkers, [0, 0], [0, -0.25], 0.2, light.lit([0.95, 0.93, 0.9]));
  ellipse(walkers, [0, -0.37], [0.16, 0.06], light.lit([0.95, 0.85, 0.55]));
  stroke(walkers, [0.28, 0.03], [0.28, -0.11], 0.13, light.lit([0.2, 0.24, 0.45]));
}

/** Fruit trees in rows. */
export function orchard(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.3);
  hills(scene, 1.15, shade(light.leaf, 0.3));
  field(scene, 1.35, light.grass);
  const rows = [{ foot: 1.75, n: 4, tall: 0.85 }, { foot: 2.2, n: 3, tall: 1.25 }, { foot: 2.85, n: 2, tall: 1.75 }];
  rows.forEach(({ foot, n, tall }, row) =>
    times(n, (k) => {
      const at: Point = [(k + (row === 1 ? 0.65 : 0.4)) * 4 / n + between(roll, -0.1, 0.1), foot];
      const here = placed(canvas, at, tall);
      ellipse(here, [0.1, 0], [0.34, 0.08], shade(light.grass, -0.4), 0.7);
      tree(scene, at, tall);
      times(light.bare ? 0 : 16, () => {
        const fruit: Point = [between(roll, -0.32, 0.32), -between(roll, 0.45, 0.92)];
        ellipse(here, fruit, [0.06 / tall, 0.06 / tall], shade(light.bloom, between(roll, 0, 0.4)));
      });
    })
  );
}

/** A bare mountain over a plain. */
export function mountain(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.8);
  const stone = light.lit([0.6, 0.62, 0.78]);
  const peak = placed(canvas, [between(roll, 1.5, 2.6), between(roll, 0.35, 0.6)]);
  polygon(peak, [[0, 0], [3, 1.5], [-3, 1.5]], stone);
  polygon(peak, [[0, 0], [0.5, 0.75], [0.2, 1.4], [-2.8, 1.4]], shade(stone, 0.3));
  polygon(peak, [[0, 0], [0.28, 0.3], [0.02, 0.24], [-0.32, 0.26]], light.lit([0.98, 0.97, 0.98]));
  line(peak, [[0, 0], [0.3, 0.5], [0.15, 0.9]], 0.07, shade(stone, -0.4), 0.7);
  field(scene, 1.75, light.crop, light.grass);
  times(11, () => {
    const y = between(roll, 1.85, 2.7), size = 0.1 + 0.12 * (y - 1.8);
    ellipse(canvas, [between(roll, 0, 4), y], [size * 1.3, size], shade(light.leaf, -0.15));
  });
  times(3, () => {
    const house = placed(canvas, [between(roll, 0.4, 3.6), between(roll, 1.95, 2.5)]);
    block(house, [-0.16, -0.16, 0.16, 0.05], light.lit([0.95, 0.86, 0.68]));
    polygon(house, [[0, -0.28], [0.2, -0.15], [-0.2, -0.15]], light.lit([0.82, 0.38, 0.22]));
  });
}

/** A windmill over striped flower fields. */
export function mill(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.75);
  field(scene, 1.7, light.grass);
  const flowers = [light.bloom, light.lit([0.96, 0.82, 0.26]), light.crop, light.lit([0.72, 0.36, 0.68]), light.bloom];
  flowers.forEach((colour, k) => {
    const top = 1.85 + 0.21 * k + 0.02 * k * k;
    polygon(
      canvas,
      [[0, top], [4, top + 0.06], [4, top + 0.16 + 0.03 * k], [0, top + 0.1 + 0.03 * k]],
      colour,
      light.bare ? 0.3 : 0.9,
    );
  });
  const tower = placed(canvas, [between(roll, 1.1, 2.9), 0.9]), wood = light.lit([0.36, 0.25, 0.22]);
  polygon(tower, [[-0.24, 0.05], [0.24, 0.05], [0.38, 1.05], [-0.38, 1.05]], wood);
  polygon(tower, [[0, -0.24], [0.3, 0.1], [-0.3, 0.1]], light.lit([0.62, 0.3, 0.22]));
  stroke(tower, [0, 1.05], [0, 0.82], 0.14, shade(wood, -0.5));
  const turn = between(roll, 0.2, 1.2), cloth = light.lit([0.96, 0.92, 0.82]);
  times(4, (k) => {
    const c = Math.cos(turn + k * Math.PI / 2), s = Math.sin(turn + k * Math.PI / 2);
    stroke(tower, [0, 0], [0.9 * c, 0.9 * s], 0.05, shade(wood, -0.2));
    stroke(tower, [0.3 * c - 0.07 * s, 0.3 * s + 0.07 * c], [0.86 * c - 0.07 * s, 0.86 * s + 0.07 * c], 0.13, cloth);
  });
}

/** A figure with a parasol on a hillside. */
export function parasol(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 2.3);
  hills(scene, 2.15, light.grass);
  times(34, () => {
    const x = between(roll, 0, 4), y = between(roll, 2.4, 3);
    const colour = roll() < 0.3 ? light.bloom : shade(light.grass, between(roll, -0.35, 0.3));
    stroke(canvas, [x, y], [x + 0.08, y - 0.2], 0.06, colour, 0.85);
  });
  const lady = placed(canvas, [between(roll, 1.4, 2.6), 2.45], 1, roll() < 0.5 ? 1 : -1);
  const dress = light.lit(roll() < 0.6 ? [0.96, 0.95, 0.97] : [0.55, 0.62, 0.85]);
  polygon(lady, [[-0.12, -1.05], [0.14, -1.05], [0.42, 0], [-0.36, 0]], dress);
  polygon(lady, [[-0.02, -1], [0.02, -1], [-0.02, 0], [-0.36, 0]], light.lit([0.54, 0.6, 0.78]), 0.6);
  stroke(lady, [0, -1.05], [0, -1.3], 0.24, dress);
  stroke(lady, [0.04, -1.2], [0.34, -1.33], 0.1, dress);
  ellipse(lady, [0, -1.47], [0.11, 0.13], light.lit([0.95, 0.78, 0.66]));
  stroke(lady, [-0.12, -1.55], [0.12, -1.57], 0.1, light.lit([0.82, 0.66, 0.3]));
  stroke(lady, [0.34, -1.15], [0.42, -2], 0.05, light.lit([0.35, 0.25, 0.2]));
  const silk = light.lit([0.42, 0.66, 0.48]);
  polygon(lady, [[-0.24, -1.75], [-0.05, -2.03], [0.42, -2.17], [0.86, -2.05], [1.06, -1.79]], silk);
  polygon(lady, [[0.42, -2.17], [0.86, -2.05], [1.06, -1.79], [0.5, -1.77]], shade(silk, 0.4));
}
