/**
 * Writes the project's own folder format, which `giverny.ts` describes and reads.
 *
 * @module
 */
import { ValueError } from "../../../kernels/errors.ts";
import { type Dataset, type DenseModality, type SparseModality, SPLITS } from "../dataset.ts";
import { writeFolder } from "./files.ts";
import { FOLDER, type Manifest, MODALITY_NAME } from "./manifest.ts";
import { encodeNpy } from "./npy.ts";

/** What to write of a data set. */
export interface WriteOptions {
  /** Whether features and pictures are written too, `true` by default. Ranking with a trained model needs neither. */
  readonly modalities?: boolean;
}

/**
 * Writes a data set to a folder, all of it or nothing. An earlier data set in the folder is replaced, if there is nothing else in it.
 *
 * @throws {ValueError} if an id or the name of a modality cannot stand in a file, or the folder holds something else.
 * @throws {Error} if the folder cannot be written.
 */
export async function writeDataset(
  path: string,
  data: Dataset,
  { modalities: whole = true }: WriteOptions = {},
): Promise<void> {
  const { modalities, pictures, ...rest } = data;
  const written: Dataset = { ...rest, modalities: whole ? modalities : {}, ...whole && pictures && { pictures } };
  checkIds("user", data.users);
  checkIds("item", data.items);
  for (const name of Object.keys(written.modalities)) {
    if (!MODALITY_NAME.test(name)) {
      throw new ValueError(
        `Cannot write modality ${JSON.stringify(name)}: its name must be fit for the name of a file`,
      );
    }
  }
  await writeFolder(path, filesOf(written), FOLDER);
}

function* filesOf(data: Dataset): Iterable<[name: string, bytes: Uint8Array<ArrayBuffer>]> {
  const { name, users, items, interactions, titles, texts, pictures, notes } = data;
  const modalities = Object.entries(data.modalities);
  const { split, times } = interactions;
  const log = [...split].map((code, e) =>
    [users[interactions.users[e]], items[interactions.items[e]], SPLITS[code], ...times ? [times[e]] : []].join("\t")
  );
  yield ["users.tsv", linesOf(["user", ...users])];
  yield [
    "items.jsonl",
    linesOf(items.map((item, i) => JSON.stringify({ item, title: titles?.[i], text: texts?.[i] }))),
  ];
  yield ["interactions.tsv", linesOf([["user", "item", "split", ...times ? ["time"] : []].join("\t"), ...log])];
  for (const [modality, m] of modalities) {
    if (m.kind === "dense") {
      yield [`${modality}_feat.npy`, encodeNpy({ shape: [items.length, m.columns], values: m.values })];
    } else yield [`${modality}_feat.tsv`, linesOf(["item\tcolumns\tvalues", ...sparseRows(m, items)])];
  }
  if (pictures) {
    const shape = [items.length, pictures.height, pictures.width, 3];
    yield ["pictures.npy", encodeNpy({ shape, values: pictures.pixels })];
  }
  const shapes = modalities.map(([modality, m]) => [
    modality,
    m.kind === "sparse" ? { kind: m.kind, columns: m.pattern.columns } : { kind: m.kind, filled: filledOf(m) },
  ]);
  const manifest: Manifest = {
    format: "giverny",
    version: 1,
    name,
    ...notes && { notes },
    modalities: Object.fromEntries(shapes),
    pictures: pictures !== undefined,
  };
  yield ["dataset.json", linesOf([JSON.stringify(manifest, null, 2)])];
}

function filledOf({ known }: DenseModality): number[] {
  return [...known.keys()].filter((i) => known[i] === 0);
}

function sparseRows(
  { pattern: { offsets, indices }, values, known }: SparseModality,
  items: readonly string[],
): string[] {
  return items.flatMap((item, i) => {
    const [start, end] = [offsets[i], offsets[i + 1]];
    return known[i]
      ? [`${item}\t${indices.subarray(start, end).join(" ")}\t${values.subarray(start, end).join(" ")}`]
      : [];
  });
}

function linesOf(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
}

function checkIds(role: string, ids: readonly string[]): void {
  const bad = ids.find((id) => id === "" || /[\t\n\r\0]/.test(id) || !id.isWellFormed());
  if (bad === undefined) return;
  throw new ValueError(
    `Cannot write ${role} ${JSON.stringify(bad)}: an id is text without tabs and line breaks, and not empty`,
  );
}
