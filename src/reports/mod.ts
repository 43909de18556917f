/**
 * Reports: results of experiments as tables (text, Markdown, CSV, JSON lines), pages and plots. Functions take results
 * and return texts; they read and write no files.
 *
 * @module
 */
export { analysisPage, type Origin } from "./analysis_page.ts";
export { type AnalysisKind, analysisText, type Measurement } from "./analysis.ts";
export { comparisonPage } from "./comparison_page.ts";
export { comparisonPlot } from "./comparison_plot.ts";
export { comparisonCsv, comparisonJsonLines, comparisonMarkdown, comparisonText } from "./comparison_tables.ts";
export { exampleComparison, exampleSweep } from "./example.ts";
export { sweepPage } from "./sweep_page.ts";
export { sweepCsv, sweepMarkdown, type SweepRecord, sweepRecords, sweepText } from "./sweep_tables.ts";
export type { TextStyle } from "./text_style.ts";
export { type Cell, type Column, table, type TableStyle } from "./text_table.ts";
