/**
 * The words of `train`: the introduction, the progress, and the report.
 *
 * @module
 */
import type { TextStyle } from "../reports/text_style.ts";
import { table } from "../reports/text_table.ts";
import { isFallback } from "../runs/device.ts";
import type { Listener, StartEvent } from "../runs/events.ts";
import type { Epoch } from "../runs/journal.ts";
import type { TrainingProfile } from "../runs/profile.ts";
import type { DeviceRecord, RunRecord } from "../runs/record.ts";
import { next, rankingCommands } from "./command_line.ts";
import { type Io, note, type Report } from "./io.ts";
import { profileTable } from "./profile_table.ts";
import { duration, type Progress, startProgress } from "./progress.ts";

/** Milliseconds between two looks at the loss: reading it waits for the device. */
const PAUSE = 100;

/** A listener that shows a training, and the function that ends the display. */
export interface TrainingDisplay {
  readonly events: Listener;
  readonly end: () => void;
}

/** Returns the display of a training: an introduction, a bar, and a line for every evaluation. */
export function trainingDisplay(io: Io): TrainingDisplay {
  let progress: Progress | undefined;
  let due = -Infinity;
  return {
    events: async (event) => {
      if (event.type === "note") note(io, event.text);
      if (event.type === "start") {
        introduce(event, io);
        progress = await startProgress(io, { total: event.steps });
      }
      if (event.type === "step" && io.now() >= due) {
        const loss = (await event.loss()).toFixed(4);
        progress?.update(event.done, { epoch: String(event.epoch + 1), loss });
        due = io.now() + PAUSE;
      }
      if (event.type === "epoch" && event.epoch.validation) progress?.line(epochLine(event.epoch));
    },
    end: () => progress?.end(),
  };
}

/** Prints the model, the data, the device and the folder of a training that begins. */
function introduce({ record, folder, from, selects, steps, bytes }: StartEvent, io: Io): void {
  const { model, data, device, seed } = record;
  const [users, items, trained] = [data.users, data.items, data.interactions.train].map((n) =>
    n.toLocaleString("en-US")
  );
  const memory = bytes === null
    ? ""
    : `, about ${Number((bytes / 1e6).toPrecision(2)).toLocaleString("en-US")} MB of tensors`;
  io.err.write(`${model} on ${data.name}: ${users} users, ${items} items, ${trained} training interactions${memory}\n`);
  io.err.write(`seed ${seed}, device ${placeOf(device)}, run ${folder}\n`);
  if (from > 0) note(io, `going on after epoch ${from}`);
  if (!selects && steps > 0) {
    note(io, "nothing is held out for validation: training does not stop early, and its last parameters are kept");
  }
}

/** Returns the device of a run and the reason for it: `wasm on 2 threads (asked for)`. */
function placeOf({ asked, ran, threads, reason, adapter }: DeviceRecord): string {
  const processor = `${threads} ${threads === 1 ? "thread" : "threads"}`;
  const gpu = adapter && `${adapter.name}${adapter.hardware ? "" : ", which is software"}`;
  // A note has told already why another device replaces the one that was asked for.
  return `${ran} on ${gpu ?? processor}${isFallback(asked, ran) ? "" : ` (${reason})`}`;
}

/** Returns an epoch as a line for people. */
export function epochLine({ epoch, loss, validation, best }: Epoch): string {
  const metrics = validation
    ? `  recall@20 ${validation["recall@20"].toFixed(4)}  ndcg@20 ${validation["ndcg@20"].toFixed(4)}${
      best ? "  *" : ""
    }`
    : "";
  return `epoch ${epoch}  loss ${loss.toFixed(4)}${metrics}`;
}

/**
 * Returns the report of a run: the metrics of the model and of popularity on both splits, and the profile if there is
 * one.
 */
export function reportOf(folder: string, record: RunRecord, profile: TrainingProfile | null): Report {
  const resuming = record.status === "interrupted"
    ? [["train", "--resume", folder]]
    : isRising(record)
    ? [["train", "--resume", folder, "--epochs", String(2 * record.epochs)]]
    : [];
  return {
    data: { run: folder, ...record, profile: profile ?? undefined },
    text: (sink) =>
      [
        `${resultsTable(record, sink)}${story(record)}`,
        isRising(record) ? STILL_RISING : "",
        ...profile ? [`\n${profileTable(profile, sink, { later: record.device.ran === "webgpu" })}\n`] : [],
        next(...rankingCommands(folder, record.data.interactions.test > 0), ...resuming),
      ].join(""),
  };
}

const METRICS = {
  "recall@20": "R@20",
  "precision@20": "P@20",
  "ndcg@20": "NDCG@20",
  "ndcgRetrieved@20": "NDCG@20 retrieved",
};

function resultsTable({ model, results, seconds, epochs }: RunRecord, style: TextStyle): string {
  const numbers = Object.values(METRICS).map((title) => ({ title, digits: 4 }));
  const rows = (["validation", "test"] as const).flatMap((split) =>
    Object.entries(results).flatMap(([name, { [split]: metrics }]) => {
      const time = name === model && epochs > 0 ? duration(seconds * 1000) : null;
      return metrics ? [[split, name, ...Object.keys(METRICS).map((metric) => metrics[metric]), time]] : [];
    })
  );
  const columns = [{ title: "split" }, { title: "model" }, ...numbers, { title: "trained in" }];
  return rows.length > 0 ? table(columns, rows, style) : "Nothing is held out, so there is nothing to compare.\n";
}

/** Returns whether the last evaluation was the best: then the limit of epochs ended the training, not its patience. */
function isRising({ status, epochs, best }: RunRecord): boolean {
  return status === "finished" && epochs > 0 && best === epochs;
}

const STILL_RISING = "Its accuracy was still rising at the limit of epochs: --resume with more --epochs goes on.\n";

function story({ model, status, epochs, best }: RunRecord): string {
  if (epochs === 0) return status === "interrupted" ? `${model} interrupted in its first epoch.\n` : "";
  const chosen = best === null ? "its last parameters" : `the parameters after epoch ${best}, the best on validation`;
  return `${model} ${status} after ${epochs} ${epochs === 1 ? "epoch" : "epochs"}.\nKept are ${chosen}.\n`;
}
