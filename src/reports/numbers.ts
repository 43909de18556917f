/**
 * Numbers as text, in the form that papers use.
 *
 * @module
 */
import type { Spread } from "../experiments/spread.ts";

/** Returns a share with four digits: `.0743`. */
export function share(value: number): string {
  const text = value.toFixed(4);
  return text.startsWith("0.") ? text.slice(1) : text.replace(/^-0\./, "-.");
}

/** Returns a share as a percentage: `7.4 %`. */
export function percent(value: number): string {
  return `${(100 * value).toFixed(1)}\u00a0%`;
}

/** Returns a probability with three digits: `.012`, `<.001`. */
export function probability(p: number): string {
  return p < 0.001 ? "<.001" : p.toFixed(3).replace(/^0\./, ".");
}

/** Returns a whole number with separators: `12,345`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Returns a positive number with about three digits: `12.3`, `0.50`, `0.012`. */
export function rough(value: number): string {
  if (value >= 100) return count(value);
  return value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}

/** Returns a number of bytes in megabytes. */
export function megabytes(bytes: number): string {
  return rough(bytes / 1e6);
}

/** Returns a number with its sign: `+.12`, `−1.50`. */
export function signed(value: number, digits = 2): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits).replace(/^0\./, ".")}`;
}

/** Returns a number or a spread as text, `.0743 ± .0012`; a dash for `null`. */
export function spreadText(value: Spread | number | null, format: (value: number) => string): string {
  if (value === null) return "–";
  if (typeof value === "number") return format(value);
  return value.sd === null ? format(value.mean) : `${format(value.mean)} ± ${format(value.sd)}`;
}

/** Returns settings as text: `alpha=1, beta=0.3`. */
export function settingsText(config: Readonly<Record<string, unknown>>): string {
  const text = Object.entries(config).map(([name, value]) => `${name}=${value}`).join(", ");
  return text || "the defaults";
}

/** Returns the time of a report to the minute: `2024-05-01 12:00 UTC`. */
export function timeText(made: string): string {
  return `${made.slice(0, 16).replace("T", " ")} UTC`;
}

/** Returns a sentence, in Markdown, on the time of results and their command; an empty text without both. */
export function originText(
  { made, command }: { readonly made: string | null; readonly command: string | null },
): string {
  const parts = [made, command === null ? null : `by \`${command}\``].filter((part) => part !== null);
  return parts.length === 0 ? "" : `Made ${parts.join(" ")}.`;
}

/** Returns the name of a data set. The name of the garden says that it is synthetic. */
export function dataTitle(name: string): string {
  return name === "garden" ? "garden (synthetic data)" : name;
}

/** Returns names in a sentence: `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
