/**
 * Models by name: those of the catalogue, and those of a user's own modules.
 *
 * @module
 */
import { FormatError, UsageError } from "../../kernels/errors.ts";
import { nearest } from "../core/settings.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Files } from "../data/files.ts";
import { lightgcn, type Model, models, monet } from "../models/mod.ts";

/** A model and, for a model of a user, the module that exports it. */
export interface NamedModel {
  /** The model. */
  readonly model: Model;
  /** The module; `null` for a model of the catalogue. */
  readonly module: ModelModule | null;
}

/** The module that a model of a user is in. */
export interface ModelModule {
  /** The absolute path. */
  readonly path: string;
  /** The SHA-256 of the file, in hexadecimal digits. Modules that it imports are not part of it. */
  readonly sha256: string;
}

/** Returns whether a word names a module, as `./freedom.ts` does, and no model of the catalogue. */
export function namesModule(word: string): boolean {
  return /\.[cm]?[jt]s$/.test(word);
}

/**
 * Returns the model that a word names: a name of the catalogue, or the path of a module that exports one model.
 *
 * @throws {UsageError} if there is no model of this name; the message has the nearest name.
 * @throws {FormatError} if the module is missing, fails to load, or does not export exactly one model.
 *
 * @example
 * ```ts
 * import { localFiles } from "@giverny/giverny/data";
 * import { findModel } from "@giverny/giverny/runs";
 * import { equal, rejects } from "node:assert/strict";
 * equal((await findModel("monet", localFiles)).model.name, "monet");
 * await rejects(findModel("mone", localFiles), /did you mean "monet"/);
 * ```
 */
export async function findModel(word: string, files: Files): Promise<NamedModel> {
  if (!namesModule(word)) return { model: catalogued(word), module: null };
  const refuse = (rule: string, cause?: unknown) =>
    new FormatError(`Cannot load the model of "${word}": ${rule}`, { cause });
  if ((await files.stat(word))?.kind !== "file") throw refuse("there is no such file; check the path");
  const path = await files.realPath(word);
  const { pathToFileURL } = await import("node:url");
  const exported = await import(pathToFileURL(path).href).catch((cause) => {
    throw refuse(`the module fails to load (${cause instanceof Error ? cause.message : cause})`, cause);
  });
  const found = [...new Set(Object.values(exported).filter(isModel))];
  if (found.length !== 1) throw refuse(`expected one exported model, found ${found.length}; export one`);
  if (Object.hasOwn(models, found[0].name)) {
    throw refuse(`its model has the name "${found[0].name}", which a model of the catalogue has; choose another name`);
  }
  return { model: found[0], module: { path, sha256: await digestOf(await files.read(path)) } };
}

/**
 * Returns the model of the catalogue with this name.
 *
 * @throws {UsageError} if there is none; the message has the nearest name.
 *
 * @example
 * ```ts
 * import { catalogued } from "@giverny/giverny/runs";
 * import { throws } from "node:assert/strict";
 * throws(() => catalogued("lightgnc"), /did you mean "lightgcn"/);
 * ```
 */
export function catalogued(name: string, action = "find the model"): Model {
  if (Object.hasOwn(models, name)) return models[name];
  throw unknownName(action, name, Object.keys(models));
}

/** The members that every model has, and their types. */
const MEMBERS: Readonly<Record<string, "string" | "object" | "function">> = {
  name: "string",
  about: "string",
  source: "string",
  settings: "object",
  training: "object",
  prepare: "function",
  init: "function",
  loss: "function",
  encode: "function",
  score: "function",
};

function isModel(value: unknown): value is Model {
  if (typeof value !== "object" || value === null) return false;
  const kinds = new Map(Object.entries(value).map(([name, member]) => [name, typeof member]));
  return Object.entries(MEMBERS).every(([name, kind]) => kinds.get(name) === kind);
}

/**
 * Returns the model that suits a data set by default: MONET if the items have features, LightGCN if they have none.
 *
 * @example
 * ```ts
 * import { garden, key } from "@giverny/giverny";
 * import { defaultModel } from "@giverny/giverny/runs";
 * import { equal } from "node:assert/strict";
 * equal(defaultModel({ ...garden(key(0)), modalities: {} }).name, "lightgcn");
 * ```
 */
export function defaultModel(data: Dataset): Model {
  return Object.keys(data.modalities).length > 0 ? monet : lightgcn;
}

/**
 * Returns the error for a name that is not known. It offers the nearest name, or lists all names.
 *
 * @param action The action that was asked for, such as `find the model`.
 */
export function unknownName(action: string, name: string, known: readonly string[]): UsageError {
  const meant = nearest(name.toLowerCase(), known);
  const rule = meant !== null ? `did you mean "${meant}"?` : `known are ${known.join(", ")}`;
  return new UsageError(`Cannot ${action} "${name}": there is no such name; ${rule}`);
}

/** Returns the SHA-256 of some bytes, in hexadecimal digits. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
