/**
 * Subjects of town and table: a cathedral, a railway station, a street, sunflowers, apples.
 *
 * @module
 */
import { block, type Colour, ellipse, ground, line, paint, placed, type Point, polygon, stroke } from "./canvas.ts";
import { between, count, pick } from "./dice.ts";
import { field, type Scene, shade, sky, times } from "./nature.ts";

/** The colour of lamps, the same at every hour. */
const LAMP: Colour = [1, 0.82, 0.4];

/** The west front of a cathedral. */
export function cathedral(scene: Scene): void {
  const { light, roll } = scene;
  sky(scene, 2.6);
  field(scene, 2.7, light.earth);
  const front = placed(scene.canvas, [between(roll, 1.75, 2.25), 2.8]);
  const stone = light.lit([0.86, 0.76, 0.62]), dark = shade(stone, -0.55);
  block(front, [-0.62, -1.8, 0.62, 0], stone);
  polygon(front, [[0, -2.18], [0.5, -1.75], [-0.5, -1.75]], shade(stone, -0.08));
  for (const side of [-1, 1]) {
    const tower = placed(front, [side * 0.88, 0]), top = -between(roll, 2.15, 2.5), wall = shade(stone, side * -0.14);
    polygon(tower, [[-0.3, top + 0.2], [0.3, top + 0.2], [0.32, 0], [-0.32, 0]], wall);
    polygon(tower, [[0, top - 0.2], [0.3, top + 0.22], [-0.3, top + 0.22]], shade(wall, -0.12));
    [0.62, 1.15].forEach((y) => stroke(tower, [0, top + y], [0, top + y - 0.24], 0.13, dark, 0.85));
    stroke(tower, [-0.26, top + 0.8], [0.26, top + 0.8], 0.05, shade(stone, -0.3), 0.8);
    stroke(tower, [0, 0], [0, -0.38], 0.24, dark, 0.9);
  }
  ellipse(front, [0, -1.38], [0.27, 0.27], dark);
  ellipse(front, [0, -1.38], [0.17, 0.17], light.lit([0.55, 0.55, 0.82]));
  ellipse(front, [0, -1.38], [0.06, 0.06], light.lit([0.95, 0.6, 0.4]));
  stroke(front, [-0.6, -0.95], [0.6, -0.95], 0.06, shade(stone, -0.3));
  stroke(front, [0, 0], [0, -0.44], 0.4, dark);
  stroke(front, [0, 0.05], [0, -0.3], 0.22, light.lit([0.4, 0.22, 0.16]));
}

/** A railway station under glass: a locomotive, rails, steam. */
export function station(scene: Scene): void {
  const { canvas, light, roll } = scene;
  const { lit } = light, iron = lit([0.25, 0.27, 0.33]);
  sky(scene, 2.2);
  times(4, (k) => {
    const house = placed(canvas, [0.25 + k * 1.15, between(roll, 1.1, 1.35)]);
    block(house, [-0.5, 0, 0.5, 1], lit([0.78, 0.7, 0.62]), 0.9);
    [-0.25, 0, 0.25].forEach((x) => stroke(house, [x, 0.35], [x, 0.2], 0.09, lit([0.42, 0.4, 0.46])));
  });
  field(scene, 2.1, lit([0.62, 0.55, 0.5]));
  stroke(canvas, [1.2, 3], [1.9, 2.15], 0.07, iron, 0.9);
  stroke(canvas, [2.8, 3], [2.1, 2.15], 0.07, iron, 0.9);
  const gable = (x: number): number => 0.12 + 0.48 * Math.abs(x - 2);
  paint(canvas, [0, 0, 4, 1.2], (x, y) => y - gable(x), lit([0.54, 0.58, 0.64]), 0.8);
  line(canvas, [[0, 1.08], [2, 0.12], [4, 1.08]], 0.12, iron);
  [0.5, 1.2, 2, 2.8, 3.5].forEach((x) => stroke(canvas, [x, 0], [x, gable(x)], 0.05, iron));
  [0.12, 3.88].forEach((x) => stroke(canvas, [x, 1], [x, 3], 0.13, iron));
  const engine = placed(canvas, [between(roll, 1.7, 2.4), 2.14]);
  times(9, (k) => {
    const puff: Point = [between(roll, -0.25, 0.25) + 0.05 * k, -0.64 - 0.1 * k];
    ellipse(
      engine,
      puff,
      [0.2 + 0.035 * k, 0.16 + 0.02 * k],
      lit(k % 2 ? [0.95, 0.95, 0.98] : [0.72, 0.78, 0.92]),
      0.7,
    );
  });
  stroke(engine, [0, -0.19], [0, -0.52], 0.16, shade(iron, -0.5));
  ellipse(engine, [0, 0], [0.38, 0.38], shade(iron, -0.45));
  ellipse(engine, [0, 0], [0.24, 0.24], shade(iron, 0.05));
  polygon(engine, [[-0.46, 0.28], [0.46, 0.28], [0.52, 0.44], [-0.52, 0.44]], lit([0.55, 0.15, 0.12]));
  [-0.28, 0.28].forEach((x) => ellipse(engine, [x, 0.32], [0.08, 0.08], LAMP));
}

/** A street of tall houses that run together at its end, and people. */
export function street(scene: Scene): void {
  const { canvas, light, roll } = scene;
  const { lit } = light, end = between(roll, 1.8, 2.2), roof = lit([0.36, 0.4, 0.5]);
  sky(scene, 1.9);
  polygon(canvas, [[0, 3], [end - 0.18, 1.78], [end + 0.18, 1.78], [4, 3]], light.earth);
  const walls = [lit([0.92, 0.78, 0.6]), lit([0.85, 0.6, 0.5]), lit([0.78, 0.76, 0.72]), lit([0.92, 0.78, 0.6])];
  [1, -1].forEach((side) => {
    const row = side > 0 ? canvas : placed(canvas, [4, 0], 1, -1), reach = side > 0 ? end : 4 - end;
    [0, 0.42, 0.7].forEach((near, k) => {
      const far = [0.42, 0.7, 0.88][k], eaves = (t: number): Point => [reach * t, 0.35 + 1.15 * t + 0.12 * (k % 2)];
      const foot = (t: number): Point => [reach * t, 3 - 1.15 * t];
      const wall = shade(walls[side > 0 ? k : k + 1], side > 0 ? 0.1 : -0.22);
      polygon(row, [eaves(near), eaves(far), foot(far), foot(near)], wall);
      stroke(row, eaves(near), eaves(far), 0.16 - 0.03 * k, roof);
      [0.3, 0.7].forEach((along) => {
        const t = near + (far - near) * along, size = 0.15 * (1 - t), top = eaves(t)[1], low = foot(t)[1];
        [0.3, 0.55, 0.8].forEach((down) => {
          const pane: Point = [reach * t, top + (low - top) * down], sill: Point = [pane[0], pane[1] - 1.4 * size];
          stroke(row, sill, pane, 0.02 + 0.75 * size, roll() < 0.35 ? LAMP : shade(roof, -0.2));
        });
      });
    });
  });
  times(count(roll, 5, 9), () => {
    const near = between(roll, 0.12, 0.83), x = end + between(roll, -1, 1) * (0.12 + 1.1 * near);
    const walker = placed(canvas, [x, 1.8 + 1.2 * near], 0.12 + 0.35 * near);
    stroke(walker, [0, 0], [0, -0.7], 0.36, lit(roll() < 0.7 ? [0.16, 0.16, 0.24] : [0.7, 0.2, 0.2]));
    ellipse(walker, [0, -1], [0.15, 0.18], lit([0.85, 0.68, 0.58]));
  });
}

/** Sunflowers in a jar. */
export function sunflowers(scene: Scene): void {
  const { roll, light: { lit, bare } } = scene;
  room(scene);
  const here = placed(scene.canvas, [between(roll, 1.8, 2.2), 1.05]), jar = lit([0.86, 0.7, 0.4]);
  const heads: Point[] = Array.from({ length: count(roll, 6, 8) }, (_, k) => {
    const turn = 2.4 * k + between(roll, 0, 0.5), far = 0.25 + 0.62 * Math.sqrt(k / 8);
    return [far * 1.15 * Math.cos(turn), far * 0.72 * Math.sin(turn)];
  });
  heads.forEach(([x, y]) => line(here, [[0, 0.95], [x / 2, 0.55], [x, y]], 0.06, lit([0.32, 0.5, 0.2])));
  ellipse(here, [0, 1.27], [0.42, 0.5], jar);
  ellipse(here, [-0.14, 1.15], [0.12, 0.26], shade(jar, 0.45), 0.7);
  stroke(here, [-0.26, 0.83], [0.26, 0.83], 0.13, shade(jar, -0.2));
  heads.forEach((head) => {
    const flower = placed(here, head), petal = lit(bare ? [0.85, 0.66, 0.3] : [1, 0.78, 0.14]);
    times(9, (k) => {
      const tip: Point = [0.25 * Math.cos(0.7 * k), 0.25 * Math.sin(0.7 * k)];
      stroke(flower, [0, 0], tip, 0.11, shade(petal, between(roll, -0.15, 0.2)));
    });
    ellipse(flower, [0, 0], [0.13, 0.13], lit([0.38, 0.2, 0.1]));
  });
}

/** Apples on a cloth, and a bottle. */
export function apples(scene: Scene): void {
  const { canvas, roll, light: { lit } } = scene;
  room(scene);
  const cloth = lit([0.94, 0.93, 0.92]), glass = lit([0.2, 0.36, 0.3]);
  polygon(canvas, [[0.4, 2.05], [3.4, 1.95], [3.8, 3], [0.1, 3]], cloth);
  times(5, (k) => stroke(canvas, [0.7 + k * 0.6, 2.2], [0.4 + k * 0.75, 3], 0.08, shade(cloth, -0.22), 0.7));
  const bottle = placed(canvas, [between(roll, 2.7, 3.1), 1.95]);
  stroke(bottle, [0, 0], [0, -0.65], 0.42, glass);
  stroke(bottle, [0, -0.75], [0, -1.25], 0.17, glass);
  stroke(bottle, [-0.1, -0.05], [-0.1, -0.6], 0.07, shade(glass, 0.5), 0.7);
  const skins = [lit([0.85, 0.2, 0.14]), lit([0.92, 0.68, 0.2]), lit([0.6, 0.72, 0.24])];
  times(count(roll, 6, 9), (k) => {
    const apple = placed(canvas, [0.75 + (k % 5) * 0.44 + between(roll, -0.06, 0.06), k < 5 ? 2.12 : 2.5]);
    const skin = pick(roll, skins);
    ellipse(apple, [0.06, 0.2], [0.26, 0.07], shade(cloth, -0.45), 0.7);
    ellipse(apple, [0, 0], [0.25, 0.23], shade(skin, -0.2));
    ellipse(apple, [-0.04, -0.04], [0.19, 0.17], skin);
    ellipse(apple, [-0.08, -0.09], [0.06, 0.05], shade(skin, 0.7));
    stroke(apple, [0, -0.2], [0.03, -0.3], 0.04, lit([0.3, 0.2, 0.14]));
  });
}

/** A wall in the colours of the hour, and a table in the colours of the season. */
function room({ canvas, light }: Scene): void {
  ground(canvas, [-0.1, 2.2], light.zenith, light.horizon);
  ground(canvas, [2.1, 3], shade(light.earth, -0.1), shade(light.earth, -0.35));
  stroke(canvas, [0, 2.1], [4, 2.1], 0.06, shade(light.earth, -0.5));
}
