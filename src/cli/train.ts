/**
 * `train`: fits a model and keeps the run.
 *
 * @module
 */
import { fitRun } from "./runs/fitting.ts";
import type { Io, Report } from "./shell/io.ts";
import { judgesOf, popularityScore } from "./runs/ranker.ts";
import { runOf, type TrainOptions } from "./runs/start.ts";
import { introduce, reportOf } from "./runs/train_report.ts";

/**
 * Fits a model, keeps the run in a folder, and compares the model with popularity. After Ctrl-C it does so with the best
 * parameters up to then.
 */
export async function train(options: TrainOptions, io: Io): Promise<Report> {
  const run = await runOf(options, io);
  const { folder, task: { config, data, device, batches }, position: { standing: { epochs } } } = run;
  const judges = judgesOf(data, config);
  introduce(run.record, { folder, epochs, selects: judges.validation !== null || batches === null }, io);
  const beside = { popularity: popularityScore(data, device) };
  const { record, profile } = await fitRun(run, { judges, beside, io });
  return reportOf(folder, record, profile);
}
