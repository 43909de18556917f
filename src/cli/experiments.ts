/**
 * The commands that make a paper's tables and figures: comparisons, sweeps of a setting, and measurements of data and runs.
 * As in `commands.ts`, nothing here computes.
 *
 * @module
 */
import { multiple, optional } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { keyValue, string } from "@optique/core/valueparser";
import { type Command, define, maybe, named, say } from "./command.ts";
import { over } from "./shell/over.ts";
import { dataSource, folder, listOf, oneOf, path, wholeNumber } from "./shell/values.ts";

const common = {
  data: maybe("--data", dataSource(), "Where to learn from; garden is the embedded data set.", "garden"),
  protocol: maybe(
    "--protocol",
    oneOf("NAME", ["A", "B"]),
    "Sample, evaluate and stop as LATTICE and MONET (A) or as MMRec and GUME (B).",
    "A" as const,
  ),
  set: multiple(named("--set", keyValue(), "A setting of all models that have it, as in lr=1e-3; may be repeated.")),
  epochs: optional(named("--epochs", wholeNumber(1), "Train for at most this many passes over the data.")),
  device: optional(
    named("--device", oneOf("NAME", ["auto", "wasm", "webgpu", "reference"]), "What computes; auto by default."),
  ),
  threads: optional(named("--threads", wholeNumber(1), "How many threads compute; by default all that there are.")),
  out: optional(
    named(
      "--out",
      folder("DIR"),
      "Where trials, tables and report are kept; by default under runs/, in a folder named after the data, where trials are " +
        "shared and every command has a folder for what it makes of them.",
    ),
  ),
};

const compare = define("compare", {
  ...common,
  models: named(
    "--models",
    listOf(string({ metavar: "MODEL" })),
    "What to compare, as in monet,lightgcn,monet:beta=0:layers=1; popularity takes part in any case.",
  ),
  seeds: maybe("--seeds", wholeNumber(1), "How many seeds each is trained with, from 1 on.", 5),
  search: optional(
    named("--search", path("FILE"), "First choose settings on validation: a TOML file says which to try."),
  ),
  avgdiff: option("--avgdiff", {
    description: say(
      "Also measure how far embeddings are from the angles between features (MONET, Eq. 1 and Table 2).",
    ),
  }),
}, {
  brief: "Train and judge several models alike.",
  description:
    "Searches settings on validation if asked to, trains every model with every seed, stops early on validation, and " +
    "looks at test when all have ended. Writes a table as Markdown, CSV and JSON lines, and a report with plots, with " +
    "what has been published of the same data beside it. Ctrl-C keeps what is trained; the same command goes on. The exit " +
    "code is 1 if a training failed.",
  examples: [
    "compare --models lightgcn,monet",
    "compare --data my-shop --models lightgcn,lattice,monet --seeds 3 --protocol B",
    "compare --data my-shop --models monet,monet:beta=0,monet:propagation=lightgcn",
    "compare --models monet --search src/experiments/grids/monet.toml",
  ],
}, async () => (await import("./compare.ts")).compare);

const sweep = define("sweep", {
  ...common,
  model: maybe("--model", string({ metavar: "MODEL" }), "What to train, as compare takes it.", "monet"),
  over: multiple(named("--over", over(), "A setting and its values, FROM:TO:STEP or a list; may be repeated."), {
    min: 1,
    errors: { tooFew: say("Name what to go over, as in --over alpha=0:2:0.25.") },
  }),
  seeds: maybe("--seeds", wholeNumber(1), "How many seeds every value is trained with, from 1 on.", 1),
}, {
  brief: "Train a model at every value of a setting.",
  description:
    "Each setting is varied by itself, the others left as they are. Writes a table and a report with plots. Ctrl-C keeps " +
    "what is trained; the same command goes on.",
  examples: ["sweep --over alpha=0:2:0.25", "sweep --over alpha=0:2:0.25 --over beta=0:1:0.1 --seeds 3"],
}, async () => (await import("./sweep.ts")).sweep);

const analyse = define("analyse", {
  sources: multiple(
    argument(path("SOURCE"), { description: say("Runs, or data sets; garden for the embedded one.") }),
    { min: 1, errors: { tooFew: say("Name a run, or a data set.") } },
  ),
  avgdiff: option("--avgdiff", {
    description: say("Of runs: how far embeddings are from the angles between features (MONET, Eq. 1)."),
  }),
  similarity: option("--similarity", {
    description: say("Of data sets: how alike items are that people chose (MONET, figure 1)."),
  }),
  threads: common.threads,
  out: optional(named("--out", path("FILE"), "Write a page with a plot to this file, too.")),
}, {
  brief: "Measure what features say of choices, and what embeddings keep of features.",
  description: "Prints a line per modality, what has been published of the same data beside it.",
  examples: ["analyse garden --similarity", "analyse runs/seven runs/eight --avgdiff --out angles.html"],
}, async () => (await import("./analyse.ts")).analyse);

/** The commands, in the order of the help. */
export const EXPERIMENTS: readonly Command[] = [compare, sweep, analyse];
