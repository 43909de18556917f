/** Tests that the house is as `.github/ARCHITECTURE.md` says, and that each rule notices when it is not. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import * as house from "./house.ts";

const root = new URL("../", import.meta.url);

/** Returns the TypeScript files of a folder by path. */
function read(folder: string): Record<string, string> {
  return Object.assign(
    {},
    ...[...Deno.readDirSync(new URL(folder, root))].map(({ name, isDirectory }) => {
      if (isDirectory) return read(`${folder}${name}/`);
      return name.endsWith(".ts") ? { [folder + name]: Deno.readTextFileSync(new URL(folder + name, root)) } : {};
    }),
  );
}

const doors = Object.fromEntries(
  ["mod.ts", "main.ts"].map((name) => [name, Deno.readTextFileSync(new URL(name, root))]),
);
const sources: house.Files = { ...read("kernels/"), ...read("src/"), ...doors };
const tests: house.Files = read("tests/");
/** All files with comments, but this file: its examples break the rules on purpose. */
const { "tests/house_test.ts": _, ...commented }: house.Files = {
  ...sources,
  ...tests,
  ...read("bench/"),
  ...read("examples/"),
};

/** Sources without a test file of their own, and the test that covers them. */
const elsewhere: Readonly<Record<string, string>> = {
  "kernels/errors.ts": "tests/cli/failure_test.ts: every error of the library is told as a sentence",
  "kernels/gpu/queue.ts": "tests/kernels/gpu/storage_test.ts: work keeps its order, and failures end it",
  "kernels/wasm/storage.ts": "tests/kernels/device_test.ts: what a device promises of its storage",
  "kernels/wasm/module.ts": "tests/kernels/wasm/assembler_test.ts: what is assembled is encoded and compiled",
  "kernels/wasm/elementwise.ts":
    "tests/kernels/map_test.ts: formulas over operands of every extent; reduce_test.ts too",
  "kernels/wasm/panel.ts": "tests/kernels/wasm/matmul_test.ts: operands are packed for the product",
  "kernels/wasm/strips.ts": "tests/kernels/wasm/matmul_test.ts: the product goes strip by strip",
  "kernels/wasm/tile.ts": "tests/kernels/wasm/matmul_test.ts: and tile by tile",
  "kernels/wasm/worker.ts": "tests/kernels/wasm/pool_test.ts: what the pool's threads run",
  "kernels/transcendental.ts": "tests/kernels/wasm/math_test.ts: functions of vectors, against those of TypeScript",
  "kernels/open.ts": "tests/kernels/mod_test.ts: the choice of a device",
  "kernels/native/": "tests/kernels/native/kernels_test.ts: machine code gives the bits of WebAssembly",
  "kernels/reference/storage.ts": "tests/kernels/device_test.ts: what a device promises of its storage",
  "src/ops/mod.ts": "tests/ops/catalogue_test.ts: the list of operations",
  "src/data/encode_pictures.ts": "tests/data/encode_test.ts: one of the encoders",
  "src/data/encode_text.ts": "tests/data/encode_test.ts: one of the encoders",
  "src/data/garden/": "tests/data/garden_test.ts: how the garden is painted shows in its pictures and words",
  "src/data/formats/assemble.ts": "tests/data/formats/delimited_test.ts: how every reader puts a data set together",
  "src/data/formats/files.ts": "tests/data/formats/delimited_test.ts: how every reader reads",
  "src/data/formats/interactions.ts": "tests/data/formats/delimited_test.ts: files of interactions",
  "src/data/formats/options.ts": "tests/data/formats/delimited_test.ts: the options of readers",
  "src/data/formats/decode_picture.ts": "tests/data/formats/picture_folder_test.ts: pictures of every kind",
  "src/data/published.ts": "tests/cli/get_test.ts: every published data set is downloaded and converted",
  "src/data/formats/large_log.ts": "tests/data/formats/line_blocks_test.ts: large files of interactions",
  "src/data/formats/parquet_pages.ts": "tests/fuzz_test.ts: damaged Parquet",
  "src/data/formats/read_log.ts":
    "tests/data/formats/line_blocks_test.ts: files of interactions, at once and in blocks",
  "src/data/formats/foreign.ts": "tests/data/formats/mod_test.ts: every format is known",
  "src/data/formats/npz.ts": "tests/data/formats/feature_files_test.ts: archives of arrays",
  "src/data/formats/manifest_schema.ts": "tests/data/formats/manifest_test.ts: the content of the JSON files",
  "src/data/formats/python_literal.ts": "tests/data/formats/json_test.ts: lines that Python writes",
  "src/data/formats/records.ts": "tests/data/formats/json_test.ts: records become tables",
  "src/data/formats/side.ts": "tests/data/formats/delimited_test.ts: files that describe items",
  "src/data/formats/table.ts": "tests/data/formats/delimited_test.ts: how every table is read",
  "src/data/formats/giverny_write.ts": "tests/data/formats/giverny_test.ts: written, then read",
  "src/train/optimizer.ts": "tests/train/adam_test.ts: types that every optimizer has",
  "src/models/": "tests/models/catalogue_test.ts: every model is held to the same properties",
  "src/experiments/": "tests/cli/compare_test.ts: comparisons are run whole, from data to tables",
  "src/reports/analysis.ts": "tests/cli/analyse_test.ts: analyses are printed as tables",
  "src/reports/analysis_page.ts": "tests/cli/analyse_test.ts: analyses are written as pages",
  "src/reports/columns.ts": "tests/reports/comparison_tables_test.ts: tables have every column",
  "src/reports/comparison_page.ts": "tests/reports/comparison_tables_test.ts: a page has the table's numbers",
  "src/reports/comparison_plot.ts": "tests/reports/comparison_tables_test.ts: a page has its plots",
  "src/reports/html_table.ts": "tests/reports/example_test.ts: pages mark ties and single seeds",
  "src/reports/learning_curves.ts": "tests/reports/comparison_tables_test.ts: a page has its plots",
  "src/reports/mod.ts": "tests/reports/example_test.ts: its functions make every report; their examples run",
  "src/reports/plotter.ts": "tests/reports/example_test.ts: pages have plots as SVG",
  "src/reports/ranking_plots.ts": "tests/reports/comparison_tables_test.ts: a page has its plots",
  "src/reports/rows.ts": "tests/reports/comparison_tables_test.ts: published rows are below our own",
  "src/reports/search_plot.ts": "tests/reports/comparison_tables_test.ts: a page has its plots",
  "src/reports/sweep_page.ts": "tests/cli/sweep_test.ts: sweeps are written as pages",
  "src/reports/sweep_tables.ts": "tests/cli/sweep_test.ts: sweeps are written as tables",
  "src/core/display.ts": "tests/data/dataset_test.ts: a data set shows itself",
  "src/core/mod.ts": "tests/front_door_test.ts: the list of exports",
  "src/data/mod.ts": "tests/front_door_test.ts: the list of exports",
  "src/train/mod.ts": "tests/front_door_test.ts: the list of exports",
  "src/rank/mod.ts": "tests/front_door_test.ts: the list of exports",
  "src/runs/mod.ts": "tests/front_door_test.ts: the list of exports",
  "src/data/memory_files.ts": "tests/data/files_test.ts: every implementation of files",
  "src/runs/belonging.ts": "tests/runs/open_test.ts: embeddings of another run, and digests of data and settings",
  "src/runs/device.ts": "tests/runs/auto_test.ts: requests for devices",
  "src/runs/device_timings.ts": "tests/runs/auto_test.ts: measurements are remembered",
  "src/runs/evaluation_display.ts": "tests/runs/run_display_test.ts: an evaluation shows itself",
  "src/runs/events.ts": "tests/runs/train_test.ts: a listener receives every event",
  "src/runs/failure.ts": "tests/runs/train_test.ts: a training that fails",
  "src/runs/finish.ts": "tests/runs/train_test.ts: the end of a training",
  "src/runs/keeper.ts": "tests/runs/train_test.ts: runs in memory and in folders",
  "src/runs/loop.ts": "tests/runs/train_test.ts: the loop of a training",
  "src/runs/modality_vectors.ts": "tests/experiments/trial_test.ts: avg.diff of every model",
  "src/runs/people.ts": "tests/runs/explain_test.ts: people of every kind, with weights of their own",
  "src/runs/recommend.ts": "tests/cli/recommend_test.ts: lists of users and of new people",
  "src/runs/similar.ts": "tests/runs/explain_test.ts: items that are alike",
  "src/serve/app.ts": "tests/serve/serve_test.ts: answers, refusals and tokens",
  "src/serve/limits.ts": "tests/serve/serve_test.ts: requests beyond a bound are refused",
  "src/serve/listen.ts": "tests/serve/serve_test.ts: slow clients, and the end of a server",
  "src/serve/measures.ts": "tests/serve/serve_test.ts: blocks are counted",
  "src/serve/mod.ts": "tests/front_door_test.ts: the list of exports",
  "src/serve/openapi.ts": "tests/serve/serve_test.ts: the document of the routes",
  "src/serve/pictures.ts": "tests/serve/serve_test.ts: pictures and their tags",
  "src/serve/problem.ts": "tests/serve/serve_test.ts: every refusal",
  "src/serve/routes.ts": "tests/serve/serve_test.ts: every route",
  "src/serve/schemas.ts": "tests/serve/serve_test.ts: answers fit their schemas, and requests are checked",
  "src/serve/service.ts": "tests/serve/serve_test.ts: newer runs and interactions",
  "src/runs/profile.ts": "tests/cli/profile_test.ts: train --profile",
  "src/runs/resume_point.ts": "tests/runs/open_test.ts: resumed trainings",
  "src/runs/schema.ts": "tests/runs/record_test.ts: damaged records, journals and states",
  "src/runs/setup.ts": "tests/runs/train_test.ts: a training that is ready",
  "src/cli/": "tests/cli/run_test.ts: commands are run whole, from their words to what they print",
};

const rules: Readonly<Record<string, house.Rule>> = {
  "imports point left": house.importsPointLeft,
  "no file imports itself by way of others": house.noCycles,
  "files are short": house.filesAreShort,
  "files say what they are for": house.filesSayWhatTheyAreFor,
  "files are read and written in few places": house.filesAreReadInFewPlaces,
  "randomness and time are not hidden inputs": house.noHiddenInputs,
  "packages stay in their place": house.packagesStayInPlace,
  "the language is plain": house.plainTypeScript,
  "the machines have the same kernels": house.machinesHaveTheSameKernels,
};
/** The rules of comments, which hold for tests, benchmarks and examples too. */
const rulesOfComments: Readonly<Record<string, house.Rule>> = {
  "comments are narrow": house.commentsAreNarrow,
  "comments are plain": house.commentsArePlain,
};

for (const [name, rule] of Object.entries(rules)) {
  Deno.test(`house: ${name}`, () => assertEquals(rule(sources), []));
}

for (const [name, rule] of Object.entries(rulesOfComments)) {
  Deno.test(`house: ${name}`, () => assertEquals(rule(commented), []));
}

Deno.test("house: every source is tested", () => {
  assertEquals(house.sourcesAreTested(elsewhere)({ ...sources, ...tests }), []);
});

/** Files that break one rule each, and the violations that the rule returns. */
const planted: readonly (readonly [house.Rule, house.Files, readonly string[]])[] = [
  [
    house.importsPointLeft,
    {
      "src/core/a.ts": `import { b } from "../ops/b.ts";`,
      "src/ops/b.ts": `import type { T } from "../core/a.ts";`,
      "src/train/c.ts": `import type {\n  M,\n} from "../models/m.ts";`,
      "src/models/m.ts": `import { fit } from "../train/c.ts"; import { e } from "../rank/e.ts";`,
      "src/rank/e.ts": `import { m } from "../models/m.ts";`,
      "src/experiments/g.ts": `import { s } from "../serve/s.ts";`,
      "kernels/k.ts": `export * from "../src/core/a.ts";`,
      "src/rank/d.ts": `const e = await import("../cli/e.ts");`,
      "src/data/f.ts": `/** import { x } from "../train/x.ts" */ import { y } from "./y.ts"; // from "../cli/y.ts"`,
    },
    [
      "src/core/a.ts: imports src/ops/b.ts, which is not to its left",
      "src/train/c.ts: imports src/models/m.ts, which is not to its left",
      "src/models/m.ts: imports src/train/c.ts, which is not to its left",
      "src/rank/e.ts: imports src/models/m.ts, which is not to its left",
      "src/experiments/g.ts: imports src/serve/s.ts, which is not to its left",
      "kernels/k.ts: imports src/core/a.ts, which is not to its left",
      "src/rank/d.ts: imports src/cli/e.ts, which is not to its left",
    ],
  ],
  [
    house.noCycles,
    {
      "src/core/a.ts": `import "./b.ts";`,
      "src/core/b.ts": `export * from "./c.ts";`,
      "src/core/c.ts": `import type { A } from "./a.ts";`,
      "src/core/d.ts": `import "./a.ts"; import "./b.ts";`,
    },
    ["src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts"],
  ],
  [
    house.filesAreShort,
    {
      "src/core/long.ts": "x;\n".repeat(301),
      "src/core/full.ts": "x;\n".repeat(300),
      "src/models/long.ts": "x;\n".repeat(451),
      "src/models/full.ts": "x;\n".repeat(450),
    },
    ["src/core/long.ts: has 301 lines, more than 300", "src/models/long.ts: has 451 lines, more than 450"],
  ],
  [
    house.filesSayWhatTheyAreFor,
    {
      "src/core/silent.ts": "const x = 1;",
      "src/core/empty.ts": "/** @module */",
      "src/core/late.ts": "const x = 1;\n/** What it is for. @module */",
      "src/core/lost.ts": "/** What it is for. */\n/** @module */",
      "src/core/good.ts": "/** What it is for. @module */",
    },
    ["silent", "empty", "late", "lost"].map((name) =>
      `src/core/${name}.ts: must open with a comment that says what it is for and ends with @module`
    ),
  ],
  [
    house.filesAreReadInFewPlaces,
    {
      "src/core/a.ts": `await Deno.readTextFile("x");`,
      "src/train/fit.ts": `import fs from "node:fs";`,
      "src/data/files.ts": `await import("node:fs/promises");`,
      "src/data/b.ts": `// Deno.open\nconst text = "Deno.open";`,
      "src/data/c.ts": "const text = `Deno: ${Deno.pid}`;",
      "src/cli/d.ts": `Deno.open("x"); Deno.dlopen("x", {});`,
      "src/comm/mpi.ts": `Deno.dlopen("libmpi.so", {});`,
      "src/rank/d.ts": `import { Worker } from "node:worker_threads";`,
      "kernels/wasm/pool.ts": `import { Worker } from "node:worker_threads";`,
    },
    [
      "src/cli/d.ts: Deno.dlopen belongs to kernels/native/ and src/comm/",
      "src/core/a.ts: Deno belongs to cli/, serve/ and main.ts",
      "src/data/c.ts: Deno belongs to cli/, serve/ and main.ts",
      "src/train/fit.ts: node:fs belongs to data/files.ts, cli/ and serve/",
      "src/rank/d.ts: node:worker_threads belongs to kernels/wasm/pool.ts",
    ],
  ],
  [
    house.noHiddenInputs,
    {
      "src/cli/a.ts": "const now = Date.now(), luck = Math.random(); setTimeout(f);",
      "src/core/b.ts": "const start = performance.now();",
      "src/core/c.ts": "crypto.getRandomValues(x); const time = new Date();",
      "src/core/d.ts": "const text = new Date(now()).toISOString();",
      "src/runs/loop.ts": "setTimeout(f);",
      "src/runs/e.ts": "setTimeout(f);",
    },
    [
      "src/cli/a.ts: Math.random is not a key: see core/random.ts",
      "src/core/c.ts: getRandomValues is not a key: see core/random.ts",
      "src/core/b.ts: performance belongs to cli/ and serve/serve.ts",
      "src/core/c.ts: new Date() belongs to cli/ and serve/serve.ts",
      "src/runs/e.ts: setTimeout belongs to cli/, to serve/listen.ts, and to runs/loop.ts, which lets the event loop turn",
    ],
  ],
  [
    house.packagesStayInPlace,
    {
      "kernels/wasm/a.ts": `import { GPU } from "gpu.js"; import ndarray from "ndarray";`,
      "kernels/gpu/b.ts": `const { GPU } = await import("gpu.js");`,
      "kernels/reference/c.ts": `import ops from "ndarray-ops";`,
      "src/core/d.ts": `import { assert } from "jsr:@std/assert";`,
    },
    [
      "kernels/wasm/a.ts: gpu.js belongs to kernels/gpu/",
      "kernels/wasm/a.ts: ndarray belongs to core/ndarray.ts",
      "kernels/reference/c.ts: ndarray-ops belongs to core/ndarray.ts",
      "src/core/d.ts: jsr:@std/assert cannot be published: use npm packages",
    ],
  ],
  [
    house.plainTypeScript,
    {
      "src/core/a.ts": "export default function f(): void {}",
      "src/core/b.ts": "export enum Split { train, test }",
      "src/core/c.ts": "const x: any = 1;",
      "src/core/d.ts": "const x = y as unknown as string;",
      "src/core/e.ts": "export class Manager { run(): void {} }",
      "src/core/f.ts":
        "// any enum\nexport class ShapeError extends ValueError {} // a class is any thing\nconst any = { any: 1 };",
      "src/core/g.ts": "const list: Map<string, any> = f();",
    },
    [
      "src/core/a.ts: export default is left out: exports have names",
      "src/core/b.ts: export enum Split is left out: use a union of texts",
      "src/core/c.ts: : any is left out: say what it is",
      "src/core/g.ts: , any is left out: say what it is",
      "src/core/d.ts: as unknown as is left out: say what it is",
      "src/core/e.ts: class Manager is left out: values and functions",
    ],
  ],
  [
    house.commentsAreNarrow,
    {
      "src/core/a.ts": `/** ${"x".repeat(113)} */`,
      "src/core/b.ts": `/**\n * ${"x".repeat(118)}\n * | ${"x".repeat(118)}\n */`,
      "src/core/c.ts": `const text = "${"x".repeat(130)}";`,
    },
    ["src/core/b.ts: line 2 is a comment of 121 characters, more than 120"],
  ],
  [
    house.commentsArePlain,
    {
      "src/core/a.ts": `/** What a tensor is. @module */`,
      "src/core/b.ts": `/** Tensors. @module */ // nobody reads them`,
      "src/core/c.ts": `/** Tensors. @module */\nconst beside = 1;`,
      "src/core/d.ts": `/** Tensors. @module */\n/**\n * What a shape is.\n */`,
    },
    [
      'src/core/a.ts: a comment begins with "What": begin with a noun',
      'src/core/b.ts: a comment says "nobody": use a noun, or another word',
      'src/core/d.ts: a comment begins with "What": begin with a noun',
    ],
  ],
  [
    house.machinesHaveTheSameKernels,
    {
      "kernels/reference/spmm.ts": "",
      "kernels/wasm/spmm.ts": "",
      "kernels/wasm/memory.ts": "",
      "kernels/gpu/map.ts": "",
    },
    ["kernels/gpu/: has no spmm.ts, as kernels/reference/ has"],
  ],
  [
    house.sourcesAreTested({
      "src/core/c.ts": "tests/core/a_test.ts: on the way",
      "src/data/garden/": "tests/data/garden_test.ts: in pictures",
    }),
    {
      "src/core/a.ts": "",
      "src/core/b.ts": "",
      "src/core/c.ts": "",
      "src/data/garden/d.ts": "",
      "kernels/wasm/spmm.ts": "",
      "kernels/wasm/memory.ts": "",
      "mod.ts": "",
      "tests/core/a_test.ts": "",
      "tests/kernels/spmm_test.ts": "",
      "tests/kernels/wasm/memory_test.ts": "",
    },
    [
      "src/core/b.ts: has no test, nor is it listed",
      "src/data/garden/: is listed under tests/data/garden_test.ts, which does not exist",
    ],
  ],
];

Deno.test("house: every rule finds its violations, and no others", () => {
  for (const [rule, files, expected] of planted) assertEquals(rule(files), [...expected]);
  for (const rule of Object.values(rules)) assertEquals(planted.some(([tried]) => tried === rule), true);
});
