/**
 * Text for a terminal of some width: numbers below each other, columns in parts that fit, and sentences in lines.
 *
 * @module
 */
import type { Sink } from "../shell/io.ts";
import { width } from "../shell/table.ts";

/** Returns the cells of a column, `.0743 ± .0012` say, so that their points stand below each other. */
export function aligned(cells: readonly string[]): string[] {
  const parts = cells.map((text) => text.split(" ± ").map((number) => /^([^.]*)(.*)$/s.exec(number)!.slice(1)));
  const most = (part: number, side: number) => Math.max(0, ...parts.map((all) => width(all[part]?.[side] ?? "")));
  const sides = [0, 1].map((part) => [most(part, 0), most(part, 1)]);
  const [[left, right], [leftSd, rightSd]] = sides;
  const spreads = parts.some(({ length }) => length > 1);
  return parts.map(([[whole, rest], sd]) => {
    const middle = whole === "–" ? "–".padStart(left + right) : whole.padStart(left) + rest.padEnd(right);
    if (!spreads) return middle;
    return middle + (sd ? ` ± ${sd[0].padStart(leftSd)}${sd[1].padEnd(rightSd)}` : " ".repeat(3 + leftSd + rightSd));
  });
}

/**
 * Returns which columns go into each part, as their first and the one after their last: as few parts as fit, of widths as equal
 * as they can be.
 *
 * @param widths Of the columns, with the space before them.
 * @param room What a part may take; a column that is wider has a part of its own.
 */
export function fitting(widths: readonly number[], room: number): (readonly [from: number, to: number])[] {
  const parts = filled(widths, room).length;
  // The narrowest room that makes do with as many parts; room without end is no more than all of them take.
  let enough = Math.min(room, widths.reduce((sum, own) => sum + own, 0));
  while (enough > 0 && filled(widths, enough - 1).length <= parts) enough--;
  return filled(widths, enough);
}

/** Fills part after part. */
function filled(widths: readonly number[], room: number): (readonly [from: number, to: number])[] {
  const starts = [0];
  let taken = 0;
  for (const [n, own] of widths.entries()) {
    if (taken > 0 && taken + own > room) {
      starts.push(n);
      taken = 0;
    }
    taken += own;
  }
  return starts.map((from, n) => [from, starts[n + 1] ?? widths.length]);
}

/** Returns a sentence in lines that a terminal holds, broken between words, the later ones set in. */
export function wrapped(text: string, { columns }: Pick<Sink, "columns">): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== "" && width(last) + 1 + width(word) > columns) lines.push(`  ${word}`);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.map((line) => `${line}\n`).join("");
}
