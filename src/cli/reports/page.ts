/**
 * Reports as pages: one file of HTML each, with its style and its plots within, and nothing fetched or run.
 *
 * @module
 */

/** What stands on a page, as HTML already: see {@link html}. */
export interface Html {
  readonly html: string;
}

/** Text goes in as text; what is HTML already as it is; lists part by part; nothing for `null`. */
export type Part = string | number | Html | null | readonly Part[];

/**
 * Returns HTML with values put in: texts cannot be taken for HTML.
 *
 * @example
 * ```ts
 * import { html } from "./page.ts";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals(html`<td>${"a < b"}${html`<b>${7}</b>`}</td>`.html, "<td>a &lt; b<b>7</b></td>");
 * ```
 */
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

/** A drawing with words below it. */
export function figure(svg: string, caption: Part): Html {
  return html`<figure>${{ html: svg }}<figcaption>${caption}</figcaption></figure>`;
}

/** A heading and what stands below it. */
export function section(title: string, ...parts: readonly Part[]): Html {
  return html`<section><h2>${title}</h2>${parts}</section>`;
}

const STYLE = `
:root { color: #1f2328; background: #fdfdfb; font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
body { margin: 0 auto; padding: 3rem 1.5rem 5rem; max-width: 70rem; }
h1, h2 { font-family: "Iowan Old Style", Palatino, "Palatino Linotype", "URW Palladio L", Georgia, serif; font-weight: 600; line-height: 1.2; }
h1 { font-size: 2.3rem; margin: 0 0 .6rem; }
h2 { font-size: 1.45rem; margin: 3.2rem 0 .8rem; }
p { max-width: 46rem; }
.lead { font-size: 1.15rem; max-width: 50rem; }
.quiet, figcaption, .facts { color: #5f6670; font-size: .9rem; }
.facts { display: flex; flex-wrap: wrap; gap: .3rem 1.8rem; margin: 1.1rem 0; padding: .7rem 0; border-block: 1px solid #e6e5df; }
.facts b { color: #1f2328; font-weight: 600; }
code { font: .88em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: #f2f1ec; padding: .12em .35em; border-radius: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.2rem; margin: .6rem 0 0; padding: 0; list-style: none; font-size: .92rem; }
.legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 50%; margin-right: .4rem; vertical-align: -.08rem; }
.pair table { font-size: .82rem; } .pair th, .pair td { padding-inline: .4rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1rem 2.2rem; }
figure { margin: .8rem 0; } figure figure { margin: 0; }
figure svg { max-width: 100%; height: auto; overflow: visible; }
figcaption { margin-top: .3rem; max-width: 46rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .36rem .6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; padding-left: .2rem; position: sticky; left: 0; background: #fdfdfb; }
thead th { font-weight: 600; border-bottom: 1.5px solid #1f2328; }
thead tr.groups th { border-bottom: 1px solid #d5d4cc; color: #5f6670; font-weight: 500; text-align: center; }
tbody tr + tr td { border-top: 1px solid #ecebe5; }
tbody tr:hover td { background: #f5f4ee; }
td.best { font-weight: 650; } td small { color: #878d96; font-size: .86em; }
tr.theirs td { color: #7a6a3a; font-style: italic; } tr.below td { border-top-color: transparent; }
tr.below td:first-child { padding-left: 1.2rem; } tr:not(.theirs) + tr.theirs:not(.below) td, tr.below + tr.theirs:not(.below) td { border-top: 1.5px solid #cfc7ac; }
ul.notes { color: #4b525b; font-size: .92rem; padding-left: 1.1rem; max-width: 52rem; } ul.notes li { margin: .2rem 0; }
@media print { body { padding: 0; max-width: none; } section { break-inside: avoid; } .wide { overflow: visible; } }
`;

/** Returns a whole page. */
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
