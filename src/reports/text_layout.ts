/**
 * Text for a terminal of some width: aligned numbers, columns divided into parts that fit, and wrapped sentences.
 *
 * @module
 */
import stringWidth from "string-width";
import type { TextStyle } from "./text_style.ts";

/** Returns how many columns of a terminal a text takes: two for a wide letter, none for an ANSI style. */
export function width(text: string): number {
  return stringWidth(text);
}

/** Returns the cells of a column, such as `.0743 ± .0012`, padded so that their decimal points line up. */
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
 * Divides columns into as few parts as fit, of widths as equal as possible. Each part is given by its first column and
 * the one after its last.
 *
 * @param widths The columns' widths, with the space before them.
 * @param room The width of a part; a wider column has a part of its own.
 */
export function fitting(widths: readonly number[], room: number): (readonly [from: number, to: number])[] {
  const parts = filled(widths, room).length;
  // The narrowest room that needs no more parts; unlimited room is reduced to the sum of the widths first.
  let enough = Math.min(room, widths.reduce((sum, own) => sum + own, 0));
  while (enough > 0 && filled(widths, enough - 1).length <= parts) enough--;
  return filled(widths, enough);
}

/** Fills one part after the other. */
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

/** Returns a text in lines of at most `room`, broken between words; a word that is longer is divided. */
export function linesOf(text: string, room: number): string[] {
  if (width(text) <= room) return [text];
  const lines = [""];
  for (const word of text.split(" ").flatMap((word) => pieces(word, room))) {
    const last = lines[lines.length - 1];
    if (last === "") lines[lines.length - 1] = word;
    else if (width(last) + 1 + width(word) > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Returns a text that is cut off, with a sign of that, where it exceeds the room. */
export function clipped(text: string, room: number): string {
  return width(text) <= room ? text : `${pieces(text, Math.max(1, room - 1))[0]}…`;
}

/** Divides a text into pieces of at most `room`. */
function pieces(text: string, room: number): string[] {
  if (width(text) <= room) return [text];
  const found = [""];
  for (const letter of text) {
    const last = found[found.length - 1];
    if (last !== "" && width(last + letter) > room) found.push(letter);
    else found[found.length - 1] = last + letter;
  }
  return found;
}

/** Returns a sentence in lines that fit, broken between words; the later lines are indented. */
export function wrapped(text: string, { columns }: Pick<TextStyle, "columns">): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== "" && width(last) + 1 + width(word) > columns) lines.push(`  ${word}`);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.map((line) => `${line}\n`).join("");
}
