/**
 * `models`: the catalogue.
 *
 * @module
 */
import type { Setting } from "../core/settings.ts";
import { type Model, models as catalogue } from "../models/mod.ts";
import { findModel } from "../runs/catalogue.ts";
import { settingsOf } from "../runs/settings.ts";
import type { Io, Report } from "./io.ts";
import { table } from "../reports/text_table.ts";

/** The options of `models`. */
export interface ModelsOptions {
  /** The model to describe, or the path of its module; without it, all models are listed. */
  readonly name: string | undefined;
}

/** Lists the models, or describes one. */
export async function models({ name }: ModelsOptions, { files }: Io): Promise<Report> {
  return name === undefined ? list() : one((await findModel(name, files)).model);
}

function list(): Report {
  const all = Object.values(catalogue).map(({ name, about, source }) => ({ name, about, source }));
  const columns = [{ title: "model" }, { title: "what it does" }, { title: "from" }];
  return {
    data: { models: all },
    text: (sink) => table(columns, all.map(({ name, about, source }) => [name, about, source]), sink),
  };
}

function one(model: Model): Report {
  const { name, about, source } = model;
  const settings: Readonly<Record<string, Setting>> = settingsOf(model);
  const columns = [{ title: "setting" }, { title: "default" }, { title: "values" }, { title: "what it does" }];
  const rows = Object.entries(settings).map(([setting, { default: value, about, ...rule }]) => [
    setting,
    String(value),
    allowed(value, rule),
    about,
  ]);
  return {
    data: { name, about, source, settings },
    text: (sink) => `${name}: ${about}\n${source}\n\n${table(columns, rows, sink)}`,
  };
}

/** Returns the values of a setting in words: `0 … 1`, `user, interaction`. */
function allowed(value: Setting["default"], { min, max, choices }: Partial<Setting>): string {
  if (choices) return choices.join(", ");
  if (typeof value === "boolean") return "true, false";
  return min === undefined && max === undefined
    ? "any"
    : `${min ?? "–∞"} …${max === undefined || max > 1e15 ? "" : ` ${max}`}`;
}
