/**
 * The rules of the house as functions of paths and texts: each returns what breaks it, one line a violation.
 *
 * @module
 */

/** The texts of source files by path, relative to the root and without a leading slash. */
export type Files = Readonly<Record<string, string>>;

/** A rule of the house. */
export type Rule = (files: Files) => string[];

/** From left to right: a file imports from its own layer or from one to its left. `mod.ts` is the front door. */
const LAYERS = ["kernels", "core", "ops", "data", "train", "rank", "models", "mod"]
  .concat(["published", "shell", "runs", "experiments", "reports", "cli", "main"]);
const MOST_LINES = 300;
/** A paper is one file, however long it is, up to this. */
const MOST_LINES_OF_A_MODEL = 450;

const COMMENT = String.raw`//[^\n]*|/\*[\s\S]*?\*/`;
const STRING = String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`;
const TEMPLATE = "`(?:\\\\.|[^`\\\\])*`";
const REGEX = String.raw`(?<=[=(,:;!&|?]\s*)/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+/[a-z]*`;
const TOKENS = new RegExp(
  `(?<comment>${COMMENT})|(?<string>${STRING})|(?<template>${TEMPLATE})|(?<regex>${REGEX})`,
  "g",
);

/** Returns a text without comments, and without what strings say unless they are to be kept. */
function strip(text: string, keepStrings = false): string {
  return text.replaceAll(TOKENS, (token: string, comment?: string, string?: string, template?: string) => {
    if (comment !== undefined) return "";
    if (keepStrings) return token;
    if (template !== undefined) return (token.match(/\$\{[^}]*\}/g) ?? []).join(" ");
    return string !== undefined ? '""' : "/regex/";
  });
}

/** Returns what a file imports: modules by name, and files by path. */
export function importsOf(path: string, text: string): string[] {
  const statements = /\b(?:import|export)\b[^"'`;]*?\bfrom\s*"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g;
  return [...strip(text, true).matchAll(statements)].map(([, from, bare]) => {
    const target = from ?? bare;
    return target.startsWith(".") ? new URL(target, `file:///${path}`).pathname.slice(1) : target;
  });
}

function layerOf(path: string): string {
  return /^src\/(?:cli\/(?=.+\/))?([^/]+)\//.exec(path)?.[1] ?? /^(kernels)\//.exec(path)?.[1] ??
    path.replace(/\.ts$/, "");
}

/** Every import of every file, as pairs. */
function edges(files: Files): [path: string, target: string][] {
  return Object.entries(files).flatMap(([path, text]) =>
    importsOf(path, text).map((target): [string, string] => [path, target])
  );
}

/** A rule that some code stays where it belongs. */
function only(what: RegExp, where: (path: string) => boolean, rule: string): Rule {
  return (files) =>
    Object.entries(files).flatMap(([path, text]) => {
      const found = what.exec(strip(text));
      return found && !where(path) ? [`${path}: ${found[0].trim()} ${rule}`] : [];
    });
}

/** A rule that some modules are imported only where they belong. */
function importedOnly(modules: RegExp, where: (path: string) => boolean, rule: string): Rule {
  return (files) =>
    edges(files).filter(([path, target]) => modules.test(target) && !where(path))
      .map(([path, target]) => `${path}: ${target} ${rule}`);
}

const never = () => false;
const mayUseDeno = (path: string) =>
  path.startsWith("src/cli/") || path.startsWith("src/experiments/") || path === "main.ts";

/** Files that print and will belong to `cli`: until then they may import from `reports`. */
const PRINTING = ["src/cli/runs/train_report.ts", "src/cli/runs/profile.ts", "src/cli/shell/io.ts"];

/** Imports point to the left, types too. */
export const importsPointLeft: Rule = (files) =>
  edges(files).filter(([path, target]) => {
    if (!target.endsWith(".ts") || PRINTING.includes(path) && target.startsWith("src/reports/")) return false;
    const [from, to] = [layerOf(path), layerOf(target)];
    return LAYERS.indexOf(to) > LAYERS.indexOf(from) || from === "models" && to === "train";
  }).map(([path, target]) => `${path}: imports ${target}, which is not to its left`);

/** No file imports itself by way of others. */
export const noCycles: Rule = (files) => {
  const next = new Map(Object.entries(files).map(([path, text]) => [path, importsOf(path, text)]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] => {
    const start = trail.indexOf(path);
    if (start >= 0) return [[...trail.slice(start), path].join(" → ")];
    if (done.has(path)) return [];
    const found = (next.get(path) ?? []).flatMap((target) => visit(target, [...trail, path]));
    done.add(path);
    return found;
  };
  return [...next.keys()].flatMap((path) => visit(path, []));
};

/** Files fit on a few screens. */
export const filesAreShort: Rule = (files) =>
  Object.entries(files).flatMap(([path, text]) => {
    const lines = text.trimEnd().split("\n").length;
    const most = path.startsWith("src/models/") ? MOST_LINES_OF_A_MODEL : MOST_LINES;
    return lines > most ? [`${path}: has ${lines} lines, more than ${most}`] : [];
  });

/** The first thing in a file says what it is for. */
export const filesSayWhatTheyAreFor: Rule = (files) =>
  Object.entries(files).flatMap(([path, text]) => {
    const opening = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? "";
    return /[a-z]/.test(opening.replace("@module", "")) && opening.includes("@module")
      ? []
      : [`${path}: must open with a comment that says what it is for and ends with @module`];
  });

/** The library runs in any runtime: it reads and writes files through one layer, `src/data/files.ts`. */
export const filesAreReadInFewPlaces: Rule = (files) => [
  ...only(/\bDeno\b/, mayUseDeno, "belongs to cli/ and main.ts: use the file layer, data/files.ts")(files),
  ...importedOnly(
    /^node:(?!worker_threads)/,
    (path) => mayUseDeno(path) || path === "src/data/files.ts",
    "belongs to data/files.ts, cli/ and main.ts",
  )(files),
  ...importedOnly(
    /^node:worker_threads/,
    (path) => path === "kernels/wasm/pool.ts",
    "belongs to kernels/wasm/pool.ts",
  )(files),
];

/** Randomness comes from keys, and the library has no clock. */
export const noHiddenInputs: Rule = (files) => [
  ...only(/\bMath\.random\b|\b(?:getRandomValues|randomUUID)\b/, never, "is not a key: see core/random.ts")(files),
  ...only(
    /\bDate\b|\bperformance\b|\bsetTimeout\b/,
    (path) => /^src\/(cli|experiments)\//.test(path),
    "belongs to cli/",
  )(files),
];

/** Packages that one place depends on are imported there only. */
export const packagesStayInPlace: Rule = (files) => [
  ...importedOnly(/^(npm:)?gpu\.js/, (path) => path.startsWith("kernels/gpu/"), "belongs to kernels/gpu/")(files),
  ...importedOnly(
    /^(npm:)?ndarray(-ops)?\b/,
    (path) => path === "src/core/ndarray.ts",
    "belongs to core/ndarray.ts",
  )(files),
  ...importedOnly(/^(jsr:|https?:)/, never, "cannot be published: use npm packages")(files),
];

/** The parts of the language that are left out. */
export const plainTypeScript: Rule = (files) => [
  ...only(/\bexport\s+default\b|\bas\s+default\b/, never, "is left out: exports have names")(files),
  ...only(/^\s*(?:export\s+|declare\s+|const\s+)*enum\s+\w+/m, never, "is left out: use a union of texts")(files),
  ...only(/(?:[:<|&,(=]|\bas|\bextends)\s*any\b(?!\s*[:(])/, never, "is left out: say what it is")(files),
  ...only(/\bas\s+unknown\s+as\b/, never, "is left out: say what it is")(files),
  ...only(/\bclass\s+\w+\b(?!\s+extends\s+\w*Error\b)/, never, "is left out: values and functions")(files),
];

/** To see how a kernel is done on another machine, open the file of the same name. */
export const machinesHaveTheSameKernels: Rule = (files) => {
  const inFolder = (machine: string) =>
    Object.keys(files).filter((path) => path.startsWith(`kernels/${machine}/`)).map((path) => path.split("/").at(-1)!);
  const machines = new Set(Object.keys(files).flatMap((path) => /^kernels\/(\w+)\//.exec(path)?.[1] ?? []));
  return [...machines].flatMap((machine) =>
    inFolder("reference").filter((name) => !inFolder(machine).includes(name))
      .map((name) => `kernels/${machine}/: has no ${name}, as kernels/reference/ has`)
  );
};

/**
 * Tests mirror sources: `src/a/b.ts` has `tests/a/b_test.ts`, a kernel has one for all machines or one of its own, and what
 * has neither is listed, by path or folder, with the test that covers it.
 */
export function sourcesAreTested(elsewhere: Readonly<Record<string, string>>): Rule {
  return (files) => {
    const isTested = (path: string) => {
      const own = path.replace(/^src\//, "").replace(/\.ts$/, "_test.ts");
      return [own, own.replace(/^kernels\/\w+\//, "kernels/")].some((name) => `tests/${name}` in files) ||
        Object.keys(elsewhere).some((listed) => listed === path || listed.endsWith("/") && path.startsWith(listed));
    };
    const sources = Object.keys(files).filter((path) => /^(src|kernels)\//.test(path));
    return [
      ...sources.filter((path) => !isTested(path)).map((path) => `${path}: has no test, nor is it listed`),
      ...Object.entries(elsewhere).filter(([, test]) => !(test.split(":")[0] in files))
        .map(([listed, test]) => `${listed}: is listed under ${test.split(":")[0]}, which does not exist`),
    ];
  };
}
