/** Tests of features that are read by rows. @module */
import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { fc } from "../fc.ts";
import type { SourceModality } from "../../src/data/dataset.ts";
import { matchFeatures, type MissingPolicy } from "../../src/data/features.ts";
import type { Files } from "../../src/data/files.ts";
import { kCore } from "../../src/data/filter.ts";
import { fingerprint } from "../../src/data/fingerprint.ts";
import { readDataset, writeDataset } from "../../src/data/formats/mod.ts";
import { encodeNpy } from "../../src/data/formats/npy.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { type FeatureSource, loadFeatures, matchSource } from "../../src/data/sources.ts";
import { statistics } from "../../src/data/statistics.ts";
import { modalityFeatures } from "../../src/data/tensors.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Returns a table in memory as one that rows are read from, and the ranges that were read. */
function asSource(
  values: Float32Array,
  ids: readonly string[] | null,
  columns: number,
): { table: FeatureSource; ranges: [number, number][] } {
  const ranges: [number, number][] = [];
  const read = (from: number, to: number) => {
    ranges.push([from, to]);
    return Promise.resolve(values.slice(from * columns, to * columns));
  };
  return { table: { source: "x.npy", ids, rows: values.length / columns, columns, read }, ranges };
}

Deno.test("matchSource() has the bits of matchFeatures(), in any rows that are asked for", () => {
  const ids = fc.shuffledSubarray(Array.from({ length: 40 }, (_, i) => `i${i}`), { minLength: 1 });
  const policy = fc.constantFrom<MissingPolicy>("mean", "zero");
  const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 80, maxLength: 80 });
  return fc.assert(fc.asyncProperty(ids, ids, policy, numbers, fc.nat(), fc.nat(), async (
    rows,
    items,
    missing,
    all,
    a,
    b,
  ) => {
    fc.pre(items.some((id) => rows.includes(id)));
    const values = Float32Array.from(all.slice(0, 2 * rows.length));
    const dense = matchFeatures({ source: "x.npy", ids: rows, columns: 2, values }, items, { missing });
    const { modality, coverage } = matchSource(asSource(values, rows, 2).table, items, { missing });
    deepEqual([modality.known, coverage], [dense.modality.known, dense.coverage]);
    const [from, to] = [a % (items.length + 1), b % (items.length + 1)].sort((x, y) => x - y);
    deepEqual(await modality.read(from, to), dense.modality.values.slice(2 * from, 2 * to));
    deepEqual(await modality.read(0, items.length), dense.modality.values);
  }));
});

Deno.test("matchSource() reads only rows that are needed, and rows near each other at once", async () => {
  const values = new Float32Array(100).map((_, i) => i);
  const { table, ranges } = asSource(values, null, 1);
  const { modality } = matchSource(table, Array.from(values, String));
  deepEqual([...await modality.read(20, 23)], [20, 21, 22]);
  deepEqual(ranges, [[20, 23]]);
  const far = asSource(values, Array.from(values, String), 1);
  const other = matchSource(far.table, ["5", "3", "4", "98", "99", "50"], { missing: "zero" }).modality;
  deepEqual([...await other.read(0, 3)], [5, 3, 4]);
  deepEqual([...await other.read(0, 6)], [5, 3, 4, 98, 99, 50]);
  deepEqual(far.ranges, [[3, 6], [5, 6], [3, 5], [98, 100], [50, 51]]);
});

Deno.test("matchSource() refuses the tables that matchFeatures() refuses, and rows that do not exist", async () => {
  const { table } = asSource(Float32Array.of(1, 2, NaN, 4), ["a", "b"], 2);
  throws(() => matchSource(table, ["z"]), /no item has a row; its first id is "a"/);
  throws(() => matchSource(table, ["a", "z"], { missing: "error" }), /1 of 2 items have no row \("z"\)/);
  throws(() => matchSource({ ...table, ids: null }, ["0", "1", "2"]), /expected 3 rows, one per item, found 2/);
  const { modality } = matchSource(table, ["b", "a"]);
  deepEqual([...await modality.read(1, 2)], [1, 2]);
  await rejects(modality.read(0, 2), /^ValueError: Cannot use features of "x.npy": row 1, column 0 \(from 0\) is NaN/);
  await rejects(
    modality.read(1, 3),
    /^ValueError: Cannot read the features of items 1 to 3: expected 0 ≤ from ≤ to ≤ 2$/,
  );
});

/** Writes a folder with an .npy file of features, a row of which belongs to no item, and one item without a row. */
async function folder(): Promise<Files> {
  const files = memoryFiles();
  await files.makeFolder("data");
  await files.write("data/interactions.csv", bytes("user,item\nann,c\nann,a\nbob,a\nbob,b\ncee,b\ncee,a\n"));
  await files.write("data/image_ids.txt", bytes("z\nb\na\n"));
  await files.write("data/image_feat.npy", encodeNpy({ shape: [3, 2], values: Float32Array.of(9, 9, 0.1, 3, 0.3, 0) }));
  await files.write("data/text_feat.csv", bytes("id,x\na,1\nb,2\nc,3\n"));
  return files;
}

Deno.test("readDataset() with features as sources has the data of features in memory", async () => {
  const files = await folder();
  const dense = await readDataset("data", { files });
  const data = await readDataset("data", { files, features: "source" });
  deepEqual([data.modalities.image.kind, data.modalities.text.kind], ["source", "dense"]);
  deepEqual(await loadFeatures(data), dense);
  deepEqual(data.notes, dense.notes);
  equal(await fingerprint(data), await fingerprint(dense));
  deepEqual(statistics(data).modalities.image, { kind: "source", columns: 2, density: null, coverage: 2 / 3 });
  deepEqual(await loadFeatures(kCore(data, 2)), kCore(dense, 2));
  equal(await fingerprint(kCore(data, 2)), await fingerprint(kCore(dense, 2)));
});

Deno.test("readDataset() reads no more of a source than its header", async () => {
  const files = await folder();
  let most = 0;
  const counted: Files = {
    ...files,
    read: (path) => path.endsWith(".npy") ? Promise.reject(new Error("read whole")) : files.read(path),
    readRange: (path, from, length) => {
      most = Math.max(most, from + length);
      return files.readRange(path, from, length);
    },
  };
  const data = await readDataset("data", { files: counted, features: "source" });
  equal(most, 128);
  equal((await loadFeatures(data)).modalities.image.kind, "dense");
  equal(most, 128 + 24);
  await rejects(readDataset("data", { files: counted }), /read whole/);
});

Deno.test("writeDataset() writes a source as features in memory, and readDataset() opens it again", async () => {
  const files = await folder();
  const dense = await readDataset("data", { files });
  await writeDataset("dense", dense, { files });
  await writeDataset("source", await readDataset("data", { files, features: "source" }), { files });
  const entries = await files.list("dense");
  deepEqual(await files.list("source"), entries);
  for (const { name } of entries) {
    deepEqual(await files.read(`source/${name}`), await files.read(`dense/${name}`), name);
  }
  const again = await readDataset("source", { files, features: "source" });
  equal(again.modalities.image.kind, "source");
  deepEqual(await loadFeatures(again), dense);
});

Deno.test("writeDataset() can replace the folder that a source reads from", async () => {
  const files = await folder();
  const dense = await readDataset("data", { files });
  await writeDataset("out", dense, { files });
  await writeDataset("out", kCore(await readDataset("out", { files, features: "source" }), 2), { files });
  deepEqual(await readDataset("out", { files }), kCore(dense, 2));
});

Deno.test("a source whose file is cut off, or gone, is refused in one sentence when it is read", async () => {
  const files = await folder();
  const data = await readDataset("data", { files, features: "source" });
  const whole = await files.read("data/image_feat.npy");
  await files.write("data/image_feat.npy", whole.slice(0, -1));
  const refused =
    /^FormatError: Cannot read features from "data\/image_feat.npy": rows 1 to 2 are missing; the file was changed$/;
  await rejects(loadFeatures(data), refused);
  await rejects(writeDataset("out", data, { files }), /^FormatError: Cannot read features/);
  equal(await files.stat("out"), null);
  await files.remove("data/image_feat.npy");
  await rejects(fingerprint(data), /"data\/image_feat.npy": there is no such file or folder$/);
});

Deno.test("modalityFeatures() refuses a source, and takes it when it is loaded", async () => {
  const data = await readDataset("data", { files: await folder(), features: "source" });
  throws(
    () => modalityFeatures(data),
    /^ValueError: Cannot put the features of "image" on a device: they are not in memory; read them with loadFeatures first$/,
  );
  deepEqual(Object.keys(modalityFeatures(await loadFeatures(data))).sort(), ["image", "text"]);
});

Deno.test("a source whose mean cannot be read gives rows that need no mean, and tries again", async () => {
  let broken = true;
  const read = (from: number, to: number) =>
    broken && to > 1 ? Promise.reject(new Error("away")) : Promise.resolve(Float32Array.of(1, 3).slice(from, to));
  const table: FeatureSource = { source: "x", ids: ["a", "b"], rows: 2, columns: 1, read };
  const modality: SourceModality = matchSource(table, ["a", "none", "b"]).modality;
  deepEqual([...await modality.read(0, 1)], [1]);
  await rejects(modality.read(0, 2), /away/);
  broken = false;
  deepEqual([...await modality.read(0, 2)], [1, 2]);
});
