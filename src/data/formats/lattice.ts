/**
 * LATTICE's and MONET's folders: `5-core/train.json`, `val.json` and `test.json`, each an object from user id to a
 * list of item ids, and `image_feat.npy`, `text_feat.npy` whose row r belongs to item r.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import type { Files } from "../files.ts";
import { assemble } from "./assemble.ts";
import { filesIn, nameOf, readText, unreadable, withoutGz } from "./files.ts";
import { joinLogs, type Log, trainedOnly } from "./interactions.ts";
import type { ReadOptions } from "./options.ts";
import { readSide } from "./side.ts";

/** Returns whether a folder with entries of these names is LATTICE's: its `train.json` is an object of lists. */
export async function isLattice(folder: string, names: readonly string[], files?: Files): Promise<boolean> {
  if (names.includes("5-core/")) return true;
  const train = named(names, "train.json");
  if (train === undefined) return false;
  const text = await readText(`${folder}/${train}`, "interactions", files);
  return !/^\s*(?:\[|\{\s*"[^"]*"\s*:\s*[^[\s])/.test(text.slice(0, 1000));
}

/** Returns the name of a file, which may end in `.gz`. */
function named(names: readonly string[], wanted: string): string | undefined {
  return names.find((name) => withoutGz(name) === wanted);
}

/**
 * Returns the data set of such a folder. As LATTICE does, it leaves out users who have no training interactions.
 *
 * @throws {FormatError} if a file cannot be read.
 * @throws {ValueError} if features do not fit the items.
 */
export async function readLattice(folder: string, options: ReadOptions = {}): Promise<Dataset> {
  const { files } = options;
  const names = await filesIn(folder, files) ?? [];
  const prefix = named(names, "train.json") === undefined ? "5-core/" : "";
  const inside = prefix === "" ? names : await filesIn(`${folder}/5-core`, files) ?? [];
  const parts = ["train.json", "val.json", "test.json"].map((part) => prefix + (named(inside, part) ?? part));
  const logs = await Promise.all(parts.map((part, code) => readLists(`${folder}/${part}`, code, files)));
  const log = trainedOnly(joinLogs(logs));
  const side = await readSide(folder, names.filter((name) => name !== prefix && !parts.includes(name)), log, options);
  const others = prefix === "" ? [] : inside.map((name) => prefix + name).filter((name) => !parts.includes(name));
  const unused = [...side.unused, ...others.map((name) => `"${name}"`)];
  return assemble(nameOf(folder), log, { ...side, unused }, options);
}

async function readLists(path: string, code: number, files: Files | undefined): Promise<Log> {
  const lists = listsOf(await readText(path, "interactions", files), path);
  const users = lists.flatMap(([user, items]) => items.map(() => user));
  const items = lists.flatMap(([, items]) => items);
  return { users, items, split: new Uint8Array(users.length).fill(code), times: null };
}

function listsOf(text: string, path: string): [user: string, items: string[]][] {
  const refuse = (rule: string, cause?: unknown) => unreadable("interactions", path, rule, { cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw refuse("the file is not JSON, or is truncated", cause);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw refuse("expected an object from user id to a list of item ids");
  }
  return Object.entries(parsed).map(([user, items]) => {
    const bad = Array.isArray(items) ? items.find((item) => !Number.isInteger(item) || item < 0) : items;
    if (bad !== undefined) {
      throw refuse(`user "${user}" has ${JSON.stringify(bad)}; expected a list of item ids, whole numbers from 0 on`);
    }
    return [user, (items as number[]).map(String)];
  });
}
