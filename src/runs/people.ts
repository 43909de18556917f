/**
 * People to rank for: trained users, trained users with further items, and new people who are a list of items; all of
 * them together are one block.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import type { Batch, Dim, Items, Users } from "../core/axis.ts";
import { type Pattern, patternFromCoo, rowOf, takeRows } from "../core/pattern.ts";
import { free, scope } from "../core/scope.ts";
import { fromArray, isTensor, type Matrix, type Tensor, type Vector } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { concatRows } from "../ops/matrix.ts";
import { gather } from "../ops/rows.ts";
import type { Columns } from "../models/mod.ts";
import type { Block } from "../rank/block.ts";
import { foldInOf } from "./fold_in.ts";
import type { Run } from "./run.ts";

/** A person to rank for. */
export interface Person {
  /** The id of a user. A person without one is new. */
  readonly user?: string | undefined;
  /** The ids of items: all those of a new person, or those of a trained user since the training; none by default. */
  readonly items?: readonly string[] | undefined;
  /** β, the share of the target-aware score, for a model that has it; by default its setting. */
  readonly beta?: number | undefined;
  /** The weight of each modality by name, where the model's modalities lie side by side; 1 by default. */
  readonly modalities?: Readonly<Record<string, number>> | undefined;
}

/** People as a block of users, numbered from 0. */
export interface PeopleBlock {
  /** The encoding, with a row of users for each person. */
  readonly encoded: Tree;
  /** All items of each person, trained or since. */
  readonly history: Pattern<Users, Items>;
  /** Returns the block of some of these people. */
  readonly block: (users: Int32Array) => Block;
  /** Frees the tensors that are not the run's. */
  readonly release: () => void;
}

/** The numbers of ids, and the training items of users. */
interface Index {
  readonly users: ReadonlyMap<string, number>;
  readonly items: ReadonlyMap<string, number>;
  readonly history: Pattern<Users, Items>;
}

const indices = new WeakMap<Dataset, Index>();

/** Returns the numbers of ids and the training histories of a run, which are made once. */
export function indexOf({ data }: Pick<Run, "data">): Index {
  const found = indices.get(data) ?? {
    users: new Map(data.users.map((id, number) => [id, number])),
    items: new Map(data.items.map((id, number) => [id, number])),
    history: histories(data, "train"),
  };
  indices.set(data, found);
  return found;
}

/** Returns whether a person can be ranked for: a user of the run, or somebody with items. */
export function isKnown(run: Pick<Run, "data">, { user, items = [] }: Person): boolean {
  return items.length > 0 || user !== undefined && indexOf(run).users.has(user);
}

/**
 * Returns people as one block. A user of the run keeps the trained embedding, and the further items join the history,
 * which attention follows. Other people are folded in: see `foldInOf`.
 *
 * @throws {ValueError} if a person has neither a place in the run nor items, or an item or a modality does not exist.
 * @throws {UsageError} if the model cannot fold users in, or has no β or no weights of modalities.
 *
 * @example
 * ```ts
 * import { garden, key, models, train } from "@giverny/giverny";
 * import { peopleBlock } from "@giverny/giverny/runs";
 * import { deepEqual } from "node:assert/strict";
 * const run = await train(models.monet, garden(key(0), { users: 60, items: 40 }), { epochs: 1 });
 * const people = [{ user: "user-07", beta: 0.5 }, { items: [run.data.items[3]] }];
 * const { encoded, block, release } = await peopleBlock(run, people);
 * const scores = run.model.score(encoded, block(Int32Array.of(0, 1)), run.config);
 * deepEqual(scores.shape, [2, 40]);
 * release();
 * ```
 */
export async function peopleBlock(run: Run, people: readonly Person[]): Promise<PeopleBlock> {
  const { history, users } = indexOf(run);
  const numbers = people.map(({ user }) => user === undefined ? -1 : users.get(user) ?? -1);
  const sets = people.map((person, n) => itemsOf(run, person, numbers[n]));
  const whole = patternFromCoo<Users, Items>(
    [people.length, history.columns],
    sets.flatMap((items, n) => items.map(() => n)),
    sets.flat(),
  );
  const encoded = await encodedPeople(run, numbers, whole);
  const { weights, beta } = scope(() => ({ weights: weightsOf(run, people), beta: betaOf(run, people) }));
  return {
    encoded,
    history: whole,
    block: (rows) =>
      scope(() => ({
        users: rows,
        history: takeRows(whole, rows),
        ...(weights ? { weights: gather(weights, rows) } : {}),
        ...(beta ? { beta: gather(beta, rows) as Vector<Batch> } : {}),
      })),
    release: () => free([rowsOf(encoded) === rowsOf(run.embeddings) ? [] : rowsOf(encoded), weights ?? [], beta ?? []]),
  };
}

/** Returns the items of a person by number: those of the training, and those since. */
function itemsOf(run: Run, { user, items = [] }: Person, number: number): number[] {
  const { history, items: numbers } = indexOf(run);
  const since = items.map((id) => {
    const item = numbers.get(id);
    if (item !== undefined) return item;
    throw new ValueError(`Cannot rank with the item "${id}" in a history: the data have no item with this id`);
  });
  if (number >= 0) return [...rowOf(history, number), ...since];
  if (since.length > 0) return since;
  throw new ValueError(
    `Cannot rank for ${user === undefined ? "a new person" : `the user "${user}"`}: ` +
      "the run has no such user, and there are no items to fold in; name at least one item",
  );
}

/** Returns the table of users of an encoding; `null` where it has none. */
function rowsOf(encoded: Tree): Matrix<number, Dim> | null {
  const users = isTensor(encoded) ? undefined : (encoded as Readonly<Record<string, Tree>>).users;
  return isTensor(users) ? users as Matrix<number, Dim> : null;
}

/** Returns the encoding of people: rows of trained users, and new rows. */
async function encodedPeople(run: Run, numbers: readonly number[], history: Pattern<Users, Items>): Promise<Tree> {
  const trained = rowsOf(run.embeddings);
  if (!trained) return run.embeddings;
  const strangers = Int32Array.from(numbers.keys()).filter((n) => numbers[n] < 0);
  const known = Int32Array.from(numbers.keys()).filter((n) => numbers[n] >= 0);
  if (strangers.length === 0 && numbers.length === trained.shape[0] && numbers.every((user, n) => user === n)) {
    return run.embeddings;
  }
  const foldIn = strangers.length > 0 ? await foldInOf(run) : null;
  const users = scope(() => {
    const old = gather(trained, known.map((n) => numbers[n]));
    if (!foldIn) return old;
    const joined = rowsOf(foldIn(takeRows(history, strangers)))!;
    // Rows in the order of the people.
    const place = Int32Array.from(numbers.keys());
    known.forEach((n, row) => place[n] = row);
    strangers.forEach((n, row) => place[n] = known.length + row);
    return gather(known.length === 0 ? joined : concatRows([old, joined]), place);
  });
  return { ...run.embeddings as Readonly<Record<string, Tree>>, users };
}

/** Returns the weight of every column of the final embeddings; nothing if all are 1. */
function weightsOf(run: Run, people: readonly Person[]): Matrix<Batch, Dim> | undefined {
  if (people.every(({ modalities }) => modalities === undefined)) return undefined;
  const columns = columnsOf(run);
  if (columns.length === 0) {
    throw new UsageError(`Cannot weigh modalities: those of the model "${run.model.name}" are fused, or it has none`);
  }
  const names = columns.map(({ modality }) => modality);
  const rows = people.map(({ modalities = {} }) => {
    const unknown = Object.keys(modalities).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new ValueError(`Cannot weigh the modality "${unknown}": the run has ${names.join(", ")}`);
    }
    return columns.flatMap(({ modality, width }) => Array<number>(width).fill(modalities[modality ?? ""] ?? 1));
  });
  return fromArray(rows.flat(), [people.length, rows[0].length], { device: run.device });
}

/** Returns the columns of each modality in the final embeddings of a run; none where modalities are fused. */
export function columnsOf({ model, config, record }: Pick<Run, "model" | "config" | "record">): readonly Columns[] {
  return model.columns?.(config, Object.keys(record.data.modalities)) ?? [];
}

/** Returns β of every person; nothing if all have the setting. */
function betaOf({ model, config, device }: Run, people: readonly Person[]): Tensor<readonly [Batch]> | undefined {
  if (people.every(({ beta }) => beta === undefined)) return undefined;
  if (typeof config.beta !== "number" || !Object.hasOwn(model.settings, "beta")) {
    throw new UsageError(`Cannot rank with another β: the model "${model.name}" has none`);
  }
  const odd = people.find(({ beta = 0 }) => !(beta >= 0 && beta <= 1));
  if (odd) throw new ValueError(`Cannot rank with β = ${odd.beta}: it is a number from 0 to 1`);
  return fromArray(people.map(({ beta }) => beta ?? config.beta as number), [people.length], { device });
}
