/**
 * Plots as SVG: Observable Plot on a document of linkedom's, both loaded when the first plot is drawn.
 *
 * @module
 */
import type * as Plot from "@observablehq/plot";

/** Draws what Observable Plot describes. */
export interface Plotter {
  /** The marks and scales of Observable Plot. */
  readonly marks: typeof Plot;
  /** Returns a plot as SVG; `ariaLabel` says what it shows to those who cannot see it. */
  readonly draw: (options: Plot.PlotOptions & { readonly ariaLabel: string }) => string;
}

/** Loads what plots are drawn with. */
export async function openPlotter(): Promise<Plotter> {
  const [marks, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  // Its types are those of a browser's window, which are not loaded here.
  const page: object = parseHTML("<html><body></body></html>");
  const place = { document: Reflect.get(page, "document") };
  return {
    marks,
    draw: (options) => {
      const drawn: object = marks.plot({ ...options, ...place });
      return String(drawn).replace("<svg ", '<svg role="img" ');
    },
  };
}
