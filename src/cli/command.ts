/**
 * What a command is: its words, the options that may follow them, and where its implementation is. The implementation is
 * imported only when the command runs, so that help costs nothing.
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
import type { Io, Report } from "./shell/io.ts";
import { PROGRAM } from "./shell/typed.ts";

/** A command line understood: what to do, to be given the surroundings to do it in. */
export type Action = (io: Io) => Promise<Report>;

/** A parser of one command, its words included. */
export type CommandParser = Parser<"sync", Action, unknown>;

/** A command. */
export interface Command {
  /** The words that name it: `["train"]`, `["data", "stats"]`. */
  readonly words: readonly string[];
  /** Parses the last word and what follows it. */
  readonly parser: CommandParser;
}

/** What `--help` says about a command. */
export interface CommandHelp {
  /** One sentence for the list of commands. */
  readonly brief: string;
  /** What else there is to know. */
  readonly description: string;
  /** Complete command lines, without the program: `train --data garden`. At least one. */
  readonly examples: readonly [string, ...string[]];
}

/** The parsers of a command's options, by the name that its implementation knows them by. */
export type OptionParsers<T> = { readonly [K in keyof T]: Parser<"sync", T[K], unknown> };

/** Flags of every command. They are read from the arguments themselves, because a failure to parse obeys them too. */
const COMMON = {
  json: option("--json", { description: say("Print the result as one line of JSON, for machines.") }),
  debug: option("--debug", { description: say("Show where a failure came from.") }),
};

/**
 * Returns a command. Its options are checked against its implementation: `load` must import a function that takes exactly
 * what the parsers make.
 *
 * @example
 * ```ts ignore
 * const devices = define("devices", {}, {
 *   brief: "Show which devices there are.",
 *   description: "Says what each can do, which one is chosen, and why.",
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
