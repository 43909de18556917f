/**
 * The routes of a server: each has its schemas, its words for the OpenAPI document, and its answer.
 *
 * @module
 */
import type { GenericSchema } from "valibot";
import type { Recommendation } from "../runs/recommend.ts";
import type { Reason } from "../runs/explain.ts";
import type { SimilarItem } from "../runs/similar.ts";
import type { Measures } from "./measures.ts";
import type { PictureOf } from "./pictures.ts";
import { Refusal } from "./problem.ts";
import type { Limits } from "./limits.ts";
import { ANSWERS, type ListBody, requestSchemas, type Schema } from "./schemas.ts";
import type { Service } from "./service.ts";

/** A checked request. */
export interface Asked<Q, B> {
  /** The `{id}` of the path; empty without it. */
  readonly id: string;
  readonly query: Q;
  readonly body: B;
  readonly headers: Headers;
}

/** A route. */
export interface Route {
  readonly method: "GET" | "POST";
  /** The path, with `{id}` for an id. */
  readonly path: string;
  readonly summary: string;
  /** The schema of the query; without it, the query is not read. */
  readonly query: GenericSchema | null;
  /** The schema of the body, for `POST`. */
  readonly body: GenericSchema | null;
  /** The schema of the answer, or its media type. */
  readonly answer: GenericSchema | string;
  /** Whether a request needs no token. */
  readonly open: boolean;
  /** Returns an answer: an object becomes JSON. */
  readonly respond: (asked: Asked<unknown, unknown>) => Promise<object | Response> | object | Response;
}

/** The parts that answers are made of. */
export interface RouteParts {
  readonly service: Service;
  readonly pictures: PictureOf;
  readonly measures: Measures;
  readonly limits: Limits;
  /** Whether answers depend on a token. */
  readonly secret: boolean;
  /** Returns the time in seconds since 1970. */
  readonly time: () => number;
}

/** Returns the routes of a server. */
export function routesOf({ service, pictures, measures, limits, secret, time }: RouteParts): readonly Route[] {
  const { listQuery, listBody, similarQuery, interactions } = requestSchemas(limits);
  return [
    route({
      path: "/users/{id}/recommendations",
      summary: "The best items for a user. A user whom the run does not know gets the most popular items.",
      query: listQuery,
      answer: ANSWERS.list,
      respond: ({ id, query }) => listed({ ...query, user: id }, service, limits),
    }),
    route({
      method: "POST",
      path: "/recommendations",
      summary: "The best items for a visitor who is a list of items, or for a user with further items.",
      body: listBody,
      answer: ANSWERS.list,
      respond: ({ body }) => listed(body, service, limits),
    }),
    route({
      path: "/items/{id}/similar",
      summary: "The items that are like an item, in all and by modality.",
      query: similarQuery,
      answer: ANSWERS.similar,
      respond: async ({ id, query }) => {
        const { all, modalities } = await service.similar(id, query.k);
        const named = Object.entries(modalities).map(([name, items]) => [name, items.map(titled<SimilarItem>)]);
        return { item: id, all: all.map(titled<SimilarItem>), modalities: Object.fromEntries(named) };
      },
    }),
    route({
      path: "/items/{id}/picture",
      summary: "The picture of an item.",
      answer: "image/png",
      respond: async ({ id, headers }) => {
        const picture = await pictures(id);
        if (!picture) throw new Refusal(404, `there is no picture of an item "${id}"`);
        const lasting = `${secret ? "private" : "public"}, max-age=604800`;
        const kept = { etag: picture.tag, "cache-control": lasting, "x-content-type-options": "nosniff" };
        const known = (headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
        if (known.includes(picture.tag) || known.includes("*")) {
          return new Response(null, { status: 304, headers: kept });
        }
        return new Response(picture.png, { headers: { ...kept, "content-type": "image/png" } });
      },
    }),
    route({
      method: "POST",
      path: "/interactions",
      summary: "Keeps interactions. They are on the disk when the answer comes, and count at once.",
      body: interactions,
      answer: ANSWERS.interactions,
      respond: async ({ body }) => {
        const events = body.interactions.map((event) => ({ ...event, time: event.time ?? time() }));
        return { received: events.length, added: await service.keep(events) };
      },
    }),
    route({
      path: "/healthz",
      summary: "Whether the server answers, and with which run.",
      answer: ANSWERS.health,
      open: true,
      respond: () => {
        const { data, record } = service.run();
        return {
          status: "ok",
          run: nameOf(service),
          model: record.model,
          users: data.users.length,
          items: data.items.length,
        };
      },
    }),
    route({
      path: "/metrics",
      summary: "The measures of the server, for Prometheus.",
      answer: "text/plain",
      respond: async () => new Response(await measures.text(), { headers: { "content-type": measures.type } }),
    }),
  ];
}

/** The parts of a route as they are written down. */
interface RouteInit<Q, B> {
  readonly method?: "POST" | undefined;
  readonly path: string;
  readonly summary: string;
  readonly query?: Schema<Q> | undefined;
  readonly body?: Schema<B> | undefined;
  readonly answer: GenericSchema | string;
  readonly open?: boolean | undefined;
  readonly respond: (asked: Asked<Q, B>) => Promise<object | Response> | object | Response;
}

function route<Q = null, B = null>({ respond, ...init }: RouteInit<Q, B>): Route {
  const { method = "GET", query = null, body = null, open = false } = init;
  // The schemas have checked the query and the body.
  return { ...init, method, query, body, open, respond: (asked) => respond(asked as Asked<Q, B>) };
}

/** Returns a list as the answer of a request. */
async function listed(wanted: ListBody, service: Service, { explained }: Limits): Promise<object> {
  if (wanted.explain && wanted.k > explained) {
    const message = `Invalid value: k is at most ${explained} for a list with reasons`;
    throw new Refusal(400, "the request does not fit its schema", [{ at: "k", message }]);
  }
  const list = await service.list({
    person: { user: wanted.user, items: wanted.history, beta: wanted.beta, modalities: wanted.modalities },
    k: wanted.k,
    includeSeen: wanted.include_seen,
    candidates: wanted.candidates,
    exclude: wanted.exclude,
    perCategory: wanted.per_category,
  });
  const reasons = wanted.explain ? await service.reasons(list) : [];
  return {
    user: list.user,
    known: list.known,
    ignored: list.ignored,
    run: nameOf({ run: () => list.run }),
    items: list.items.map((item: Recommendation["items"][number], n) => {
      if (!reasons[n]) return titled(item);
      const { parts, kinds, modalities, items, similar } = reasons[n];
      return {
        ...titled(item),
        reasons: {
          parts: parts.map(titled<Reason>),
          kinds,
          modalities,
          items: items.map((one) => titled(one)),
          similar: similar.map(titled<SimilarItem>),
        },
      };
    }),
  };
}

/** JSON has no `undefined`. */
function titled<T extends { readonly title: string | undefined }>(
  item: T,
): Omit<T, "title"> & { title: string | null } {
  return { ...item, title: item.title ?? null };
}

/** Returns the name of a run: the last part of its folder. A path of the server's machine is not for its clients. */
function nameOf({ run }: Pick<Service, "run">): string {
  return run().folder?.split(/[/\\]/).findLast((part) => part !== "") ?? run().record.model;
}
