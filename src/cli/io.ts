/**
 * The surroundings of a command: the places to print to, the clock, the files and the hardware. They are handed in, so
 * that tests run commands in their own process and read the output.
 *
 * The result of a command goes to `out`; progress, notes and failures go to `err`. So `main.ts … > file` keeps the
 * result alone, and with `--json` it is one line.
 *
 * @module
 */
import { type Exit, INTERRUPTED } from "./failure.ts";
import { type Files, localFiles } from "../data/files.ts";
import { paint, printable } from "../reports/text_style.ts";
import type { Hardware } from "../runs/device.ts";
import { thisHardware } from "./hardware.ts";

/** One of the two places to print to. */
export interface Sink {
  /** Prints text as it is: a line ends in a newline of its own. */
  readonly write: (text: string) => void;
  /** Whether it is a terminal: only then bars are drawn. */
  readonly terminal: boolean;
  /** Whether to colour: on a terminal, unless `NO_COLOR` is set. */
  readonly colour: boolean;
  /** The width of the terminal; `Infinity` if it is none. */
  readonly columns: number;
}

/** The surroundings of a command. */
export interface Io {
  /** The place of the result. */
  readonly out: Sink;
  /** The place of progress, notes and failures. */
  readonly err: Sink;
  /** Returns the time in milliseconds since 1970, and fractions of them; it never goes back. */
  readonly now: () => number;
  /** Returns a signal that aborts on Ctrl-C. The first call starts to listen; a second Ctrl-C ends the process. */
  readonly interruption: () => AbortSignal;
  /** The files that the command reads and writes. */
  readonly files: Files;
  /** The hardware that computes. */
  readonly hardware: Hardware;
}

/**
 * Returns the surroundings of this process.
 *
 * @example
 * ```ts
 * import { processIo } from "@giverny/giverny/cli";
 * import { ok } from "node:assert/strict";
 * ok(processIo().now() > 0);
 * ```
 */
export function processIo(): Io {
  return {
    out: sinkOf(Deno.stdout),
    err: sinkOf(Deno.stderr),
    now,
    interruption,
    files: localFiles,
    hardware: thisHardware(),
  };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function sinkOf(stream: typeof Deno.stdout): Sink {
  const encoder = new TextEncoder();
  const terminal = stream.isTerminal();
  return {
    write: (text) => {
      for (let rest = encoder.encode(text); rest.length > 0;) rest = rest.subarray(stream.writeSync(rest));
    },
    terminal,
    colour: terminal && !Deno.noColor,
    columns: terminal ? Deno.consoleSize().columns : Infinity,
  };
}

function interruption(): AbortSignal {
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.signal.aborted ? Deno.exit(INTERRUPTED) : stop.abort());
  return stop.signal;
}

/** Prints a remark that is not the result, such as a fallback. */
export function note(io: Io, text: string): void {
  io.err.write(`${paint("note:", "yellow", io.err)} ${printable(text)}\n`);
}

/** The result of a command, as data for programs and as text for people. One of the two is printed. */
export interface Report {
  /** The data that `--json` prints: a plain object without cycles. */
  readonly data: object;
  /** Returns the text, ending in a newline. */
  readonly text: (sink: Sink) => string;
  /** The exit code; 0 by default. */
  readonly exit?: Exit;
}
