/**
 * The report of a comparison: a page to read, with the table and its plots.
 *
 * @module
 */
import type { Comparison, Row, Searched } from "../../experiments/comparison.ts";
import { settingsText } from "./compare_table.ts";
import { curves } from "./curves.ts";
import { probability, share } from "./figures.ts";
import { method } from "./method.ts";
import { besides, figure, type Html, html, listed, page, panels, section } from "./page.ts";
import { type Colours, coloursOf } from "./palette.ts";
import { openPlotter, type Plotter } from "./plot.ts";
import { bars, differences, type Drawn, fifths } from "./plots.ts";
import { tries } from "./search_plot.ts";
import { notes, tableOf } from "./table_page.ts";
import { tradeOff } from "./trade_off.ts";

/** Returns the page as one file of HTML. */
export async function compareReport(comparison: Comparison): Promise<string> {
  const { rows, data, searches } = comparison;
  const title = `Comparison on ${data.name}`;
  if (rows.length === 0) return page(title, html`<p>No trial came to an end.</p>`, notes(comparison));
  const plotter = await openPlotter();
  const colours = coloursOf(rows);
  return page(
    title,
    lead(comparison),
    facts(comparison),
    section("How well they rank", accuracy(comparison, colours, plotter)),
    rows.length > 1 ? section("More than chance?", chance(comparison, colours, plotter)) : null,
    section("The numbers", tableOf(comparison)),
    section("Popular and rare items", popular(comparison, colours, plotter)),
    section("How they learn, and what it takes", learning(comparison, colours, plotter)),
    searches.length > 0 ? section("The search for settings", searches.map((one) => found(one, plotter))) : null,
    section("How it was done", method(comparison)),
  );
}

const percent = (value: number) => `${(100 * value).toFixed(1)}\u00a0%`;

/** What there is to say in a sentence or two. */
function lead({ rows, data }: Comparison): Html {
  const recall = ({ test }: Row) => percent(test["recall@20"].mean);
  const [first, second] = rows;
  const popularity = rows.slice(2).find(({ model }) => model === "popularity");
  const found = second?.against["recall@20"];
  const chance = found &&
    `${found.pT < 0.05 ? "a difference beyond chance" : "which may be chance"} (p\u00a0${
      probability(found.pT).replace("<", "<\u00a0").replace(/^(?=[.1])/, "=\u00a0")
    })`;
  const next = chance ? ` Next comes ${second.label} with ${recall(second)}, ${chance}.` : "";
  const anchor = popularity ? ` The most popular items alone would be ${recall(popularity)}.` : "";
  const items = data.items.toLocaleString("en-US");
  return html`<p class="lead">Of what people in <b>${data.name}</b> went on to choose, <b>${first.label}</b> has
${recall(first)} among the first 20 of all ${items} items.${next}${anchor}</p>`;
}

function facts({ data, protocol, rows, made }: Comparison): Html {
  const number = (value: number) => value.toLocaleString("en-US");
  const seeds = Math.max(...rows.map(({ seeds }) => seeds.length));
  const all: readonly (readonly [string, string])[] = [
    ["users", number(data.users)],
    ["items", number(data.items)],
    ["interactions", number(data.interactions.all)],
    ["train / validation / test", ["train", "validation", "test"].map((s) => number(data.interactions[s])).join(" / ")],
    ["protocol", protocol],
    ["seeds", String(seeds)],
    ["made", made.slice(0, 16).replace("T", " ")],
  ];
  return html`<div class="facts">${all.map(([name, value]) => html`<span>${name} <b>${value}</b></span>`)}</div>`;
}

const RECALL: Drawn = { metric: "recall@20", title: "R@20" };

function accuracy(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const { rows } = comparison;
  const theirs = rows.some(({ published }) => published.length > 0)
    ? " Diamonds are what others have published of the model, under protocols of their own; [n] is the source, listed below the table."
    : "";
  return html`<div class="pair">${
    figure(
      bars(comparison, RECALL, colours, plotter),
      `R@20 on test: the share of a user's test items among the first 20.${overSeeds(rows)}${theirs}`,
    )
  }${
    figure(
      bars(comparison, { metric: "ndcg@20", title: "NDCG@20" }, colours, plotter),
      "NDCG@20 on test, the standard: hits count for more the higher they stand.",
    )
  }</div>`;
}

/** What thin lines mean, if there are any. */
function overSeeds(rows: readonly Row[]): string {
  return rows.some(({ test }) => test["recall@20"].sd)
    ? " Thin lines span a standard deviation over seeds to either side."
    : "";
}

function learning(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const { rows } = comparison;
  const [learned, traded] = [curves(comparison, colours, plotter), tradeOff(comparison, colours, plotter)];
  if (learned.length === 0 && !traded) return html`<p>Nothing was trained.</p>`;
  const best = rows.find(({ epochs }) => epochs.some((all) => all.some(({ validation }) => validation)));
  const behind = learned.length > 1 ? ` Grey: ${best?.label}, to compare with.` : "";
  return html`${
    traded && besides(
      traded,
      `R@20 on test against the seconds of training until it stopped, evaluations included, in the mean over seeds: upward is better, to
the left is cheaper.${overSeeds(rows)} Dashed: what needs no training.`,
    )
  }${
    learned.length > 0 && figure(
        panels(learned, "max(10.5rem, 18%)").html,
        `R@20 on validation over epochs, a line per seed. The parameters at the dot are kept.${behind}`,
      ) || null
  }`;
}

function popular(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const { data: { coldItems }, rows } = comparison;
  const cold = rows.some(({ test }) => "cold recall@20" in test)
    ? ` Cold: the ${coldItems.toLocaleString("en-US")} items without any, which are among the rarest.`
    : "";
  return html`<div class="pair">${
    figure(
      fifths(comparison, plotter),
      `R@20 on test if only items of one kind count as test items, while all compete; fifths of the items, by their training
interactions.${cold} The stronger the blue, the nearer to the best of the column.`,
    )
  }${
    figure(
      bars(comparison, { metric: "coverage@20", title: "Coverage" }, colours, plotter),
      "Coverage: the share of all items that are among anybody's first 20.",
    )
  }</div>`;
}

function chance(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const { rows: [best, ...others] } = comparison;
  const level = others.filter(({ against: { "recall@20": found } }) => found && found.pT >= 0.05);
  const verdict = level.length === 0
    ? `Every other model is behind ${best.label} by more than chance.`
    : level.length === others.length
    ? `No other model is behind ${best.label} by more than chance.`
    : `${
      listed(level.map(({ label }) => label))
    } cannot be told from ${best.label}; all others are behind by more than chance.`;
  return html`<p>${verdict} (Paired t-tests, two-sided, at 5 % after Holm's correction for their number.)</p>
<div class="pair">${
    figure(
      differences(comparison, RECALL, colours, plotter),
      `How much less of each user's test items a model finds than ${best.label}, in the mean over users; left of the line is less. Every
user counts once, with the mean over seeds. Lines span 95 % intervals, 1.96 standard errors to either side: each for itself, not
corrected as p is.`,
    )
  }
<div><div class="wide"><table><thead><tr><th>R@20</th><th>difference</th><th>p (t)</th><th>d</th><th>p (Wilcoxon)</th><th>r</th></tr></thead>
<tbody>${
    others.map(({ label, against: { "recall@20": found } }) =>
      found &&
      html`
        <tr>
          <td>${label}</td>
          <td>${signed(found.mean, 4)} <small>± ${share(found.error)}</small></td>
          <td>${probability(found.pT)}</td>
          <td>${signed(found.d, 2)}</td>
          <td>${probability(found.pWilcoxon)}</td>
          <td>${signed(found.r, 2)}</td>
        </tr>
      `
    )
  }</tbody></table></div>
<p class="quiet">±: the standard error. p: after Holm's correction. d: Cohen's, of the differences. r: the rank-biserial correlation.</p></div></div>`;
}

function signed(value: number, digits: number): string {
  return value.toFixed(digits).replace("-", "−").replace(/^(−?)0\./, "$1.");
}

function found(searched: Searched, plotter: Plotter): Html {
  const { label, tried, chosen } = searched;
  const drawn = tries(searched, plotter);
  return html`<p><b>${label}</b>: of ${tried.length} combinations, ${
    settingsText(chosen)
  } has the best R@20 on validation.</p>
${
    drawn.length > 0
      ? figure(
        panels(drawn, "18rem").html,
        "A dot per combination, at each setting's value; the chosen one is filled. Test was not looked at.",
      )
      : null
  }`;
}
