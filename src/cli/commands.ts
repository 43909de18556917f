/**
 * The commands, their options and their help; those that train many models are in `experiments.ts`. Nothing here
 * computes: the implementation of a command is in the file of its name, and is imported when the command runs.
 *
 * A new command is a file with an interface of options and a function from these and an `Io` to a `Report`. It is
 * `define()`d here, where its options get their flags, and joins {@link COMMANDS}. A new option is a member of that
 * interface and a flag here, or in `flags.ts` if several commands have it; of `train`, also one of the `FLAGS` in
 * `train.ts`, with which the command of a run is recorded. An option that changes how a model is trained is neither: it
 * is a setting in `src/train/settings.ts`, which `--set` and `--config` give.
 *
 * @module
 */
import { multiple, optional } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { float, string } from "@optique/core/valueparser";
import { type Command, type CommandHelp, define, maybe, named, say } from "./command.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { device, epochs, memory, reading, threads } from "./flags.ts";
import { dataSource, folder, id, listOf, oneOf, path, setting, wholeNumber } from "./values.ts";

const seed = maybe("--seed", wholeNumber(0), "The seed of all randomness.", 0);
const splitRule = oneOf("RULE", ["official", "mmrec", "ratio", "leave-last-out", "by-time", "cold-item"]);
const column = string({ metavar: "COLUMN" });
const out = (what: string) => option("--out", folder("DIR"), { description: say(what) });

const train = define("train", {
  data: optional(named("--data", dataSource(), "The data set; by default garden, the embedded one.")),
  ...reading,
  model: optional(
    named(
      "--model",
      string({ metavar: "NAME" }),
      "A model that the command models lists, or a module that exports one, as in ./mine.ts; by default monet, or lightgcn if the items have no features.",
    ),
  ),
  protocol: optional(named(
    "--protocol",
    oneOf("NAME", ["A", "B"]),
    "Sample, evaluate and stop as LATTICE and MONET (A) or as MMRec and GUME (B); by default as the model's paper.",
  )),
  config: optional(named("--config", path("FILE"), "A TOML file of settings; --set and flags overrule it.")),
  set: multiple(named("--set", setting(), "A setting, as in lr=1e-3; may be repeated.")),
  epochs,
  seed: optional(named("--seed", wholeNumber(0), "The seed of all randomness.")),
  device,
  threads,
  memory,
  out: optional(named("--out", folder("DIR"), "The run folder; by default a new one under runs/.")),
  resume: optional(
    named(
      "--resume",
      folder("RUN"),
      "Go on with an interrupted run, with its own settings, or with a finished one and more --epochs. --data names the new place of its data; --device, --threads, --memory and --profile may be given too.",
    ),
  ),
  profile: option("--profile", { description: say("Time every kernel, and print a table of the times in the end.") }),
}, {
  brief: "Train a model and keep the run in a folder.",
  description:
    "Prints the loss and the accuracy on validation, stops when that no longer rises, and prints a table: the model and " +
    "popularity, on validation and on test. Ctrl-C, SIGTERM and a closed terminal end the training after the current " +
    "step, with the table of the best parameters so far; a second Ctrl-C ends it at once.",
  examples: [
    "train",
    "train --data my-shop --epochs 30 --set lr=1e-3 --set batch=1024",
    "train --config monet.toml --seed 7 --out runs/seven",
    "train --resume runs/seven --threads 4",
    "train --resume runs/seven --epochs 200",
    "train --device webgpu",
    "train --epochs 1 --profile",
  ],
}, async () => (await import("./train.ts")).train);

const evaluate = define("evaluate", {
  run: argument(folder("RUN"), { description: say("The folder of a run.") }),
  split: maybe("--split", oneOf("SPLIT", ["validation", "test"]), "The held-out interactions to find.", "test"),
  k: maybe("--k", listOf(wholeNumber(1)), "The lengths of the evaluated lists.", [10, 20]),
  device,
  threads,
}, {
  brief: "Measure how well a trained model ranks.",
  description: "Ranks every item for every user with held-out interactions, training items left out, and prints each " +
    "metric at each length, for all items and for the popular and the rare ones.",
  examples: ["evaluate runs/seven", "evaluate runs/seven --split validation --k 5,10,50 --json"],
}, async () => (await import("./evaluate.ts")).evaluate);

const recommend = define("recommend", {
  run: argument(folder("RUN"), { description: say("The folder of a run.") }),
  users: optional(named("--users", listOf(id()), "External ids of users.")),
  all: option("--all", { description: say("Recommend to every user.") }),
  history: optional(named("--history", listOf(id()), "External ids of items: recommend to a new person who has them.")),
  similar: optional(named("--similar", id(), "The external id of an item: find the items that are like it.")),
  explain: option("--explain", { description: say("Show the parts that sum to each score.") }),
  k: maybe("--k", wholeNumber(1), "The number of items for each user.", 10),
  format: maybe("--format", oneOf("FORMAT", ["table", "json", "csv"]), "The output format.", "table"),
  includeSeen: option("--include-seen", {
    description: say("Also recommend items of the user's training interactions."),
  }),
  device,
  threads,
}, {
  brief: "Recommend items to users or to new people, with reasons; find items that are alike.",
  description:
    "Prints items with their ids and titles. A user who is not in the run gets the most popular items, and a note says so. " +
    "--explain prints the parts that sum to each score: by modality, and by item of the history with its attention, as far " +
    "as the model's score is such a sum.",
  examples: [
    "recommend runs/seven --users u1,u2",
    "recommend runs/seven --users u1 --k 3 --explain",
    "recommend runs/seven --history i7,i12,i30",
    "recommend runs/seven --similar i7",
    "recommend runs/seven --all --k 20 --format csv",
  ],
}, async () => (await import("./recommend.ts")).recommend);

const addItems = define("add-items", {
  run: argument(folder("RUN"), { description: say("The folder of a run of a model that learns from features.") }),
  data: named("--data", dataSource(), "A data set with the features of all items, known and new."),
  out: out("The folder of the new run."),
  device,
  threads,
}, {
  brief: "Add items that came after the training, by their features.",
  description:
    "Writes a new run with the same parameters and interactions, in which the new items can be recommended. " +
    "The interactions of the data set do not count, and the new run cannot be resumed.",
  examples: ["add-items runs/seven --data my-shop --out runs/seven-and-new-items"],
}, async () => (await import("./add_items.ts")).addItems);

const serve = define("serve", {
  run: argument(folder("RUN"), { description: say("The folder of a run.") }),
  port: maybe("--port", wholeNumber(0), "The port; 0 for any that is free.", 8000),
  host: maybe("--host", string({ metavar: "ADDRESS" }), "The address to listen to.", "127.0.0.1"),
  events: optional(named("--events", path("FILE"), "Keep interactions in this file of SQLite.")),
  pictures: optional(named("--pictures", dataSource(), "A data set with the pictures of the items.")),
  categories: optional(
    named("--categories", path("FILE"), "A table of two columns, an item and a category, for limits of categories."),
  ),
  watch: option("--watch", { description: say("Load a newer run when the folder has one, as SIGHUP does.") }),
  device,
  threads,
}, {
  brief: "Put a run behind an address: recommendations, reasons and interactions by HTTP.",
  description:
    "Requests that arrive together are scored together. The token in the variable GIVERNY_TOKEN is asked of every request; " +
    "an address that other machines can reach needs it. SIGHUP loads the run again, and SIGTERM ends the server after the " +
    "requests in flight. /openapi.json describes the routes.",
  examples: [
    "serve runs/seven",
    "serve runs/seven --events events.sqlite --watch",
    "serve runs/seven --host 0.0.0.0 --port 80",
  ],
}, async () => (await import("./serve.ts")).serve);

const stats = define("data stats", {
  source: argument(dataSource(), { description: say("A folder or file, or garden for the embedded data set.") }),
  ...reading,
}, {
  brief: "Describe a data set.",
  description:
    "Prints the numbers of users, items and interactions, their distribution, and the items that each modality covers.",
  examples: ["data stats garden", "data stats my-shop --json"],
}, async () => (await import("./data.ts")).stats);

const importing = define("data import", {
  source: argument(path("SOURCE"), { description: say("A folder or file in any known format.") }),
  out: out("The folder to write."),
  userColumn: optional(named("--user-column", column, "The column of users, by name or by number from 0.")),
  itemColumn: optional(named("--item-column", column, "The column of items.")),
  timeColumn: optional(named("--time-column", column, "The column of times; none reads no times.")),
  ratingColumn: optional(named("--rating-column", column, "The column of ratings.")),
  table: optional(named("--table", string({ metavar: "NAME" }), "The table of interactions of an SQLite database.")),
  query: optional(named("--query", string({ metavar: "SQL" }), "A query of an SQLite database, in place of a table.")),
  noHeader: option("--no-header", { description: say("The first line is data, not the names of the columns.") }),
  minRating: optional(named("--min-rating", float({ metavar: "X" }), "Leave out interactions with a lower rating.")),
  missing: maybe(
    "--missing",
    oneOf("WHAT", ["mean", "zero", "error"]),
    "The features of items that have none.",
    "mean",
  ),
  kCore: maybe("--k-core", wholeNumber(0), "Keep users and items with at least N interactions each.", 0),
  split: optional(named(
    "--split",
    splitRule,
    "Make a new split; by default the split of the source stays, and a source without one gets the official split.",
  )),
  ...reading,
  seed,
}, {
  brief: "Convert interactions and features into a folder of this project.",
  description:
    "Recognises formats, separators and columns; columns can be named too. Data without features get features of their " +
    "texts and pictures. --k-core filters first, then --split splits, then --validation takes validation out of training. " +
    "Notes name the files and columns that are not used.",
  examples: [
    "data import shop.csv --out my-shop --user-column buyer --split ratio",
    "data import clothing/5-core --out clothing --split official",
    "data import reviews.csv --out reviews --min-rating 4 --split leave-last-out",
    "data import parts --out shop --validation ratio:0.1",
    'data import shop.sqlite --out shop --query "SELECT buyer AS user, product AS item FROM orders"',
  ],
}, async () => (await import("./data.ts")).convert);

const getting = define("data get", {
  source: optional(argument(string({ metavar: "NAME|URL" }), {
    description: say("A published data set, or an address; without it, the names are listed."),
  })),
  out: optional(option("--out", folder("DIR"), { description: say("The folder to write; by default the name.") })),
  sha256: optional(named("--sha256", string({ metavar: "HEX" }), "The digest that the file must have.")),
  keep: option("--keep", { description: say("Keep the downloaded files, in DIR.download.") }),
  minRating: optional(named("--min-rating", float({ metavar: "X" }), "Leave out interactions with a lower rating.")),
  kCore: maybe("--k-core", wholeNumber(0), "Keep users and items with at least N interactions each.", 0),
  split: optional(named("--split", splitRule, "Make a new split.")),
  ...reading,
  seed,
}, {
  brief: "Download a data set that others publish, and convert it.",
  description:
    "Shows the conditions of use, goes on with a download that broke off, compares the digest, unpacks zip archives, and " +
    "converts as data import does.",
  examples: ["data get", "data get movielens-100k", "data get https://example.org/shop.csv.gz --out shop"],
}, async () => (await import("./get.ts")).get);

const garden = define("data garden", { out: out("The folder to write."), seed }, {
  brief: "Write the embedded data set as files.",
  description: "An example of the folder format, with titles, pictures and features.",
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
  probe: option("--probe", { description: say("Run a kernel on the GPU and show its mode; loads gpu.js.") }),
}, {
  brief: "Show the devices of this machine, the choice of auto, and its reason.",
  description: "A run records the device that computed.",
  examples: ["devices", "devices --probe"],
}, async () => (await import("./devices.ts")).devices);

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  train,
  evaluate,
  recommend,
  addItems,
  serve,
  ...EXPERIMENTS,
  stats,
  importing,
  getting,
  garden,
  models,
  devices,
];

/** The help of the first words that groups of commands share. */
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
