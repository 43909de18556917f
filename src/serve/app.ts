/**
 * The routes of a server as a function from a request to its answer: tokens, bounds, checks, and errors.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { type GenericSchema, getDotPath, safeParse } from "valibot";
import { jsonSchema, openApi } from "./openapi.ts";
import { type Fault, problemOf, Refusal } from "./problem.ts";
import { type Route, type RouteParts, routesOf } from "./routes.ts";

/** The parts of an app. */
export interface AppParts extends Omit<RouteParts, "secret"> {
  /** The token that requests need; none by default. */
  readonly token: string | undefined;
  /** Receives remarks for the log. */
  readonly note: (text: string) => void;
  /** Returns the time in milliseconds; it never goes back. */
  readonly now: () => number;
}

/** Returns the answer of a request. */
export type App = (request: Request) => Response | Promise<Response>;

/** Returns the function from a request to its answer. */
export function appOf(parts: AppParts): App {
  const { token, measures, limits, note, now } = parts;
  const secret = token !== undefined;
  const routes = routesOf({ ...parts, secret });
  const document = openApi(routes, secret);
  const described: Route = {
    method: "GET",
    path: "/openapi.json",
    summary: "This document.",
    query: null,
    body: null,
    answer: "application/json",
    open: false,
    respond: () => document,
  };
  const admitted = token === undefined ? () => true : admission(token);
  const app = new Hono();
  const bounded = bodyLimit({
    maxSize: limits.body,
    onError: () => {
      throw new Refusal(413, `the body has more than ${limits.body} bytes`);
    },
  });
  const answers = new Map([...routes, described].map((route) => [route, answering(route)]));
  const tried = async (route: Route, context: Context): Promise<Response> => {
    if (!route.open && !admitted(context.req.header("authorization"))) {
      throw new Refusal(401, "the header Authorization must be Bearer and the token of the server");
    }
    return await answers.get(route)!(context);
  };
  for (const route of answers.keys()) {
    const path = route.path.replace("{id}", ":id");
    const measured = async (context: Context): Promise<Response> => {
      const start = now();
      const response = await tried(route, context).catch((error) => problemOf(error, note));
      measures.answered(route.path, route.method, response.status, (now() - start) / 1000);
      return response;
    };
    if (route.body) app.on(route.method, path, bounded, measured);
    else app.on(route.method, path, measured);
  }
  for (const path of new Set([...answers.keys()].map(({ path }) => path.replace("{id}", ":id")))) {
    app.all(path, () => problemOf(new Refusal(405, "the route has another method; /openapi.json lists them"), note));
  }
  app.notFound(() => problemOf(new Refusal(404, "there is no such route; /openapi.json lists them"), note));
  app.onError((error) => problemOf(error, note));
  return (request) => app.fetch(request);
}

/** Returns whether a header has the token. Digests are compared in a time that does not depend on the header. */
function admission(token: string): (header: string | undefined) => boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return (header) => timingSafeEqual(digest(header ?? ""), expected);
}

/** Returns the answer of a route to a request that is checked first. */
function answering(route: Route): (context: Context) => Promise<Response> {
  const kinds = route.query ? kindsOf(route.query) : {};
  return async ({ req }) => {
    const query = route.query && checked(route.query, queryOf(req.queries(), kinds));
    const body = route.body && checked(route.body, await bodyOf(req.raw));
    const answer = await route.respond({ id: req.param("id") ?? "", query, body, headers: req.raw.headers });
    if (answer instanceof Response) return answer;
    return Response.json(answer, { headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" } });
  };
}

/** Returns a value that fits a schema, with the schema's defaults. */
function checked(schema: GenericSchema, value: unknown): unknown {
  const { success, output, issues } = safeParse(schema, value);
  if (success) return output;
  const faults = issues.slice(0, 20).map((issue): Fault => ({ at: getDotPath(issue) ?? "", message: issue.message }));
  throw new Refusal(400, "the request does not fit its schema", faults);
}

/** Returns the types of the members of a schema, by which texts of a query become values. */
function kindsOf(schema: GenericSchema): Readonly<Record<string, unknown>> {
  const members = Object.entries(jsonSchema(schema).properties ?? {});
  return Object.fromEntries(members.map(([name, member]) => [name, typeof member === "object" ? member.type : null]));
}

/** Returns a query as an object of values. */
function queryOf(
  query: Readonly<Record<string, readonly string[]>>,
  kinds: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, texts]) => {
      const kind = Object.hasOwn(kinds, name) ? kinds[name] : null;
      if (kind === "array") return [name, texts];
      const [text] = texts;
      // A member that is repeated, and a text that is no number, are left to the schema to refuse.
      if (texts.length > 1) return [name, texts];
      if (kind === "boolean" && (text === "true" || text === "false")) return [name, text === "true"];
      if ((kind === "integer" || kind === "number") && /^-?\d+(\.\d+)?$/.test(text)) return [name, Number(text)];
      return [name, text];
    }),
  );
}

/** Returns the body of a request. A page of another site cannot send JSON without asking first. */
async function bodyOf(request: Request): Promise<unknown> {
  const [type] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json") {
    throw new Refusal(415, "the body must be JSON, with the header Content-Type: application/json");
  }
  const text = await request.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "the body is not JSON");
  }
}
