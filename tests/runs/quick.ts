/** The options of a quick training, and changes of the files that it wrote. @module */
import type { Files } from "../../src/data/files.ts";

/** The options of a training of four epochs that takes some milliseconds. */
export const quick = { settings: { dim: 4, batch: 64, lr: 1e-2, every: 1, patience: 100 }, seed: 3, epochs: 4 };

/** Changes the text of a file. */
export async function edit(files: Files, path: string, change: (text: string) => string): Promise<void> {
  const text = new TextDecoder().decode(await files.read(path));
  await files.write(path, new TextEncoder().encode(change(text)));
}
