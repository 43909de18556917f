/**
 * Subjects of town and table: a cathedral, a railway station, a street, sunflowers, apples.
 *
 * @module
 */
import { ellipse, ground, line, paint, polygon, stroke } from "./canvas.ts";
import { between, count } from "./dice.ts";
import { field, type Scene, shade, sky, times } from "./nature.ts";

/** The west front of a cathedral. */
export function cathedral(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 2.6);
  field(scene, 2.7, light.earth);
  const stone = light.lit([0.86, 0.76, 0.62]), dark = shade(stone, -0.55), x = between(roll, 1.75, 2.25);
  const high = between(roll, 0.25, 0.5), low = between(roll, 0.25, 0.7);
  polygon(canvas, [[x - 0.62, 1], [x + 0.62, 1], [x + 0.62, 2.8], [x - 0.62, 2.8]], stone);
  polygon(canvas, [[x, 0.62], [x + 0.5, 1.05], [x - 0.5, 1.05]], shade(stone, -0.08));
  [[-1, high], [1, low]].forEach(([side, top]) => {
    const cx = x + side * 0.88;
    polygon(
      canvas,
      [[cx - 0.3, top + 0.2], [cx + 0.3, top + 0.2], [cx + 0.32, 2.8], [cx - 0.32, 2.8]],
      shade(stone, side * -0.14),
    );
    polygon(
      canvas,
      [[cx, top - 0.2], [cx + 0.3, top + 0.22], [cx - 0.3, top + 0.22]],
      shade(stone, side * -0.14 - 0.12),
    );
    [0.62, 1.15].forEach((y) => stroke(canvas, [cx, top + y], [cx, top + y - 0.24], 0.13, dark, 0.85));
    stroke(canvas, [cx - 0.26, top + 0.8], [cx + 0.26, top + 0.8], 0.05, shade(stone, -0.3), 0.8);
    stroke(canvas, [cx, 2.8], [cx, 2.42], 0.24, dark, 0.9);
  });
  ellipse(canvas, [x, 1.42], [0.27, 0.27], dark);
  ellipse(canvas, [x, 1.42], [0.17, 0.17], light.lit([0.55, 0.55, 0.82]));
  ellipse(canvas, [x, 1.42], [0.06, 0.06], light.lit([0.95, 0.6, 0.4]));
  line(canvas, [[x - 0.6, 1.85], [x + 0.6, 1.85]], 0.06, shade(stone, -0.3));
  stroke(canvas, [x, 2.8], [x, 2.36], 0.4, dark);
  stroke(canvas, [x, 2.85], [x, 2.5], 0.22, light.lit([0.4, 0.22, 0.16]));
}

/** A railway station under glass: a locomotive, rails, steam. */
export function station(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 2.2);
  const iron = light.lit([0.25, 0.27, 0.33]);
  times(4, (k) => {
    const x = 0.25 + k * 1.15, top = 1.2 + between(roll, -0.1, 0.15);
    polygon(
      canvas,
      [[x - 0.5, top], [x + 0.5, top], [x + 0.5, 2.1], [x - 0.5, 2.1]],
      light.lit([0.78, 0.70, 0.62]),
      0.9,
    );
    [-0.25, 0, 0.25].forEach((dx) =>
      stroke(canvas, [x + dx, top + 0.35], [x + dx, top + 0.2], 0.09, light.lit([0.42, 0.4, 0.46]))
    );
  });
  field(scene, 2.1, light.lit([0.62, 0.55, 0.5]));
  [[1.2, 1.9], [2.8, 2.1]].forEach(([to, from]) => line(canvas, [[to, 3], [from, 2.15]], 0.07, iron, 0.9));
  const pane = light.lit([0.75, 0.8, 0.85]);
  paint(canvas, [0, 0, 4, 1.2], (x, y) => y - 0.12 - Math.abs(x - 2) * 0.48, shade(pane, -0.3), 0.8);
  line(canvas, [[0, 1.08], [2, 0.12], [4, 1.08]], 0.12, iron);
  [0.5, 1.2, 2, 2.8, 3.5].forEach((x) => stroke(canvas, [x, 0], [x, 0.12 + Math.abs(x - 2) * 0.48], 0.05, iron));
  [0.12, 3.88].forEach((x) => stroke(canvas, [x, 1], [x, 3], 0.13, iron));
  const x = between(roll, 1.7, 2.4);
  times(
    9,
    (k) =>
      ellipse(
        canvas,
        [x + between(roll, -0.25, 0.25) + 0.05 * k, 1.5 - 0.1 * k],
        [0.2 + 0.035 * k, 0.16 + 0.02 * k],
        light.lit(k % 2 ? [0.95, 0.95, 0.98] : [0.72, 0.78, 0.92]),
        0.7,
      ),
  );
  stroke(canvas, [x, 1.95], [x, 1.62], 0.16, shade(iron, -0.5));
  ellipse(canvas, [x, 2.14], [0.38, 0.38], shade(iron, -0.45));
  ellipse(canvas, [x, 2.14], [0.24, 0.24], shade(iron, 0.05));
  polygon(
    canvas,
    [[x - 0.46, 2.42], [x + 0.46, 2.42], [x + 0.52, 2.58], [x - 0.52, 2.58]],
    light.lit([0.55, 0.15, 0.12]),
  );
  [-0.28, 0.28].forEach((dx) => ellipse(canvas, [x + dx, 2.46], [0.08, 0.08], light.lit([1.6, 1.3, 0.6])));
}

/** A street of tall houses, its windows lit after dark. */
export function street(scene: Scene): void {
  const { canvas, light, roll } = scene;
  sky(scene, 1.9);
  const end = between(roll, 1.8, 2.2);
  polygon(canvas, [[0, 3], [end - 0.18, 1.78], [end + 0.18, 1.78], [4, 3]], light.earth);
  const walls = [light.lit([0.92, 0.78, 0.6]), light.lit([0.85, 0.6, 0.5]), light.lit([0.78, 0.76, 0.72])];
  const roof = light.lit([0.36, 0.4, 0.5]), lamp = light.lit([1.5, 1.2, 0.5]);
  for (const side of [-1, 1]) {
    const edge = side < 0 ? 0 : 4;
    [0, 0.42, 0.7].forEach((near, k) => {
      const far = [0.42, 0.7, 0.88][k], a = edge + (end - edge) * near, b = edge + (end - edge) * far;
      const top = (t: number): number => 0.35 + (1.5 - 0.35) * t + 0.12 * (k % 2),
        foot = (t: number): number => 3 - 1.15 * t;
      const front: [number, number][] = [[a, top(near)], [b, top(far)], [b, foot(far)], [a, foot(near)]];
      polygon(
        canvas,
        side < 0 ? front : front.reverse(),
        shade(walls[(k + (side > 0 ? 1 : 0)) % 3], side < 0 ? 0.1 : -0.22),
      );
      line(canvas, [[a, top(near)], [b, top(far)]], 0.16 - 0.03 * k, roof);
      [0.3, 0.7].forEach((t) =>
        [0.3, 0.55, 0.8].forEach((v) => {
          const at = near + (far - near) * t, wx = edge + (end - edge) * at, y = top(at) + (foot(at) - top(at)) * v;
          const size = 0.15 * (1 - at);
          stroke(
            canvas,
            [wx, y - size],
            [wx, y + size * 0.4],
            0.02 + size * 0.75,
            roll() < 0.35 ? lamp : shade(roof, -0.2),
          );
        })
      );
    });
  }
  times(count(roll, 5, 9), () => {
    const y = between(roll, 1.95, 2.8), near = (y - 1.8) / 1.2, x = end + between(roll, -1, 1) * (0.12 + near * 1.1);
    const tall = 0.12 + 0.35 * near, coat = light.lit(roll() < 0.7 ? [0.16, 0.16, 0.24] : [0.7, 0.2, 0.2]);
    stroke(canvas, [x, y], [x, y - tall * 0.7], 0.05 + 0.12 * near, coat);
    ellipse(canvas, [x, y - tall], [0.02 + 0.05 * near, 0.03 + 0.05 * near], light.lit([0.85, 0.68, 0.58]));
  });
}

/** Sunflowers in a jar. */
export function sunflowers(scene: Scene): void {
  const { canvas, light, roll } = scene;
  room(scene);
  const jar = light.lit([0.86, 0.7, 0.4]), x = between(roll, 1.8, 2.2);
  const heads: [number, number][] = Array.from({ length: count(roll, 6, 8) }, (_, k) => {
    const turn = k * 2.4 + between(roll, 0, 0.5), far = 0.25 + 0.62 * Math.sqrt(k / 8);
    return [x + far * 1.15 * Math.cos(turn), 1.05 + far * 0.72 * Math.sin(turn)];
  });
  heads.forEach(([hx, hy]) => line(canvas, [[x, 2], [(x + hx) / 2, 1.6], [hx, hy]], 0.06, light.lit([0.32, 0.5, 0.2])));
  ellipse(canvas, [x, 2.32], [0.42, 0.5], jar);
  ellipse(canvas, [x - 0.14, 2.2], [0.12, 0.26], shade(jar, 0.45), 0.7);
  stroke(canvas, [x - 0.26, 1.88], [x + 0.26, 1.88], 0.13, shade(jar, -0.2));
  heads.forEach(([hx, hy]) => {
    const petal = light.lit(light.bare ? [0.85, 0.66, 0.3] : [1, 0.78, 0.14]);
    times(9, (k) => {
      const angle = k * 0.7, c = Math.cos(angle), s = Math.sin(angle);
      stroke(canvas, [hx, hy], [hx + 0.25 * c, hy + 0.25 * s], 0.11, shade(petal, between(roll, -0.15, 0.2)));
    });
    ellipse(canvas, [hx, hy], [0.13, 0.13], light.lit([0.38, 0.2, 0.1]));
  });
}

/** Apples on a cloth. */
export function apples(scene: Scene): void {
  const { canvas, light, roll } = scene;
  room(scene);
  const cloth = light.lit([0.94, 0.93, 0.92]);
  polygon(canvas, [[0.4, 2.05], [3.4, 1.95], [3.8, 3], [0.1, 3]], cloth);
  times(5, (k) => stroke(canvas, [0.7 + k * 0.6, 2.2], [0.4 + k * 0.75, 3], 0.08, shade(cloth, -0.22), 0.7));
  const glass = light.lit([0.2, 0.36, 0.3]), bottle = between(roll, 2.7, 3.1);
  stroke(canvas, [bottle, 1.95], [bottle, 1.3], 0.42, glass);
  stroke(canvas, [bottle, 1.2], [bottle, 0.7], 0.17, glass);
  stroke(canvas, [bottle - 0.1, 1.9], [bottle - 0.1, 1.35], 0.07, shade(glass, 0.5), 0.7);
  const skins = [light.lit([0.85, 0.2, 0.14]), light.lit([0.92, 0.68, 0.2]), light.lit([0.6, 0.72, 0.24])];
  times(count(roll, 6, 9), (k) => {
    const x = 0.75 + (k % 5) * 0.44 + between(roll, -0.06, 0.06),
      y = k < 5 ? 2.12 : 2.5,
      skin = skins[Math.floor(roll() * 3)];
    ellipse(canvas, [x + 0.06, y + 0.2], [0.26, 0.07], shade(cloth, -0.45), 0.7);
    ellipse(canvas, [x, y], [0.25, 0.23], shade(skin, -0.2));
    ellipse(canvas, [x - 0.04, y - 0.04], [0.19, 0.17], skin);
    ellipse(canvas, [x - 0.08, y - 0.09], [0.06, 0.05], shade(skin, 0.7));
    stroke(canvas, [x, y - 0.2], [x + 0.03, y - 0.3], 0.04, light.lit([0.3, 0.2, 0.14]));
  });
}

/** A wall in the colours of the hour, and a table in those of the season. */
function room({ canvas, light }: Scene): void {
  ground(canvas, [-0.1, 2.2], light.zenith, light.horizon);
  ground(canvas, [2.1, 3], shade(light.earth, -0.1), shade(light.earth, -0.35));
  stroke(canvas, [0, 2.1], [4, 2.1], 0.06, shade(light.earth, -0.5));
}
