/**
 * Commands: their words, their options, and their implementations, which are imported only when a command runs, so that
 * help costs nothing.
 *
 * @module
 */
import { object } from "@optique/core/constructs";
import { lineBreak, type Message, type MessageTerm, text } from "@optique/core/message";
import { map, withDefault } from "@optique/core/modifiers";
import type { Parser } from "@optique/core/parser";
import { command, option } from "@optique/core/primitives";
import type { Usage } from "@optique/core/usage";
import type { ValueParser } from "@optique/core/valueparser";
import { PROGRAM } from "./command_line.ts";
import type { Io, Report } from "./io.ts";

/** A parsed command line: a function of the surroundings. */
export type Action = (io: Io) => Promise<Report>;

/** A parser of one command, its words included. */
export type CommandParser = Parser<"sync", Action, unknown>;

/** A command. */
export interface Command {
  /** The words that name it: `["train"]`, `["data", "stats"]`. */
  readonly words: readonly string[];
  /** Parses the last word and the arguments after it. */
  readonly parser: CommandParser;
}

/** The help of a command. */
export interface CommandHelp {
  /** One sentence for the list of commands. */
  readonly brief: string;
  /** The description below the usage line. */
  readonly description: string;
  /** Complete command lines without the program, such as `train --data garden`; at least one. */
  readonly examples: readonly [string, ...string[]];
}

/** The parsers of a command's options, by the names of its implementation. */
export type OptionParsers<T> = { readonly [K in keyof T]: Parser<"sync", T[K], unknown> };

/** The flags of every command. `run` reads them from the arguments, because errors of the parser obey them too. */
const COMMON = {
  json: option("--json", { description: say("Print the result as one line of JSON, for machines.") }),
  debug: option("--debug", { description: say("Show the stack of a failure.") }),
};

/**
 * Returns a command. The type checker compares its options with its implementation: `load` must import a function that
 * takes the values of the parsers.
 *
 * @example
 * ```ts ignore
 * const devices = define("devices", {}, {
 *   brief: "Show the devices.",
 *   description: "Shows the abilities of each device, the choice, and its reason.",
 *   examples: ["devices"],
 * }, async () => (await import("./devices.ts")).devices);
 * ```
 */
export function define<T extends object>(
  words: string,
  options: OptionParsers<T>,
  help: CommandHelp,
  load: () => Promise<(options: T, io: Io) => Promise<Report>>,
): Command {
  const path = words.split(" ");
  const parsers: Readonly<Record<string, Parser<"sync", unknown, unknown>>> = { ...options, ...COMMON };
  const parser = map(
    object(parsers, { errors: { suggestions: nearest } }),
    (chosen): Action => async (io) => (await load())(chosen as T, io),
  );
  return {
    words: path,
    parser: command(path[path.length - 1], parser, {
      brief: say(help.brief),
      description: say(help.description),
      footer: examplesBelow(help.examples),
      usageLine: brieflyUsed,
    }),
  };
}

function nearest([name]: readonly string[]): Message {
  return name ? say(`Did you mean ${name}?`) : [];
}

/** Returns the parser of a flag with a value. */
export function named<T>(
  name: `--${string}`,
  value: ValueParser<"sync", T>,
  what: string,
): Parser<"sync", T, unknown> {
  return option(name as "--name", value, { description: say(what) });
}

/** Returns the parser of a flag that may be left out. */
export function maybe<T>(
  name: `--${string}`,
  value: ValueParser<"sync", T>,
  what: string,
  otherwise: T,
): Parser<"sync", T, unknown> {
  return withDefault(named(name, value, what), otherwise);
}

/** Returns text as a message of the parser library. */
export function say(words: string): readonly [MessageTerm] {
  return [text(words)];
}

/** Returns command lines as the message below the help of a command. */
export function examplesBelow(lines: readonly string[]): Message {
  return [text("Examples:"), lineBreak(), ...exampleLines(lines, "  ")];
}

/** Returns command lines as a message, one below the other. */
export function exampleLines(lines: readonly string[], indent = ""): Message {
  return lines.flatMap((line, i) => [...(i ? [lineBreak()] : []), text(`${indent}${PROGRAM} ${line}`)]);
}

/** Options that may be left out are listed below the usage line; in it, they are one word. */
function brieflyUsed(usage: Usage): Usage {
  const shown = usage.filter((term) =>
    term.type === "optional" ? term.terms.some(({ type }) => type === "argument") : term.type !== "multiple"
  );
  return [...shown, { type: "literal", value: "[OPTION…]" }];
}
