/**
 * SQLite databases: a table, or the rows of a query, as interactions, and another table as the words about items. The
 * runtime's own SQLite is loaded when a database is read.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { type FormatError, ValueError } from "../../../kernels/errors.ts";
import type { Dataset } from "../dataset.ts";
import { type Files, localFiles } from "../files.ts";
import { assemble } from "./assemble.ts";
import { clipped, few, nameOf, unreadable } from "./files.ts";
import { isLog, logOf } from "./interactions.ts";
import { type ReadWords, wordsFile, wordsIn } from "./item_words.ts";
import type { ReadOptions } from "./options.ts";
import { checkWidth, type Table } from "./records.ts";
import { NOTHING, readSide } from "./side.ts";

/** The most cells of a table, and the milliseconds to wait for a program that writes. */
const MOST_CELLS = 2 ** 28, PATIENCE = 5000;
/** The first bytes of a database, and the names of databases in folders and of their journals. */
const MARK = "SQLite format 3\0",
  NAMED = /\.(?:sqlite3?|db3?)$/i,
  JOURNAL = /\.(?:sqlite3?|db3?)-(?:wal|shm|journal)$/i;
/** The usual names of tables of interactions. */
const USUAL = /^(?:interactions?|inter|ratings?|reviews?|events?|orders?|purchases?|clicks?|views?|plays?)$/i;

/** Returns whether a file is a database. */
export async function isDatabase(path: string, files: Files = localFiles): Promise<boolean> {
  if ((await files.stat(path))?.kind !== "file") return false;
  const start = await files.readRange(path, 0, MARK.length).catch(() => new Uint8Array(0));
  return String.fromCharCode(...start) === MARK;
}

/** Returns the only database among the files of a folder, or `undefined`. */
export function databaseIn(names: readonly string[]): string | undefined {
  const found = names.filter((name) => NAMED.test(name));
  return found.length === 1 ? found[0] : undefined;
}

/**
 * Returns the data set of a database. Without the options `table` and `query`, the interactions are in the only table
 * with a column of users and one of items, or in the table of the usual name, `interactions` for example. A table
 * `items`, `products` or of a name like these has the words about the items; the `names` of files next to the database
 * describe them too.
 *
 * @throws {FormatError} if the database cannot be read, or it is not clear which table has the interactions.
 * @throws {ValueError} if the files are not those of this machine, or both options are given.
 */
export async function readDatabase(
  path: string,
  options: ReadOptions = {},
  names: readonly string[] = [],
): Promise<Dataset> {
  const { files = localFiles, table, query } = options;
  if (table !== undefined && query !== undefined) {
    throw new ValueError(`Cannot read a table and a query from "${path}": choose one of the options table and query`);
  }
  if (files !== localFiles) {
    throw new ValueError(`Cannot read the database "${path}": SQLite reads files of this machine only (localFiles)`);
  }
  const refuse = (rule: string, cause?: unknown) => unreadable("a database", path, rule, { cause });
  const database = await opened(path, refuse);
  try {
    const tables = attempt(() => tablesOf(database), refuse);
    const chosen = query === undefined ? chooseTable(tables, options, refuse) : undefined;
    const sql = query ?? `SELECT * FROM ${quoted(chosen!)}`;
    const log = logOf(rowsOf(database, sql, { path, what: "interactions", refuse }), options);
    const others = tables.filter(({ name }) => name !== chosen);
    const described = wordsOf(database, others, path, refuse);
    const unread = others.filter(({ name }) => name !== described?.table).map(({ name }) => `"${name}"`);
    const files = names.filter((name) => !JOURNAL.test(name));
    const folder = path.slice(0, path.length - nameOf(path).length - 1);
    const side = files.length > 0 ? await readSide(folder, files, log, options) : NOTHING;
    const unused = unread.length > 0 ? [`${unread.length > 1 ? "tables" : "table"} ${few(unread)}`] : [];
    return assemble(nameOf(path).replace(/\.[^.]*$/, ""), log, {
      ...side,
      words: described?.words ?? side.words,
      unused: [...unused, ...described?.unused ?? [], ...side.unused],
    }, options);
  } finally {
    database.close();
  }
}

type Refuse = (rule: string, cause?: unknown) => FormatError;

async function opened(path: string, refuse: Refuse): Promise<DatabaseSync> {
  const sqlite = await import("node:sqlite").catch((cause) => {
    throw refuse("this runtime has no SQLite; export the table as CSV", cause);
  });
  return attempt(() => {
    const database = new sqlite.DatabaseSync(path, { readOnly: true, timeout: PATIENCE });
    // Functions with effects cannot run from a view or a column of a damaged database.
    database.exec("PRAGMA trusted_schema = OFF");
    return database;
  }, refuse);
}

function attempt<T>(work: () => T, refuse: Refuse): T {
  try {
    return work();
  } catch (cause) {
    throw refuse(`SQLite says: ${clipped(cause instanceof Error ? cause.message : String(cause), 200)}`, cause);
  }
}

/** A table or a view, and the names of its columns. */
interface Described {
  readonly name: string;
  readonly header: readonly string[];
  /** A view may compute its rows without end, so it is read only if it is named. */
  readonly view: boolean;
}

function tablesOf(database: DatabaseSync): Described[] {
  const all = database.prepare(
    "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' " +
      "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
  ).all();
  return all.map(({ name, type }) => ({
    name: String(name),
    header: database.prepare("SELECT name FROM pragma_table_info(?)").all(String(name)).map((row) => String(row.name)),
    view: type === "view",
  }));
}

function chooseTable(tables: readonly Described[], { table, columns }: ReadOptions, refuse: Refuse): string {
  const listed = tables.length > 0 ? `it has ${few(tables.map(({ name }) => `"${name}"`))}` : "it has no tables";
  if (table !== undefined) {
    if (tables.some(({ name }) => name === table)) return table;
    throw refuse(`there is no table "${clipped(table)}"; ${listed}`);
  }
  const fitting = tables.filter(({ header, view }) => !view && isLog(header, columns)).map(({ name }) => name);
  const usual = fitting.filter((name) => USUAL.test(name));
  const found = fitting.length === 1 ? fitting : usual;
  if (found.length === 1) return found[0];
  const rule = fitting.length > 1
    ? `${few(fitting.map((name) => `"${name}"`))} may be the table of interactions; name one`
    : `expected a table with a column of users and one of items; ${listed}; name one`;
  throw refuse(`${rule} (--table, option table), or give a query (--query, option query)`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Returns the rows of a query as text. */
function rowsOf(
  database: DatabaseSync,
  sql: string,
  { path, what, refuse }: { readonly path: string; readonly what: string; readonly refuse: Refuse },
): Table {
  const [header, rows] = attempt(() => {
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    const names = [...new Set(statement.columns().map(({ name }) => name))];
    const read: string[][] = [];
    for (const row of statement.iterate() as Iterable<Readonly<Record<string, unknown>>>) {
      // More cells than this do not fit the memory; the loop ends queries without an end.
      if ((read.length + 1) * names.length > MOST_CELLS) break;
      read.push(names.map((name) => cellOf(row[name])));
    }
    return [names, read] as const;
  }, refuse);
  if (header.length === 0) throw refuse("the query returns no columns; expected SELECT …");
  checkWidth(path, what, header.length);
  if ((rows.length + 1) * header.length > MOST_CELLS) {
    throw refuse(`the table has more than ${rows.length} rows of ${header.length} columns; select fewer by a query`);
  }
  if (rows.length === 0) throw refuse("the table or query has no rows");
  return { path, what, header, rows, lines: rows.map((_, r) => r + 1) };
}

/** Returns the text of a value. Bytes are neither ids nor words. */
function cellOf(value: unknown): string {
  return value === null || value === undefined || typeof value === "object" ? "" : String(value);
}

/** Returns the words about items in the table of a usual name, or in the only one that has titles. */
function wordsOf(
  database: DatabaseSync,
  tables: readonly Described[],
  path: string,
  refuse: Refuse,
): ReadWords & { readonly table: string } | null {
  const names = tables.filter(({ view }) => !view).map(({ name }) => name);
  const table = wordsFile(names.map((name) => `${name.toLowerCase()}.csv`))?.slice(0, -".csv".length);
  const name = names.find((name) => name.toLowerCase() === table);
  if (name === undefined) return null;
  const [first] = attempt(() => database.prepare(`SELECT * FROM ${quoted(name)} LIMIT 1`).all(), refuse);
  if (first === undefined) return null;
  const rows = rowsOf(database, `SELECT * FROM ${quoted(name)}`, { path, what: "items", refuse });
  const words = wordsIn(rows, { ids: ["id", `${name.replace(/s$/i, "")}Id`] });
  return words && { ...words, unused: words.unused.map((text) => `${text}, table "${name}"`), table: name };
}
