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

/** Returns whether a word names a module, as `./mine.ts` does, and no model of the catalogue. */
export function namesModule(word: string): boolean {
  return /\.[cm]?[jt]s$/.test(word);
}

/**
 * Returns the model that a word names: a name of the catalogue, or the path of a module that exports one model.
 *
 * The module may lie in any folder, and imports `@giverny/giverny/models` and the other layers. Deno looks these names
 * up in the `deno.json` of the program: in a clone, that of the clone; for the package, that of the folder in which
 * `deno add jsr:@giverny/giverny` was called. Node looks in `node_modules` above the module. Other packages are in the
 * same place, or have a prefix such as `npm:`.
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
  const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href).catch((cause) => {
    throw refuse(`the module fails to load (${messageOf(cause)})`, cause);
  });
  const found = [...new Set(Object.values(exported).filter(isModel))];
  if (found.length !== 1) {
    throw refuse(`expected one exported model, found ${found.length}; ${nearModel(exported) ?? "export one"}`);
  }
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
export function catalogued(name: string): Model {
  if (Object.hasOwn(models, name)) return models[name];
  throw unknownName("find the model", name, Object.keys(models));
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
  return missingMembers(value).length === 0;
}

/** Returns the members of a model that a value does not have, or has with another type. */
function missingMembers(value: unknown): string[] {
  const members = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const kinds = new Map(members.map(([name, member]) => [name, typeof member]));
  return Object.keys(MEMBERS).filter((name) => kinds.get(name) !== MEMBERS[name]);
}

/** Returns a sentence about an export that has most members of a model, but not all; `null` if there is none. */
function nearModel(exported: Readonly<Record<string, unknown>>): string | null {
  const most = Object.keys(MEMBERS).length / 2;
  for (const [name, value] of Object.entries(exported)) {
    const missing = missingMembers(value);
    if (missing.length > 0 && missing.length < most) return `"${name}" needs ${missing.join(", ")}`;
  }
  return null;
}

/** Returns the message of an error of an import in one line: the message, and the place in a file, without colours. */
function messageOf(error: unknown): string {
  const [start, ...coloured] = (error instanceof Error ? error.message : String(error)).split("\x1b[");
  const text = start + coloured.map((part) => part.slice(part.indexOf("m") + 1)).join("");
  const [first, ...others] = text.split("\n").map((line) => line.trim());
  return [first, ...others.filter((line) => line.startsWith("at "))].join(" ");
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
