/**
 * Surroundings for a command under test: what it prints is kept, and time stands still unless told.
 *
 * @module
 */
import { openDevice } from "../../kernels/mod.ts";
import type { Io, Sink } from "../../src/cli/shell/io.ts";
import type { Machine } from "../../src/cli/shell/machine.ts";
import { run } from "../../src/cli/run.ts";

/** What the surroundings pretend to be. */
export interface CapturedOptions {
  /** Whether both sinks are terminals, `false` by default. */
  readonly terminal?: boolean;
  /** Whether both take colour, `false` by default. */
  readonly colour?: boolean;
  /** The clock, 0 by default. */
  readonly now?: () => number;
  /** Hears what is printed to `err`, and may press Ctrl-C. */
  readonly hear?: (text: string, interrupt: () => void) => void;
  /** What there is to compute on; a {@link plainMachine} by default. */
  readonly machine?: Machine;
}

/** A machine without a GPU, on which nothing is remembered. */
export const plainMachine: Machine = {
  gpu: () => Promise.resolve("no WebGPU adapter answers"),
  open: openDevice,
  cache: () => null,
};

/** Surroundings, and what was printed to them. */
export interface Captured {
  readonly io: Io;
  readonly out: () => string;
  readonly err: () => string;
}

/** Returns fresh surroundings. */
export function captured(
  { terminal = false, colour = false, now = () => 0, hear = () => {}, machine = plainMachine }: CapturedOptions = {},
): Captured {
  const printed = { out: "", err: "" };
  const stop = new AbortController();
  const sink = (name: "out" | "err"): Sink => ({
    write: (text) => {
      printed[name] += text;
      if (name === "err") hear(text, () => stop.abort());
    },
    terminal,
    colour,
    columns: terminal ? 80 : Infinity,
  });
  return {
    io: { out: sink("out"), err: sink("err"), now, interruption: () => stop.signal, machine },
    out: () => printed.out,
    err: () => printed.err,
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
