/**
 * Mutations of files: changes of bytes, and changes that know the structure of tables, JSON and headers. A mutation
 * follows from its number alone, so every finding can be repeated.
 *
 * @module
 */

/** A source of numbers from 0 to `below` − 1. */
export type Draw = (below: number) => number;

/** Returns a source of numbers that follows from a seed (xorshift). */
export function drawFrom(seed: number): Draw {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return below > 0 ? (state >>> 0) % below : 0;
  };
}

/** Values at which readers are likely to fail. */
const NUMBERS = [
  "0",
  "-1",
  "1e999",
  "NaN",
  "-0",
  "4294967296",
  "9007199254740993",
  "1e-7",
  "0x10",
  "2147483648",
  "00",
  "٣",
];
const WORDS = [
  "",
  " ",
  '"',
  "'",
  "\t",
  "\r",
  "\n",
  "\0",
  ",",
  "::",
  "|",
  "{",
  "[",
  "null",
  "__proto__",
  "\ufeff",
  "\x1b[31m",
  "😀",
];

const pick = <T>(draw: Draw, list: readonly T[]): T => list[draw(list.length)];

/** Returns bytes with a few bytes changed, removed, doubled or moved. */
function changeBytes(bytes: Uint8Array, draw: Draw): Uint8Array {
  const at = draw(bytes.length), length = 1 + draw(Math.min(64, bytes.length - at));
  const [before, part, after] = [bytes.slice(0, at), bytes.slice(at, at + length), bytes.slice(at + length)];
  const joined = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((one) => [...one]));
  switch (draw(7)) {
    case 0:
      return joined(before, part.map((byte) => byte ^ 1 << draw(8)), after);
    case 1:
      return joined(before, after);
    case 2:
      return joined(before, part, part, after);
    case 3:
      return before;
    case 4:
      return joined(after, part, before);
    case 5:
      return joined(before, new TextEncoder().encode(pick(draw, [...NUMBERS, ...WORDS])), part, after);
    default:
      return joined(before, part.map(() => pick(draw, [0, 255, 127, 128, draw(256)])), after);
  }
}

/** Returns a binary file with a number of one, two, four or eight bytes replaced by an extreme one. */
function changeHeader(bytes: Uint8Array, draw: Draw): Uint8Array {
  const copy = bytes.slice(), width = pick(draw, [1, 2, 4, 8]);
  const near = draw(2) === 0 ? Math.min(bytes.length, 128) : bytes.length;
  const at = draw(Math.max(1, near - width));
  const value = pick(draw, [0n, 1n, 0x7fn, 0xffn, 0xffffn, 0x7fffffffn, 0xffffffffn, 2n ** 53n, 2n ** 64n - 1n]);
  for (let b = 0; b < width && at + b < copy.length; b++) copy[at + b] = Number(value >> BigInt(8 * b) & 255n);
  return copy;
}

/** Returns a table with cells, columns or rows changed. */
function changeTable(text: string, draw: Draw): string {
  const lines = text.split("\n");
  const separator = ["\t", "::", ",", " "].find((mark) => lines[0].includes(mark)) ?? ",";
  const row = draw(lines.length), cells = lines[row].split(separator), column = draw(cells.length);
  switch (draw(7)) {
    case 0:
      cells[column] = pick(draw, [...NUMBERS, ...WORDS]);
      break;
    case 1:
      cells.splice(column, 1);
      break;
    case 2:
      cells.splice(column, 0, cells[column]);
      break;
    case 3:
      lines.splice(row, 1);
      return lines.join("\n");
    case 4:
      lines.splice(draw(lines.length), 0, lines[row]);
      return lines.join("\n");
    case 5:
      return lines.map((line) => line.split(separator).filter((_, c) => c !== column).join(separator)).join("\n");
    default:
      return lines.join(pick(draw, ["\r\n", "\r", "\n\n", "\n"]));
  }
  lines[row] = cells.join(separator);
  return lines.join("\n");
}

/** Returns JSON, or a line of it, with one value replaced by a value of another kind. */
function changeJson(text: string, draw: Draw): string {
  const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|\[[^[\]]*\]/g)];
  if (values.length === 0) return text;
  const { 0: found, index } = pick(draw, values);
  const value = pick(draw, [
    ...["null", "[]", "{}", '""', "-1", "1e400", "1e15", "true", '"__proto__"', "[[[]]]", "0.5"],
    "[".repeat(2000),
    JSON.stringify(pick(draw, WORDS)),
    `${found}, ${found}`,
  ]);
  return text.slice(0, index) + value + text.slice(index + found.length);
}

/** Returns the mutation of a file with a number: one change to four. */
export function mutated(bytes: Uint8Array, text: boolean, number: number): Uint8Array {
  const draw = drawFrom(number);
  let result = bytes;
  for (let left = 1 + draw(4); left > 0; left--) {
    if (result.length === 0) break;
    if (text && draw(3) > 0) {
      const content = new TextDecoder().decode(result);
      result = new TextEncoder().encode(draw(2) === 0 ? changeTable(content, draw) : changeJson(content, draw));
    } else result = !text && draw(2) === 0 ? changeHeader(result, draw) : changeBytes(result, draw);
  }
  return result;
}
