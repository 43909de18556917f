/**
 * Runs: training a model on data, opening and resuming the folder of a training, and the questions a run answers.
 * The files of a run folder are listed in `record.ts`.
 *
 * @module
 */
export { addItems, type AddItemsOptions } from "./add_items.ts";
export { catalogued, defaultModel, findModel, type ModelModule, type NamedModel } from "./catalogue.ts";
export { type DeviceRequest, type Hardware, localHardware } from "./device.ts";
export type { EpochEvent, Listener, NoteEvent, SavedEvent, StartEvent, StepEvent, TrainingEvent } from "./events.ts";
export { type FailedRun, TrainingFailed } from "./failure.ts";
export type { ContinueOptions, TrainedRun } from "./finish.ts";
export type { Epoch } from "./journal.ts";
export { explain, type Explanation, type Reason, type ReasonItem } from "./explain.ts";
export { type FoldIn, foldInOf } from "./fold_in.ts";
export type { ModalityVectors, VectorsByModality } from "./modality_vectors.ts";
export { loadData, type LoadedData, loadParams, type OpenOptions, openRun } from "./open.ts";
export { type PeopleBlock, peopleBlock, type Person } from "./people.ts";
export type { PartProfile, Times, TrainingPart, TrainingProfile } from "./profile.ts";
export type { DataRecord, DeviceRecord, RunRecord, SplitMetrics } from "./record.ts";
export { recommend, type Recommendation, type RecommendedItem, type RecommendOptions } from "./recommend.ts";
export { resume, type ResumeOptions } from "./resume.ts";
export type { TrainingStatus } from "./resume_point.ts";
export { evaluate, type EvaluateOptions, type EvaluatorOptions, type Run } from "./run.ts";
export { type PlottedEpoch, runPlot, type RunPlotOptions } from "./run_plot.ts";
export { resolveSettings, type RunConfig, settingsOf, type SettingSources } from "./settings.ts";
export { similar, type SimilarItem, type SimilarItems, type SimilarOptions } from "./similar.ts";
export { train, type TrainOptions } from "./train.ts";
