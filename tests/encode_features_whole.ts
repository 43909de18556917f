/**
 * The test of `examples/encode_features.ts` with transformers.js itself, on two tiny models that are made here: means
 * of the vectors of words, and mean colours. It is a task of its own, `deno task test:encode`, because the package
 * brings some 500 MB.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { encode as encodePng } from "fast-png";
import { readDataset } from "../src/data/formats/mod.ts";
import { inMemory } from "./data/in_memory.ts";

/** The fields of a message of Protocol Buffers: numbers, texts, and messages that are encoded already. */
type Fields = readonly (readonly [field: number, value: number | string | Uint8Array])[];

function message(fields: Fields): Uint8Array {
  return Uint8Array.from(fields.flatMap(([field, value]) => {
    if (typeof value === "number") return [...varint(field << 3), ...varint(value)];
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    return [...varint(field << 3 | 2), ...varint(bytes.length), ...bytes];
  }));
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [value % 128 | 128, ...varint(Math.floor(value / 128))];
}

const FLOAT = 1, INT64 = 7, INTS = 7;
const valueInfo = (name: string, kind: number, dims: readonly string[]): Uint8Array =>
  message([
    [1, name],
    [2, message([[1, message([[1, kind], [2, message(dims.map((dim) => [1, message([[2, dim]])]))]])]])],
  ]);

/** Returns a model in ONNX with one node. */
function onnx(node: Fields, input: Uint8Array, output: Uint8Array, table?: Uint8Array): Uint8Array {
  const tables: Fields = table ? [[5, table]] : [];
  const graph = message([[1, message(node)], [2, "graph"], ...tables, [11, input], [12, output]]);
  return message([[1, 8], [7, graph], [8, message([[1, ""], [2, 13]])]]);
}

const VOCABULARY = ["[PAD]", "[UNK]", "rose", "red", "fog"];
const VECTORS = [[0, 0], [9, 9], [3, 0], [0, 4], [0, -2]];

const textModel = (): Record<string, Uint8Array | string> => ({
  "config.json": JSON.stringify({ model_type: "bert", architectures: ["BertModel"] }),
  "tokenizer_config.json": JSON.stringify({
    tokenizer_class: "BertTokenizer",
    pad_token: "[PAD]",
    unk_token: "[UNK]",
    model_max_length: 16,
  }),
  "tokenizer.json": JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: VOCABULARY.slice(0, 2).map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: null,
    decoder: null,
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(VOCABULARY.map((word, id) => [word, id])),
    },
  }),
  "onnx/model.onnx": onnx(
    [[1, "table"], [1, "input_ids"], [2, "last_hidden_state"], [4, "Gather"]],
    valueInfo("input_ids", INT64, ["batch", "words"]),
    valueInfo("last_hidden_state", FLOAT, ["batch", "words", "columns"]),
    message([
      [1, VECTORS.length],
      [1, 2],
      [2, FLOAT],
      [8, "table"],
      [9, new Uint8Array(Float32Array.from(VECTORS.flat()).buffer)],
    ]),
  ),
});

const imageModel = (): Record<string, Uint8Array | string> => ({
  "config.json": JSON.stringify({ model_type: "vit", architectures: ["ViTModel"] }),
  "preprocessor_config.json": JSON.stringify({
    image_processor_type: "ViTImageProcessor",
    do_resize: true,
    size: { height: 4, width: 4 },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: false,
  }),
  "onnx/model.onnx": onnx(
    [
      [1, "pixel_values"],
      [2, "last_hidden_state"],
      [4, "ReduceMean"],
      [5, message([[1, "axes"], [8, 2], [8, 3], [20, INTS]])],
      [5, message([[1, "keepdims"], [3, 0], [20, 2]])],
    ],
    valueInfo("pixel_values", FLOAT, ["batch", "channels", "height", "width"]),
    valueInfo("last_hidden_state", FLOAT, ["batch", "channels"]),
  ),
});

async function writeAll(folder: string, files: Record<string, Uint8Array | string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(
      `${folder}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
}

const picture = (colour: readonly number[]): Uint8Array =>
  encodePng({ width: 6, height: 5, channels: 3, data: Uint8Array.from({ length: 90 }, (_, k) => colour[k % 3]) });

Deno.test("encode_features.ts encodes items and pictures with transformers.js, rows by item", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeAll(`${folder}/models/words`, textModel());
    await writeAll(`${folder}/models/colours`, imageModel());
    await writeAll(`${folder}/shop`, {
      "interactions.csv": "user,item,split\nu,b,0\nu,a,0\nv,c,0\n",
      "items.jsonl":
        '{"item": "a", "title": "Rose", "text": "red"}\n{"item": "b", "title": "fog"}\n{"item": "c", "title": "rose"}\n',
      "images/a.png": picture([255, 0, 51]),
      "images/c.png": picture([0, 102, 0]),
    });
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-lock", new URL("../examples/encode_features.ts", import.meta.url).pathname],
        ...["--items", `${folder}/shop/items.jsonl`, "--text-model", `${folder}/models/words`],
        ...["--images", `${folder}/shop/images`, "--image-model", `${folder}/models/colours`],
        ...["--out", `${folder}/shop`, "--batch", "2"],
      ],
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    equal(code, 0, err);
    ok(out.includes("text_feat.npy: 3 rows") && out.includes("image_feat.npy: 2 rows"), out);
    ok(err.includes("text: 2/3"), err);
    const { items, modalities: { text, image } } = await readDataset(`${folder}/shop`);
    deepEqual(items, ["b", "a", "c"]);
    // Means of the vectors of the words, scaled to length 1.
    deepEqual([...inMemory(text).values].map((x) => Math.round(10 * x)), [0, -10, 6, 8, 10, 0]);
    deepEqual([...inMemory(image).values].slice(3).map((x) => Math.round(10 * x)), [10, 0, 2, 0, 4, 0]);
    deepEqual([...inMemory(image).known], [0, 1, 1]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
