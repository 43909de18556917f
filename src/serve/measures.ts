/**
 * The measures of a server, in the text format of Prometheus.
 *
 * @module
 */
import client from "prom-client";

/** The measures of a server. */
export interface Measures {
  /** Counts an answer, and its time in seconds. */
  readonly answered: (route: string, method: string, status: number, seconds: number) => void;
  /** Counts a block of requests that were scored together. */
  readonly scored: (size: number) => void;
  /** Counts interactions that are kept. */
  readonly kept: (interactions: number) => void;
  /** Counts an attempt to load a newer run. */
  readonly loaded: (result: "loaded" | "failed") => void;
  /** Returns the text of all measures. */
  readonly text: () => Promise<string>;
  /** The type of this text. */
  readonly type: string;
}

/** Seconds. */
const TIMES = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128];

/** Returns the measures of a new server. */
export function newMeasures(): Measures {
  const register = new client.Registry();
  const registers = [register];
  const labelNames = ["route", "method", "status"];
  const [name, help] = ["giverny_request_seconds", "The time from a request to its answer."];
  const times = new client.Histogram({ name, help, labelNames, buckets: TIMES, registers });
  const blocks = new client.Histogram({
    name: "giverny_block_requests",
    help: "The requests that were scored together.",
    buckets: SIZES,
    registers,
  });
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new client.Counter({ name, help, labelNames, registers });
  const interactions = counter("giverny_interactions_total", "The interactions that were kept.");
  const loads = counter("giverny_loads_total", "The attempts to load a newer run.", ["result"]);
  new client.Gauge({
    name: "giverny_resident_bytes",
    help: "The memory of the process.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  return {
    answered: (route, method, status, seconds) => times.observe({ route, method, status }, seconds),
    scored: (size) => blocks.observe(size),
    kept: (count) => interactions.inc(count),
    loaded: (result) => loads.inc({ result }),
    text: () => register.metrics(),
    type: register.contentType,
  };
}
