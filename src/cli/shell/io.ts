/**
 * Where a command prints and what it knows of its surroundings. Passed in, so that tests run commands in-process and read
 * what they print.
 *
 * The result of a command goes to `out`; progress, notes and failures go to `err`. So `main.ts … > file` keeps the result
 * alone, and with `--json` it is one line.
 *
 * @module
 */
import { type Exit, INTERRUPTED } from "./failure.ts";
import { paint } from "../../reports/text_layout.ts";
import { type Machine, thisMachine } from "./machine.ts";

/** One of the two places to print to. */
export interface Sink {
  /** Prints text as it is: a line ends in a newline of its own. */
  readonly write: (text: string) => void;
  /** Whether a person is looking: bars are drawn only then. */
  readonly terminal: boolean;
  /** Whether to colour: on a terminal, unless `NO_COLOR` is set. */
  readonly colour: boolean;
  /** The width of the terminal; where there is none, no limit. */
  readonly columns: number;
}

/** The surroundings of a command. */
export interface Io {
  readonly out: Sink;
  readonly err: Sink;
  /** Returns the time in milliseconds since 1970, and fractions of them; it never goes back. */
  readonly now: () => number;
  /** Returns a signal that aborts on Ctrl-C. Asking for it is what starts listening; a second Ctrl-C ends the process. */
  readonly interruption: () => AbortSignal;
  /** What there is to compute on. */
  readonly machine: Machine;
}

/** Returns the surroundings of this process. */
export function processIo(): Io {
  return { out: sinkOf(Deno.stdout), err: sinkOf(Deno.stderr), now, interruption, machine: thisMachine() };
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

/** Prints a remark that is not the result: a fallback taken, a file written. */
export function note(io: Io, text: string): void {
  io.err.write(`${paint("note:", "yellow", io.err)} ${text}\n`);
}

/** What a command found out or did: for machines as data, for people as text. One of the two is printed. */
export interface Report {
  /** What `--json` prints: a plain object without cycles. */
  readonly data: object;
  /** What people read, ending in a newline. Called only when it is printed. */
  readonly text: (sink: Sink) => string;
  /** The exit code; 0 by default. */
  readonly exit?: Exit;
}
