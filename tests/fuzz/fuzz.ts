/**
 * Fuzzing of a reader: numbered mutations of its example and of the findings of earlier runs.
 *
 * @module
 */
import { GivernyError } from "../../kernels/errors.ts";
import { mutated } from "./mutate.ts";
import type { Example, Reader } from "./readers.ts";

/** A file that a reader neither reads nor refuses as it should. */
export interface Finding {
  readonly number: number;
  readonly target: string;
  readonly bytes: Uint8Array;
  readonly error: string;
}

/** The folder of findings: `READER/TARGET--NAME` replaces a file of the example. */
export const CORPUS: URL = new URL("corpus/", import.meta.url);

/** The most milliseconds of a reading, and the most letters of an error. */
const SLOW = 5000, LONG = 8000;

/** Returns the files of the corpus of a reader, as changes of its example. */
export async function corpusOf(name: string): Promise<{ readonly target: string; readonly bytes: Uint8Array }[]> {
  const folder = new URL(`${name}/`, CORPUS);
  const files: { target: string; bytes: Uint8Array }[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const target = decodeURIComponent(entry.name.replace(/--[^-]*$/, ""));
      files.push({ target, bytes: await Deno.readFile(new URL(encodeURIComponent(entry.name), folder)) });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files.sort((a, b) => a.bytes.length - b.bytes.length);
}

/** Returns the mutation of a reader's files with a number. */
export function caseOf(
  { example, targets = Object.keys(example) }: Reader,
  corpus: readonly { readonly target: string; readonly bytes: Uint8Array }[],
  number: number,
): { readonly target: string; readonly bytes: Uint8Array } {
  const sources = [...targets.map((target) => ({ target, bytes: example[target] })), ...corpus];
  const { target, bytes } = sources[number % sources.length];
  const text = !/\.(?:npy|npz|png|jpg|parquet|gz|zip|db|safetensors)$/.test(target);
  return { target, bytes: mutated(bytes, text, number) };
}

/** Reads a case, and returns the reason why it is a finding, or `null`. */
export async function failureOf(
  { example, read }: Reader,
  { target, bytes }: { readonly target: string; readonly bytes: Uint8Array },
): Promise<string | null> {
  const files: Example = { ...example, [target]: bytes };
  const start = performance.now();
  try {
    await read(files);
  } catch (error) {
    if (!(error instanceof GivernyError)) return error instanceof Error ? `${error.stack}` : String(error);
    if (error.message.length > LONG) return `the error has ${error.message.length} letters`;
  }
  const time = performance.now() - start;
  return time > SLOW ? `the reading took ${Math.round(time)} ms` : null;
}
