/**
 * The load of `serve.ts`, as a process of its own: connections that each ask for other people, one request after the
 * other. It prints the measures as JSON. autocannon is loaded here only.
 *
 * `deno run -A --no-lock bench/serve_load.ts URL CONNECTIONS SECONDS PATHS`, with a file of paths, one a line.
 *
 * @module
 */
// deno-lint-ignore-file no-console

/** The measures of a load. */
export interface Load {
  /** Answers in a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Answers with the status 200. */
  readonly answers: number;
  /** Connections that failed, requests without an answer in 10 s, and answers with another status. */
  readonly errors: number;
}

/** The part of autocannon that is used. */
interface Autocannon {
  readonly default: (options: object) => Promise<{
    readonly requests: { readonly average: number };
    readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
    readonly errors: number;
    readonly timeouts: number;
    readonly non2xx: number;
    readonly "2xx": number;
  }>;
}

if (import.meta.main) {
  const [url, connections, seconds, file] = Deno.args;
  const paths = (await Deno.readTextFile(file)).trim().split("\n");
  const loader: string = "npm:autocannon@9.0.0";
  const { default: autocannon }: Autocannon = await import(loader);
  let clients = 0;
  const setupClient = (client: { readonly setRequests: (requests: readonly object[]) => void }) => {
    const own = paths.length < Number(connections)
      ? paths
      : paths.filter((_, n) => n % Number(connections) === clients);
    clients++;
    client.setRequests(own.map((path) => ({ method: "GET", path })));
  };
  const load = (duration: number) => autocannon({ url, connections: Number(connections), duration, setupClient });
  await load(2);
  clients = 0;
  const { requests, latency, errors, timeouts, non2xx, "2xx": answers } = await load(Number(seconds));
  const { p50, p99, max } = latency;
  const measured: Load = { rate: requests.average, p50, p99, max, answers, errors: errors + timeouts + non2xx };
  console.log(JSON.stringify(measured));
  Deno.exit();
}
