/**
 * From what `--data` names to a data set.
 *
 * @module
 */
import { key } from "../../core/random.ts";
import type { Dataset } from "../../data/dataset.ts";
import { withEncodings } from "../../data/encode.ts";
import { readDataset, type ReadOptions } from "../../data/formats/mod.ts";
import { garden } from "../../data/garden.ts";
import { type Io, note } from "./io.ts";

/**
 * Returns the data set in a folder or file, or the embedded one for the word `garden`. One that comes without features gets
 * those that can be made of its words and pictures. What was left out, filled in or made is told in notes.
 */
export async function loadData(source: string, io: Io, options: ReadOptions = {}): Promise<Dataset> {
  const data = source === "garden" ? garden(key(0)) : await readDataset(source, options);
  data.notes?.forEach((text) => note(io, text));
  if (Object.keys(data.modalities).length > 0) return data;
  const encoded = withEncodings(data);
  const made = Object.keys(encoded.modalities);
  const found = made.length > 0
    ? `made ${made.join(" and ")} of what is said and shown`
    : "there are no words or pictures to make them of";
  note(io, `no features given; ${found}`);
  return encoded;
}
