/**
 * The OpenAPI 3.1 document of a server, made of its routes and their schemas.
 *
 * @module
 */
import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import config from "../../deno.json" with { type: "json" };
import type { Route } from "./routes.ts";
import { ANSWERS } from "./schemas.ts";

/** Returns a schema as a JSON Schema. Rules that it cannot state, such as a forbidden character, are left out. */
export function jsonSchema(schema: GenericSchema): JsonSchema {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    target: "draft-2020-12",
    typeMode: "input",
    errorMode: "ignore",
  });
  return rest;
}

/** Returns the OpenAPI document of routes. */
export function openApi(routes: readonly Route[], secret: boolean): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, secret) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Recommendations", version: config.version, description: "A trained run of giverny." },
    paths,
    components: {
      schemas: { Problem: jsonSchema(ANSWERS.problem) },
      ...(secret ? { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } } : {}),
    },
  };
}

function operation({ path, summary, query, body, answer, open }: Route, secret: boolean): object {
  const ids = path.includes("{id}")
    ? [{ name: "id", in: "path", required: true, schema: { type: "string", minLength: 1 } }]
    : [];
  const content = typeof answer === "string"
    ? { [answer]: {} }
    : { "application/json": { schema: jsonSchema(answer) } };
  const problem = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  return {
    summary,
    parameters: [...ids, ...query ? parameters(jsonSchema(query)) : []],
    ...(body ? { requestBody: { required: true, content: { "application/json": { schema: jsonSchema(body) } } } } : {}),
    responses: {
      200: { description: "The answer.", content },
      default: { description: "The request was refused, or the server failed.", content: problem },
    },
    ...(secret && !open ? { security: [{ bearer: [] }] } : {}),
  };
}

/** Returns the members of a schema as parameters of a query. A list is a parameter that is repeated. */
function parameters({ properties = {}, required = [] }: JsonSchema): object[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}
