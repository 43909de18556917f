/**
 * A canvas four units wide and three high, and the shapes of which all paintings consist. A shape is a signed
 * distance, so its edges are smooth at any number of pixels.
 *
 * @module
 */

/** Red, green and blue, each from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** A place: x to the right, y down. The corners of a whole canvas are (0, 0) and (4, 3). */
export type Point = readonly [x: number, y: number];

/** A canvas, and the place of the origin of the painter's coordinates on it. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Height × width × 3 numbers. */
  readonly pixels: Float32Array;
  /** Pixels per unit of the whole canvas. */
  readonly scale: number;
  readonly origin: Point;
  /** Length of the painter's unit. */
  readonly size: number;
  /** −1 where the painter's x runs to the left. */
  readonly side: 1 | -1;
}

/** Left, top, right and bottom. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Returns a blank canvas of 4 × 3 units. */
export function blank(scale: number): Canvas {
  const pixels = new Float32Array(4 * 3 * scale * scale * 3);
  return { width: 4 * scale, height: 3 * scale, pixels, scale, origin: [0, 0], size: 1, side: 1 };
}

/** Returns the same canvas with the origin at a place, another unit, and x to the left if `side` is −1. */
export function placed(canvas: Canvas, at: Point, size = 1, side: 1 | -1 = 1): Canvas {
  return { ...canvas, origin: resolve(canvas, at), size: canvas.size * size, side: canvas.side === side ? 1 : -1 };
}

/** Returns the mixture of two colours that has `share` of the second. */
export function mix(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** Returns the colour at a place of the whole canvas; places beyond it count as its border. */
export function colourAt({ pixels, width, height, scale }: Canvas, [x, y]: Point): Colour {
  const column = Math.max(0, Math.min(width - 1, Math.floor(x * scale)));
  const row = Math.max(0, Math.min(height - 1, Math.floor(y * scale)));
  const at = (row * width + column) * 3;
  return [pixels[at], pixels[at + 1], pixels[at + 2]];
}

/**
 * Paints a shape on the whole canvas: every place within `box` whose signed distance to the edge is negative, with a
 * colour that may depend on the place.
 */
export function paint(
  { width, height, scale, pixels }: Canvas,
  [left, top, right, bottom]: Box,
  distance: (x: number, y: number) => number,
  colour: Colour | ((x: number, y: number) => Colour),
  opacity = 1,
): void {
  const firstColumn = Math.max(0, Math.floor(left * scale - 1));
  const lastColumn = Math.min(width - 1, Math.ceil(right * scale));
  const firstRow = Math.max(0, Math.floor(top * scale - 1));
  const lastRow = Math.min(height - 1, Math.ceil(bottom * scale));
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

/** Paints the whole canvas below `top` in colours that change from the first at `top` to the second at `bottom`. */
export function ground(canvas: Canvas, [top, bottom]: readonly [number, number], above: Colour, below: Colour): void {
  const blend = (_: number, y: number) => mix(above, below, Math.max(0, Math.min(1, (y - top) / (bottom - top))));
  paint(canvas, [0, top, 4, 3], (_, y) => top - y, blend);
}

/** Paints an ellipse. */
export function ellipse(canvas: Canvas, at: Point, [rx, ry]: Point, colour: Colour, opacity = 1): void {
  const [x, y] = resolve(canvas, at), wide = rx * canvas.size, tall = ry * canvas.size, small = Math.min(wide, tall);
  const distance = (px: number, py: number) => (length((px - x) / wide, (py - y) / tall) - 1) * small;
  paint(canvas, [x - wide, y - tall, x + wide, y + tall], distance, colour, opacity);
}

/** Paints a straight stroke with round ends. */
export function stroke(canvas: Canvas, from: Point, to: Point, wide: number, colour: Colour, opacity = 1): void {
  const [ax, ay] = resolve(canvas, from), [bx, by] = resolve(canvas, to);
  const dx = bx - ax, dy = by - ay, half = wide * canvas.size / 2, perLength = 1 / (dx * dx + dy * dy || 1);
  const distance = (x: number, y: number) => {
    const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) * perLength));
    return length(x - ax - along * dx, y - ay - along * dy) - half;
  };
  const box: Box = [Math.min(ax, bx) - half, Math.min(ay, by) - half, Math.max(ax, bx) + half, Math.max(ay, by) + half];
  paint(canvas, box, distance, colour, opacity);
}

/** Paints a line through several places. */
export function line(canvas: Canvas, points: readonly Point[], wide: number, colour: Colour, opacity = 1): void {
  points.slice(1).forEach((to, k) => stroke(canvas, points[k], to, wide, colour, opacity));
}

/** Paints a convex polygon, its corners in clockwise order. */
export function polygon(canvas: Canvas, corners: readonly Point[], colour: Colour, opacity = 1): void {
  const places = corners.map((corner) => resolve(canvas, corner));
  const edges = places.map(([ax, ay], k) => {
    const [bx, by] = places[(k + 1) % places.length], outward = canvas.side / (length(bx - ax, by - ay) || 1);
    return { ax, ay, nx: (by - ay) * outward, ny: (ax - bx) * outward };
  });
  const distance = (x: number, y: number) => {
    let most = -Infinity;
    for (const { ax, ay, nx, ny } of edges) most = Math.max(most, (x - ax) * nx + (y - ay) * ny);
    return most;
  };
  const xs = places.map(([x]) => x), ys = places.map(([, y]) => y);
  paint(canvas, [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], distance, colour, opacity);
}

/** Paints an upright rectangle. */
export function block(canvas: Canvas, [left, top, right, bottom]: Box, colour: Colour, opacity = 1): void {
  polygon(canvas, [[left, top], [right, top], [right, bottom], [left, bottom]], colour, opacity);
}

/** Returns a place in the painter's coordinates as a place of the whole canvas. */
function resolve({ origin, size, side }: Canvas, [x, y]: Point): Point {
  return [origin[0] + side * size * x, origin[1] + size * y];
}

function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}
