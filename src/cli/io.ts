/**
 * The surroundings of a command: the places to print to, the clock, the files and the hardware. They are handed in, so
 * that tests run commands in their own process and read the output.
 *
 * The result of a command goes to `out`; progress, notes and failures go to `err`. So `main.ts … > file` keeps the
 * result alone, and with `--json` it is one line.
 *
 * @module
 */
import { type Exit, INTERRUPTIONS } from "./failure.ts";
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
  /**
   * Returns the signal that aborts on Ctrl-C, on SIGTERM and when the terminal closes (SIGHUP). Its reason is the name
   * of the system's signal. The first call starts to listen. A second Ctrl-C ends the process.
   */
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
    err: unfailing(sinkOf(Deno.stderr)),
    now,
    interruption: once(interruption),
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

/** Returns a sink that drops all text after a failed write: a closed terminal or pipe must not end a training. */
function unfailing(sink: Sink): Sink {
  let open = true;
  return {
    ...sink,
    write: (text) => {
      if (!open) return;
      try {
        sink.write(text);
      } catch {
        open = false;
      }
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function interruption(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    if (name !== "SIGINT" && Deno.build.os === "windows" || name === "SIGHUP" && ignoresHangup()) continue;
    Deno.addSignalListener(name, () => {
      // A closed terminal sends SIGHUP twice, and service managers send SIGTERM and SIGHUP.
      if (name === "SIGINT" && stop.signal.aborted) Deno.exit(INTERRUPTIONS[name]);
      stop.abort(name);
    });
  }
  return stop.signal;
}

/** Returns whether the process was started with `nohup`: a listener to SIGHUP would undo that. */
function ignoresHangup(): boolean {
  try {
    const [, mask] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
    if (mask !== undefined) return (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    // Not Linux, or no permission to read there.
  }
  return ![Deno.stdin, Deno.stdout, Deno.stderr].some((stream) => stream.isTerminal());
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
