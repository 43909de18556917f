/**
 * The report of a comparison: a page to read, with the table and its plots.
 *
 * @module
 */
import type { Comparison, Row, Searched } from "../trials/comparison.ts";
import { remarks, settingsText } from "./compare_table.ts";
import { cell, type Figure, figuresOf, isBest, type Line, linesOf, probability, valueIn } from "./figures.ts";
import { figure, type Html, html, page, section } from "./page.ts";
import { openPlotter, type Plotter } from "./plot.ts";
import { curves, tradeOff } from "./curves.ts";
import { type Colours, coloursOf } from "./palette.ts";
import { bars, differences, fifths } from "./plots.ts";
import { tries } from "./search_plot.ts";
import { PROGRAM, typed } from "../shell/typed.ts";

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
    legend(rows, colours),
    section("How well they rank", accuracy(comparison, colours, plotter)),
    section("The numbers", tableOf(comparison), notes(comparison)),
    section("How they learn, and what it takes", learning(comparison, colours, plotter)),
    section("Popular and rare items", popular(comparison, colours, plotter)),
    rows.length > 1 ? section("More than chance?", chance(comparison, colours, plotter)) : null,
    searches.length > 0 ? section("The search for settings", searches.map((one) => found(one, plotter))) : null,
    section("How it was done", method(comparison)),
  );
}

const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

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

function legend(rows: readonly Row[], colours: Colours): Html {
  const entries = rows.map(({ label }) =>
    html`<li><i style="background:${colours.get(label) ?? ""}"></i>${label}</li>`
  );
  return html`<ul class="legend">${entries}</ul>`;
}

function accuracy(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const theirs = comparison.rows.some(({ published }) => published.length > 0);
  const diamonds = theirs ? " Diamonds are what others have published, under protocols of their own." : "";
  return html`<div class="pair">${
    figure(
      bars(comparison, "recall@20", colours, plotter),
      `R@20 on test: the share of a user's test items among the first 20. Lines span a standard deviation over seeds to either side.${diamonds}`,
    )
  }${
    figure(
      bars(comparison, "ndcg@20", colours, plotter),
      "NDCG@20 on test, the standard: hits count for more the higher they stand.",
    )
  }</div>`;
}

/** The table, in two parts: how accurate, and what else. */
function tableOf(comparison: Comparison): Html {
  const lines = linesOf(comparison);
  const used = figuresOf(comparison);
  const parts = [["accuracy"], ["popular and rare", "angles", "cost"]].map((names) =>
    used.filter(({ group }) => names.includes(group))
  );
  return html`${parts.map((figures) => tablePart(comparison, lines, figures))}`;
}

function tablePart(comparison: Comparison, lines: readonly Line[], used: readonly Figure[]): Html {
  const groups = [...Map.groupBy(used, ({ group }) => group)];
  const filled = lines.filter((line) => line.kind === "ours" || used.some((figure) => valueIn(line, figure) !== null));
  return html`
    <div class="wide">
      <table>
        <thead>
          <tr class="groups"><th></th>${groups.map(([name, of]) => html`<th colspan="${of.length}">${name}</th>`)}</tr>
          <tr><th>model</th>${used.map(({ title, about }) => html`<th title="${about}">${title}</th>`)}</tr>
        </thead>
        <tbody>${filled.map((line) => rowOf(line, used, comparison))}</tbody>
      </table>
    </div>
  `;
}

function rowOf(line: Line, used: readonly Figure[], comparison: Comparison): Html {
  const cells = used.map((figure) => {
    const [middle, sd] = cell(valueIn(line, figure), figure.show).split(" ± ");
    const spread = sd === undefined ? null : html`
      <small>± ${sd}</small>
    `;
    return html`<td${
      isBest(line, figure, comparison)
        ? html`
          class="best"
        `
        : null
    }>${middle}${spread}</td>`;
  });
  if (line.kind === "ours") {
    return html`<tr><td title="${settingsText(line.row.settings)}">${line.name}</td>${cells}</tr>`;
  }
  const { below, name, published: { source, protocol } } = line;
  return html`<tr class="theirs${below ? " below" : ""}" title="${source}: ${protocol}"><td>${name}</td>${cells}</tr>`;
}

function notes(comparison: Comparison): Html {
  return html`<ul class="notes">${remarks(comparison).map((text) => html`<li>${text}</li>`)}</ul>`;
}

function learning(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const [learned, traded] = [curves(comparison, colours, plotter), tradeOff(comparison, colours, plotter)];
  if (!learned || !traded) return html`<p>Nothing was trained.</p>`;
  return html`<div class="pair">${
    figure(
      learned,
      "Accuracy on validation as training goes on, a line per seed. The parameters of the highest point are kept.",
    )
  }${
    figure(
      traded,
      "Accuracy on test against the time that training took until it stopped. Dashed: what needs no training.",
    )
  }</div>`;
}

function popular(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const { data: { coldItems }, rows } = comparison;
  const cold = rows.every(({ test }) => "cold recall@20" in test);
  return html`<div class="pair">${
    figure(
      fifths(comparison, colours, plotter),
      "Items in five equal groups by their training interactions. In each, only its items count as test items, but all compete.",
    )
  }${
    figure(
      bars(comparison, "coverage@20", colours, plotter),
      "Coverage: the share of all items that are among anybody's first 20.",
    )
  }${
    cold
      ? figure(
        bars(comparison, "cold recall@20", colours, plotter),
        `R@20 if only the ${
          coldItems.toLocaleString("en-US")
        } items without training interactions count as test items.`,
      )
      : null
  }</div>`;
}

function chance(comparison: Comparison, colours: Colours, plotter: Plotter): Html {
  const { rows: [best] } = comparison;
  return html`<p>How much less of each user's test items a model finds than ${best.label}, in the mean over users, with intervals that
cover 95 %. Every user counts once, with the mean over seeds. Tests are two-sided; Holm's correction allows for their number.</p>
<div class="pair">${
    figure(differences(comparison, "recall@20", colours, plotter), "Left of the line: less than the best.")
  }
<div class="wide"><table><thead><tr><th>R@20</th><th>difference</th><th>p (t)</th><th>d</th><th>p (Wilcoxon)</th><th>r</th></tr></thead>
<tbody>${
    comparison.rows.map(({ label, against: { "recall@20": found } }) =>
      found &&
      html`
        <tr>
          <td>${label}</td>
          <td>${found.mean.toFixed(4).replace("-", "−")} <small>± ${found.error.toFixed(4)}</small></td>
          <td>${probability(found.pT)}</td>
          <td>${found.d.toFixed(2).replace("-", "−")}</td>
          <td>${probability(found.pWilcoxon)}</td>
          <td>${found.r.toFixed(2).replace("-", "−")}</td>
        </tr>
      `
    )
  }</tbody></table></div></div>
<p class="quiet">d is Cohen's, of the differences; r the rank-biserial correlation; ± the standard error.</p>`;
}

function found(searched: Searched, plotter: Plotter): Html {
  const { label, tried, chosen } = searched;
  return html`<p><b>${label}</b>: of ${tried.length} combinations, ${
    settingsText(chosen)
  } has the best R@20 on validation.</p>
${
    figure(
      tries(searched, plotter),
      "A dot per combination, at each setting's value; the chosen one is filled. Test was not looked at.",
    )
  }`;
}

const PROTOCOL = {
  A: "A: every epoch draws random users, 1024 a step, with one of their items and one that is not theirs; an evaluation every 5 " +
    "epochs; stopped by the 11th in a row that does not improve",
  B: "B: every epoch goes through all interactions, 2048 a step; an evaluation after each; stopped by the 21st in a row that " +
    "does not improve",
};

function method({ protocol, command, versions, data, device }: Comparison): Html {
  return html`
    <ul class="notes">
      <li>All items are ranked for every user with test items; training items are left out, validation items are not.</li>
      <li>Protocol ${PROTOCOL[protocol]}. Learning rate and epochs are each model's own unless they are set.</li>
      <li>The parameters kept are those with the best R@20 on validation. Test was looked at once, when all training had ended.</li>
      <li>To repeat it: <code>${PROGRAM} ${typed(...command)}</code></li>
      <li>Computed on ${device}.</li>
      <li>Giverny ${versions.giverny}, Deno ${versions.deno}; data ${data.fingerprint.slice(0, 16)}.</li>
    </ul>
  `;
}
