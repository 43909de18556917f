/**
 * Records in JSON: a list of objects, or an object on every line. Lines as Python writes them, which Amazon's item
 * files of 2014 have, are read too.
 *
 * @module
 */
import { clipped, unreadable } from "./files.ts";
import { parsePython } from "./python_literal.ts";
import type { Numbered } from "./records.ts";

/**
 * Returns the records of a text.
 *
 * @throws {FormatError} if it is neither a list of objects nor lines of objects, naming the line.
 */
export function recordsOf(path: string, what: string, text: string): readonly Numbered[] {
  return /^\s*\[\s*[{\]]/.test(text) ? listed(path, what, text) : lined(path, what, text);
}

function listed(path: string, what: string, text: string): readonly Numbered[] {
  const value = parsed(text);
  if (value === undefined) throw unreadable(what, path, "the text is not JSON, or is truncated");
  const records = value as readonly unknown[];
  const bad = records.findIndex((record) => !isObject(record));
  if (bad >= 0) {
    const rule = `expected a list of objects; its part ${bad + 1} is ${clipped(JSON.stringify(records[bad]))}`;
    throw unreadable(what, path, rule, { line: 1 });
  }
  return records.map((record, r) => ({ record: record as Numbered["record"], line: r + 1 }));
}

function lined(path: string, what: string, text: string): readonly Numbered[] {
  const first = text.search(/\S/);
  const python = /^\{\s*u?'/.test(text.slice(first, first + 100));
  return text.split(/\r\n|\n|\r/).flatMap((line, l): Numbered[] => {
    if (line.trim() === "") return [];
    const record = python ? parsePython(line) : parsed(line);
    if (isObject(record)) return [{ record, line: l + 1 }];
    throw unreadable(what, path, `expected ${python ? "an object of Python" : "a JSON object"}`, { line: l + 1 });
  });
}

function isObject(value: unknown): value is Numbered["record"] {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the value of a text in JSON, or `undefined` if it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
