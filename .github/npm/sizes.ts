/**
 * The sizes of bundles that import the package: of the whole front door, and of `matmul` and `grad` alone.
 *
 * @module
 */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import deno from "../../deno.json" with { type: "json" };

/** The sizes of a bundle, in bytes. */
export interface Size {
  /** The imported names. */
  readonly name: string;
  /** The modules that are loaded at the start, minified. */
  readonly minified: number;
  /** The same modules, each compressed by gzip. */
  readonly gzip: number;
  /** The modules that are loaded when they are used, each compressed by gzip. */
  readonly later: number;
}

const BUNDLES: Readonly<Record<string, string>> = {
  "the front door": `export * from "${deno.name}";`,
  "matmul and grad": `export { grad, matmul } from "${deno.name}";`,
};

/** Returns the sizes of bundles for browsers that import the package in a folder. */
export async function sizes(folder: string): Promise<readonly Size[]> {
  const project = await Deno.makeTempDir({ prefix: "giverny-sizes-" });
  try {
    const installed = join(project, "node_modules", deno.name);
    await Deno.mkdir(join(installed, ".."), { recursive: true });
    await Deno.symlink(await Deno.realPath(folder), installed);
    await Deno.writeTextFile(join(project, "deno.json"), `{ "nodeModulesDir": "manual" }`);
    return await Promise.all(Object.entries(BUNDLES).map(([name, source], n) => sizeOf(project, `${n}`, name, source)));
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}

async function sizeOf(project: string, entry: string, name: string, source: string): Promise<Size> {
  await Deno.writeTextFile(join(project, `${entry}.js`), source);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--minify", "--format", "esm", "--platform", "browser", "--code-splitting"],
      ...["--outdir", `out${entry}`, `${entry}.js`],
    ],
    cwd: project,
  }).output();
  if (!success) throw new Error(`Cannot bundle ${name}: ${new TextDecoder().decode(stderr)}`);
  const modules = new Map<string, Uint8Array>();
  for await (const file of Deno.readDir(join(project, `out${entry}`))) {
    modules.set(file.name, await Deno.readFile(join(project, `out${entry}`, file.name)));
  }
  const first = loadedWith(`${entry}.js`, modules);
  const rest = [...modules.keys()].filter((module) => !first.has(module));
  const sum = (names: Iterable<string>, bytes: (module: Uint8Array) => number) =>
    [...names].reduce((total, module) => total + bytes(modules.get(module)!), 0);
  const compressed = (module: Uint8Array) => gzipSync(module, { level: 9 }).length;
  return {
    name,
    minified: sum(first, ({ length }) => length),
    gzip: sum(first, compressed),
    later: sum(rest, compressed),
  };
}

/** Returns a module and the modules that it imports by statement. */
function loadedWith(
  module: string,
  modules: ReadonlyMap<string, Uint8Array>,
  seen: Set<string> = new Set(),
): Set<string> {
  if (seen.has(module)) return seen;
  seen.add(module);
  const text = new TextDecoder().decode(modules.get(module));
  for (const [, name] of text.matchAll(/\b(?:from|import)\s*"\.\/([^"]+)"/g)) loadedWith(name, modules, seen);
  return seen;
}
