/**
 * The report of a comparison as a page: a summary, plots, the table, and how it was made.
 *
 * @module
 */
import type { Comparison, Difference, Row, Searched } from "../experiments/comparison.ts";
import { isTie, LEVEL } from "./columns.ts";
import { htmlTable, notes } from "./html_table.ts";
import { learningCurves } from "./learning_curves.ts";
import { method } from "./method.ts";
import { count, dataTitle, listed, percent, probability, settingsText, share, signed } from "./numbers.ts";
import { captionedRight, figure, type Html, html, page, panels, section } from "./page.ts";
import { type Colours, coloursOf } from "./palette.ts";
import { openPlotter, type Plotter } from "./plotter.ts";
import { differencePlot, metricBars, type PlottedMetric, popularityHeatmap } from "./ranking_plots.ts";
import { searchPlots } from "./search_plot.ts";
import { tradeOff } from "./trade_off.ts";

/**
 * Returns a comparison as one HTML file.
 *
 * @example
 * ```ts
 * import { comparisonPage, exampleComparison } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * match(await comparisonPage(exampleComparison()), /<svg role="img"/);
 * ```
 */
export async function comparisonPage(comparison: Comparison): Promise<string> {
  const { rows, data, searches } = comparison;
  const title = `Comparison on ${dataTitle(data.name)}`;
  if (rows.length === 0) return page(title, html`<p>No trial came to an end.</p>`, notes(comparison));
  const plotter = await openPlotter();
  const colours = coloursOf(rows);
  return page(
    title,
    summary(comparison),
    facts(comparison),
    section("Accuracy", accuracy(comparison, colours, plotter)),
    rows.length > 1 ? section("Significance", significance(comparison, colours, plotter)) : null,
    section("The numbers", htmlTable(comparison)),
    section("Popular and rare items", popular(comparison, colours, plotter)),
    section("Training and its cost", training(comparison, colours, plotter)),
    searches.length > 0 ? section("The search for settings", searches.map((one) => search(one, plotter))) : null,
    section("How it was made", method(comparison)),
  );
}

/** Returns the result in a few sentences. */
function summary({ rows, data }: Comparison): Html {
  const recall = ({ test }: Row) => percent(test["recall@20"].mean);
  const [first, second] = rows;
  const popularity = rows.slice(2).find(({ model }) => model === "popularity");
  const found = second?.against["recall@20"];
  const next = found ? ` ${second.label} is second with ${recall(second)}, ${verdict(found)}.` : "";
  const anchor = popularity ? ` Recommending the most popular items alone reaches ${recall(popularity)}.` : "";
  return html`<p class="lead">On <b>${dataTitle(data.name)}</b>, the first 20 of ${count(data.items)} items hold
${recall(first)} of a user's test items with <b>${first.label}</b>.${next}${anchor}</p>`;
}

function verdict({ pT }: Difference): string {
  const p = `p\u00a0${probability(pT).replace("<", "<\u00a0").replace(/^(?=[.1])/, "=\u00a0")}`;
  return pT < LEVEL ? `a significant difference (${p})` : `which is not significantly less (${p})`;
}

function facts({ data, protocol, rows }: Comparison): Html {
  const all: readonly (readonly [string, string])[] = [
    ["users", count(data.users)],
    ["items", count(data.items)],
    ["interactions", count(data.interactions.all)],
    ["train / validation / test", ["train", "validation", "test"].map((s) => count(data.interactions[s])).join(" / ")],
    ["protocol", protocol],
    ["seeds", String(Math.max(...rows.map(({ seeds }) => seeds.length)))],
  ];
  return html`<div class="facts">${all.map(([name, value]) => html`<span>${name} <b>${value}</b></span>`)}</div>`;
}

const RECALL: PlottedMetric = { metric: "recall@20", title: "R@20" };
const NDCG: PlottedMetric = { metric: "ndcg@20", title: "NDCG@20" };
const COVERAGE: PlottedMetric = { metric: "coverage@20", title: "Coverage" };

function accuracy(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const { rows } = comparison;
  const theirs = rows.some(({ published }) => published.length > 0)
    ? " Diamonds are published results of the model under other protocols; [n] is the source, named below the table."
    : "";
  return html`<div class="pair">${
    figure(
      metricBars(comparison, RECALL, colours, plotter),
      `R@20 on test: the share of a user's test items among the first 20.${overSeeds(rows)}${theirs}`,
    )
  }${
    figure(
      metricBars(comparison, NDCG, colours, plotter),
      "NDCG@20 on test (the standard definition): hits count more the higher they are ranked.",
    )
  }</div>`;
}

/** Explains the thin lines, if there are any, or says that there is one seed. */
function overSeeds(rows: readonly Row[]): string {
  if (rows.every(({ seeds }) => seeds.length === 1)) return " One seed.";
  return rows.some(({ test }) => test["recall@20"].sd)
    ? " Thin lines span one standard deviation over seeds on either side."
    : "";
}

function training(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const { rows } = comparison;
  const curves = learningCurves(comparison, colours, plotter);
  const traded = tradeOff(comparison, colours, plotter);
  if (curves.length === 0 && !traded) return html`<p>No model was trained.</p>`;
  const best = rows.find(({ epochs }) => epochs.some((all) => all.some(({ validation }) => validation)));
  const behind = curves.length > 1 ? ` Grey: ${best?.label}, for comparison.` : "";
  return html`${
    traded && captionedRight(
      traded,
      `R@20 on test against the seconds of training until it stopped, evaluations included (means over seeds): higher is
better, further left is cheaper.${overSeeds(rows)} Dashed lines: models that need no training.`,
    )
  }${
    curves.length > 0
      ? figure(
        panels(curves, "max(10.5rem, 18%)").html,
        `R@20 on validation over epochs, a line per seed. The parameters at the dot are kept.${behind}`,
      )
      : null
  }`;
}

function popular(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const { data: { coldItems }, rows } = comparison;
  const cold = rows.some(({ test }) => "cold recall@20" in test)
    ? ` Cold: the ${count(coldItems)} items without training interactions, which are among the rarest.`
    : "";
  return html`<div class="pair">${
    figure(
      popularityHeatmap(comparison, plotter),
      `R@20 on test if only the items of one group count as test items, while all items compete. The groups are
fifths of the items by their training interactions.${cold} The stronger the blue, the nearer to the column's best.`,
    )
  }${
    figure(
      metricBars(comparison, COVERAGE, colours, plotter),
      "Coverage: the share of all items that are among the first 20 of at least one user.",
    )
  }</div>`;
}

function significance(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const { rows: [best, ...others] } = comparison;
  const ties = others.filter((row) => isTie(row, "recall@20"));
  const result = ties.length === 0
    ? `Every other model is significantly worse than ${best.label}.`
    : ties.length === others.length
    ? `No other model is significantly worse than ${best.label}: they tie.`
    : `${listed(ties.map(({ label }) => label))} ${
      ties.length > 1 ? "tie" : "ties"
    } with ${best.label}; all others are significantly worse.`;
  const titles = ["R@20", "difference", "p (t)", "d", "p (Wilcoxon)", "r"];
  return html`<p>${result} (Paired t-tests over users,
two-sided, at 5\u00a0% after Holm's correction for their number.)</p>
<div class="pair">${
    figure(
      differencePlot(comparison, RECALL, colours, plotter),
      `Difference of R@20 from ${best.label}, in the mean over users; left of the line is worse. Every user
counts once, with the mean over seeds. Lines span 95\u00a0% intervals (1.96 standard errors on either side),
without a correction for their number.`,
    )
  }
<div><div class="wide"><table><thead><tr>${titles.map((title) => html`<th>${title}</th>`)}</tr></thead>
<tbody>${
    others.map(({ label, against: { "recall@20": found } }) =>
      found &&
      html`
        <tr>
          <td>${label}</td>
          <td>${signed(found.mean, 4)} <small>± ${share(found.error)}</small></td>
          <td>${probability(found.pT)}</td>
          <td>${signed(found.d)}</td>
          <td>${probability(found.pWilcoxon)}</td>
          <td>${signed(found.r)}</td>
        </tr>
      `
    )
  }</tbody></table></div>
<p class="quiet">±: the standard error. p: after Holm's correction. d: Cohen's d of the differences. r: the
rank-biserial correlation.</p></div></div>`;
}

function search(searched: Searched, plotter: Plotter): Html {
  const { label, tried, chosen } = searched;
  const plots = searchPlots(searched, plotter);
  const caption = "A dot per combination, at each setting's value; the chosen one is filled. Test was not used.";
  return html`<p><b>${label}</b>: of ${tried.length} combinations, ${
    settingsText(chosen)
  } has the best R@20 on validation.</p>
${plots.length > 0 ? figure(panels(plots, "18rem").html, caption) : null}`;
}
