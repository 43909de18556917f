/**
 * The rules of the house as functions of paths and texts: each returns its violations, one line each.
 *
 * @module
 */

/** The texts of source files by path, relative to the root and without a leading slash. */
export type Files = Readonly<Record<string, string>>;

/** A rule of the house. */
export type Rule = (files: Files) => string[];

/**
 * The layers from left to right. A file imports from its own layer and from layers to its left. Layers in one group are
 * siblings, and import nothing from each other. `comm` is the place of a communicator between processes, and `mod` is
 * the front door.
 */
const LAYERS: readonly (readonly string[])[] = [
  ["kernels", "comm"],
  ["core"],
  ["ops"],
  ["data"],
  ["train", "rank", "models"],
  ["runs"],
  ["experiments", "serve"],
  ["reports"],
  ["mod"],
  ["cli"],
  ["main"],
];
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

/** Returns a text without comments, and without the contents of strings unless they are kept. */
function strip(text: string, keepStrings = false): string {
  return text.replaceAll(TOKENS, (token: string, comment?: string, string?: string, template?: string) => {
    if (comment !== undefined) return "";
    if (keepStrings) return token;
    if (template !== undefined) return (token.match(/\$\{[^}]*\}/g) ?? []).join(" ");
    return string !== undefined ? '""' : "/regex/";
  });
}

/** Returns the imports of a file: modules by name, and files by path. */
export function importsOf(path: string, text: string): string[] {
  const statements = /\b(?:import|export)\b[^"'`;]*?\bfrom\s*"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g;
  return [...strip(text, true).matchAll(statements)].map(([, from, bare]) => {
    const target = from ?? bare;
    return target.startsWith(".") ? new URL(target, `file:///${path}`).pathname.slice(1) : target;
  });
}

function layerOf(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? /^(kernels)\//.exec(path)?.[1] ?? path.replace(/\.ts$/, "");
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
const inAny = (places: readonly string[]) => (path: string) =>
  places.some((place) => place.endsWith("/") ? path.startsWith(place) : path === place);

/** `models` uses the blocks of `rank`, and `rank` knows no model: the one exception among siblings. */
const isAllowed = (from: string, to: string) => {
  const [left, right] = [to, from].map((layer) => LAYERS.findIndex((group) => group.includes(layer)));
  return from === to || left < right || from === "models" && to === "rank";
};

/** Imports point to the left, types too. */
export const importsPointLeft: Rule = (files) =>
  edges(files).filter(([path, target]) => target.endsWith(".ts") && !isAllowed(layerOf(path), layerOf(target)))
    .map(([path, target]) => `${path}: imports ${target}, which is not to its left`);

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

/** A file begins with a comment about its purpose. */
export const filesSayWhatTheyAreFor: Rule = (files) =>
  Object.entries(files).flatMap(([path, text]) => {
    const opening = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? "";
    return /[a-z]/.test(opening.replace("@module", "")) && opening.includes("@module")
      ? []
      : [`${path}: must open with a comment that says what it is for and ends with @module`];
  });

/** The library runs in any runtime: the modules of a runtime are used in few places, and files through one layer. */
export const filesAreReadInFewPlaces: Rule = (files) => [
  ...only(/\bDeno\.dlopen\b/, inAny(["kernels/native/", "src/comm/"]), "belongs to kernels/native/ and src/comm/")(
    files,
  ),
  ...only(
    /\bDeno\b(?!\.dlopen)/,
    inAny(["src/cli/", "src/serve/", "kernels/native/", "src/comm/", "main.ts"]),
    "belongs to cli/, serve/ and main.ts",
  )(files),
  ...importedOnly(
    /^node:(?!worker_threads|url|sqlite)/,
    inAny(["src/data/files.ts", "src/cli/", "src/serve/"]),
    "belongs to data/files.ts, cli/ and serve/",
  )(files),
  ...importedOnly(/^node:url/, inAny(["src/runs/catalogue.ts"]), "belongs to runs/catalogue.ts")(files),
  ...importedOnly(
    /^node:sqlite/,
    inAny(["src/data/formats/sqlite.ts", "src/serve/events.ts"]),
    "belongs to data/formats/sqlite.ts and serve/events.ts",
  )(files),
  ...importedOnly(/^node:worker_threads/, inAny(["kernels/wasm/pool.ts"]), "belongs to kernels/wasm/pool.ts")(files),
];

/** Randomness comes from keys, and the library has no clock. Times that are handed in may be formatted. */
export const noHiddenInputs: Rule = (files) => [
  ...only(/\bMath\.random\b|\b(?:getRandomValues|randomUUID)\b/, never, "is not a key: see core/random.ts")(files),
  ...only(
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\b/,
    inAny(["src/cli/", "src/serve/serve.ts"]),
    "belongs to cli/ and serve/serve.ts",
  )(files),
  ...only(
    /\bsetTimeout\b/,
    inAny(["src/cli/", "src/serve/listen.ts", "src/runs/loop.ts"]),
    "belongs to cli/, to serve/listen.ts, and to runs/loop.ts, which lets the event loop turn",
  )(files),
];

/** Packages that one place depends on are imported there only. */
export const packagesStayInPlace: Rule = (files) => [
  ...importedOnly(/^(npm:)?gpu\.js/, inAny(["kernels/gpu/"]), "belongs to kernels/gpu/")(files),
  ...importedOnly(
    /^(npm:)?ndarray(-ops)?\b/,
    (path) => path === "src/core/ndarray.ts",
    "belongs to core/ndarray.ts",
  )(files),
  ...importedOnly(
    /^(npm:)?(\/?hono|@hono\/|prom-client|@valibot\/)/,
    inAny(["src/serve/"]),
    "belongs to serve/",
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

/** The machine that takes the kernels that it lacks from another. */
const GUEST = "native";

/** To see how a kernel is done on another machine, open the file of the same name. */
export const machinesHaveTheSameKernels: Rule = (files) => {
  const inFolder = (machine: string) =>
    Object.keys(files).filter((path) => path.startsWith(`kernels/${machine}/`)).map((path) => path.split("/").at(-1)!);
  const machines = new Set(Object.keys(files).flatMap((path) => /^kernels\/(\w+)\//.exec(path)?.[1] ?? []));
  return [...machines].filter((machine) => machine !== GUEST).flatMap((machine) =>
    inFolder("reference").filter((name) => !inFolder(machine).includes(name))
      .map((name) => `kernels/${machine}/: has no ${name}, as kernels/reference/ has`)
  );
};

/**
 * Tests mirror sources: `src/a/b.ts` has `tests/a/b_test.ts`, a kernel has one for all machines or one of its own, and
 * a source without a test of this name is listed, by path or folder, with the test that covers it.
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

/** Comments keep to the width that `deno fmt` gives to code. */
export const commentsAreNarrow: Rule = (files) =>
  Object.entries(files).flatMap(([path, text]) =>
    text.split("\n").flatMap((line, n) =>
      /^\s*(\/\/|\/\*\*|\*)/.test(line) && !/^\s*\* \|/.test(line) && [...line].length > 120
        ? [`${path}: line ${n + 1} is a comment of ${[...line].length} characters, more than 120`]
        : []
    )
  );

/** Words of our own dialect: plain nouns read better, for a reader whose second language is English. */
const DIALECT = /\b(nobody|anybody|whoever|whatever|anew|beside|one's)\b/i;

/** Comments are in plain English, and no comment of a module or a symbol begins with "What". */
export const commentsArePlain: Rule = (files) =>
  Object.entries(files).flatMap(([path, text]) => {
    const comments = text.match(new RegExp(COMMENT, "g")) ?? [];
    const word = comments.map((comment) => DIALECT.exec(comment)?.[0]).find((word) => word !== undefined);
    return [
      ...(word === undefined ? [] : [`${path}: a comment says "${word}": use a noun, or another word`]),
      ...(comments.some((comment) => /^\/\*\*\s*\*?\s*What /.test(comment))
        ? [`${path}: a comment begins with "What": begin with a noun`]
        : []),
    ];
  });
