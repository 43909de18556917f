/**
 * The picture of `growth.ts`: the cost of a step against the size of the data, both as multiples of the base, on
 * logarithmic axes. The dashed diagonal is proportional growth. `growth.ts` runs this in a process of its own, without
 * a lock file, since the packages that it downloads are no part of the project.
 *
 * @module
 */
import { type Axis, type Cost, type Growth, JSON_FILE, SVG_FILE } from "./growth.ts";

/** A number in the picture. */
interface Dot {
  readonly panel: string;
  readonly axis: string;
  readonly factor: number;
  readonly growth: number;
  /** The label of the last dot of a line; empty for the others. */
  readonly label: string;
}

type Mark = unknown;
type Options = Readonly<Record<string, unknown>>;

/** The part of Observable Plot that is used here. */
interface Plot {
  readonly plot: (options: Options) => { readonly outerHTML: string };
  readonly line: (data: readonly unknown[], options: Options) => Mark;
  readonly dot: (data: readonly unknown[], options: Options) => Mark;
  readonly text: (data: readonly unknown[], options: Options) => Mark;
}

interface Linkedom {
  readonly parseHTML: (html: string) => { readonly document: unknown };
}

const COSTS: readonly (readonly [Cost, string])[] = [
  ["ms", "time of a step"],
  ["peakBytes", "most memory during a step"],
];
const NAMES: Readonly<Record<Axis, string>> = {
  users: "users",
  items: "items",
  interactions: "interactions",
  width: "feature width",
};

function dots(measured: readonly Growth[]): Dot[] {
  return COSTS.flatMap(([cost, panel]) =>
    measured.flatMap(({ axis, points, exponents }) =>
      points.map((point, n) => ({
        panel,
        axis: NAMES[axis],
        factor: point[axis] / points[0][axis],
        growth: point[cost] / points[0][cost],
        label: n === points.length - 1 ? `${NAMES[axis]}, p = ${exponents[cost].toFixed(2)}` : "",
      }))
    )
  );
}

/** Moves the labels of a panel apart, by at least the factor `gap`: the axis is logarithmic. */
function apart(ends: readonly Dot[], factor: number, gap: number): Dot[] {
  let floor = 0;
  return ends.toSorted((a, b) => a.growth - b.growth).map((end) => {
    const growth = Math.max(end.growth, floor);
    floor = growth * gap;
    return { ...end, factor, growth };
  });
}

/** Returns the picture as SVG. Fetches Observable Plot and linkedom from npm. */
async function picture(measured: readonly Growth[]): Promise<string> {
  // Not literals: nothing is installed before this runs.
  const [forPlot, forDocument] = ["npm:@observablehq/plot@0.6.17", "npm:linkedom@0.18.5"];
  const Plot: Plot = await import(forPlot);
  const { parseHTML }: Linkedom = await import(forDocument);
  const all = dots(measured);
  const most = Math.max(...all.map(({ factor }) => factor));
  const ends = COSTS.flatMap(([, panel]) => apart(all.filter((dot) => dot.label && dot.panel === panel), most, 1.14));
  const where = { x: "factor", y: "growth", fx: "panel", stroke: "axis" };
  const ticks = [1, 2, 4, 8, 16].filter((tick) => tick <= most);
  const svg = Plot.plot({
    document: parseHTML("<html><body></body></html>").document,
    width: 1020,
    height: 420,
    marginLeft: 50,
    marginRight: 150,
    marginBottom: 40,
    style: { background: "white", color: "#222", fontSize: "12px" },
    fx: { label: null, padding: 0.35, domain: COSTS.map(([, panel]) => panel) },
    x: { type: "log", base: 2, ticks, tickFormat: (n: number) => `×${n}`, label: "multiple of the base" },
    y: { type: "log", base: 2, ticks, tickFormat: (n: number) => `×${n}`, label: "cost", grid: true },
    color: { domain: Object.values(NAMES), range: ["#4269d0", "#d1495b", "#2b8a6e", "#b07a00"] },
    marks: [
      Plot.line([[1, 1], [most, most]], { stroke: "#999", strokeDasharray: "4 4" }),
      Plot.line(all, { ...where, z: "axis", strokeWidth: 2 }),
      Plot.dot(all, { ...where, fill: "axis", r: 3 }),
      Plot.text(ends, {
        x: "factor",
        y: "growth",
        fx: "panel",
        fill: "axis",
        text: "label",
        textAnchor: "start",
        dx: 8,
      }),
    ],
  });
  return svg.outerHTML.replace(/^<svg(?![^>]* xmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"') + "\n";
}

if (import.meta.main) {
  await Deno.writeTextFile(SVG_FILE, await picture(JSON.parse(await Deno.readTextFile(JSON_FILE))));
}
