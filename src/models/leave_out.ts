/**
 * Modalities that a setting leaves out, by their names.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Dataset } from "../data/dataset.ts";

/** Returns the names in a setting. */
function namesIn(names: string): string[] {
  return names.split(/[,+]/).map((name) => name.trim()).filter(Boolean);
}

/** Returns a data set without some of its modalities. */
export function leaveOut(data: Dataset, names: string): Dataset {
  const [out, all] = [namesIn(names), Object.keys(data.modalities)];
  const unknown = out.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new ValueError(
      `Cannot leave out the modality "${unknown}" of "${data.name}": there are ${all.map((m) => `"${m}"`).join(", ")}`,
    );
  }
  const kept = Object.entries(data.modalities).filter(([name]) => !out.includes(name));
  return { ...data, modalities: Object.fromEntries(kept) };
}

/** Returns the names that a setting does not leave out. */
export function kept(names: readonly string[], without: string): string[] {
  return names.filter((name) => !namesIn(without).includes(name));
}
