/** Tests of SQLite databases. @module */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { readDataset, type ReadOptions } from "../../../src/data/formats/mod.ts";
import { memoryFiles } from "../../../src/data/memory_files.ts";
import { refusal, withFolder } from "./folder.ts";

const SHOP = `
  CREATE TABLE orders (buyer TEXT, product INTEGER, at TEXT);
  INSERT INTO orders VALUES ('ann', 9007199254740993, '2024-05-01'), ('ann', 2, '2024-05-02'), ('bob', 2, '2024-05-03');
  CREATE TABLE products (id INTEGER PRIMARY KEY, title TEXT, price REAL, photo BLOB);
  INSERT INTO products VALUES (2, 'Rose', 1.5, x'00ff'), (3, 'Lily', 2.5, NULL);
  CREATE TABLE staff (name TEXT);
  CREATE VIEW endless AS WITH RECURSIVE n(user, item) AS (SELECT 1, 1 UNION ALL SELECT user + 1, 1 FROM n) SELECT * FROM n;
`;
const QUERY = "SELECT buyer AS user, product AS item, at AS date FROM orders";

/** Returns the bytes of a database. */
async function database(sql: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = await Deno.makeTempFile({ suffix: ".sqlite" });
  try {
    const made = new DatabaseSync(path);
    made.exec(sql);
    made.close();
    return await Deno.readFile(path);
  } finally {
    await Deno.remove(path);
  }
}

const withShop = (sql: string, options: ReadOptions, files: Record<string, string> = {}) =>
  database(sql).then((bytes) =>
    withFolder({ "shop.sqlite": bytes, ...files }, (folder) => readDataset(`${folder}/shop.sqlite`, options))
  );

Deno.test("readDataset() reads a query of a database: whole numbers above 2⁵³, dates, and titles of another table", async () => {
  const { name, users, items, titles, interactions, notes } = await withShop(SHOP, { query: QUERY });
  deepEqual([name, users, items, titles], ["shop", ["ann", "bob"], ["9007199254740993", "2"], ["", "Rose"]]);
  deepEqual([...interactions.times!], [1714521600, 1714608000, 1714694400]);
  equal(
    notes?.[0],
    'Not used: tables "endless", "orders", "staff", columns "price", "photo" of "shop.sqlite", table "products"',
  );
});

Deno.test("readDataset() reads the only table with users and items, by their usual or given names", async () => {
  const events = `CREATE TABLE interactions(id TEXT PRIMARY KEY, user TEXT, item TEXT, time REAL);
    INSERT INTO interactions VALUES ('x', 'u1', 'i1', 1714521600.25), ('y', 'u2', 'i1', 3)`;
  const { users, items, interactions } = await withShop(events, {});
  deepEqual([users, items, [...interactions.times!]], [["u1", "u2"], ["i1"], [1714521600.25, 3]]);
  const named = await withShop(SHOP, { columns: { user: "buyer", item: "product", time: "at" } });
  deepEqual(named.users, ["ann", "bob"]);
  equal((await withShop(SHOP, { table: "orders", columns: { user: 0, item: 1 } })).items.length, 2);
});

Deno.test("readDataset() reads the database of a folder, with the files next to it", async () => {
  const log = "CREATE TABLE clicks (user, item); INSERT INTO clicks VALUES ('a', 'x'), ('b', 'y')";
  const folder = { "log.db": await database(log), "items.csv": "item,title\ny,Why\nx,Ex\n", "log.db-wal": "" };
  const { titles, notes } = await withFolder(folder, readDataset);
  deepEqual([titles, notes?.some((text) => text.startsWith("Not used"))], [["Ex", "Why"], false]);
});

Deno.test("readDataset() reads a database while another program writes to it", async () => {
  const wal = "PRAGMA journal_mode = WAL; CREATE TABLE events (user, item); INSERT INTO events VALUES ('a', 'x')";
  const folder = await Deno.makeTempDir();
  const writer = new DatabaseSync(`${folder}/live.db`);
  try {
    writer.exec(wal);
    writer.exec("BEGIN; INSERT INTO events VALUES ('b', 'x')");
    deepEqual((await readDataset(`${folder}/live.db`)).users, ["a"]);
  } finally {
    writer.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readDataset() refuses databases and queries that it cannot read, and says how to choose", async () => {
  const refused = async (sql: string, options: ReadOptions = {}) => {
    const bytes = await database(sql);
    const text = await refusal({ "shop.sqlite": bytes }, (folder) => readDataset(`${folder}/shop.sqlite`, options));
    return text.replace(/^FormatError: Cannot read a database from "shop.sqlite": /, "");
  };
  const twice = "CREATE TABLE a (user, item); CREATE TABLE b (user, item);";
  const choose = "(--table, option table), or give a query (--query, option query)";
  equal(await refused(twice), `"a", "b" may be the table of interactions; name one ${choose}`);
  const expected = "expected a table with a column of users and one of items";
  equal(await refused(SHOP), `${expected}; it has "endless", "orders", "products", "staff"; name one ${choose}`);
  equal(await refused("CREATE TABLE a (user, item)"), "the table or query has no rows");
  equal(await refused(twice, { table: "c" }), 'there is no table "c"; it has "a", "b"');
  equal(await refused(SHOP, { query: "SELECT rose" }), "SQLite says: no such column: rose");
  equal(await refused(SHOP, { query: "DELETE FROM orders" }), "the query returns no columns; expected SELECT …");
  const half = (await database(SHOP)).slice(0, 5000);
  const damaged = (folder: string) => readDataset(`${folder}/shop.sqlite`, { table: "orders" });
  equal(
    await refusal({ "shop.sqlite": half }, damaged),
    'FormatError: Cannot read a database from "shop.sqlite": SQLite says: database disk image is malformed',
  );
  equal(
    await refusal({ "a.csv": "user,item\na,b\n" }, (folder) => readDataset(`${folder}/a.csv`, { table: "a" })),
    'ValueError: Cannot read a table or a query from "a.csv": it is no SQLite database',
  );
});

Deno.test("readDataset() refuses a database in other files than those of this machine", async () => {
  const files = memoryFiles();
  await files.write("shop.db", await database(SHOP));
  await rejects(readDataset("shop.db", { files }), { name: "ValueError", message: /of this machine only/ });
});
