/**
 * Reasons for a score: its parts, which sum to it. Similarities of items are given too; they are no parts of a score.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { free, scope } from "../core/scope.ts";
import { read } from "../core/tensor.ts";
import type { Dataset } from "../data/dataset.ts";
import type { ScorePart } from "../models/mod.ts";
import { dotScore, type Factors } from "../models/factors.ts";
import { dotParts } from "../models/parts.ts";
import type { Block } from "../rank/block.ts";
import { sliceColumns } from "../ops/matrix.ts";
import { columnsOf, indexOf, peopleBlock, type Person } from "./people.ts";
import type { Run } from "./run.ts";
import { type SimilarItem, similarTo } from "./similar.ts";

/** A part of a score, with the ids of items. The parts of a score sum to it. */
export interface Reason extends Omit<ScorePart, "item"> {
  /** The id of an item of the history; `null` for a part of the whole user. */
  readonly item: string | null;
  /** The title of that item, if the data have titles. */
  readonly title: string | undefined;
}

/** The reasons for the score of an item. */
export interface Explanation {
  /** The id of the user; empty for a new person. */
  readonly user: string;
  /** The id of the item. */
  readonly item: string;
  /** The title of the item, if the data have titles. */
  readonly title: string | undefined;
  /** The score. */
  readonly score: number;
  /** The parts of the score, the largest first. They sum to it, up to the rounding of 32-bit numbers. */
  readonly parts: readonly Reason[];
  /** The sums of parts of each kind. */
  readonly kinds: Readonly<Record<string, number>>;
  /** The sums of parts of each modality; empty where modalities are fused. */
  readonly modalities: Readonly<Record<string, number>>;
  /** The sums of parts of each item of the history, with its attention, the largest first; empty without such parts. */
  readonly items: readonly ReasonItem[];
  /**
   * The items of the history that are most like the item, by the cosine of final embeddings. A similarity is no part of
   * the score.
   */
  readonly similar: readonly SimilarItem[];
}

/** An item of the history as a reason. */
export interface ReasonItem {
  /** The id of the item. */
  readonly item: string;
  /** The title, if the data have titles. */
  readonly title: string | undefined;
  /** The attention to it, from 0 to 1; `null` for a model without attention. */
  readonly attention: number | null;
  /** Its part of the score. */
  readonly value: number;
}

/**
 * Returns the reasons for the score of an item, for a user of the run or for another person. The score of MONET is a
 * sum over modalities and over the items of the history; an inner product is a sum over modalities that lie side by
 * side; MARIO's score is a sum over modalities, and the score of item-kNN over neighbours. Other scores are one part.
 *
 * @throws {ValueError} if the item does not exist, or the person has neither a place in the run nor items.
 * @throws {UsageError} as `recommend` does.
 *
 * @example
 * ```ts
 * import { garden, key, models, train } from "@giverny/giverny";
 * import { explain } from "@giverny/giverny/runs";
 * import { ok } from "node:assert/strict";
 * const run = await train(models.monet, garden(key(0), { users: 60, items: 40 }), { epochs: 1 });
 * const { score, parts } = await explain(run, "user-07", run.data.items[3]);
 * const sum = parts.reduce((total, { value }) => total + value, 0);
 * ok(Math.abs(score - sum) < 1e-5);
 * ```
 */
export async function explain(run: Run, who: string | Person, item: string): Promise<Explanation> {
  const { data, model, config } = run;
  const person = typeof who === "string" ? { user: who } : who;
  const number = indexOf(run).items.get(item);
  if (number === undefined) {
    throw new ValueError(`Cannot explain the score of the item "${item}": the data have no item with this id`);
  }
  const people = await peopleBlock(run, [person]);
  const block = people.block(Int32Array.of(0));
  try {
    const scores = scope(() => sliceColumns(model.score(people.encoded, block, config), number, number + 1));
    const [score] = await read(scores);
    free(scores);
    const modalities = Object.keys(run.record.data.modalities);
    const parts = await model.explain?.(people.encoded, block, number, config, modalities) ??
      (model.score === dotScore
        ? await dotParts(people.encoded as Factors, block as Block, number, columnsOf(run))
        : [{ kind: "whole", modality: null, item: null, attention: null, value: score } as const]);
    const named = parts.map((part) => reason(data, part)).sort((a, b) => b.value - a.value);
    return {
      user: person.user ?? "",
      item,
      title: data.titles?.[number],
      score,
      parts: named,
      kinds: sums(named, ({ kind }) => kind),
      modalities: sums(named, ({ modality }) => modality),
      items: itemsOf(named),
      similar: await similarTo(run, number, block.history.indices.filter((other) => other !== number)),
    };
  } finally {
    free([block.weights ?? [], block.beta ?? []]);
    people.release();
  }
}

function reason({ items, titles }: Dataset, { item, ...part }: ScorePart): Reason {
  return { ...part, item: item === null ? null : items[item], title: item === null ? undefined : titles?.[item] };
}

/** Returns the sums of parts of the same name. */
function sums(parts: readonly Reason[], name: (part: Reason) => string | null): Record<string, number> {
  const found: Record<string, number> = {};
  for (const part of parts) {
    const of = name(part);
    if (of !== null) found[of] = (found[of] ?? 0) + part.value;
  }
  return found;
}

function itemsOf(parts: readonly Reason[]): ReasonItem[] {
  const found = new Map<string, ReasonItem>();
  for (const { item, title, attention, value } of parts) {
    if (item !== null) found.set(item, { item, title, attention, value: (found.get(item)?.value ?? 0) + value });
  }
  return [...found.values()].sort((a, b) => b.value - a.value);
}
