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
  /** One file with these modules and those that are loaded when they are used, compressed by gzip. */
  readonly whole: number;
}

type Modules = ReadonlyMap<string, Uint8Array>;

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
  const [parts, whole] = await Promise.all([
    bundle(project, `${entry}.js`, `${entry}-parts`, ["--code-splitting"]),
    bundle(project, `${entry}.js`, `${entry}-whole`, []),
  ]);
  const atStart = [...loadedWith(`${entry}.js`, parts)].map((module) => parts.get(module)!);
  return {
    name,
    minified: sum(atStart, ({ length }) => length),
    gzip: sum(atStart, compressed),
    whole: sum(whole.values(), compressed),
  };
}

/** Returns the modules of a bundle by the names of their files. */
async function bundle(project: string, entry: string, folder: string, options: string[]): Promise<Modules> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--minify", "--format", "esm", "--platform", "browser"],
      ...[...options, "--outdir", folder, entry],
    ],
    cwd: project,
  }).output();
  if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr)}`);
  const modules = new Map<string, Uint8Array>();
  for await (const { name } of Deno.readDir(join(project, folder))) {
    modules.set(name, await Deno.readFile(join(project, folder, name)));
  }
  return modules;
}

function compressed(module: Uint8Array): number {
  return gzipSync(module, { level: 9 }).length;
}

function sum(modules: Iterable<Uint8Array>, bytes: (module: Uint8Array) => number): number {
  return [...modules].reduce((total, module) => total + bytes(module), 0);
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
