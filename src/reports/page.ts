/**
 * Reports as pages: one HTML file each, with style and plots inside, that fetches nothing and runs no script.
 *
 * @module
 */
import { timeText } from "./numbers.ts";

/** A piece of HTML, made by {@link html}. */
export interface Html {
  readonly html: string;
}

/** A value in a template: text is escaped, HTML is kept, lists are joined, and `null` is left out. */
export type Part = string | number | Html | null | readonly Part[];

/** Returns HTML with values inserted; texts are escaped. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.map((text, n) => n < parts.length ? text + written(parts[n]) : text).join("") };
}

function written(part: Part): string {
  if (part === null) return "";
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return "html" in part ? part.html : part.map(written).join("");
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replaceAll(/[&<>"']/g, (letter) => names[letter]);
}

/** Returns a plot with a caption below it. */
export function figure(svg: string, caption: Part): Html {
  return html`<figure>${{ html: svg }}<figcaption>${caption}</figcaption></figure>`;
}

/** Returns a section with a heading. */
export function section(title: string, ...parts: readonly Part[]): Html {
  return html`<section><h2>${title}</h2>${parts}</section>`;
}

/** Returns a plot with a caption to its right where there is room, else below. */
export function captionedRight(svg: string, caption: Part): Html {
  return html`<div class="captioned-right">${figure(svg, caption)}</div>`;
}

/** Returns plots next to each other where there is room; `least` is the smallest width of each. */
export function panels(svgs: readonly string[], least: string): Html {
  return html`<div class="panels" style="--least:${least}">${svgs.map((svg) => ({ html: svg }))}</div>`;
}

const STYLE = `
:root { --ink: #1f2328; --paper: #fdfdfb; --quiet: #5f6670; --line: #e4e3dc; --shade: #f2f1ec; --theirs: #7a6a3a;
  --behind: #c4c6c9;
  color-scheme: light dark; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e3de; --paper: #17191c; --quiet: #a0a6ae; --line: #34373c;
  --shade: #24272b; --theirs: #cdb878; --behind: #565a60; } }
body { margin: 0 auto; padding: 3rem 1.5rem 5rem; max-width: 70rem; }
h1, h2 { font-family: "Iowan Old Style", Palatino, "Palatino Linotype", "URW Palladio L", Georgia, serif;
  font-weight: 600; line-height: 1.2; }
h1 { font-size: 2.3rem; margin: 0 0 .6rem; }
h2 { font-size: 1.45rem; margin: 3rem 0 .6rem; }
p { max-width: 46rem; }
.lead { font-size: 1.15rem; max-width: 50rem; }
.quiet, figcaption, .facts, summary { color: var(--quiet); font-size: .9rem; }
.facts { display: flex; flex-wrap: wrap; gap: .3rem 1.8rem; margin: 1.1rem 0; padding: .7rem 0;
  border-block: 1px solid var(--line); }
.facts b { color: var(--ink); font-weight: 600; }
code { font: .88em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: var(--shade);
  padding: .12em .35em; border-radius: 4px; overflow-wrap: anywhere; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem 2.2rem; }
.pair > * { min-width: 0; } .pair table { font-size: .82rem; } .pair th, .pair td { padding-inline: .4rem; }
.pair td:first-child { min-width: 6rem; white-space: normal; overflow-wrap: anywhere; }
.wide td:first-child { max-width: 18rem; white-space: normal; }
.panels { margin-top: 1.2rem; display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(var(--least), 100%), 1fr)); gap: .8rem 1rem; }
figure { margin: .8rem 0; }
figure svg { max-width: 100%; height: auto; overflow: visible; }
figcaption { margin-top: .3rem; max-width: 46rem; }
@media (min-width: 60rem) { .captioned-right figure { display: grid; grid-template-columns: 32.5rem 20rem; gap: 2.2rem;
  align-items: center; } }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .36rem .6rem; text-align: right; }
.word, th:first-child, td:first-child { text-align: left; }
th:first-child, td:first-child { padding-left: .2rem; position: sticky; left: 0; background: var(--paper); }
thead th { font-weight: 600; border-bottom: 1.5px solid var(--ink); }
thead tr.groups th { border-bottom: 1px solid var(--line); color: var(--quiet); font-weight: 500;
  text-align: center; }
tbody tr + tr td { border-top: 1px solid var(--line); }
tbody tr:hover td { background: var(--shade); }
td.best { font-weight: 650; }
td small { display: inline-block; text-align: left; color: var(--quiet); font-size: .86em; font-weight: 400; }
tr.theirs td { color: var(--theirs); font-style: italic; } tr.below td { border-top-color: transparent; }
tr.below td:first-child { padding-left: 1.2rem; }
tr:not(.theirs) + tr.theirs:not(.below) td, tr.below + tr.theirs:not(.below) td {
  border-top: 1.5px solid var(--theirs); }
ul.notes { color: var(--quiet); font-size: .92rem; padding-left: 1.1rem; max-width: 52rem; }
ul.notes li { margin: .2rem 0; }
ul.notes b { color: var(--ink); font-weight: 600; }
.tie { display: inline-block; width: 1.1em; text-align: right; color: var(--quiet); font-weight: 400; }
caption { color: var(--quiet); font-size: .9em; text-align: left; padding: .2rem; }
details { margin: .8rem 0; } summary { cursor: pointer; } dl { font-size: .9rem; max-width: 52rem; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem; color: var(--quiet); }
@media (max-width: 40rem) { body { padding: 1.5rem 1rem 3rem; } h1 { font-size: 1.8rem; } td:first-child {
  max-width: 9rem; white-space: normal; } }
@media print { body { padding: 0; max-width: none; } section { break-inside: avoid; } .wide { overflow: visible; } }
`;

/** Returns a page with a title. */
export function page(title: string, ...parts: readonly Part[]): string {
  const whole = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <style>${{ html: STYLE }}</style>
      </head>
      <body>
            <h1>${title}</h1>
            ${parts}
          </body>
    </html>
  `;
  return `${whole.html.trim()}\n`;
}

/** Returns the notes at the end of a page: its time, if there was a clock, and the command that repeats it, if any. */
export function origin({ made, command }: { readonly made: string | null; readonly command: string | null }): Html {
  const time = made === null ? null : html`<li>Made ${timeText(made)}.</li>`;
  const repeat = command === null ? null : html`<li>To repeat it: <code>${command}</code></li>`;
  return html`${time}${repeat}`;
}
