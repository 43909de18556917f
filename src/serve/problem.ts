/**
 * Errors as answers: `application/problem+json`, as RFC 9457 defines it.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import { TooBusy } from "./batch.ts";

/** A fault of a request, at a place in it. */
export interface Fault {
  /** The path of the value, `interactions.3.id` for example. */
  readonly at: string;
  readonly message: string;
}

/** A request that is refused. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(
    readonly status: number,
    message: string,
    readonly errors?: readonly Fault[] | undefined,
  ) {
    super(message);
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
};

/** Returns an error as an answer. The message of a fault of the server stays in the server. */
export function problemOf(error: unknown, note: (text: string) => void): Response {
  if (error instanceof Refusal) return problem(error.status, error.message, error.errors);
  if (error instanceof TooBusy) return problem(503, error.message);
  if (error instanceof UsageError || error instanceof ValueError) return problem(422, error.message);
  note(`a request failed: ${error instanceof Error ? error.stack ?? error.message : error}`);
  return problem(500, "the server failed; its log has the reason");
}

function problem(status: number, detail: string, errors?: readonly Fault[]): Response {
  const body = { type: "about:blank", title: TITLES[status] ?? "Error", status, detail, ...(errors ? { errors } : {}) };
  const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store" });
  if (status === 401) headers.set("www-authenticate", "Bearer");
  if (status === 503) headers.set("retry-after", "1");
  return new Response(JSON.stringify(body), { status, headers });
}
