/**
 * Makes the package for npm: `deno task npm [--out DIR]`. The folder, `npm` by default, is ready for `npm pack` and
 * `npm publish`. It has a module and declarations for every door of `deno.json` but the command line, which needs Deno.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { dirname, join } from "node:path";
import ts from "npm:typescript@6.0.3";
import deno from "../../deno.json" with { type: "json" };
import { type Size, sizes } from "./sizes.ts";

const root = join(import.meta.dirname!, "../..");

/** The doors that need Deno. */
const DENO_ONLY = ["./cli", "./main"];
/**
 * Packages that are loaded when they are used. A project that uses them installs them itself: `gpu.js` takes 110 MB.
 */
const LOADED_LATE = [
  "@hono/node-server",
  "@observablehq/plot",
  "@valibot/to-json-schema",
  "gpu.js",
  "hono",
  "linkedom",
  "prom-client",
];
/** Packages that the declarations name. */
const DECLARED = ["@types/ndarray"];

/** The doors of the package: the path of a source file by the name of an export. */
export const doors: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(deno.exports).filter(([name]) => !DENO_ONLY.includes(name)),
);

/** Makes the package in a folder, and replaces the folder's content. */
export async function build(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  const bundled = bundle(join(folder, "dist"));
  await declare(join(folder, "dist"));
  await bundled;
  await Deno.writeTextFile(join(folder, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
  for (const file of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    await Deno.copyFile(join(root, file), join(folder, file));
  }
}

/**
 * Writes a module for every door, and the modules that doors share: a class of errors is the same in all of them. JSON,
 * texts and small packages are part of the modules.
 */
async function bundle(folder: string): Promise<void> {
  const external = LOADED_LATE.map((name) => `--external=${name}`);
  const options = ["--quiet", "--format", "esm", "--platform", "browser", "--code-splitting", "--outdir", folder];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, ...external, ...Object.values(doors)],
    cwd: root,
  }).output();
  if (!success) throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr)}`);
  for await (const path of filesIn(folder)) {
    const text = await Deno.readTextFile(path);
    // Only Deno knows the specifiers `npm:name@version`. Where a package is installed, its name is enough.
    await Deno.writeTextFile(path, text.replaceAll(/"npm:([a-z][^"@]*)@[^"]*"/g, '"$1"'));
  }
}

/**
 * Writes the declarations of the doors and of the modules that they name. With `isolatedDeclarations`, a file's
 * declarations follow from this file alone.
 */
async function declare(folder: string): Promise<void> {
  const open = Object.values(doors).map((path) => join(root, path));
  const done = new Set<string>();
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (done.has(path)) continue;
    done.add(path);
    const compilerOptions = { target: ts.ScriptTarget.ESNext, isolatedDeclarations: true };
    const source = await Deno.readTextFile(path);
    const { outputText } = ts.transpileDeclaration(source, { fileName: path, compilerOptions });
    const text = outputText.replaceAll(/(?<=\bfrom |\bimport\()"(\.[^"]*)\.ts"/g, (_, module: string) => {
      open.push(join(dirname(path!), `${module}.ts`));
      return `"${module}.js"`;
    });
    const target = join(folder, path.slice(root.length)).replace(/\.ts$/, ".d.ts");
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.writeTextFile(target, text);
  }
}

/** Returns the content of `package.json`. */
function manifest(): object {
  const exports = Object.entries(doors).map(([name, path]) => {
    const module = `./dist/${path.slice(2, -".ts".length)}`;
    return [name, { types: `${module}.d.ts`, default: `${module}.js` }];
  });
  return {
    name: deno.name,
    version: deno.version,
    description: "A functional tensor library, and the multimedia recommenders built on it",
    license: deno.license,
    type: "module",
    sideEffects: false,
    engines: { node: ">=20.16" },
    exports: { ...Object.fromEntries(exports), "./package.json": "./package.json" },
    dependencies: versionsOf(DECLARED),
    peerDependencies: versionsOf(LOADED_LATE),
    peerDependenciesMeta: Object.fromEntries(LOADED_LATE.map((name) => [name, { optional: true }])),
  };
}

/** Returns the exact versions of packages in `deno.json`. */
function versionsOf(names: readonly string[]): Readonly<Record<string, string>> {
  const imports: Readonly<Record<string, string>> = deno.imports;
  return Object.fromEntries(names.map((name) => [name, imports[name].slice(`npm:${name}@`.length)]));
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesIn(path);
    else if (name.endsWith(".js")) yield path;
  }
}

/** Returns a size as a line of text. */
function line({ name, minified, gzip, whole }: Size): string {
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(1).padStart(6)} KB`;
  return `${name.padEnd(16)} ${kb(minified)} minified, ${kb(gzip)} gzip; in one file:${kb(whole)} gzip`;
}

if (import.meta.main) {
  const out = Deno.args[0] === "--out" && Deno.args[1] || join(root, "npm");
  await build(out);
  console.log(`Wrote ${deno.name} ${deno.version} to ${out}`);
  for (const size of await sizes(out)) console.log(line(size));
}
