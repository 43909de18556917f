/**
 * The progress of a long command: a bar on a terminal, a plain line every few seconds elsewhere.
 *
 * @module
 */
import { format } from "deno-std/fmt/duration.js";
import { clipped } from "../reports/text_layout.ts";
import type { Io } from "./io.ts";

/** A display of progress, until it is ended. */
export interface Progress {
  /** Shows that `done` of all steps are done, with further values such as the loss, and a part of the next step. */
  readonly update: (done: number, shown?: Readonly<Record<string, string>>, part?: number) => void;
  /** Prints a line that stays. */
  readonly line: (text: string) => void;
  /** Removes the display. */
  readonly end: () => void;
}

/** The options of {@link startProgress}. */
export interface ProgressOptions {
  /** The number of steps. */
  readonly total: number;
  /** The name of a step, `step` by default: the rate is shown in `step/s`. */
  readonly unit?: string;
  /** Milliseconds between two plain lines, 5000 by default. */
  readonly every?: number;
}

/** Begins to show progress on `err`: share done, rate, and time left, from the first step on. */
export async function startProgress(io: Io, options: ProgressOptions): Promise<Progress> {
  // A bar of no steps would be full at once.
  return io.err.terminal && options.total > 0 ? await bar(io, options) : lines(io, options);
}

function lines({ err, now }: Io, { total, unit = "step", every = 5000 }: ProgressOptions): Progress {
  const start = now();
  let due = start;
  return {
    update: (done, shown = {}, part = 0) => {
      if (now() < due && done < total) return;
      due = now() + every;
      err.write(`${status({ done, part, total, unit, elapsed: now() - start, shown })}\n`);
    },
    line: (text) => err.write(`${text}\n`),
    end: () => {},
  };
}

/** The bar would return to its first position, over the lines printed since. */
const [SAVE, RESTORE] = ["\x1b7", "\x1b8"];

async function bar({ err, now }: Io, { total, unit = "step" }: ProgressOptions): Promise<Progress> {
  const [{ default: { SingleBar } }, { Writable }] = await Promise.all([import("cli-progress"), import("node:stream")]);
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      if (text !== SAVE && text !== RESTORE) err.write(text);
      done();
    },
  });
  const start = now();
  const size = err.columns < 60 ? 8 : 20;
  // The last column stays free: a terminal would break the line there.
  const at = (done: number, shown: Readonly<Record<string, string>>, part: number) => ({
    status: clipped(status({ done, part, total, unit, elapsed: now() - start, shown }), err.columns - size - 2),
  });
  const display = new SingleBar({
    stream: Object.assign(stream, { isTTY: true, columns: err.columns }),
    format: "{bar} {status}",
    barsize: size,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    clearOnComplete: true,
    // Without it, the terminal would cut off all other lines as long as the bar is there.
    linewrap: true,
  });
  display.start(total, 0, at(0, {}, 0));
  return {
    update: (done, shown = {}, part = 0) => display.update(done + part, at(done, shown, part)),
    line: (text) => err.write(`\r\x1b[K${text}\n`),
    end: () => display.stop(),
  };
}

/** The progress of work. */
interface Status {
  readonly done: number;
  /** The part of the next step that is done. */
  readonly part: number;
  readonly total: number;
  readonly unit: string;
  /** Milliseconds since the start. */
  readonly elapsed: number;
  readonly shown: Readonly<Record<string, string>>;
}

/** Returns the progress as one line: `120/1860  loss 0.6931  41.2 step/s  42s left`. */
function status({ done, part, total, unit, elapsed, shown }: Status): string {
  const rate = (done + part) / Math.max(elapsed, 1) * 1000;
  const fast = rate < 999.5 ? rate.toPrecision(3) : Math.round(rate).toLocaleString("en-US");
  const pace = rate < SLOW ? [] : [`${fast} ${unit}/s`];
  const left = rate > 0 ? [`${duration((total - done - part) / rate * 1000)} left`] : [];
  return [`${done}/${total}`, ...Object.entries(shown).map((pair) => pair.join(" ")), ...pace, ...left].join("  ");
}

/** Steps per second below which the rate says nothing to people. */
const SLOW = 0.1;

/** Returns a time in words, to the second: `2m 5s`; below ten seconds, to the tenth: `1.4s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)}s`;
  return format(Math.round(milliseconds / 1000) * 1000, { ignoreZero: true });
}
