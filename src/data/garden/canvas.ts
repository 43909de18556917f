/**
 * A canvas four units wide and three high, and the few shapes everything in the garden is painted with. A shape is a
 * signed distance, so its edges are smooth at any number of pixels.
 *
 * @module
 */

/** Red, green and blue, each from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** A place on the canvas: x to the right from 0 to 4, y down from 0 to 3. */
export type Point = readonly [x: number, y: number];

/** What is painted on. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Pixels per unit. */
  readonly scale: number;
  /** Height × width × 3 numbers. */
  readonly pixels: Float32Array;
}

/** Returns a blank canvas of 4 × 3 units. */
export function blank(scale: number): Canvas {
  return { width: 4 * scale, height: 3 * scale, scale, pixels: new Float32Array(4 * 3 * scale * scale * 3) };
}

/** Returns the colour that is `share` of the way from one to another. */
export function mix(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** Returns the colour of the pixel at a place; places off the canvas count as its border. */
export function colourAt({ pixels, width, height, scale }: Canvas, [x, y]: Point): Colour {
  const column = Math.max(0, Math.min(width - 1, Math.floor(x * scale)));
  const row = Math.max(0, Math.min(height - 1, Math.floor(y * scale)));
  const at = (row * width + column) * 3;
  return [pixels[at], pixels[at + 1], pixels[at + 2]];
}

/** Left, top, right and bottom of what a shape may touch. */
type Box = readonly [left: number, top: number, right: number, bottom: number];

/**
 * Paints a shape: every place within `box` whose signed distance to the edge is negative, with a colour that may depend
 * on the place.
 */
export function paint(
  canvas: Canvas,
  [left, top, right, bottom]: Box,
  distance: (x: number, y: number) => number,
  colour: Colour | ((x: number, y: number) => Colour),
  opacity = 1,
): void {
  const { width, height, scale, pixels } = canvas;
  const firstColumn = Math.max(0, Math.floor(left * scale - 1)),
    lastColumn = Math.min(width - 1, Math.ceil(right * scale));
  const firstRow = Math.max(0, Math.floor(top * scale - 1)), lastRow = Math.min(height - 1, Math.ceil(bottom * scale));
  const colourOf = typeof colour === "function" ? colour : () => colour;
  for (let row = firstRow; row <= lastRow; row++) {
    for (let column = firstColumn; column <= lastColumn; column++) {
      const x = (column + 0.5) / scale, y = (row + 0.5) / scale;
      const inside = 0.5 - distance(x, y) * scale;
      if (inside <= 0) continue;
      const at = (row * width + column) * 3, share = inside < 1 ? inside * opacity : opacity;
      const seen = colourOf(x, y);
      pixels[at] += (seen[0] - pixels[at]) * share;
      pixels[at + 1] += (seen[1] - pixels[at + 1]) * share;
      pixels[at + 2] += (seen[2] - pixels[at + 2]) * share;
    }
  }
}

/** Paints everything below `top`, one colour shading into another that is reached at `bottom`. */
export function ground(canvas: Canvas, [top, bottom]: readonly [number, number], above: Colour, below: Colour): void {
  const blend = (_: number, y: number) => mix(above, below, Math.max(0, Math.min(1, (y - top) / (bottom - top))));
  paint(canvas, [0, top, 4, 3], (_, y) => top - y, blend);
}

/** Paints an ellipse. */
export function ellipse(
  canvas: Canvas,
  [x, y]: Point,
  [rx, ry]: readonly [number, number],
  colour: Colour,
  opacity = 1,
): void {
  const small = Math.min(rx, ry);
  const distance = (px: number, py: number) => (length((px - x) / rx, (py - y) / ry) - 1) * small;
  paint(canvas, [x - rx, y - ry, x + rx, y + ry], distance, colour, opacity);
}

/** Paints a straight stroke with round ends. */
export function stroke(canvas: Canvas, from: Point, to: Point, wide: number, colour: Colour, opacity = 1): void {
  const ax = from[0], ay = from[1], dx = to[0] - ax, dy = to[1] - ay, half = wide / 2;
  const perLength = 1 / (dx * dx + dy * dy || 1);
  const distance = (x: number, y: number) => {
    const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) * perLength));
    return length(x - ax - along * dx, y - ay - along * dy) - half;
  };
  const left = ax + Math.min(dx, 0), top = ay + Math.min(dy, 0);
  const box: Box = [left - half, top - half, left + Math.abs(dx) + half, top + Math.abs(dy) + half];
  paint(canvas, box, distance, colour, opacity);
}

/** Paints a line through several places. */
export function line(canvas: Canvas, points: readonly Point[], wide: number, colour: Colour, opacity = 1): void {
  points.slice(1).forEach((to, k) => stroke(canvas, points[k], to, wide, colour, opacity));
}

/** Paints a convex polygon, its corners listed clockwise as seen. */
export function polygon(canvas: Canvas, corners: readonly Point[], colour: Colour, opacity = 1): void {
  const sides = corners.map(([ax, ay], k) => {
    const [bx, by] = corners[(k + 1) % corners.length];
    const side = length(bx - ax, by - ay) || 1;
    return { ax, ay, nx: (by - ay) / side, ny: (ax - bx) / side };
  });
  const distance = (px: number, py: number) => {
    let most = -Infinity;
    for (const { ax, ay, nx, ny } of sides) most = Math.max(most, (px - ax) * nx + (py - ay) * ny);
    return most;
  };
  const xs = corners.map(([x]) => x), ys = corners.map(([, y]) => y);
  paint(canvas, [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], distance, colour, opacity);
}

function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}
