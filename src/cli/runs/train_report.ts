/**
 * What `train` says before and after.
 *
 * @module
 */
import { instead } from "./device.ts";
import { type Io, note, type Report, type Sink } from "../shell/io.ts";
import { duration } from "../shell/progress.ts";
import type { Standing } from "./position.ts";
import { profileTable, type TrainingProfile } from "./profile.ts";
import type { RunRecord } from "./folder.ts";
import { table } from "../../reports/text_table.ts";
import { next } from "../shell/typed.ts";

/** Says what is about to be trained, on what, and where. */
export function introduce(
  { model, data, device, seed }: RunRecord,
  { folder, epochs, selects }: { readonly folder: string; readonly epochs: number; readonly selects: boolean },
  io: Io,
): void {
  const [users, items, trained] = [data.users, data.items, data.interactions.train].map((n) =>
    n.toLocaleString("en-US")
  );
  io.err.write(`${model} on ${data.name}: ${users} users, ${items} items, ${trained} interactions to learn from\n`);
  io.err.write(`seed ${seed}, device ${placeOf(device)}, run ${folder}\n`);
  if (epochs > 0) note(io, `going on after epoch ${epochs}`);
  if (!selects) {
    note(io, "nothing is held out for validation: training does not stop early, and its last parameters are kept");
  }
}

/** Returns where a run computes, and why there: `wasm on 2 threads (asked for)`. */
function placeOf({ asked, ran, threads, reason, adapter }: RunRecord["device"]): string {
  const processor = `${threads} ${threads === 1 ? "thread" : "threads"}`;
  const gpu = adapter && `${adapter.name}${adapter.hardware ? "" : ", which is software"}`;
  // A note has said already why another device takes the place of the one asked for.
  return `${ran} on ${gpu ?? processor}${instead(asked, ran) ? "" : ` (${reason})`}`;
}

/** Returns the report of a run: how the model and popularity do on both splits, and where the time went if that is known. */
export function reportOf(folder: string, record: RunRecord, profile: TrainingProfile | null): Report {
  const resuming = record.status === "interrupted" ? [["train", "--resume", folder]] : [];
  return {
    data: { run: folder, ...record, ...profile && { profile } },
    text: (sink) =>
      [
        `${resultsTable(record, sink)}${story(record)}`,
        ...profile ? [`\n${profileTable(profile, sink, { later: record.device.ran === "webgpu" })}\n`] : [],
        next(...rankingWith(folder, record), ...resuming),
      ].join(""),
  };
}

const METRICS = {
  "recall@20": "R@20",
  "precision@20": "P@20",
  "ndcg@20": "NDCG@20",
  "ndcgRetrieved@20": "NDCG@20 retrieved",
};

function resultsTable({ model, results, seconds, epochs }: RunRecord, sink: Sink): string {
  const numbers = Object.values(METRICS).map((title) => ({ title, digits: 4 }));
  const rows = (["validation", "test"] as const).flatMap((split) =>
    Object.entries(results).flatMap(([name, { [split]: metrics }]) => {
      const time = name === model && epochs > 0 ? duration(seconds * 1000) : null;
      return metrics ? [[split, name, ...Object.keys(METRICS).map((metric) => metrics[metric]), time]] : [];
    })
  );
  const columns = [{ title: "split" }, { title: "model" }, ...numbers, { title: "trained in" }];
  return rows.length > 0 ? table(columns, rows, sink) : "Nothing is held out, so there is nothing to compare.\n";
}

function story({ model, status, epochs, best }: RunRecord): string {
  if (epochs === 0) return "";
  const chosen = best === null ? "its last parameters" : `the parameters after epoch ${best}, the best on validation`;
  return `${model} ${status} after ${epochs} ${epochs === 1 ? "epoch" : "epochs"}.\nKept are ${chosen}.\n`;
}

/** Returns what there is to do with a run that failed: how far it is, and the commands to go on with. */
export function adviceOf(folder: string, record: RunRecord, { epochs, best }: Standing): string {
  const ranking = best ? rankingWith(folder, record) : [];
  return `The run is kept${epochs > 0 ? ` up to epoch ${epochs}` : ""}.\n${
    next(...ranking, ["train", "--resume", folder])
  }`;
}

function rankingWith(folder: string, { data }: RunRecord): string[][] {
  return [...data.interactions.test > 0 ? [["evaluate", folder]] : [], ["recommend", folder, "--all"]];
}
