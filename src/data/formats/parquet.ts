/**
 * Records in Parquet files. Their decoder is loaded with this module.
 *
 * @module
 */
import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { FormatError } from "../../../kernels/errors.ts";
import type { Files } from "../files.ts";
import { readBytes, unreadable } from "./files.ts";
import { faultOfPages } from "./parquet_pages.ts";
import { checkWidth, type Numbered } from "./records.ts";

/** The most bytes of all columns without compression. */
const LARGEST = 2 ** 32;
/** Rows that a file of any size may have, and more for each of its bytes: columns of equal values take few bytes. */
const ROWS = 1e6, ROWS_PER_BYTE = 64;

/**
 * Returns the rows of a file; the line of a row is its number.
 *
 * @throws {FormatError} if the file cannot be read, or is far larger without compression.
 */
export async function readParquet(path: string, what: string, files: Files | undefined): Promise<Numbered[]> {
  const bytes = await readBytes(path, what, files);
  const file = bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
  const refuse = (rule: string, cause?: unknown) => unreadable(what, path, rule, { cause });
  const metadata = await attempt(() => parquetMetadata(file), refuse);
  const groups = metadata.row_groups;
  const size = groups.reduce((sum, { total_byte_size }) => sum + Number(total_byte_size), 0);
  if (size > LARGEST) throw refuse(`its columns take ${Math.floor(size / 2 ** 20)} MiB; expected at most 4096`);
  const rows = Math.max(Number(metadata.num_rows), groups.reduce((sum, { num_rows }) => sum + Number(num_rows), 0));
  if (rows > ROWS + ROWS_PER_BYTE * bytes.length) {
    throw refuse(`${bytes.length} bytes cannot have ${rows} rows of interactions or items; the file may be damaged`);
  }
  checkWidth(path, what, metadata.schema.length);
  for (const column of groups.flatMap(({ columns }) => columns)) {
    const { data_page_offset: data, dictionary_page_offset: words, total_compressed_size: length } = column.meta_data ??
      {};
    if (data === undefined || length === undefined) throw refuse("a column has no pages; the file may be damaged");
    const start = Math.min(Number(data), Number(words || data));
    const fault = faultOfPages(file, { start, length: Number(length) }, ROWS + ROWS_PER_BYTE * bytes.length);
    if (fault) throw refuse(`${fault}; the file may be damaged`);
  }
  // One column after the other: the decoder leaves the failures of others without a listener.
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  const records: Record<string, unknown>[] = [];
  for (const { num_rows } of groups) {
    const rowStart = records.length, rowEnd = rowStart + Number(num_rows);
    for (const column of columns) {
      const read = () => parquetReadObjects({ file, metadata, compressors, columns: [column], rowStart, rowEnd });
      (await attempt(read, refuse)).forEach((record, r) => Object.assign(records[rowStart + r] ??= {}, record));
    }
  }
  return records.map((record, r) => ({ record, line: r + 1 }));
}

async function attempt<T>(
  read: () => T | Promise<T>,
  refuse: (rule: string, cause?: unknown) => FormatError,
): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw refuse(`it is no Parquet file that can be read, or is damaged: ${reason.slice(0, 200)}`, cause);
  }
}
