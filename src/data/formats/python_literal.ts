/**
 * Literals of Python: the texts, numbers, lists, tuples and dictionaries that `repr` writes.
 *
 * @module
 */

const DEEPEST = 50;
const TOKEN = /\s*(?:([{}[\]():,])|[ub]?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|([^\s{}[\]():,'"]+))/ysu;
const WORDS: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };
const CLOSING: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };

/** Returns the value of a literal, or `undefined` if the text is none or is nested too deeply. */
export function parsePython(text: string): unknown {
  const tokens: string[] = [];
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found; found = TOKEN.exec(text)) {
    tokens.push(found[1] ?? found[2] ?? found[3]);
    end = TOKEN.lastIndex;
  }
  if (text.slice(end).trim() !== "") return undefined;
  const reader = { tokens, at: 0 };
  const value = valueOf(reader, DEEPEST);
  return reader.at === tokens.length ? value : undefined;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

/** Reads a value. A faulty one is `undefined`. */
function valueOf(reader: Reader, depth: number): unknown {
  const token = reader.tokens[reader.at++];
  if (token === undefined) return undefined;
  if (token[0] === "'" || token[0] === '"') return unescaped(token.slice(1, -1));
  if (token in CLOSING) return depth === 0 ? undefined : partsOf(reader, token, depth - 1);
  if (Object.hasOwn(WORDS, token)) return WORDS[token];
  const number = Number(token.replace(/L$/, ""));
  return Number.isNaN(number) && token !== "nan" ? undefined : number;
}

/** Reads the parts of a list, a tuple or a dictionary up to its end. */
function partsOf(reader: Reader, opening: string, depth: number): unknown {
  const { tokens } = reader;
  const list: unknown[] = [];
  const entries: [string, unknown][] = [];
  while (tokens[reader.at] !== CLOSING[opening]) {
    const value = valueOf(reader, depth);
    if (value === undefined) return undefined;
    if (opening === "{") {
      if (tokens[reader.at++] !== ":") return undefined;
      const held = valueOf(reader, depth);
      if (held === undefined) return undefined;
      entries.push([String(value), held]);
    } else list.push(value);
    if (tokens[reader.at] === ",") reader.at++;
    else if (tokens[reader.at] !== CLOSING[opening]) return undefined;
  }
  reader.at++;
  return opening === "{" ? Object.fromEntries(entries) : list;
}

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|(.))/gisu,
    (whole, byte?: string, short?: string, long?: string, letter?: string) => {
      const code = parseInt(byte ?? short ?? long ?? "", 16);
      if (!Number.isNaN(code)) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      return ESCAPES[letter!] ?? letter!;
    },
  );
}
