/**
 * Interactions that arrive while a run is in use, in a file of SQLite: one row an event, in the order of arrival. They
 * count at once, without a training: see {@link personOf}.
 *
 * @module
 */
import { FormatError, KindError, ValueError } from "../../kernels/errors.ts";
import { indexOf, type Person } from "../runs/people.ts";
import type { Run } from "../runs/run.ts";

/** An interaction that arrived. */
export interface InteractionEvent {
  /** The id of the event. An event that is sent twice is kept once. */
  readonly id: string;
  /** The id of the user. */
  readonly user: string;
  /** The id of the item. */
  readonly item: string;
  /** The time, in seconds since 1970. */
  readonly time: number;
}

/** An open file of events. */
export interface Events {
  /**
   * Keeps events, all or none. When it returns, they are on the disk. Returns the number of events that are new; of
   * several with one id the first is kept.
   *
   * @throws {ValueError} if an id is empty, or a time is no number.
   */
  readonly append: (events: readonly InteractionEvent[]) => number;
  /** Keeps several lists of events in a single write, as `append` does. Returns the number of new events of each. */
  readonly appendLists: (lists: readonly (readonly InteractionEvent[])[]) => number[];
  /** Returns all events in the order of arrival. */
  readonly read: () => InteractionEvent[];
  /** Returns the ids of a user's items, each once, in the order of arrival. */
  readonly itemsOf: (user: string) => readonly string[];
  /** Closes the file. */
  readonly close: () => void;
}

const SCHEMA = "CREATE TABLE IF NOT EXISTS interactions (id TEXT PRIMARY KEY, user TEXT, item TEXT, time REAL)";
const COLUMNS = "id, user, item, time";

/**
 * Opens a file of events, or makes it; `:memory:` keeps them in memory alone. The table is `interactions (id TEXT
 * PRIMARY KEY, user TEXT, item TEXT, time REAL)`, with a write-ahead log and `synchronous = FULL`: an event that
 * `append` accepted survives the death of the process and the loss of power. Several processes may append to one file.
 * It needs Deno, or Node from 22.13 on.
 *
 * @throws {FormatError} if the file is no SQLite database, or has another table of this name.
 * @throws {KindError} if the runtime has no SQLite.
 *
 * @example
 * ```ts
 * import { openEvents } from "@giverny/giverny/serve";
 * import { deepEqual, equal } from "node:assert/strict";
 * const events = await openEvents(":memory:");
 * const event = { id: "1", user: "ada", item: "poppies", time: 0 };
 * equal(events.append([event, event]), 1);
 * deepEqual(events.itemsOf("ada"), ["poppies"]);
 * events.close();
 * ```
 */
export async function openEvents(file: string): Promise<Events> {
  const { DatabaseSync } = await sqlite();
  const database = opened(file, () => new DatabaseSync(file));
  const insert = database.prepare(`INSERT INTO interactions (${COLUMNS}) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const all = database.prepare(`SELECT ${COLUMNS} FROM interactions ORDER BY rowid`);
  const newer = database.prepare("SELECT rowid AS row, user, item FROM interactions WHERE rowid > ? ORDER BY rowid");
  const items = new Map<string, Set<string>>();
  let last = 0;
  /** Reads the events since the last time, also those of other processes. */
  const follow = () => {
    for (const { row, user, item } of newer.all(last)) {
      const own = items.get(String(user)) ?? new Set();
      items.set(String(user), own.add(String(item)));
      last = Number(row);
    }
  };
  const insertAll = (events: readonly InteractionEvent[]): number =>
    events.reduce((sum, { id, user, item, time }) => sum + Number(insert.run(id, user, item, time).changes), 0);
  const appendLists = (lists: readonly (readonly InteractionEvent[])[]): number[] => {
    lists.forEach((events) => events.forEach(check));
    database.exec("BEGIN IMMEDIATE");
    try {
      const added = lists.map(insertAll);
      database.exec("COMMIT");
      return added;
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  };
  return {
    append: (events) => appendLists([events])[0],
    appendLists,
    read: () =>
      all.all().map(({ id, user, item, time }) => ({
        id: String(id),
        user: String(user),
        item: String(item),
        time: Number(time),
      })),
    itemsOf: (user) => {
      follow();
      return [...items.get(user) ?? []];
    },
    close: () => database.close(),
  };
}

/** Returns Deno's and Node's SQLite. */
async function sqlite(): Promise<typeof import("node:sqlite")> {
  try {
    return await import("node:sqlite");
  } catch (cause) {
    throw new KindError("Cannot open events: this runtime has no SQLite; use Deno, or Node from 22.13 on", { cause });
  }
}

type Database = InstanceType<(typeof import("node:sqlite"))["DatabaseSync"]>;

/** Opens a database, sets its durability, and checks its table. */
function opened(file: string, open: () => Database): Database {
  const refuse = (rule: string, cause?: unknown) =>
    new FormatError(`Cannot open the events in "${file}": ${rule}`, { cause });
  let database: Database | undefined;
  try {
    database = open();
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    database.exec(SCHEMA);
  } catch (error) {
    database?.close();
    throw refuse(`${(error as Error).message}; name a file of SQLite, or a new file`, error);
  }
  const found = database.prepare("PRAGMA table_info(interactions)").all().map(({ name }) => String(name));
  const [keyed] = database.prepare("SELECT count(*) AS n FROM pragma_index_list('interactions') WHERE origin = 'pk'")
    .all();
  if (COLUMNS.split(", ").every((column) => found.includes(column)) && Number(keyed.n) === 1) return database;
  database.close();
  throw refuse(`its table "interactions" has the columns ${found.join(", ")}; expected ${COLUMNS}, with the key id`);
}

function check({ id, user, item, time }: InteractionEvent): void {
  const refuse = (rule: string) => new ValueError(`Cannot append the event "${id}": ${rule}`);
  for (const [name, value] of Object.entries({ id, user, item })) {
    if (typeof value !== "string" || value === "") throw refuse(`the ${name} must be a text that is not empty`);
  }
  if (!Number.isFinite(time)) throw refuse(`the time must be a number of seconds, not ${time}`);
}

/**
 * Returns a user with the items that arrived since the training, to rank for: these items leave the user's lists, the
 * history grows, and attention follows. Items that the run does not know are left out.
 *
 * @example
 * ```ts
 * import { garden, key, models, recommend, train } from "@giverny/giverny";
 * import { openEvents, personOf } from "@giverny/giverny/serve";
 * import { notEqual } from "node:assert/strict";
 * const run = await train(models.popularity, garden(key(0), { users: 60, items: 40 }));
 * const events = await openEvents(":memory:");
 * const best = async () => {
 *   const [{ items: [first] }] = await recommend(run, { users: [personOf(run, events, "user-07")], k: 1 });
 *   return first.item;
 * };
 * const before = await best();
 * events.append([{ id: "1", user: "user-07", item: before, time: 0 }]);
 * notEqual(await best(), before);
 * events.close();
 * ```
 */
export function personOf(run: Pick<Run, "data">, events: Pick<Events, "itemsOf">, user: string): Person {
  const { items } = indexOf(run);
  return { user, items: events.itemsOf(user).filter((id) => items.has(id)) };
}
