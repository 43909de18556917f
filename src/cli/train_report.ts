/**
 * What `train` says before and after.
 *
 * @module
 */
import type { Report } from "./command.ts";
import { type Io, note } from "./io.ts";
import { duration } from "./progress.ts";
import type { RunRecord } from "./run_folder.ts";
import { table } from "./table.ts";

/** Says what is about to be trained, on what, and where. */
export function introduce(
  { model, data, device, seed, epochs }: RunRecord,
  { folder, selects }: { readonly folder: string; readonly selects: boolean },
  io: Io,
): void {
  const [users, items, trained] = [data.users, data.items, data.interactions.train].map((n) =>
    n.toLocaleString("en-US")
  );
  io.err.write(`${model} on ${data.name}: ${users} users, ${items} items, ${trained} interactions to learn from\n`);
  io.err.write(`seed ${seed}, device ${device.ran} (${device.reason}), run ${folder}\n`);
  if (epochs > 0) note(io, `going on after epoch ${epochs}`);
  if (!selects) {
    note(io, "nothing is held out for validation: training does not stop early, and its last parameters are kept");
  }
}

/** Returns the report of a run: how the model and popularity do on both splits. */
export function reportOf(folder: string, record: RunRecord): Report {
  const { model, results, status, seconds, epochs, best } = record;
  const columns = [
    { title: "split" },
    { title: "model" },
    { title: "R@20", digits: 4 },
    { title: "P@20", digits: 4 },
    { title: "NDCG@20", digits: 4 },
    { title: "NDCG@20 retrieved", digits: 4 },
    { title: "trained in" },
  ];
  const rows = (["validation", "test"] as const).flatMap((split) =>
    Object.entries(results).map(([name, { [split]: metrics }]) => [
      split,
      name,
      ...["recall@20", "precision@20", "ndcg@20", "ndcgRetrieved@20"].map((metric) => metrics?.[metric] ?? null),
      name === model && epochs > 0 ? duration(seconds * 1000) : null,
    ])
  );
  const chosen = best === null ? "its last parameters" : `its parameters after epoch ${best}, the best on validation`;
  const story = `${model} ${status} after ${epochs} ${epochs === 1 ? "epoch" : "epochs"}; the table shows ${chosen}.`;
  const onwards = status === "interrupted"
    ? [`train --resume ${folder}`]
    : [`evaluate ${folder}`, `recommend ${folder} --all`];
  return {
    data: { run: folder, ...record },
    text: (sink) =>
      [
        table(columns, rows, sink),
        ...epochs > 0 ? [`${story}\n`] : [],
        "Next:\n",
        ...onwards.map((line) => `  deno run -A main.ts ${line}\n`),
      ].join(""),
  };
}
