/**
 * Writes the project's own folder format, which `giverny.ts` describes and reads.
 *
 * @module
 */
import { ValueError } from "../../../kernels/errors.ts";
import { type Dataset, type Modality, type SourceModality, type SparseModality, SPLITS } from "../dataset.ts";
import type { Files } from "../files.ts";
import { rowBlocks } from "../sources.ts";
import { type Content, writeFolder } from "./files.ts";
import { FOLDER, type Manifest, MODALITY_NAME } from "./manifest.ts";
import { encodeNpy, npyHeader } from "./npy.ts";

/** How {@link writeDataset} writes. */
export interface WriteOptions {
  /** Whether features and pictures are written too, `true` by default. Ranking with a trained model needs neither. */
  readonly modalities?: boolean | undefined;
  /** The files to write to; by default those of this machine. */
  readonly files?: Files | undefined;
}

/**
 * Writes a data set to a folder, all of it or nothing. A folder that has an earlier data set and no other files is
 * replaced. The rows of a source are read and written some at a time.
 *
 * @throws {ValueError} if an id or the name of a modality cannot be written to a file, or the folder has other files.
 * @throws {FileError} if the folder cannot be written.
 *
 * @example
 * ```ts
 * import { garden, memoryFiles, readDataset, writeDataset } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * const files = memoryFiles();
 * await writeDataset("garden", garden(key(0)), { files });
 * equal((await readDataset("garden", { files })).items.length, 400);
 * ```
 */
export async function writeDataset(
  path: string,
  data: Dataset,
  { modalities: whole = true, files }: WriteOptions = {},
): Promise<void> {
  const written = whole ? data : { ...data, modalities: {}, pictures: undefined };
  checkIds("user", data.users);
  checkIds("item", data.items);
  for (const name of Object.keys(written.modalities)) {
    if (!MODALITY_NAME.test(name)) {
      throw new ValueError(
        `Cannot write modality ${JSON.stringify(name)}: its name must be fit for the name of a file`,
      );
    }
  }
  await writeFolder(path, filesOf(written), FOLDER, files);
}

/** The interactions that are written at a time. */
const BLOCK = 500_000;

function* filesOf(data: Dataset): Iterable<[name: string, content: Content]> {
  const { name, users, items, interactions, titles, texts, pictures, notes } = data;
  const modalities = Object.entries(data.modalities);
  const { split, times } = interactions;
  const row = (e: number) =>
    [users[interactions.users[e]], items[interactions.items[e]], SPLITS[split[e]], ...times ? [times[e]] : []]
      .join("\t");
  const header = ["user", "item", "split", ...times ? ["time"] : []].join("\t");
  yield ["users.tsv", linesOf(["user", ...users])];
  yield [
    "items.jsonl",
    linesOf(items.map((item, i) => JSON.stringify({ item, title: titles?.[i], text: texts?.[i] }))),
  ];
  yield [
    "interactions.tsv",
    split.length > BLOCK ? logParts(header, split.length, row) : linesOf([header, ...rowsOf(row, 0, split.length)]),
  ];
  for (const [modality, m] of modalities) {
    yield [`${modality}_feat.${m.kind === "sparse" ? "tsv" : "npy"}`, featuresOf(m, items)];
  }
  if (pictures) {
    const shape = [items.length, pictures.height, pictures.width, 3];
    yield ["pictures.npy", encodeNpy({ shape, values: pictures.pixels })];
  }
  const shapes = modalities.map(([modality, m]) => [
    modality,
    m.kind === "sparse" ? { kind: m.kind, columns: m.pattern.columns } : { kind: "dense", filled: filledOf(m) },
  ]);
  const manifest: Manifest = {
    format: "giverny",
    version: 1,
    name,
    notes,
    modalities: Object.fromEntries(shapes),
    pictures: pictures !== undefined,
  };
  yield ["dataset.json", linesOf([JSON.stringify(manifest, null, 2)])];
}

/** Returns the lines of the interactions `from` to `to − 1`. */
function rowsOf(row: (e: number) => string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, k) => row(from + k));
}

/** Returns the lines of many interactions, which do not fit a text. */
async function* logParts(header: string, count: number, row: (e: number) => string): AsyncGenerator<Uint8Array> {
  yield linesOf([header]);
  for (let from = 0; from < count; from += BLOCK) yield linesOf(rowsOf(row, from, Math.min(from + BLOCK, count)));
}

function featuresOf(m: Modality, items: readonly string[]): Content {
  switch (m.kind) {
    case "dense":
      return encodeNpy({ shape: [items.length, m.columns], values: m.values });
    case "sparse":
      return linesOf(["item\tcolumns\tvalues", ...sparseRows(m, items)]);
    case "source":
      return sourceParts(m, items.length);
  }
}

async function* sourceParts(source: SourceModality, items: number): AsyncGenerator<Uint8Array> {
  yield npyHeader([items, source.columns], "<f4");
  for await (const { buffer, byteOffset, byteLength } of rowBlocks(source)) {
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
}

function filledOf({ known }: Modality): number[] {
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
