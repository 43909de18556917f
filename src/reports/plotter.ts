/**
 * Plots as SVG, drawn by Observable Plot. Outside browsers, linkedom stands in for the document; both packages are
 * loaded for the first plot.
 *
 * @module
 */
import type * as Plot from "@observablehq/plot";
import { INK } from "./palette.ts";

/** The style of every plot. */
const style = { fontSize: "12.5px", color: INK, background: "none", overflow: "visible" };

/** Draws plots. */
export interface Plotter {
  /** The marks of Observable Plot. */
  readonly marks: typeof Plot;
  /** Returns a plot as SVG; `ariaLabel` describes it for screen readers. */
  readonly draw: (options: Plot.PlotOptions & { readonly ariaLabel: string }) => string;
}

/** Loads the packages that draw plots. */
export async function openPlotter(): Promise<Plotter> {
  const [marks, document] = await Promise.all([import("@observablehq/plot"), documentOf()]);
  // Plot's types refer to those of a browser, which are not loaded here.
  const place = { document } as object;
  return {
    marks,
    draw: (options) => {
      const drawn: object = marks.plot({ style, ...options, ...place });
      return String(Reflect.get(drawn, "outerHTML")).replace("<svg ", '<svg role="img" ');
    },
  };
}

/** Returns the document of the browser, or one of linkedom's. */
async function documentOf(): Promise<unknown> {
  const own: unknown = Reflect.get(globalThis, "document");
  if (own !== undefined) return own;
  const { parseHTML } = await import("linkedom");
  const page: object = parseHTML("<html><body></body></html>");
  return Reflect.get(page, "document");
}
