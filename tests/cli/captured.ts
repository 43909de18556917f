/**
 * Input and output for a command under test: the printed text is kept, and the clock stands still by default.
 *
 * @module
 */
import { openDevice } from "../../kernels/mod.ts";
import type { Io, Sink } from "../../src/cli/io.ts";
import { type Files, localFiles } from "../../src/data/files.ts";
import type { Hardware } from "../../src/runs/device.ts";
import { run } from "../../src/cli/run.ts";

/** The options of {@link captured}. */
export interface CapturedOptions {
  /** Whether both sinks are terminals, `false` by default. */
  readonly terminal?: boolean;
  /** Whether both show colours, `false` by default. */
  readonly colour?: boolean;
  /** The clock, 0 by default. */
  readonly now?: () => number;
  /** Receives the text printed to `err`, and may press Ctrl-C. */
  readonly listen?: (text: string, interrupt: () => void) => void;
  /** The hardware; {@link plainHardware} by default. */
  readonly hardware?: Hardware;
  /** The files; those of this machine by default. */
  readonly files?: Files;
}

/** Hardware without a GPU, which remembers no measurements. */
export const plainHardware: Hardware = {
  gpu: () => Promise.resolve("no WebGPU adapter answers"),
  open: openDevice,
  timings: () => null,
};

/** Input and output, and the printed text. */
export interface Captured {
  readonly io: Io;
  readonly out: () => string;
  readonly err: () => string;
}

/** Returns new input and output. */
export function captured(
  { terminal = false, colour = false, now = () => 0, listen = () => {}, hardware = plainHardware, files = localFiles }:
    CapturedOptions = {},
): Captured {
  const printed = { out: "", err: "" };
  const stop = new AbortController();
  const sink = (name: "out" | "err"): Sink => ({
    write: (text) => {
      printed[name] += text;
      if (name === "err") listen(text, () => stop.abort());
    },
    terminal,
    colour,
    columns: terminal ? 80 : Infinity,
  });
  return {
    io: { out: sink("out"), err: sink("err"), now, interruption: () => stop.signal, files, hardware },
    out: () => printed.out,
    err: () => printed.err,
  };
}

/** The result of a command line. */
export interface Outcome {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line, its words separated by blanks, and returns its result. */
export async function type(line: string, options: CapturedOptions = {}): Promise<Outcome> {
  const { io, out, err } = captured(options);
  const exit = await run(line.split(" ").filter((word) => word !== ""), io);
  return { exit, out: out(), err: err() };
}
