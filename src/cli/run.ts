/**
 * The program, from arguments to an exit code: parse, run the command, print its report or its failure.
 *
 * @module
 */
import { or } from "@optique/core/constructs";
import { runParser } from "@optique/core/facade";
import { formatMessage, type MessageFormatter } from "@optique/core/message";
import { command } from "@optique/core/primitives";
import type { Usage } from "@optique/core/usage";
import { UsageError } from "../../kernels/errors.ts";
import config from "../../deno.json" with { type: "json" };
import { type Action, type Command, type CommandParser, exampleLines, examplesBelow, say } from "./command.ts";
import { COMMANDS, GROUPS } from "./commands.ts";
import { PROGRAM, typed } from "./command_line.ts";
import { describe, INTERRUPTIONS } from "./failure.ts";
import { paint, printable } from "../reports/text_style.ts";
import type { Io, Report } from "./io.ts";

/** The name that the shell completes. */
const NAME = "giverny";
const COMMAND_LINE: Usage = [{ type: "literal", value: "COMMAND [OPTION…]" }];

/**
 * Runs the command that `args` asks for and returns the exit code: 0 fine, 1 failed, 2 misused, 130 interrupted (129 by
 * a closed terminal, 143 by SIGTERM). With
 * `--json` the last line on `out` is one JSON object, after a failure `{"error": …, "exit": …}`; without it, the report
 * for people. A failure is one sentence on `err`, with what can be done where something can, and a stack under
 * `--debug`. Half a command is misuse, which help on `err` answers; no command at all is a question, which help on
 * `out` answers.
 *
 * @example
 * ```ts
 * import { processIo, run, type Sink } from "@giverny/giverny/cli";
 * import { equal, ok } from "node:assert/strict";
 * let printed = "";
 * const out: Sink = { write: (text) => void (printed += text), terminal: false, colour: false, columns: 80 };
 * equal(await run(["models", "monet"], { ...processIo(), out }), 0);
 * ok(printed.startsWith("monet: "));
 * ```
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const json = args.includes("--json");
  try {
    if (COMMANDS.some(({ words }) => args.length < words.length && args.every((arg, i) => arg === words[i]))) {
      parse([...args, "--help"], args.length > 0 ? { ...io, out: io.err } : io);
      return args.length > 0 ? 2 : 0;
    }
    const report = await parse(args, io)?.(io);
    return report ? print(report, json, io) : 0;
  } catch (error) {
    // Help for a reader that reads no more, as in `--help | head -1`.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    const { sentence, exit, advice = "" } = describe(error);
    io.err.write(`${paint("error:", "red", io.err)} ${printable(sentence)}\n${advice}`);
    if (args.includes("--debug")) io.err.write(`${Deno.inspect(error)}\n`);
    if (json) io.out.write(`${JSON.stringify({ error: sentence, exit })}\n`);
    return exit;
  }
}

/** Prints a report and returns its exit code, which a reader that reads no more does not change. */
function print({ data, text, exit = 0 }: Report, json: boolean, { out }: Io): number {
  try {
    out.write(json ? `${JSON.stringify(data)}\n` : text(out));
  } catch (error) {
    // An interrupted command has lost its terminal, perhaps.
    if (!(error instanceof Deno.errors.BrokenPipe) && exit < INTERRUPTIONS.SIGHUP) throw error;
  }
  return exit;
}

/**
 * Returns what the arguments ask for, or null if it was help, the version or a completion, which is printed already.
 */
function parse(args: readonly string[], io: Io): Action | null {
  const chosen = COMMANDS.find(({ words }) => words.every((word, i) => args[i] === word));
  const program = args[0] === "completion" ? NAME : PROGRAM;
  return runParser(chosen ? alone(chosen) : parserFor(args[0]), program, args, {
    brief: say("Recommends items from interactions and from the items' pictures, texts and sounds."),
    examples: exampleLines(["train", "data import shop.csv --out my-shop --split ratio", "train --data my-shop"]),
    footer: say(
      `${PROGRAM} COMMAND --help explains a command and shows examples. Exit codes: 0 fine, 1 failed, 2 misused, 130 interrupted (129 if the terminal closed, 143 by SIGTERM).`,
    ),
    help: { option: { names: ["--help", "-h"] }, onShow: () => null },
    version: { value: config.version, option: true, onShow: () => null },
    completion: { command: true, onShow: () => null },
    commandList: "top-level",
    usageLine: COMMAND_LINE,
    showDefault: { prefix: " (default ", suffix: ")" },
    showChoices: { prefix: " (", label: "one of ", suffix: ")" },
    termWidth: "auto",
    maxWidth: Math.max(60, Math.min(io.out.columns, 100)),
    colors: io.out.colour,
    messageFormatter: unquoted,
    aboveError: "none",
    stdout: (text) => io.out.write(`${text}\n`),
    stderr: () => {},
    onError(_, message): never {
      const problem = unquoted(message).replaceAll(/\s+/g, " ");
      throw new UsageError(`${problem} See ${PROGRAM} ${typed(...chosen?.words ?? [], "--help")}`);
    },
  });
}

/** A command with the words before its last. On its own it names the nearest flag; among alternatives it cannot. */
function alone({ words, parser }: Command): CommandParser {
  return words.slice(0, -1).reduceRight((inner, word) => command(word, inner), parser);
}

/** The group that the first word names; for help, completion, and words that are no command, all of them. */
function parserFor(first: string | undefined): CommandParser {
  const groups = Map.groupBy(COMMANDS, ({ words }) => words[0]);
  const parsers = new Map(Array.from(groups, ([word, commands]) => [
    word,
    word in GROUPS
      ? command(word, or(...commands.map(({ parser }) => parser)), {
        brief: say(GROUPS[word].brief),
        footer: examplesBelow(GROUPS[word].examples),
        usageLine: COMMAND_LINE,
      })
      : commands[0].parser,
  ]));
  return parsers.get(first ?? "") ?? or(...parsers.values());
}

const unquoted: MessageFormatter = (message, options) => formatMessage(message, { ...options, quotes: false });
