/**
 * Subjects in the fields: haystacks, poppies, an orchard, a mountain, a mill, a walk with a parasol.
 *
 * @module
 */
import { ellipse, line, type Point, polygon, stroke } from "./canvas.ts";
import { between, count } from "./dice.ts";
import { field, hills, type Scene, shade, sky, times, tree } from "./nature.ts";

/** One to three haystacks and their shadows. */
export function haystacks(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.2);
  hills(scene, 1.05, 1.4, shade(light.leaf, 0.25));
  field(scene, 1.3, light.crop);
  const straw = light.lit([0.86, 0.62, 0.28]), n = count(roll, 1, 3), sun = roll() < 0.5 ? -1 : 1;
  times(n, (k) => {
    const size = n === 1 ? 1.15 : 0.95 - 0.22 * k,
      x = n === 1 ? between(roll, 1.5, 2.5) : 0.95 + k * 1.2 + between(roll, -0.1, 0.1);
    const foot = 2.5 - 0.28 * k;
    polygon(
      canvas,
      sun > 0
        ? [[x, foot - 0.1], [x + 0.6 * size, foot - 0.06], [x + 1.5 * size, foot + 0.2], [x + 0.3 * size, foot + 0.24]]
        : [[x - 1.5 * size, foot + 0.2], [x - 0.6 * size, foot - 0.06], [x, foot - 0.1], [x - 0.3 * size, foot + 0.24]],
      light.lit([0.3, 0.28, 0.5]),
      0.55,
    );
    polygon(canvas, [[x - 0.52 * size, foot - 0.62 * size], [x + 0.52 * size, foot - 0.62 * size], [
      x + 0.44 * size,
      foot,
    ], [x - 0.44 * size, foot]], shade(straw, -0.12));
    polygon(canvas, [[x, foot - 1.35 * size], [x + 0.62 * size, foot - 0.55 * size], [
      x - 0.62 * size,
      foot - 0.55 * size,
    ]], straw);
    times(
      5,
      (j) =>
        stroke(
          canvas,
          [x, foot - 1.25 * size],
          [x - sun * (0.08 + 0.09 * j) * size, foot - 0.6 * size],
          0.06,
          shade(straw, 0.4),
          0.6,
        ),
    );
    times(
      4,
      (j) =>
        stroke(
          canvas,
          [x + sun * (0.18 + 0.08 * j) * size, foot - (0.6 - 0.05 * j) * size],
          [x + sun * (0.14 + 0.08 * j) * size, foot],
          0.08,
          shade(straw, -0.45),
          0.7,
        ),
    );
    if (light.bare) {
      const cap: Point[] = [[x, foot - 1.4 * size], [x + 0.2 * size, foot - 1.1 * size], [
        x - 0.24 * size,
        foot - 1.05 * size,
      ]];
      polygon(canvas, cap, shade(light.crop, 0.3));
    }
  });
}

/** A meadow of poppies below a line of trees. */
export function poppies(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.15);
  times(6, (k) => tree(scene, [0.3 + k * 0.7 + between(roll, -0.2, 0.2), 1.2], between(roll, 0.45, 0.8)));
  const slope = between(roll, -0.12, 0.12);
  field(scene, 1.12, light.grass);
  const red = light.bare ? light.lit([0.72, 0.3, 0.32]) : light.lit([0.93, 0.2, 0.14]);
  times(90, () => {
    const far = roll() ** 0.7, x = between(roll, 0, 4), y = 1.2 + 1.75 * far + slope * (x - 2);
    const size = 0.035 + 0.085 * far;
    ellipse(canvas, [x, y], [size, size * 0.8], shade(red, between(roll, -0.15, 0.25)));
  });
  const x = between(roll, 0.9, 3.1);
  stroke(canvas, [x, 1.75], [x, 1.5], 0.2, light.lit([0.95, 0.93, 0.9]));
  ellipse(canvas, [x, 1.38], [0.16, 0.06], light.lit([0.95, 0.85, 0.55]));
  stroke(canvas, [x + 0.28, 1.78], [x + 0.28, 1.64], 0.13, light.lit([0.2, 0.24, 0.45]));
}

/** Fruit trees in rows. */
export function orchard(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.3);
  hills(scene, 1.15, 1.45, shade(light.leaf, 0.3));
  field(scene, 1.35, light.grass);
  [[1.75, 4, 0.85], [2.2, 3, 1.25], [2.85, 2, 1.75]].forEach(([foot, n, tall], row) =>
    times(n, (k) => {
      const x = (k + 0.5 + (row % 2 ? 0.15 : -0.1)) * 4 / n + between(roll, -0.1, 0.1);
      ellipse(canvas, [x + 0.1, foot], [tall * 0.34, tall * 0.08], shade(light.grass, -0.4), 0.7);
      tree(scene, [x, foot], tall);
      times(light.bare ? 0 : 16, () => {
        const at: Point = [x + between(roll, -0.32, 0.32) * tall, foot - tall * between(roll, 0.45, 0.92)];
        ellipse(canvas, at, [0.06, 0.06], shade(light.bloom, between(roll, 0, 0.4)));
      });
    })
  );
}

/** A bare mountain over a plain. */
export function mountain(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.8);
  const stone = light.lit([0.60, 0.62, 0.78]), peak = between(roll, 1.5, 2.6), top = between(roll, 0.35, 0.6);
  polygon(canvas, [[peak, top], [5, 1.9], [-1, 1.9]], stone);
  polygon(canvas, [[peak, top], [peak + 0.5, top + 0.75], [peak + 0.2, 1.9], [-1, 1.9]], shade(stone, 0.3));
  polygon(
    canvas,
    [[peak, top], [peak + 0.28, top + 0.3], [peak + 0.02, top + 0.24], [peak - 0.32, top + 0.26]],
    light.lit([0.98, 0.97, 0.98]),
  );
  line(canvas, [[peak, top], [peak + 0.3, top + 0.5], [peak + 0.15, top + 0.9]], 0.07, shade(stone, -0.4), 0.7);
  field(scene, 1.75, light.crop, light.grass);
  times(11, () => {
    const x = between(roll, 0, 4), y = between(roll, 1.85, 2.7), size = 0.1 + 0.12 * (y - 1.8);
    ellipse(canvas, [x, y], [size * 1.3, size], shade(light.leaf, -0.15));
  });
  times(3, () => {
    const x = between(roll, 0.4, 3.6), y = between(roll, 1.95, 2.5);
    polygon(
      canvas,
      [[x - 0.16, y - 0.16], [x + 0.16, y - 0.16], [x + 0.16, y + 0.05], [x - 0.16, y + 0.05]],
      light.lit([0.95, 0.86, 0.68]),
    );
    polygon(canvas, [[x, y - 0.28], [x + 0.2, y - 0.15], [x - 0.2, y - 0.15]], light.lit([0.82, 0.38, 0.22]));
  });
}

/** A windmill over striped flower fields. */
export function mill(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.75);
  field(scene, 1.7, light.grass);
  const colours = [light.bloom, light.lit([0.96, 0.82, 0.26]), light.crop, light.lit([0.72, 0.36, 0.68])];
  times(5, (k) => {
    const top = 1.85 + 0.21 * k + 0.02 * k * k;
    polygon(
      canvas,
      [[0, top], [4, top + 0.06], [4, top + 0.16 + 0.03 * k], [0, top + 0.1 + 0.03 * k]],
      colours[(k + (light.bare ? 2 : 0)) % (light.bare ? 3 : 4)],
      light.bare ? 0.3 : 0.9,
    );
  });
  const x = between(roll, 1.1, 2.9), turn = between(roll, 0.2, 1.2), dark = light.lit([0.36, 0.25, 0.22]);
  polygon(canvas, [[x - 0.24, 0.95], [x + 0.24, 0.95], [x + 0.38, 1.95], [x - 0.38, 1.95]], dark);
  polygon(canvas, [[x, 0.66], [x + 0.3, 1], [x - 0.3, 1]], light.lit([0.62, 0.3, 0.22]));
  stroke(canvas, [x, 1.95], [x, 1.72], 0.14, shade(dark, -0.5));
  times(4, (k) => {
    const angle = turn + k * Math.PI / 2, c = Math.cos(angle), s = Math.sin(angle);
    stroke(canvas, [x, 0.9], [x + 0.9 * c, 0.9 + 0.9 * s], 0.05, shade(dark, -0.2));
    stroke(
      canvas,
      [x + 0.3 * c - 0.07 * s, 0.9 + 0.3 * s + 0.07 * c],
      [x + 0.86 * c - 0.07 * s, 0.9 + 0.86 * s + 0.07 * c],
      0.13,
      light.lit([0.96, 0.92, 0.82]),
    );
  });
}

/** A figure with a parasol on a hillside. */
export function parasol(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 2.3);
  hills(scene, 2.15, 3, light.grass);
  times(34, () => {
    const x = between(roll, 0, 4), y = between(roll, 2.4, 3);
    const colour = roll() < 0.3 ? light.bloom : shade(light.grass, between(roll, -0.35, 0.3));
    stroke(canvas, [x, y], [x + 0.08, y - 0.2], 0.06, colour, 0.85);
  });
  const x = between(roll, 1.4, 2.4), dress = light.lit(roll() < 0.6 ? [0.96, 0.95, 0.97] : [0.55, 0.62, 0.85]);
  const shadow = shade(light.lit([0.6, 0.66, 0.85]), -0.1);
  polygon(canvas, [[x - 0.12, 1.4], [x + 0.14, 1.4], [x + 0.42, 2.45], [x - 0.36, 2.45]], dress);
  polygon(canvas, [[x - 0.02, 1.45], [x + 0.02, 1.45], [x - 0.02, 2.45], [x - 0.36, 2.45]], shadow, 0.6);
  stroke(canvas, [x, 1.4], [x, 1.15], 0.24, dress);
  stroke(canvas, [x + 0.04, 1.25], [x + 0.34, 1.12], 0.1, dress);
  ellipse(canvas, [x, 0.98], [0.11, 0.13], light.lit([0.95, 0.78, 0.66]));
  stroke(canvas, [x - 0.12, 0.9], [x + 0.12, 0.88], 0.1, light.lit([0.82, 0.66, 0.3]));
  stroke(canvas, [x + 0.34, 1.3], [x + 0.42, 0.45], 0.05, light.lit([0.35, 0.25, 0.2]));
  const shelter = light.lit([0.42, 0.66, 0.48]);
  polygon(canvas, [[x - 0.24, 0.7], [x - 0.05, 0.42], [x + 0.42, 0.28], [x + 0.86, 0.4], [x + 1.06, 0.66]], shelter);
  polygon(canvas, [[x + 0.42, 0.28], [x + 0.86, 0.4], [x + 1.06, 0.66], [x + 0.5, 0.68]], shade(shelter, 0.4));
}
