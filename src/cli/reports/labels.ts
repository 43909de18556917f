/**
 * Names at points, where they cover neither points nor each other.
 *
 * @module
 */

/** A point in pixels, and what it is called. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** The middle of a name, and whether it is so far from its point that a line must lead there. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly far: boolean;
}

/** A rectangle in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const DIRECTIONS = [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [-1, -1], [1, 1], [-1, 1]] as const;
const DISTANCES = [9, 18, 30, 44, 60, 80];

/**
 * Places the names of points, the first ones first: beside them, or as near as there is room within the frame.
 *
 * @param letter How wide a letter is, in pixels.
 * @param taken What must not be covered beside the points.
 */
export function placed(points: readonly Point[], frame: Box, letter: number, taken: readonly Box[] = []): Place[] {
  const dots = points.map(({ x, y }) => around(x, y, 7, 7));
  const names: Box[] = [];
  return points.map(({ x, y, text }) => {
    const [width, height] = [letter * text.length / 2 + 6, 8];
    const all = DISTANCES.flatMap((distance) =>
      DIRECTIONS.map(([dx, dy]) => {
        // Up and down a name is near by its height, to the sides by its width.
        const slant = dx !== 0 && dy !== 0 ? 0.75 : 1;
        const place = { x: x + dx * (width + distance * slant), y: y + dy * (height * 0.6 + distance * slant) };
        const box = around(place.x, place.y, width, height);
        const covered = [...dots, ...names, ...taken].reduce((sum, other) => sum + shared(box, other), 0);
        const outside = 4 * width * height - shared(box, frame);
        return { place, box, distance, cost: covered + 5 * outside + distance };
      })
    );
    const { place, box, distance } = all.reduce((best, one) => one.cost < best.cost ? one : best);
    names.push(box);
    return { ...place, far: distance > DISTANCES[1] };
  });
}

function around(x: number, y: number, width: number, height: number): Box {
  return { left: x - width, right: x + width, top: y - height, bottom: y + height };
}

/** Returns the area that two rectangles share. */
function shared(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}
