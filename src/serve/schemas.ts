/**
 * The schemas of requests and answers. Requests are checked by them, and the OpenAPI document is made of them.
 *
 * @module
 */
import * as v from "valibot";
import type { Limits } from "./limits.ts";

/** A schema: it checks a value, and describes it in the OpenAPI document. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** The parts of a request that limit a list. */
export interface ListOptions {
  readonly k: number;
  readonly explain: boolean;
  readonly include_seen: boolean;
  readonly candidates?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly per_category?: number | undefined;
}

/** A request for a list of a user or of a new person. */
export interface ListBody extends ListOptions {
  readonly user?: string | undefined;
  readonly history?: readonly string[] | undefined;
  readonly beta?: number | undefined;
  readonly modalities?: Readonly<Record<string, number>> | undefined;
}

/** Interactions that arrive. */
export interface InteractionsBody {
  readonly interactions: readonly {
    readonly id: string;
    readonly user: string;
    readonly item: string;
    readonly time?: number | undefined;
  }[];
}

/** The schemas of requests. */
export interface RequestSchemas {
  readonly listQuery: Schema<ListOptions>;
  readonly listBody: Schema<ListBody>;
  readonly similarQuery: Schema<{ readonly k: number }>;
  readonly interactions: Schema<InteractionsBody>;
}

/** The longest id, in characters. */
const LONGEST_ID = 512;

/** Returns the schemas of requests within some bounds. */
export function requestSchemas(limits: Limits): RequestSchemas {
  const id = v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(LONGEST_ID),
    // SQLite ends a text at the character 0.
    v.check((text) => !text.includes("\0"), "Invalid id: it has the character 0"),
  );
  const ids = v.pipe(v.array(id), v.maxLength(limits.ids));
  const count = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
  const k = v.optional(v.pipe(count(limits.k), v.description("The most items of the list.")), 10);
  const list = {
    k,
    explain: v.optional(
      v.pipe(v.boolean(), v.description(`Whether items have reasons; then k is at most ${limits.explained}.`)),
      false,
    ),
    include_seen: v.optional(
      v.pipe(v.boolean(), v.description("Whether items of the history may be recommended.")),
      false,
    ),
    candidates: v.optional(v.pipe(ids, v.description("The items that may be recommended; all by default."))),
    exclude: v.optional(v.pipe(ids, v.description("Items to leave out."))),
    per_category: v.optional(v.pipe(count(limits.k), v.description("The most items of a category."))),
  };
  const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
  const event = v.strictObject({
    id: v.pipe(id, v.description("The id of the event: an event that is sent twice is kept once.")),
    user: id,
    item: id,
    time: v.optional(
      v.pipe(v.number(), v.finite(), v.description("Seconds since 1970; by default the time of arrival.")),
    ),
  });
  return {
    listQuery: v.strictObject(list),
    listBody: v.strictObject({
      user: v.optional(v.pipe(id, v.description("The id of a user; nothing for a visitor."))),
      history: v.optional(v.pipe(ids, v.description("Items of the person, those of a user since the training."))),
      beta: v.optional(v.pipe(share, v.description("β, the share of the target-aware score."))),
      modalities: v.optional(
        v.pipe(
          v.record(v.string(), v.pipe(v.number(), v.finite())),
          v.maxEntries(100),
          v.description("The weight of each modality; 1 by default."),
        ),
      ),
      ...list,
    }),
    similarQuery: v.strictObject({ k }),
    interactions: v.strictObject({
      interactions: v.pipe(v.array(event), v.minLength(1), v.maxLength(limits.interactions)),
    }),
  };
}

const title = v.nullable(v.string());
const numbers = v.record(v.string(), v.number());
const similar = v.array(v.object({ item: v.string(), title, similarity: v.number() }));
const part = v.object({
  kind: v.string(),
  modality: v.nullable(v.string()),
  item: v.nullable(v.string()),
  title,
  attention: v.nullable(v.number()),
  value: v.number(),
});
const reasons = v.object({
  parts: v.pipe(v.array(part), v.description("Parts that sum to the score.")),
  kinds: numbers,
  modalities: numbers,
  items: v.array(v.object({ item: v.string(), title, attention: v.nullable(v.number()), value: v.number() })),
  similar: v.pipe(similar, v.description("Items of the history that are alike. They are no parts of the score.")),
});

/** The schemas of answers. */
export const ANSWERS: Readonly<Record<"list" | "similar" | "interactions" | "health" | "problem", v.GenericSchema>> = {
  list: v.object({
    user: v.pipe(v.string(), v.description("The id of the user; empty for a visitor.")),
    known: v.pipe(v.boolean(), v.description("Whether the run knows the person; others get the most popular items.")),
    ignored: v.pipe(v.array(v.string()), v.description("Ids of the history that the run does not know.")),
    run: v.string(),
    items: v.array(
      v.object({ item: v.string(), title, score: v.nullable(v.number()), reasons: v.exactOptional(reasons) }),
    ),
  }),
  similar: v.object({ item: v.string(), all: similar, modalities: v.record(v.string(), similar) }),
  interactions: v.object({
    received: v.number(),
    added: v.pipe(v.number(), v.description("The interactions whose ids are new.")),
  }),
  health: v.object({
    status: v.literal("ok"),
    run: v.string(),
    model: v.string(),
    users: v.number(),
    items: v.number(),
  }),
  problem: v.object({
    type: v.string(),
    title: v.string(),
    status: v.number(),
    detail: v.string(),
    errors: v.exactOptional(v.array(v.object({ at: v.string(), message: v.string() }))),
  }),
};
