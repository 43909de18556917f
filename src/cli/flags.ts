/**
 * The flags that several commands share, each declared once.
 *
 * @module
 */
import { optional } from "@optique/core/modifiers";
import type { ValidationRule } from "../data/validation.ts";
import type { DeviceRequest } from "../runs/device.ts";
import { named, type OptionParsers } from "./command.ts";
import { bytes, oneOf, validation as validationValue, wholeNumber } from "./values.ts";
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

/** The values of the flags that say how a source is read, of every command that trains or converts. */
export interface ReadingOptions {
  /** The rule by which validation is taken out of training; by default validation stays as it is. */
  readonly validation: ValidationRule | undefined;
  /** The order of time: the times of the interactions, or their order in the file. */
  readonly order: "time" | "file" | undefined;
  /** Whether words and pictures become modalities next to features, or only without features. */
  readonly encode: "missing" | "all" | undefined;
}

/** `--validation`, `--order` and `--encode`. */
export const reading: OptionParsers<ReadingOptions> = {
  validation: optional(named(
    "--validation",
    validationValue(),
    "Take validation out of training: a share at random, as in ratio:0.1, the last interaction of each user, or none; test stays. By default the validation of the source stays.",
  )),
  order: optional(named(
    "--order",
    oneOf("ORDER", ["time", "file"]),
    "For last and for splits by time: the order of the times, which is the default, or of the file.",
  )),
  encode: optional(named(
    "--encode",
    oneOf("WHAT", ["missing", "all"]),
    "Make features of the words and pictures of the items: only if there are no other features, which is the default, or next to them.",
  )),
};
