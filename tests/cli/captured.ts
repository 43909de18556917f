/**
 * Surroundings for a command under test: what it prints is kept, and time stands still unless told.
 *
 * @module
 */
import type { Io, Sink } from "../../src/cli/io.ts";
import { run } from "../../src/cli/run.ts";

/** What the surroundings pretend to be. */
export interface CapturedOptions {
  /** Whether both sinks are terminals, `false` by default. */
  readonly terminal?: boolean;
  /** Whether both take colour, `false` by default. */
  readonly colour?: boolean;
  /** The clock, 0 by default. */
  readonly now?: () => number;
}

/** Surroundings, and what was printed to them. */
export interface Captured {
  readonly io: Io;
  readonly out: () => string;
  readonly err: () => string;
  /** Presses Ctrl-C. */
  readonly interrupt: () => void;
}

/** Returns fresh surroundings. */
export function captured({ terminal = false, colour = false, now = () => 0 }: CapturedOptions = {}): Captured {
  const printed = { out: "", err: "" };
  const sink = (name: "out" | "err"): Sink => ({
    write: (text) => void (printed[name] += text),
    terminal,
    colour,
    columns: terminal ? 80 : Infinity,
  });
  const stop = new AbortController();
  return {
    io: { out: sink("out"), err: sink("err"), now, interruption: () => stop.signal },
    out: () => printed.out,
    err: () => printed.err,
    interrupt: () => stop.abort(),
  };
}

/** What a command line came to. */
export interface Outcome {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line, its words separated by blanks, and returns what it came to. */
export async function type(line: string, options: CapturedOptions = {}): Promise<Outcome> {
  const { io, out, err } = captured(options);
  const exit = await run(line.split(" ").filter((word) => word !== ""), io);
  return { exit, out: out(), err: err() };
}
