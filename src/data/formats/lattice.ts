/**
 * LATTICE's and MONET's folders: `5-core/train.json`, `val.json` and `test.json`, each an object from user id to a
 * list of item ids, and `image_feat.npy`, `text_feat.npy` whose row r belongs to item r.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import type { Files } from "../files.ts";
import { assemble } from "./assemble.ts";
import { filesIn, nameOf, readText, unreadable } from "./files.ts";
import { joinLogs, type Log, trainedOnly } from "./interactions.ts";
import type { ReadOptions } from "./options.ts";
import { readSide } from "./side.ts";

/**
 * Returns the data set of such a folder. As LATTICE does, it leaves out users who have no training interactions.
 *
 * @throws {FormatError} if a file cannot be read.
 * @throws {ValueError} if features do not fit the items.
 */
export async function readLattice(folder: string, options: ReadOptions = {}): Promise<Dataset> {
  const { files } = options;
  const names = await filesIn(folder, files) ?? [];
  const prefix = names.includes("train.json") ? "" : "5-core/";
  const parts = ["train", "val", "test"].map((part) => `${prefix}${part}.json`);
  const logs = await Promise.all(parts.map((part, code) => readLists(`${folder}/${part}`, code, files)));
  const side = await readSide(folder, names.filter((name) => name !== prefix && !parts.includes(name)), options);
  const inside = prefix === "" ? [] : (await filesIn(`${folder}/${prefix}`, files) ?? []).map((name) => prefix + name);
  const unused = inside.filter((name) => !parts.includes(name)).map((name) => `"${name}"`);
  return assemble(
    nameOf(folder),
    trainedOnly(joinLogs(logs)),
    { ...side, unused: [...side.unused, ...unused] },
    options,
  );
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
