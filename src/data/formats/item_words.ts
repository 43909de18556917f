/**
 * Files with the words about items: titles, descriptions, genres and others.
 *
 * @module
 */
import { nameOf, withoutGz } from "./files.ts";
import { itemColumn, unusedColumns } from "./interactions.ts";
import { findColumn, readTable, type Table, type TableOptions } from "./table.ts";

/** The words about one item. */
export interface Words {
  readonly title: string;
  /** Title, description and all other fields, one per line. */
  readonly text: string;
}

/** The words of a file by item id, and its columns that were not read. */
export interface ReadWords {
  readonly words: ReadonlyMap<string, Words>;
  readonly unused: readonly string[];
}

const TITLES = ["title", "name", "movieTitle", "productTitle", "productName"];
const FIELDS = [
  ...["title", "name", "description", "brand", "categories", "category", "genres", "summary"],
  ...["movieTitle", "productTitle", "productName", "class", "genre", "author", "artist"],
];
const ENDING = "\\.(?:csv|tsv|jsonl|ndjson|json|parquet)$";
const THINGS = "movies|products|books|tracks|songs|artists|games|articles|videos|businesses";

/** The names of such files, the better first. A file ends in `.item` as RecBole's do. */
const NAMES: readonly RegExp[] = [
  ...["items\\.jsonl", "item_text\\.jsonl", "items\\.csv", "items\\.tsv"].map((name) => new RegExp(`^${name}$`)),
  new RegExp(`^items?${ENDING}`),
  /^.+\.item$/,
  new RegExp(`^(?:${THINGS})${ENDING}`),
  /^movies\.dat$/,
  /^artists\.dat$/,
  new RegExp(`^(?:meta|metadata)(?:[_-].+)?${ENDING}`),
];

/** Returns the file with the words about items among the files of a folder, if there is one. */
export function wordsFile(names: readonly string[]): string | undefined {
  return NAMES.map((form) => names.find((name) => form.test(withoutGz(name)))).find((name) => name !== undefined);
}

/**
 * Returns the words of a table of items and its other columns, or `null` if it has no words.
 *
 * @throws {FormatError} if the file cannot be read.
 */
export async function readWords(path: string, { files }: Pick<TableOptions, "files">): Promise<ReadWords | null> {
  const name = withoutGz(nameOf(path));
  // MovieLens: the id, the title and other parts without names.
  const bare = name === "movies.dat" ? "::" : name === "u.item" ? "|" : undefined;
  const table = bare
    ? await readTable(path, "items", { files, header: false, separator: bare, latin: true })
    : await readTable(path, "items", { files, latin: name === "artists.dat" });
  return wordsIn(table, bare ? { id: 0, title: 1, fields: name === "movies.dat" ? [1, 2] : [1] } : { ids: ["id"] });
}

/** The columns of a table of items, by position where they have no names. */
interface WordColumns {
  readonly id?: number | undefined;
  readonly title?: number | undefined;
  readonly fields?: readonly number[] | undefined;
  /** More names of the column of ids. */
  readonly ids?: readonly string[] | undefined;
}

/** Returns the words of a table of items, or `null` if it has no words. */
export function wordsIn(table: Table, { ids = [], ...given }: WordColumns = {}): ReadWords | null {
  const { id = [itemColumn(table), findColumn(table, ids)].find((column) => column >= 0) ?? -1 } = given;
  const { title = findColumn(table, TITLES) } = given;
  const { fields = FIELDS.map((field) => findColumn(table, [field])).filter((column) => column >= 0) } = given;
  if (id < 0 || fields.length === 0) return null;
  return {
    words: new Map(table.rows.map((row) => [row[id].trim(), wordsOf(row, title, fields)])),
    unused: unusedColumns(table, [id, ...fields]),
  };
}

function wordsOf(row: Table["rows"][number], title: number, fields: readonly number[]): Words {
  const text = fields.map((column) => row[column]).filter((words) => words !== "").join("\n");
  return { title: title < 0 ? "" : row[title], text };
}
