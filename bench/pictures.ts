/**
 * Draws the pictures of the README into `.github/pictures/`: the paintings of a visitor of the garden with MONET's
 * recommendations, wide and narrow, and a plot of the comparison in `bench/results/garden.jsonl`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { type Dataset, garden, key, monet, recommend, type Recommendation, train } from "@giverny/giverny";
import { histories, pictureSheet, type Split } from "@giverny/giverny/data";
import { tick } from "../src/reports/palette.ts";
import { openPlotter } from "../src/reports/plotter.ts";

/** The number of paintings of each kind on the sheet. */
const SHOWN = 8;
/** The width and height of a painting on the sheet, and the room for its title. */
const [WIDTH, HEIGHT, TITLE] = [128, 96, 44];
const MARGIN = 16;
const HEADING = 34;

/** The colours of every picture: that of the reader's page decides between light and dark. */
const STYLE = `<style>:root { --ink: #1f2328; --paper: #fdfdfb; --quiet: #5f6670; --mark: #c2500a }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e3de; --paper: #17191c; --quiet: #a0a6ae; --mark: #f0924c } }
text { fill: var(--ink); font: 12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif }</style>`;

/** A painting on the sheet. */
interface Shown {
  readonly item: number;
  /** Whether the visitor saw the painting in an interaction that the training did not have. */
  readonly hidden: boolean;
}

/** A visitor and the paintings on the sheet. */
interface Visitor {
  readonly user: string;
  readonly seen: readonly Shown[];
  readonly recommended: readonly Shown[];
}

/** Returns the items of a user in a split. */
function itemsIn(data: Dataset, split: Split, user: number): number[] {
  const { offsets, indices } = histories(data, split);
  return [...indices.subarray(offsets[user], offsets[user + 1])];
}

/**
 * Returns the first visitor with at least eight paintings in training and a held-out visit, of validation or test,
 * among the recommendations. This visitor is not a typical one: many have no hit among eight paintings.
 */
function chosenVisitor(data: Dataset, recommendations: readonly Recommendation[]): Visitor {
  const numbers = new Map(data.items.map((id, number) => [id, number]));
  for (const [user, { items }] of recommendations.entries()) {
    const seen = itemsIn(data, "train", user);
    const hidden = new Set([...itemsIn(data, "validation", user), ...itemsIn(data, "test", user)]);
    const recommended = items.map(({ item }) => numbers.get(item)!).map((item) => ({ item, hidden: hidden.has(item) }));
    if (seen.length < SHOWN || !recommended.some(({ hidden }) => hidden)) continue;
    const first = seen.slice(0, SHOWN).map((item) => ({ item, hidden: false }));
    return { user: data.users[user], seen: first, recommended };
  }
  throw new Error("Cannot draw a visitor: none has a hit");
}

/** Returns a sheet of paintings with so many columns, as SVG. */
async function sheet(data: Dataset, { user, seen, recommended }: Visitor, columns: number): Promise<string> {
  const rows = Math.ceil(SHOWN / columns);
  const cell = { width: WIDTH + MARGIN, height: HEIGHT + TITLE };
  const block = HEADING + rows * cell.height;
  const [width, height] = [MARGIN + columns * cell.width, MARGIN + 2 * block];
  const part = async (heading: string, shown: readonly Shown[], top: number) => [
    `<text x="${MARGIN}" y="${top + 18}" style="font-size: 15px; font-weight: 600">${heading}</text>`,
    ...await Promise.all(shown.map((one, n) =>
      painting(data, one, {
        x: MARGIN + n % columns * cell.width,
        y: top + HEADING + Math.floor(n / columns) * cell.height,
      })
    )),
  ];
  return svg({ width, height, label: `Paintings that ${user} visited, and MONET's recommendations` }, [
    ...await part(`Visited by ${user}`, seen, MARGIN / 2),
    ...await part("Recommended by MONET (framed: a hidden visit)", recommended, MARGIN / 2 + block),
  ]);
}

/** Returns a painting with its title below. */
async function painting(
  data: Dataset,
  { item, hidden }: Shown,
  at: { readonly x: number; readonly y: number },
): Promise<string> {
  const { items, titles = items } = data;
  const { png } = await pictureSheet(data, [items[item]], { scale: 1 });
  const place = `x="${at.x}" y="${at.y}" width="${WIDTH}" height="${HEIGHT}"`;
  const frame = `<rect ${place} rx="2" style="fill: none; stroke: var(--mark); stroke-width: 4" />`;
  const title = lines(titles[item], 21).map((line, n) =>
    `<text x="${at.x}" y="${at.y + HEIGHT + 16 + 15 * n}" style="fill: var(--quiet)">${escaped(line)}</text>`
  );
  const image = `<image ${place} preserveAspectRatio="none" href="data:image/png;base64,${base64(png)}" />`;
  return [image, hidden ? frame : "", ...title].join("");
}

/** Returns a text in at most two lines of about so many letters. */
function lines(text: string, letters: number): string[] {
  if (text.length <= letters) return [text];
  const cut = text.lastIndexOf(" ", letters);
  const rest = text.slice(cut + 1);
  return [text.slice(0, cut), rest.length <= letters ? rest : `${rest.slice(0, letters - 1).trimEnd()}…`];
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** Returns an SVG file with a background. */
function svg(
  { width, height, label }: { readonly width: number; readonly height: number; readonly label: string },
  parts: readonly string[],
): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escaped(label)}" ${size}>${STYLE}
<rect width="${width}" height="${height}" rx="8" style="fill: var(--paper)" />
${parts.join("\n")}
</svg>
`;
}

/** A line of `garden.jsonl`, as far as the plot needs it. */
interface Result {
  readonly label: string;
  readonly test: { readonly "recall@20": { readonly mean: number; readonly sd: number | null } };
  readonly against: { readonly "recall@20": { readonly pT: number } | null };
}

/** Returns the plot of a comparison: R@20 on test, a row for each model; open circles cannot be told from the best. */
async function comparisonPlot(results: readonly Result[]): Promise<string> {
  const { marks, draw } = await openPlotter();
  const dots = results.map(({ label, test: { "recall@20": { mean, sd } }, against }, n) => {
    const p = against["recall@20"]?.pT ?? 0;
    return {
      label,
      mean,
      low: mean - (sd ?? 0),
      high: mean + (sd ?? 0),
      kind: n === 0 ? "best" : p < 0.05 ? "worse" : "tie",
    };
  });
  const [width, height] = [620, 112 + 26 * dots.length];
  const plot = draw({
    ariaLabel: "R@20 on test, a row for each model",
    width,
    height: height - 56,
    marginLeft: 190,
    marginRight: 24,
    marginTop: 8,
    marginBottom: 42,
    x: {
      label: "R@20 on test, mean and standard deviation of 3 seeds",
      labelAnchor: "center",
      labelOffset: 38,
      labelArrow: "none",
      nice: true,
      tickFormat: tick,
      grid: true,
    },
    y: { label: null, domain: dots.map(({ label }) => label), tickSize: 0 },
    marks: [
      marks.ruleY(dots.filter(({ low, high }) => high > low), {
        x1: "low",
        x2: "high",
        y: "label",
        stroke: "var(--quiet)",
      }),
      marks.dot(dots.filter(({ kind }) => kind === "worse"), { x: "mean", y: "label", r: 5, fill: "var(--quiet)" }),
      marks.dot(dots.filter(({ kind }) => kind !== "worse"), {
        x: "mean",
        y: "label",
        r: 5,
        fill: ({ kind }: { kind: string }) => kind === "best" ? "var(--mark)" : "var(--paper)",
        stroke: "var(--mark)",
        strokeWidth: 2,
      }),
    ],
  });
  const title = "R@20 on the garden, a synthetic data set";
  const legend = "Filled: the best. Open: a tie with the best, by a t-test over users. Grey: significantly below.";
  return svg({ width, height, label: "R@20 of every model on the garden" }, [
    `<text x="16" y="26" style="font-size: 15px; font-weight: 600">${title}</text>`,
    `<text x="16" y="46" style="fill: var(--quiet)">${legend}</text>`,
    `<g transform="translate(0 56)">${plot}</g>`,
  ]);
}

if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(new URL(`.github/pictures/${name}`, root), text);
    console.log(`.github/pictures/${name}: ${(text.length / 1024).toFixed(0)} KB`);
  };
  const data = garden(key(0));
  const run = await train(monet, data, { seed: 123 });
  const visitor = chosenVisitor(data, await recommend(run, { k: SHOWN }));
  await write("garden.svg", await sheet(data, visitor, 8));
  await write("garden-narrow.svg", await sheet(data, visitor, 4));
  const file = await Deno.readTextFile(new URL("bench/results/garden.jsonl", root));
  const results: readonly (Result & { readonly whose: string })[] = file.trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  await write("comparison.svg", await comparisonPlot(results.filter(({ whose }) => whose === "ours")));
}
