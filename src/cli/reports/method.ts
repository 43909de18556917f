/**
 * How a comparison was done, in sentences that follow from the settings of its trials.
 *
 * @module
 */
import type { Config } from "../../core/settings.ts";
import { PROTOCOLS } from "../../train/settings.ts";
import { PROGRAM, typed } from "../shell/typed.ts";
import type { Comparison } from "../../experiments/comparison.ts";
import { settingsText } from "./compare_table.ts";
import { type Html, html } from "./page.ts";

/** What sentences are about: a model and its settings. */
type Set = Pick<Comparison["rows"][number], "label" | "config" | "cost">;

/** Returns the list of how it was done. */
export function method({ rows, protocol, command, versions, data, device }: Comparison): Html {
  return html`
    <ul class="notes">${sentences(rows, protocol).map((text) => html`<li>${text}</li>`)}
      <li>The parameters kept are those with the best R@20 on validation. Test was looked at once, when all training had ended.</li>
      <li>Settings that are not the model's defaults: ${rows.filter(({ settings }) => Object.keys(settings).length > 0)
        .map(({ label, settings }, n) => html`${n > 0 ? "; " : ""}<b>${label}</b> ${settingsText(settings)}`)}.</li>
      <li>To repeat it: <code>${PROGRAM} ${typed(...command)}</code></li>
      <li>Computed on ${device}. Giverny ${versions.giverny}, Deno ${versions.deno}; data ${data.fingerprint.slice(
        0,
        16,
      )}.</li>
    </ul>
  `;
}

/** Returns what the settings of models say of how they were ranked, trained and stopped. */
export function sentences(rows: readonly Set[], protocol: keyof typeof PROTOCOLS): string[] {
  const trained = rows.filter(({ cost }) => cost.epochs.mean > 0);
  const ranking = byModel(
    rows,
    ({ maskValidation }) =>
      maskValidation
        ? "training and validation items are left out"
        : "training items are left out, validation items are not",
  );
  const asItIs = trained.every(({ config }) =>
    Object.entries(PROTOCOLS[protocol]).every(([name, value]) => config[name] === value)
  );
  const training = [sampling, evaluating, stopping].map((of) => byModel(trained, of)).join("; ");
  return [
    `All items are ranked for every user with test items; ${ranking}.`,
    ...trained.length > 0
      ? [
        `Protocol ${protocol}${asItIs ? "" : ", with other settings"}: ${training}.`,
        `At most ${byModel(trained, ({ epochs }) => epochs === 1 ? "1 epoch" : `${epochs} epochs`)}; ${
          byModel(trained, stepping)
        }.`,
      ]
      : [],
  ];
}

function sampling({ sampler, batch }: Config): string {
  return sampler === "user"
    ? `every epoch draws random users, ${batch} a step, with one of their items and one that is not theirs`
    : `every epoch goes through all interactions, ${batch} a step`;
}

function evaluating({ every }: Config): string {
  return every === 1
    ? "an evaluation after every epoch"
    : `an evaluation every ${every} epochs, beginning with the first`;
}

function stopping({ patience }: Config): string {
  return `stopped by the ${ordinal(Number(patience) + 1)} evaluation in a row that does not improve`;
}

function stepping({ optimizer, lr, decay }: Config): string {
  const rate = `steps of ${optimizer === "adam" ? "Adam" : "SGD"} with a learning rate of ${lr}`;
  return decay === 1 ? rate : `${rate}, times ${decay} in 50 epochs`;
}

/** Returns a text that holds for all, or each with the models it holds for; the most common one last, for the others. */
function byModel(rows: readonly Set[], text: (config: Config) => string): string {
  const found = [...Map.groupBy(rows, ({ config }) => text(config))].sort(([, a], [, b]) => a.length - b.length);
  if (found.length === 1) return found[0][0];
  return found.map(([text, of], n) => {
    const others = n === found.length - 1 && of.length > 1;
    return `${text} (${others ? "the others" : of.map(({ label }) => label).join(", ")})`;
  }).join(", ");
}

/** Returns which one of a row a number is: `11th`, `21st`. */
function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${teen ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th"}`;
}
