/**
 * What one can type: the commands, their options, and what the help says of them; those that make tables and figures of
 * many trainings are in `experiments.ts`. Nothing here computes; each
 * command's implementation lies in the file of its name and is imported when it runs.
 *
 * A new command is a file with an interface of options and a function from these and an `Io` to a `Report`; it is
 * `define()`d here, where its options get their flags, and joins {@link COMMANDS}.
 *
 * @module
 */
import { multiple, optional } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { float, keyValue, string } from "@optique/core/valueparser";
import { type Command, type CommandHelp, define, maybe, named, say } from "./command.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { dataSource, folder, id, listOf, oneOf, path, wholeNumber } from "./shell/values.ts";

const seed = maybe("--seed", wholeNumber(0), "The seed of everything random.", 0);
const column = string({ metavar: "COLUMN" });
const threads = optional(named(
  "--threads",
  wholeNumber(1),
  "How many threads compute; by default as many as the machine runs at once. Results have the same bits on any number.",
));
const ranker = optional(
  named("--device", oneOf("NAME", ["wasm", "webgpu", "reference"]), "What computes; the processor by default."),
);
const out = (what: string) => option("--out", folder("DIR"), { description: say(what) });

const train = define("train", {
  data: optional(named("--data", dataSource(), "Where to learn from; garden, the embedded data set, by default.")),
  model: optional(
    named("--model", string({ metavar: "NAME" }), "Which model, as the command models lists them; monet by default."),
  ),
  protocol: optional(named(
    "--protocol",
    oneOf("NAME", ["A", "B"]),
    "Sample, evaluate and stop as LATTICE and MONET (A) or as MMRec and GUME (B); by default as the model's paper.",
  )),
  config: optional(named("--config", path("FILE"), "Settings from a TOML file, overruled by --set and by flags.")),
  set: multiple(named("--set", keyValue(), "One setting, as in lr=1e-3; may be repeated.")),
  epochs: optional(named("--epochs", wholeNumber(1), "Train for at most this many passes over the data.")),
  seed: optional(named("--seed", wholeNumber(0), "The seed of everything random.")),
  device: optional(named(
    "--device",
    oneOf("NAME", ["auto", "wasm", "webgpu", "reference"]),
    "What computes; by default auto: the processor, or a GPU where there is one and the training is long enough to gain.",
  )),
  threads,
  out: optional(named("--out", folder("DIR"), "The run folder; by default a new one under runs/.")),
  resume: optional(
    named(
      "--resume",
      folder("RUN"),
      "Go on with a run that was interrupted, as it was configured; of other options, only --device, --threads and --profile may be given.",
    ),
  ),
  profile: option("--profile", { description: say("Time every kernel, and end with a table of where the time went.") }),
}, {
  brief: "Train a model and keep the run in a folder.",
  description:
    "Prints the loss as it falls and the validation accuracy as it rises, stops early when that no longer does, " +
    "and ends with one table: the model beside popularity, on validation and on test. Ctrl-C ends it after the current " +
    "step with the table of the best parameters so far, and exit code 0; a second Ctrl-C ends it at once.",
  examples: [
    "train",
    "train --data my-shop --epochs 30 --set lr=1e-3 --set batch=1024",
    "train --config monet.toml --seed 7 --out runs/seven",
    "train --resume runs/seven --threads 4",
    "train --device webgpu",
    "train --epochs 1 --profile",
  ],
}, async () => (await import("./train.ts")).train);

const evaluate = define("evaluate", {
  run: argument(folder("RUN"), { description: say("The folder of a run.") }),
  split: maybe("--split", oneOf("SPLIT", ["validation", "test"]), "Which held-out interactions to rank.", "test"),
  k: maybe("--k", listOf(wholeNumber(1)), "The lengths of the lists that are judged.", [10, 20]),
  device: ranker,
  threads,
}, {
  brief: "Measure how well a trained model ranks.",
  description: "Ranks every item for every user with held-out interactions, training items left out, and prints each " +
    "metric at each length, for all items and for the popular and the rare ones.",
  examples: ["evaluate runs/seven", "evaluate runs/seven --split validation --k 5,10,50 --json"],
}, async () => (await import("./evaluate.ts")).evaluate);

const recommend = define("recommend", {
  run: argument(folder("RUN"), { description: say("The folder of a run; nothing else is needed.") }),
  users: optional(named("--users", listOf(id()), "External ids of users.")),
  all: option("--all", { description: say("Recommend to every user.") }),
  k: maybe("--k", wholeNumber(1), "How many items each user gets.", 10),
  format: maybe("--format", oneOf("FORMAT", ["table", "json", "csv"]), "How to print them.", "table"),
  includeSeen: option("--include-seen", { description: say("Also recommend what a user has in training.") }),
  device: ranker,
  threads,
}, {
  brief: "Recommend items to users.",
  description:
    "Prints items by their own ids and titles. A user who is not in the run gets what is popular, and a note " +
    "that says so.",
  examples: ["recommend runs/seven --users u1,u2", "recommend runs/seven --all --k 20 --format csv"],
}, async () => (await import("./recommend.ts")).recommend);

const stats = define("data stats", {
  source: argument(dataSource(), { description: say("A folder, or garden for the embedded data set.") }),
}, {
  brief: "Describe a data set.",
  description:
    "Counts users, items and interactions, shows how they are spread, and how many items each modality covers.",
  examples: ["data stats garden", "data stats my-shop --json"],
}, async () => (await import("./data.ts")).stats);

const importing = define("data import", {
  source: argument(path("SOURCE"), { description: say("A folder or file in any of the formats that are read.") }),
  out: out("The folder to write."),
  userColumn: optional(named("--user-column", column, "The column of users, by name or by number from 0.")),
  itemColumn: optional(named("--item-column", column, "The column of items.")),
  timeColumn: optional(named("--time-column", column, "The column of times.")),
  ratingColumn: optional(named("--rating-column", column, "The column of ratings.")),
  noHeader: option("--no-header", { description: say("The first line is data, not the names of the columns.") }),
  minRating: optional(named("--min-rating", float({ metavar: "X" }), "Leave out what is rated lower.")),
  missing: maybe("--missing", oneOf("WHAT", ["mean", "zero", "error"]), "What items without features get.", "mean"),
  kCore: maybe("--k-core", wholeNumber(0), "Keep users and items with at least N interactions each.", 0),
  split: optional(named(
    "--split",
    oneOf("RULE", ["official", "ratio", "leave-last-out", "by-time", "cold-item"]),
    "Split anew; by default the split of the source is kept, and without one it is official.",
  )),
  seed,
}, {
  brief: "Convert interactions and features into a folder of this project.",
  description: "Formats, separators and columns are recognised; columns can be named. Features are made of words and " +
    "pictures where none are given. What --k-core leaves is what --split splits.",
  examples: [
    "data import shop.csv --out my-shop --user-column buyer --split ratio",
    "data import clothing/5-core --out clothing --split official",
  ],
}, async () => (await import("./data.ts")).convert);

const garden = define("data garden", { out: out("The folder to write."), seed }, {
  brief: "Write the embedded data set as files.",
  description: "An example of the folder format, with titles, pictures and features of painted motifs.",
  examples: ["data garden --out garden", "data garden --out other-garden --seed 7"],
}, async () => (await import("./data.ts")).plant);

const models = define("models", {
  name: optional(argument(string({ metavar: "NAME" }), { description: say("The model to describe.") })),
}, {
  brief: "List the models, or describe one with its settings.",
  description: "Every setting can be given to train with --set.",
  examples: ["models", "models monet"],
}, async () => (await import("./models.ts")).models);

const devices = define("devices", {
  probe: option("--probe", { description: say("Run a kernel on the GPU, and show what it ran as; loads gpu.js.") }),
}, {
  brief: "Show what can compute here, what would be chosen, and why.",
  description: "A run records the device that it really ran on.",
  examples: ["devices", "devices --probe"],
}, async () => (await import("./devices.ts")).devices);

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  train,
  evaluate,
  recommend,
  ...EXPERIMENTS,
  stats,
  importing,
  garden,
  models,
  devices,
];

/** What the words in front of the commands of a group have in common. */
export const GROUPS: Readonly<Record<string, Pick<CommandHelp, "brief" | "examples">>> = {
  data: {
    brief: "Describe, convert and make data sets.",
    examples: [
      "data stats garden",
      "data import shop.csv --out my-shop --user-column buyer --split ratio",
      "data garden --out garden",
    ],
  },
};
