/**
 * `add-items`: makes a new run with items that came after the training.
 *
 * @module
 */
import { addItems as addToRun } from "../runs/add_items.ts";
import type { DeviceRequest } from "../runs/device.ts";
import { loadData, openRun } from "../runs/open.ts";
import { type Io, note, type Report } from "./io.ts";

/** The options of `add-items`. */
export interface AddItemsOptions {
  /** The run folder. */
  readonly run: string;
  /** The data set with the features of all items. */
  readonly data: string;
  /** The folder of the new run. */
  readonly out: string;
  readonly device: DeviceRequest | undefined;
  /** The number of threads; all of the machine by default. */
  readonly threads: number | undefined;
}

/** Adds items. */
export async function addItems({ run, data: source, out, device, threads }: AddItemsOptions, io: Io): Promise<Report> {
  const remark = (text: string) => note(io, text);
  const opened = await openRun(run, { device, threads, ...io, note: remark });
  const { data } = await loadData(source, { ...io, note: remark });
  const command = ["add-items", run, "--data", source, "--out", out];
  const made = await addToRun(opened, data, { folder: out, command, ...io, note: remark });
  const added = made.data.items.slice(opened.data.items.length);
  const result = { run: out, items: made.data.items.length, added };
  return { data: result, text: () => `${added.length} items added, of ${result.items}: ${out}\n` };
}
