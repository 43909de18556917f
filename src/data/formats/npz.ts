/**
 * NumPy's `.npz` archives: a zip file of arrays, as `numpy.savez` and `savez_compressed` write it.
 *
 * @module
 */
import { FormatError } from "../../../kernels/errors.ts";
import type { FeatureTable } from "../features.ts";
import type { Files } from "../files.ts";
import { readBytes, unreadable } from "./files.ts";
import { inflate } from "./inflate.ts";
import { decodeNpy, floats } from "./npy.ts";
import { zipEntries, type ZipEntry } from "./zip.ts";

/** The most bytes of all arrays together. */
const MOST = 2 ** 32;
const IDS = /^(?:ids|items?|item_ids?|keys|asins?)$/i;

/**
 * Returns the matrices of an archive as features. An array of ids, `ids` or `item_ids` for example, names their rows. A
 * single matrix has the name of the file, and others that name and their own.
 *
 * @throws {FormatError} if the archive cannot be read, or is larger than 4 GiB unpacked.
 */
export async function readNpz(
  path: string,
  stem: string,
  files: Files | undefined,
): Promise<[modality: string, table: FeatureTable][]> {
  const bytes = await readBytes(path, "features", files);
  const refuse = (rule: string, cause?: unknown) => unreadable("features", path, rule, { cause });
  const entries = zipEntries(bytes, 0, refuse).filter(({ name }) => name.endsWith(".npy"));
  if (entries.reduce((sum, { size }) => sum + size, 0) > MOST) throw refuse("the arrays take more than 4 GiB");
  const arrays: [name: string, bytes: Uint8Array<ArrayBuffer>][] = [];
  for (const entry of entries) arrays.push([entry.name.slice(0, -4), await unpacked(bytes, entry, refuse)]);
  const listed = arrays.find(([name]) => IDS.test(name));
  const ids = listed ? idsOf(listed[1], `${path}/${listed[0]}.npy`) : null;
  const matrices = arrays.filter((array) => array !== listed).flatMap(([name, content]) => {
    const matrix = matrixOf(content, `${path}/${name}.npy`);
    return matrix ? [{ name, ...matrix }] : [];
  });
  return matrices.map(({ name, rows, columns, values }) => {
    if (ids && ids.length !== rows) throw refuse(`expected ${rows} ids, one for each row, found ${ids.length}`);
    return [matrices.length === 1 ? stem : `${stem}_${name}`, { source: path, ids, columns, values }];
  });
}

/** Returns a matrix of numbers, or `null` if the array is none. */
function matrixOf(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
): { readonly rows: number; readonly columns: number; readonly values: Float32Array } | null {
  try {
    const { shape: [rows, columns, ...others], values } = decodeNpy(bytes, path);
    return rows > 0 && columns > 0 && others.length === 0 ? { rows, columns, values: floats(values) } : null;
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** Returns the ids in an array of texts or of whole numbers. */
function idsOf(bytes: Uint8Array<ArrayBuffer>, path: string): string[] {
  if (bytes.length < 12) throw unreadable("item ids", path, "the array is cut off");
  const header = String.fromCharCode(...bytes.subarray(0, 1000));
  const [, kind, letters] = /'descr': *'[<|]([US])(\d+)'/.exec(header) ?? [];
  const whole = /'descr': *'[<|]([iu])([1248])'/.exec(header);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 10 + data.getUint16(8, true);
  const width = kind ? Number(letters) * (kind === "U" ? 4 : 1) : Number(whole?.[2]);
  if (!(width > 0)) throw unreadable("item ids", path, "expected texts or whole numbers");
  return Array.from({ length: Math.floor((bytes.length - start) / width) }, (_, row) => {
    const at = start + row * width;
    if (whole) return String(integerAt(data, at, width, whole[1] === "i"));
    const step = kind === "U" ? 4 : 1;
    const codes = Array.from(
      { length: width / step },
      (_, k) => step === 4 ? data.getUint32(at + 4 * k, true) : data.getUint8(at + k),
    );
    return String.fromCodePoint(...codes.filter((code) => code > 0 && code <= 0x10ffff));
  });
}

function integerAt(data: DataView, at: number, width: number, signed: boolean): number | bigint {
  if (width === 8) return signed ? data.getBigInt64(at, true) : data.getBigUint64(at, true);
  const name = `get${signed ? "Int" : "Uint"}${8 * width}` as "getInt8" | "getUint16";
  return data[name](at, true);
}

type Refuse = (rule: string, cause?: unknown) => FormatError;

/** Returns the content of an entry. */
async function unpacked(
  bytes: Uint8Array<ArrayBuffer>,
  { name, method, packed, size, offset }: ZipEntry,
  refuse: Refuse,
): Promise<Uint8Array<ArrayBuffer>> {
  if (size === 0xffffffff || offset + 30 > bytes.length) throw refuse(`"${name}" is larger than 4 GiB, or cut off`);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = offset + 30 + data.getUint16(offset + 26, true) + data.getUint16(offset + 28, true);
  // numpy.savez writes sizes that only the directory has where it cannot seek.
  const content = bytes.slice(start, start + packed);
  if (method === 0) return content;
  if (method !== 8) throw refuse(`"${name}" is packed by method ${method}; save it by numpy.savez_compressed`);
  return await inflate(content, "deflate-raw", size, refuse);
}
