/**
 * Bundles the page and serves it:
 *
 * ```sh
 * deno run -A examples/browser/serve.ts        # http://localhost:8000/; another port as an argument
 * ```
 *
 * `http://localhost:8000/?users=150&items=100&epochs=10` is a smaller garden for a slow machine.
 *
 * The bundle is plain files, which any server can serve: the page's script, the worker's script with the library, and
 * gpu.js, which is fetched only if WebGPU answers. Threads need the two headers that isolate a page from others;
 * without them WebAssembly computes on one thread.
 *
 * @module
 */
// deno-lint-ignore-file no-console

/** A file of the site. */
interface File {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The files of the page by their path. */
export type Site = ReadonlyMap<string, File>;

/** Headers that isolate a page from others, so that its threads can share memory. */
const ISOLATION = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/**
 * Returns the page, bundled for browsers.
 *
 * @throws {Error} with the bundler's message, if it fails.
 */
export async function build(): Promise<Site> {
  const folder = await Deno.makeTempDir({ prefix: "giverny-" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["bundle", "--platform", "browser", "--code-splitting", "--minify", "--outdir", folder],
        ...["page.ts", "worker.ts"].map(pathOf),
      ],
      cwd: pathOf("../.."),
    }).output();
    if (!success) throw new Error(`Cannot bundle the page: ${new TextDecoder().decode(stderr)}`);
    const scripts = [...Deno.readDirSync(folder)].map(async ({ name }) =>
      [`/${name}`, { type: "text/javascript", body: await Deno.readFile(`${folder}/${name}`) }] as const
    );
    return new Map([
      ["/", { type: "text/html; charset=utf-8", body: await Deno.readFile(new URL("index.html", import.meta.url)) }],
      ["/style.css", { type: "text/css", body: await Deno.readFile(new URL("style.css", import.meta.url)) }],
      ...await Promise.all(scripts),
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The options of {@link serve}. */
export interface ServeOptions {
  /** The port; any free one by default. */
  readonly port?: number | undefined;
  /** Whether the page is isolated from others, which threads need; `true` by default. */
  readonly isolated?: boolean | undefined;
}

/** Serves the page on this machine. */
export function serve(site: Site, { port = 0, isolated = true }: ServeOptions = {}): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, ({ url }) => {
    const file = site.get(new URL(url).pathname);
    if (!file) return new Response("There is no such page.", { status: 404 });
    return new Response(file.body, { headers: { "content-type": file.type, ...(isolated ? ISOLATION : {}) } });
  });
}

function pathOf(file: string): string {
  return decodeURIComponent(new URL(file, import.meta.url).pathname);
}

if (import.meta.main) {
  const { addr: { port } } = serve(await build(), { port: Number(Deno.args[0] ?? 8000) });
  console.log(`The garden is open at http://localhost:${port}/ (Ctrl-C closes it).`);
}
