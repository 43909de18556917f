/**
 * A run behind an address.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Run } from "../runs/run.ts";
import { openEvents } from "./events.ts";
import { LIMITS, type Limits } from "./limits.ts";

export type { Limits } from "./limits.ts";

/** The options of {@link serve}. */
export interface ServeOptions {
  /** The port; 8000 by default, and 0 for any that is free. */
  readonly port?: number | undefined;
  /** The address to listen to; `127.0.0.1` by default. Other machines reach `0.0.0.0` or `::`, which need a token. */
  readonly host?: string | undefined;
  /** The token that requests must have, in the header `Authorization: Bearer TOKEN`; none by default. */
  readonly token?: string | undefined;
  /** The file of SQLite that keeps interactions; none by default, so interactions are refused. */
  readonly events?: string | undefined;
  /** The pictures of items, by their ids; none by default. */
  readonly pictures?: Pick<Dataset, "items" | "pictures"> | undefined;
  /** The categories of items, by their ids, for lists with a limit of categories; none by default. */
  readonly categories?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Bounds of requests that differ from the defaults. */
  readonly limits?: Partial<Limits> | undefined;
  /** Receives remarks for the log, the reasons of failed requests among them. */
  readonly note?: ((text: string) => void) | undefined;
}

/** A run behind an address. */
export interface RunningServer {
  /** The address, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /** The port. */
  readonly port: number;
  /** Loads a newer run. No request is dropped: those that the former run began to answer end with it. */
  readonly load: (open: () => Promise<Run>) => Promise<void>;
  /** Takes no more requests, finishes those in flight, and closes the file of events. */
  readonly close: () => Promise<void>;
}

/**
 * Puts a run behind an address. Requests that arrive together are scored as one block. `/openapi.json` describes the
 * routes.
 *
 * @throws {UsageError} if other machines can reach the address, and there is no token.
 * @throws {ValueError} if the address cannot be listened to, or a limit is not above 0.
 * @throws {FormatError} if the file of events cannot be used.
 *
 * @example
 * ```ts
 * import { garden, key, models, train } from "@giverny/giverny";
 * import { serve } from "@giverny/giverny/serve";
 * import { equal } from "node:assert/strict";
 * const run = await train(models.popularity, garden(key(0), { users: 60, items: 40 }));
 * const server = await serve(run, { port: 0 });
 * const answer = await fetch(`${server.url}/users/user-07/recommendations?k=3`);
 * equal((await answer.json()).items.length, 3);
 * await server.close();
 * ```
 */
export async function serve(run: Run, options: ServeOptions = {}): Promise<RunningServer> {
  const { port = 8000, host = "127.0.0.1", token, note = () => {}, categories = new Map() } = options;
  if (!isLoopback(host) && !token) {
    throw new UsageError(
      `Cannot serve on ${host} without a token: other machines can reach it; set GIVERNY_TOKEN, or serve on 127.0.0.1`,
    );
  }
  const limits = limitsOf(options.limits ?? {});
  const [{ appOf }, { listen }, { newMeasures }, { picturesOf }, { newService }] = await Promise.all([
    import("./app.ts"),
    import("./listen.ts"),
    import("./measures.ts"),
    import("./pictures.ts"),
    import("./service.ts"),
  ]);
  const measures = newMeasures();
  const events = options.events === undefined ? null : await openEvents(options.events);
  try {
    // All events are read before the first request.
    events?.itemsOf("");
    const service = await newService({ run, events, categories, limits, measures });
    const pictures = picturesOf(options.pictures ?? null);
    const time = () => Date.now() / 1000;
    const now = () => performance.now();
    const app = appOf({ service, pictures, measures, limits, token: token || undefined, note, time, now });
    const { port: found, close } = await listen(app, { host, port }, limits);
    return {
      url: `http://${host.includes(":") ? `[${host}]` : host}:${found}`,
      port: found,
      load: service.load,
      close: async () => {
        await close();
        events?.close();
      },
    };
  } catch (error) {
    events?.close();
    throw error;
  }
}

/** Returns whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function limitsOf(chosen: Partial<Limits>): Limits {
  const limits = { ...LIMITS, ...chosen };
  const odd = Object.entries(limits).find(([, value]) => !(value > 0));
  if (!odd) return limits;
  throw new ValueError(`Cannot serve with the limit ${odd[0]} = ${odd[1]}: it must be above 0`);
}
