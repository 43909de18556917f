/**
 * Brushwork: strokes over an underpainting, each in the colour of the underpainting at its place.
 *
 * @module
 */
import { type Canvas, type Colour, colourAt, type Point, stroke } from "./canvas.ts";
import { between, type Dice } from "./dice.ts";
import type { Manner } from "./painting.ts";

interface Hand {
  /** Units between neighbouring strokes. */
  readonly spacing: number;
  readonly length: number;
  readonly width: number;
  /** Direction of the stroke at a place, in radians. */
  readonly angle: (x: number, y: number) => number;
  /** The spread of the direction, in radians. */
  readonly stray: number;
  /** The spread of the colour. */
  readonly broken: number;
  readonly opacity: number;
  /** The factor of the colourfulness; 1 keeps it. */
  readonly vivid: number;
  /** A colour that is mixed into the whole picture, and its share. */
  readonly tone: Colour;
  readonly toned: number;
}

const HANDS: Readonly<Record<Manner, Hand>> = {
  dabs: {
    spacing: 0.2,
    length: 0.22,
    width: 0.12,
    angle: () => 0,
    stray: 0.7,
    broken: 0.08,
    opacity: 0.75,
    vivid: 1.15,
    tone: [0.9, 0.8, 0.95],
    toned: 0.06,
  },
  dots: {
    spacing: 0.18,
    length: 0,
    width: 0.14,
    angle: () => 0,
    stray: 0,
    broken: 0.13,
    opacity: 0.75,
    vivid: 1.3,
    tone: [1, 0.95, 0.75],
    toned: 0.08,
  },
  whorls: {
    spacing: 0.23,
    length: 0.45,
    width: 0.1,
    angle: (x, y) => 1.3 * Math.sin(1.9 * x + 0.6) + 1.1 * Math.cos(2.3 * y),
    stray: 0.15,
    broken: 0.12,
    opacity: 0.7,
    vivid: 1.45,
    tone: [0.5, 0.65, 1],
    toned: 0.1,
  },
  planes: {
    spacing: 0.23,
    length: 0.24,
    width: 0.16,
    angle: () => -0.9,
    stray: 0.12,
    broken: 0.08,
    opacity: 0.7,
    vivid: 0.9,
    tone: [0.85, 0.75, 0.42],
    toned: 0.16,
  },
  veils: {
    spacing: 0.26,
    length: 0.8,
    width: 0.14,
    angle: () => 0,
    stray: 0.05,
    broken: 0.03,
    opacity: 0.32,
    vivid: 0.65,
    tone: [0.66, 0.72, 0.84],
    toned: 0.16,
  },
  flats: {
    spacing: 4,
    length: 0,
    width: 0,
    angle: () => 0,
    stray: 0,
    broken: 0,
    opacity: 0,
    vivid: 1.6,
    tone: [1, 0.6, 0.6],
    toned: 0.06,
  },
};

/** Paints the strokes of a manner over a canvas, and tones it. */
export function brushwork(canvas: Canvas, manner: Manner, roll: Dice): void {
  const hand = HANDS[manner];
  const under = { ...canvas, pixels: canvas.pixels.slice() };
  for (let y = hand.spacing / 2; y < 3; y += hand.spacing) {
    for (let x = hand.spacing / 2; x < 4; x += hand.spacing) {
      const px = x + hand.spacing * between(roll, -0.4, 0.4), py = y + hand.spacing * between(roll, -0.4, 0.4);
      const seen = colourAt(under, [px, py]);
      const warm = hand.broken * between(roll, -1, 1), bright = hand.broken * between(roll, -1, 1);
      const colour: Colour = [seen[0] + bright + warm, seen[1] + bright, seen[2] + bright - warm];
      const angle = hand.angle(px, py) + hand.stray * between(roll, -1, 1);
      const dx = Math.cos(angle) * hand.length / 2, dy = Math.sin(angle) * hand.length / 2;
      const from: Point = [px - dx, py - dy], to: Point = [px + dx, py + dy];
      const smears = difference(seen, colourAt(under, from)) + difference(seen, colourAt(under, to)) > 0.5;
      if (smears) stroke(canvas, [px, py], [px, py], hand.width, colour, hand.opacity / 2);
      else stroke(canvas, from, to, hand.width, colour, hand.opacity);
    }
  }
  const { pixels } = canvas;
  for (let at = 0; at < pixels.length; at += 3) {
    const grey = 0.3 * pixels[at] + 0.59 * pixels[at + 1] + 0.11 * pixels[at + 2];
    for (let c = 0; c < 3; c++) {
      const vivid = grey + (pixels[at + c] - grey) * hand.vivid;
      pixels[at + c] = vivid + (1.5 * grey * hand.tone[c] - vivid) * hand.toned;
    }
  }
}

function difference(a: Colour, b: Colour): number {
  return Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]);
}
