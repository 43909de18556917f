/**
 * The memory that a training needs: refused in advance where the model's estimate exceeds it, and named in the error
 * where the machine runs out of it.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import { statistics } from "../data/statistics.ts";
import { guessedBytes } from "../models/memory.ts";
import type { Model } from "../models/mod.ts";
import { type RunConfig, settingsOf } from "./settings.ts";

/** The bytes of the largest memory of the WebAssembly device. */
const ADDRESSABLE = 2 ** 34;
/** Estimates may be too high; none is by this factor. */
const DOUBT = 2;

/** The parts of a training that determine its size. */
export interface Sized {
  readonly model: Model;
  readonly config: RunConfig;
  readonly data: Dataset;
}

/** The limits of the memory of a training. */
export interface MemoryLimits {
  /** The most bytes that the training may need; no limit by default. */
  readonly memory?: number | undefined;
  /** The request for a device. Only that of a GPU may exceed the memory of WebAssembly. */
  readonly device: string;
}

/**
 * Returns the bytes for which a device is opened: the model's estimate, or a guess where there is none. It refuses a
 * training that needs more memory than allowed, or twice the memory that there can be.
 *
 * @throws {UsageError} with the estimate, the limit, and the settings to lower.
 */
export function bytesFor(work: Sized, { memory = Infinity, device }: MemoryLimits): number {
  const { model, config } = work;
  const facts = statistics(work.data);
  const bytes = model.memory?.(facts, config);
  const { dim = 64 } = config as { readonly dim?: unknown };
  if (bytes === undefined) return guessedBytes(facts, Number(dim), model.content ?? true);
  const refuse = (rule: string) => new UsageError(`Cannot train ${nameOf(work)}: it needs about ${rule}`);
  if (bytes > memory) {
    throw refuse(
      `${megabytes(bytes)} MB, and the limit is ${megabytes(memory)} MB; raise the limit, or lower the embedding size`,
    );
  }
  if (bytes > DOUBT * ADDRESSABLE && device !== "webgpu") {
    throw refuse(`${megabytes(bytes)} MB, and the device has at most ${megabytes(ADDRESSABLE)} MB; ${remedy(work)}`);
  }
  return Math.min(bytes, ADDRESSABLE);
}

/** The messages of an engine that cannot hold an array, or as many calls. */
const ENGINE = /call stack|array length|allocation failed|out of memory/i;
/** The message of the WebAssembly device. A GPU's own message names the bytes, and stays. */
const DEVICE = /^Cannot allocate/;

/** Returns the error of a training: for an error of exhausted memory, one that names the settings to lower. */
export function namedSize(error: unknown, work: Sized): unknown {
  const exhausted = error instanceof RangeError && ENGINE.test(error.message) ||
    error instanceof ValueError && DEVICE.test(error.message);
  if (!exhausted) return error;
  return new ValueError(`Cannot train ${nameOf(work)}: the memory is exhausted; ${remedy(work)}`, { cause: error });
}

function nameOf({ model, data }: Sized): string {
  return `${model.name} on "${data.name}"`;
}

/** Returns the remedy: the sizes that are larger than by default, or else the size of embeddings and of batches. */
function remedy({ model, config }: Sized): string {
  const settings = Object.entries(settingsOf(model)).filter(([name, { whole }]) => whole && !NO_SIZES.has(name));
  const raised = settings.filter(([name, setting]) => config[name] > setting.default).map(([name]) => name);
  const named = raised.length > 0 ? raised : ["dim", "batch"].filter((name) => name in config);
  return `lower ${named.map((name) => `${name} (now ${config[name].toLocaleString("en-US")})`).join(", or ")}`;
}

/** Whole numbers that change no size. */
const NO_SIZES: ReadonlySet<string> = new Set(["epochs", "every", "patience", "seed"]);

function megabytes(bytes: number): string {
  return Number((bytes / 1e6).toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 6 });
}
