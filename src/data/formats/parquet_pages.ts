/**
 * The headers of the pages of Parquet files, checked before a decoder believes them: sizes that are negative or lead
 * out of a column make it run without end.
 *
 * @module
 */

/** The place of a column: its first byte and its bytes. */
export interface ColumnPlace {
  readonly start: number;
  readonly length: number;
}

/** The numbers in a header of Thrift's compact protocol, by the path of their fields: `8.5` for example. */
interface Header {
  readonly numbers: ReadonlyMap<string, number>;
  readonly end: number;
}

/** The deepest nesting of a header, and the types of Thrift's compact protocol. */
const DEEPEST = 6;
const [TRUE, FALSE, BYTE, I64, DOUBLE, BINARY, LIST, SET, STRUCT] = [1, 2, 3, 6, 7, 8, 9, 10, 12];
/** The fields of a header: the sizes of a page, the counts of its values, and the bytes of its levels. */
const SIZES = ["2", "3"], COUNTS = ["5.1", "7.1", "8.1", "8.2", "8.3"], LEVELS = ["8.5", "8.6"];
/** The fields that each type of page must have: data, index, dictionary, and data of version 2. */
const NEEDED = [["5.1"], [], ["7.1"], ["8.1", "8.2", "8.3", "8.5", "8.6"]];

/** Returns the reason why the pages of a column cannot be read, or `null`. */
export function faultOfPages(file: ArrayBuffer, { start, length }: ColumnPlace, mostValues: number): string | null {
  const end = start + length;
  if (!(start >= 0 && length >= 0 && end <= file.byteLength)) return "a column lies outside of the file";
  const view = new DataView(file, 0, end);
  for (let at = start; at < end - 1;) {
    const header = headerOf(view, at);
    if (!header) return "the header of a page is damaged";
    const number = (field: string) => header.numbers.get(field) ?? 0;
    const needed = [...SIZES, ...NEEDED[header.numbers.get("1") ?? -1] ?? ["1"]];
    if (!needed.every((field) => header.numbers.has(field))) return "the header of a page is incomplete";
    const packed = number("3"), levels = LEVELS.map(number);
    if ([...SIZES, ...COUNTS, ...LEVELS].some((field) => number(field) < 0)) return "a page has a negative size";
    if (header.end + packed > end) return "a page lies outside of its column";
    if (levels[0] + levels[1] > packed) return "the levels of a page are larger than the page";
    if (number("8.2") > number("8.1")) return "a page has more missing values than values";
    if (COUNTS.some((field) => number(field) > mostValues)) return "a page has more values than the file can have";
    at = header.end + packed;
  }
  return null;
}

function headerOf(view: DataView, from: number): Header | null {
  const numbers = new Map<string, number>();
  let at = from;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new RangeError();
  };
  const zigzag = (): number => {
    const value = varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const element = (type: number, path: string, depth: number): void => {
    if (depth > DEEPEST) throw new RangeError();
    if (type === BYTE) at += 1;
    else if (type > BYTE && type <= I64) numbers.set(path, zigzag());
    else if (type === DOUBLE) at += 8;
    else if (type === BINARY) at += varint();
    else if (type === LIST || type === SET) {
      const byte = view.getUint8(at++), count = byte >> 4 === 15 ? varint() : byte >> 4;
      for (let n = 0; n < count; n++) (byte & 15) <= FALSE ? at++ : element(byte & 15, `${path}.`, depth + 1);
    } else if (type === STRUCT) struct(`${path}.`, depth + 1);
    else if (type !== TRUE && type !== FALSE) throw new RangeError();
  };
  const struct = (prefix: string, depth: number): void => {
    for (let field = 0;;) {
      const byte = view.getUint8(at++), type = byte & 15;
      if (type === 0) return;
      field = byte >> 4 ? field + (byte >> 4) : zigzag();
      element(type, prefix + field, depth);
    }
  };
  try {
    struct("", 0);
    return { numbers, end: at };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
