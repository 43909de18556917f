/**
 * The flags that several commands share, each declared once.
 *
 * @module
 */
import { optional } from "@optique/core/modifiers";
import type { DeviceRequest } from "../runs/device.ts";
import { named } from "./command.ts";
import { bytes, oneOf, wholeNumber } from "./values.ts";
import type { Parser } from "@optique/core/parser";

/** `--device`. Its meaning is that of `DeviceRequest` in `src/runs/device.ts`. */
export const device: Parser<"sync", DeviceRequest | undefined, unknown> = optional(named(
  "--device",
  oneOf("NAME", ["auto", "native", "wasm", "webgpu", "reference"]),
  "The device that computes; by default auto: the processor, or, for a training that is long enough, a GPU that was measured to be faster.",
));

/** `--threads`. */
export const threads: Parser<"sync", number | undefined, unknown> = optional(named(
  "--threads",
  wholeNumber(1),
  "The number of threads; by default all of the machine. Results have the same bits on any number.",
));

/** `--memory`. */
export const memory: Parser<"sync", number | undefined, unknown> = optional(named(
  "--memory",
  bytes(),
  "The most memory that tensors may take, as in 4GiB; a training that needs more, by its model's estimate, is refused.",
));

/** `--epochs`. */
export const epochs: Parser<"sync", number | undefined, unknown> = optional(
  named("--epochs", wholeNumber(1), "The largest number of passes over the data."),
);
