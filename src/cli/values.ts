/**
 * The parsers of the values of options, with their errors and the shell's completions.
 *
 * @module
 */
import type { ValidationRule } from "../data/validation.ts";
import { message, text } from "@optique/core/message";
import { choice, integer, string, type ValueParser } from "@optique/core/valueparser";

/** Returns the parser of a folder, which may not exist yet. */
export function folder(metavar: "DIR" | "RUN"): ValueParser<"sync", string> {
  return { ...filled("a folder", metavar), suggest: (pattern) => [{ kind: "file", type: "directory", pattern }] };
}

/** Returns the parser of a file or a folder. */
export function path(metavar: "FILE" | "SOURCE"): ValueParser<"sync", string> {
  return { ...filled("a path", metavar), suggest: (pattern) => [{ kind: "file", type: "any", pattern }] };
}

/** Returns the parser of a data set: a folder, or the word `garden`. */
export function dataSource(): ValueParser<"sync", string> {
  return {
    ...filled("a folder, or garden", "DIR|garden"),
    suggest: (pattern) => [{ kind: "literal", text: "garden" }, { kind: "file", type: "directory", pattern }],
  };
}

/** Returns the parser of a name from a list. For a wrong name, its error offers the nearest. */
export function oneOf<const T extends string>(metavar: string, names: readonly T[]): ValueParser<"sync", T> {
  return choice(names, { metavar: metavar as "NAME", suggest: "nearest" });
}

/** The largest whole number after which the next is a number too. */
const MOST = Number.MAX_SAFE_INTEGER;

/** Returns the parser of a whole number of at least `min`. */
export function wholeNumber(min: number): ValueParser<"sync", number> {
  const parser = integer({ metavar: "N", min });
  const refusal = message`Expected a whole number from ${text(String(min))} to ${text(String(MOST))}, but got `;
  return {
    ...parser,
    parse: (input) =>
      /^\d{16,}$/.test(input) && Number(input) > MOST
        ? { success: false, error: [...refusal, ...message`${input}.`] }
        : parser.parse(input),
  };
}

/** Returns the parser of a setting: `lr=1e-3`. */
export function setting(): ValueParser<"sync", readonly [name: string, value: string]> {
  return {
    mode: "sync",
    metavar: "SETTING=VALUE",
    placeholder: ["", ""],
    parse: (input) => {
      const at = input.indexOf("=");
      return at > 0
        ? { success: true, value: [input.slice(0, at), input.slice(at + 1)] }
        : { success: false, error: message`Expected a setting and its value, as in lr=1e-3, but got ${input}.` };
    },
    format: (pair) => pair.join("="),
  };
}

/** Bytes of the units that people write. */
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

/** Returns the parser of an amount of memory in bytes: `4GiB`, `500MB`. */
export function bytes(): ValueParser<"sync", number> {
  return {
    mode: "sync",
    metavar: "SIZE",
    placeholder: 0,
    parse: (input) => {
      const [, number, unit = "B"] = /^(\d+(?:\.\d+)?)\s*([KMG]?i?B)?$/i.exec(input.trim()) ?? [];
      const value = Number(number) * (UNITS[unit.toUpperCase()] ?? NaN);
      return value >= 1
        ? { success: true, value }
        : { success: false, error: message`Expected an amount of memory, as in 4GiB or 500MB, but got ${input}.` };
    },
    format: (value) => `${value}B`,
  };
}

/** Returns the parser of one or more values, separated by commas: `10,20`. */
export function listOf<T>(one: ValueParser<"sync", T>): ValueParser<"sync", readonly T[]> {
  return {
    mode: "sync",
    metavar: `${one.metavar},…`,
    placeholder: [],
    parse: (input) => {
      const parsed = input.split(",").map((part) => one.parse(part.trim()));
      const values = parsed.flatMap((result) => result.success ? [result.value] : []);
      return parsed.find((result) => !result.success) ?? { success: true, value: values };
    },
    format: (values) => values.map((value) => one.format(value)).join(","),
  };
}

/** Returns the parser of a rule for validation: `ratio:0.1`, `last`, `none`. */
export function validation(): ValueParser<"sync", ValidationRule> {
  return {
    mode: "sync",
    metavar: "RULE",
    placeholder: "none",
    parse: (input) => {
      const share = Number(/^ratio:(\d*\.?\d+)$/.exec(input)?.[1]);
      if (input === "none" || input === "last" || share > 0 && share < 1) {
        return { success: true, value: input as ValidationRule };
      }
      return {
        success: false,
        error: message`Expected none, last, or ratio:X with X between 0 and 1, as in ratio:0.1, but got ${input}.`,
      };
    },
    format: (rule) => rule,
    suggest: () => ["ratio:0.1", "last", "none"].map((text) => ({ kind: "literal", text })),
  };
}

/** Returns the parser of an id, as the source of the data set writes it. */
export function id(): ValueParser<"sync", string> {
  return filled("an id", "ID");
}

/** Returns the parser of a text that is not empty. */
function filled(
  what: string,
  metavar: "DIR" | "RUN" | "FILE" | "SOURCE" | "DIR|garden" | "ID",
): ValueParser<"sync", string> {
  return {
    ...string({ metavar }),
    parse: (input) =>
      input
        ? { success: true, value: input }
        : { success: false, error: message`Expected ${text(what)}, but got nothing.` },
  };
}
