/**
 * Features of large networks: makes `text_feat.npy` and `image_feat.npy` of a file of items and a folder of pictures,
 * with transformers.js. It goes on where it stopped, and writes the item of each row to `text_ids.txt` and
 * `image_ids.txt`, so that `data import` matches rows to items.
 *
 * Models are folders of files that you download first, from https://huggingface.co/Xenova/all-MiniLM-L6-v2 and
 * https://huggingface.co/Xenova/vit-base-patch16-224-in21k for example:
 *
 * | model of | files |
 * |---|---|
 * | texts | `config.json`, `tokenizer.json`, `tokenizer_config.json`, `onnx/model.onnx` |
 * | pictures | `config.json`, `preprocessor_config.json`, `onnx/model.onnx` |
 *
 * The package brings some 500 MB, so it is neither in `deno.json` nor in the lock, and `--no-lock` is part of the
 * command.
 *
 * @example Run it
 * ```sh
 * deno run -A --no-lock examples/encode_features.ts --items shop/items.jsonl --text-model models/all-MiniLM-L6-v2 \
 *   --images shop/images --image-model models/vit-base-patch16-224-in21k --out shop
 * ```
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { encodeNpy, type Files, localFiles } from "@giverny/giverny/data";
import { parse } from "deno-std/csv/parse.js";

/** Imported only when a model is opened, and by a name that is not resolved before. */
const TRANSFORMERS = "npm:@huggingface/transformers@4.3.1";

/** An item, and its words or the path of its picture. */
export interface Entry {
  readonly id: string;
  readonly content: string;
}

/** Returns the features of some contents: equally many rows, and the numbers in a row. */
export type Encoder = (
  contents: readonly string[],
) => Promise<{ readonly columns: number; readonly values: Float32Array }>;

/** The options of {@link encodeRows}. */
export interface EncodeOptions {
  readonly files?: Files;
  /** Items in a batch; 16 by default. */
  readonly batch?: number;
  /** The name of the model; rows of another model are not gone on with. */
  readonly model: string;
  /** Receives the number of items that are done. */
  readonly progress?: (done: number, total: number) => void;
}

/**
 * Encodes the contents of items in batches and writes `NAME_feat.npy` and `NAME_ids.txt`. Finished batches are kept in
 * `NAME_feat.part`, and a later call with the same items and model goes on after them. Returns the number of rows.
 */
export async function encodeRows(
  name: string,
  entries: readonly Entry[],
  encode: Encoder,
  folder: string,
  { files = localFiles, batch = 16, model, progress = () => {} }: EncodeOptions,
): Promise<number> {
  const part = `${folder}/${name}_feat.part`, about = `${part}.json`;
  const task = JSON.stringify([model, entries]);
  let { columns, done } = await finished(part, about, task, files);
  while (done < entries.length) {
    const contents = entries.slice(done, done + batch).map(({ content }) => content);
    const rows = await encode(contents);
    if (rows.values.length !== contents.length * rows.columns || columns > 0 && rows.columns !== columns) {
      throw new RangeError(
        `Cannot encode ${name}: the model returns ${rows.values.length} numbers for ${contents.length} items`,
      );
    }
    if (columns === 0) {
      columns = rows.columns;
      await files.write(about, utf8(JSON.stringify({ columns, task })));
    }
    await files.append(part, new Uint8Array(rows.values.slice().buffer));
    progress(done += contents.length, entries.length);
  }
  const values = new Float32Array((await files.read(part)).slice(0, 4 * done * columns).buffer);
  await files.write(`${folder}/${name}_ids.txt`, utf8(entries.map(({ id }) => `${id}\n`).join("")));
  await files.write(`${folder}/${name}_feat.npy`, encodeNpy({ shape: [done, columns], values }));
  await files.remove(part);
  await files.remove(about);
  return done;
}

/** Returns the finished rows of an earlier call; those of other items or of another model are removed. */
async function finished(
  part: string,
  about: string,
  task: string,
  files: Files,
): Promise<{ columns: number; done: number }> {
  const size = (await files.stat(part))?.size ?? 0;
  if (size > 0 && await files.stat(about)) {
    const known = JSON.parse(new TextDecoder().decode(await files.read(about)));
    const done = Math.floor(size / (4 * known.columns));
    if (known.task === task) {
      // A batch that was not written to its end is cut off.
      await files.write(part, (await files.read(part)).slice(0, 4 * done * known.columns));
      return { columns: known.columns, done };
    }
  }
  await files.remove(part);
  await files.remove(about);
  return { columns: 0, done: 0 };
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Returns the items of a file in JSON lines or CSV, and all words about them. */
export function itemsOf(text: string, json: boolean): Entry[] {
  const records: Record<string, unknown>[] = json
    ? text.split("\n").filter((line) => line.trim() !== "").map((line) => JSON.parse(line))
    : parse(text, { skipFirstRow: true }) as Record<string, string>[];
  const ids = ["item", "item_id", "itemId", "asin", "parent_asin", "movieId", "id"];
  return records.map((record, r) => {
    const key = ids.find((name) => record[name] !== undefined);
    if (key === undefined) throw new SyntaxError(`Cannot read items: record ${r + 1} has none of ${ids.join(", ")}`);
    const { [key]: id, ...words } = record;
    return {
      id: String(id),
      content: Object.values(words).flat().filter((word) => typeof word === "string").join("\n"),
    };
  });
}

/** Returns the pictures in a folder, named by items. */
export async function picturesIn(folder: string, files: Files = localFiles): Promise<Entry[]> {
  return (await files.list(folder)).flatMap(({ name }) => {
    const id = /^(.+)\.(?:jpe?g|png|webp)$/i.exec(name)?.[1];
    return id === undefined ? [] : [{ id, content: `${folder}/${name}` }];
  });
}

/** A tensor of transformers.js. */
interface Output {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** The parts of transformers.js that are used here. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly pipeline: (
    task: "feature-extraction" | "image-feature-extraction",
    model: string,
    options: { readonly dtype: "fp32" },
  ) => Promise<(inputs: readonly string[], options: Record<string, unknown>) => Promise<Output>>;
}

/** Opens the model in a folder. Rows are means over the words of a text or the parts of a picture. */
export async function openEncoder(kind: "text" | "image", folder: string): Promise<Encoder> {
  const { env, pipeline }: Transformers = await import(TRANSFORMERS);
  const path = await localFiles.realPath(folder);
  env.allowRemoteModels = false;
  env.localModelPath = path.replace(/[^/]*$/, "");
  const task = kind === "text" ? "feature-extraction" : "image-feature-extraction";
  const model = await pipeline(task, path.replace(/^.*\//, ""), { dtype: "fp32" });
  return async (contents) => {
    const output = await model(contents, kind === "text" ? { pooling: "mean", normalize: true } : {});
    return { columns: output.dims.at(-1)!, values: meanOverParts(output) };
  };
}

/** Returns rows of a [rows, columns] tensor, or the means over the parts of [rows, parts, columns]. */
export function meanOverParts({ dims, data }: Output): Float32Array {
  if (dims.length === 2) return data;
  const [rows, parts, columns] = dims;
  const means = new Float32Array(rows * columns);
  for (let k = 0; k < data.length; k++) {
    means[Math.floor(k / (parts * columns)) * columns + k % columns] += data[k] / parts;
  }
  return means;
}

const USAGE = `Makes text_feat.npy and image_feat.npy of items and pictures.
  --items FILE --text-model DIR      items in .jsonl or .csv, and a model of texts
  --images DIR --image-model DIR     pictures ITEM.jpg, and a model of pictures
  --out DIR [--batch N]              the folder of the features
`;

async function main(words: readonly string[]): Promise<void> {
  const options = new Map(
    words.flatMap((word, w): [string, string][] => word.startsWith("--") ? [[word.slice(2), words[w + 1] ?? ""]] : []),
  );
  const given = (name: string) => options.get(name) ?? "";
  const out = given("out");
  if (out === "" || !["items", "images"].some((name) => options.has(name))) return console.log(USAGE);
  await localFiles.makeFolder(out);
  const run = async (kind: "text" | "image", entries: readonly Entry[]) => {
    const model = given(`${kind}-model`);
    const rows = await encodeRows(kind, entries, await openEncoder(kind, model), out, {
      model,
      batch: Number(options.get("batch") ?? 16),
      progress: (done, total) => console.error(`${kind}: ${done}/${total}`),
    });
    console.log(`${out}/${kind}_feat.npy: ${rows} rows`);
  };
  if (options.has("items")) {
    const path = given("items");
    await run("text", itemsOf(new TextDecoder().decode(await localFiles.read(path)), /\.(?:jsonl|ndjson)$/.test(path)));
  }
  if (options.has("images")) await run("image", await picturesIn(given("images")));
}

if (import.meta.main) await main(Deno.args);
