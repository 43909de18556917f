/**
 * The commands that make the tables and figures of a paper: comparisons, sweeps of a setting, and analyses of data and
 * runs. As in `commands.ts`, nothing here computes.
 *
 * @module
 */
import { multiple, optional } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { string } from "@optique/core/valueparser";
import { type Command, define, maybe, named, say } from "./command.ts";
import { device, epochs, reading, threads } from "./flags.ts";
import { sweepRange } from "./sweep_range.ts";
import { dataSource, folder, listOf, oneOf, path, setting, wholeNumber } from "./values.ts";

const common = {
  data: maybe("--data", dataSource(), "The data set; garden is the embedded one.", "garden"),
  ...reading,
  protocol: maybe(
    "--protocol",
    oneOf("NAME", ["A", "B"]),
    "Sample, evaluate and stop as LATTICE and MONET (A) or as MMRec and GUME (B).",
    "A" as const,
  ),
  set: multiple(named("--set", setting(), "A setting of all models that have it, as in lr=1e-3; may be repeated.")),
  epochs,
  device,
  threads,
  out: optional(
    named(
      "--out",
      folder("DIR"),
      "The folder of trials, tables and report; by default a folder under runs/ named after the data, where commands share " +
        "trials and each has a folder for its results.",
    ),
  ),
};

const compare = define("compare", {
  ...common,
  models: named(
    "--models",
    listOf(string({ metavar: "MODEL" })),
    "The models, as in monet,lightgcn,monet:beta=0:layers=1,./mine.ts; popularity always takes part.",
  ),
  seeds: maybe("--seeds", wholeNumber(1), "The number of seeds, from 1 on.", 5),
  search: optional(
    named("--search", path("FILE"), "A TOML file of settings to try: the best on validation are chosen first."),
  ),
  avgdiff: option("--avgdiff", {
    description: say(
      "Also measure the difference between the cosines of embeddings and of features (MONET, Eq. 1 and Table 2).",
    ),
  }),
}, {
  brief: "Train and evaluate several models alike.",
  description:
    "Searches settings on validation if asked to, trains every model with every seed, stops early on validation, and " +
    "looks at test when all trainings have ended. Writes a table as Markdown, CSV and JSON lines, and a report with plots and " +
    "with published results on the same data. Ctrl-C and SIGTERM keep the finished trainings; the same command goes on. The exit " +
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
  model: maybe("--model", string({ metavar: "MODEL" }), "The model, written as for compare.", "monet"),
  over: multiple(named("--over", sweepRange(), "A setting and its values, FROM:TO:STEP or a list; may be repeated."), {
    min: 1,
    errors: { tooFew: say("Name a setting to vary, as in --over alpha=0:2:0.25.") },
  }),
  seeds: maybe("--seeds", wholeNumber(1), "The number of seeds for every value, from 1 on.", 1),
}, {
  brief: "Train a model at every value of a setting.",
  description:
    "Varies one setting at a time, the others unchanged. Writes a table and a report with plots. Ctrl-C keeps the " +
    "finished trainings; the same command goes on.",
  examples: ["sweep --over alpha=0:2:0.25", "sweep --over alpha=0:2:0.25 --over beta=0:1:0.1 --seeds 3"],
}, async () => (await import("./sweep.ts")).sweep);

const analyse = define("analyse", {
  sources: multiple(
    argument(path("SOURCE"), { description: say("Runs or data sets; garden is the embedded one.") }),
    { min: 1, errors: { tooFew: say("Name a run, or a data set.") } },
  ),
  avgdiff: option("--avgdiff", {
    description: say("Of runs: the difference between the cosines of embeddings and of features (MONET, Eq. 1)."),
  }),
  similarity: option("--similarity", {
    description: say("Of data sets: the similarity of the items of a user (MONET, figure 1)."),
  }),
  threads,
  out: optional(named("--out", path("FILE"), "A file for a page with a plot.")),
}, {
  brief: "Compare features with interactions, and embeddings with features.",
  description: "Prints a line for each modality, with published values of the same data.",
  examples: ["analyse garden --similarity", "analyse runs/seven runs/eight --avgdiff --out angles.html"],
}, async () => (await import("./analyse.ts")).analyse);

/** The commands, in the order of the help. */
export const EXPERIMENTS: readonly Command[] = [compare, sweep, analyse];
