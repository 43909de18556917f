/**
 * How a comparison was made, in sentences that follow from the settings of its trials.
 *
 * @module
 */
import type { Config } from "../core/settings.ts";
import type { Comparison, Row } from "../experiments/comparison.ts";
import { PROTOCOLS } from "../train/settings.ts";
import { settingsText } from "./numbers.ts";
import { type Html, html, origin } from "./page.ts";

/** A model and its settings. */
type Trained = Pick<Row, "label" | "config" | "cost">;

/** Returns the list of how a comparison was made. */
export function method(comparison: Comparison): Html {
  const { rows, protocol, versions, data, device } = comparison;
  const changed = rows.filter(({ settings }) => Object.keys(settings).length > 0);
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return html`
    <ul class="notes">${sentences(rows, protocol).map((text) => html`<li>${text}</li>`)}
      <li>The kept parameters have the best R@20 on validation. Test was evaluated once, after the last
        training had ended.</li>
      <li>Settings that are not the model's defaults: ${changed.length === 0
        ? "none"
        : changed.map(({ label, settings }, n) =>
          html`${n > 0 ? "; " : ""}<b>${label}</b> ${settingsText(settings)}`
        )}.</li>
      <li>Computed on ${device}. Software: ${software}. Data: ${data.fingerprint.slice(0, 16)}.</li>
      ${origin(comparison)}
    </ul>
  `;
}

/** Returns how models were ranked, trained and stopped, given their settings. */
export function sentences(rows: readonly Trained[], protocol: keyof typeof PROTOCOLS): string[] {
  const trained = rows.filter(({ cost }) => cost.epochs.mean > 0);
  const ranking = byModel(
    rows,
    ({ maskValidation }) =>
      maskValidation
        ? "training and validation items are left out"
        : "training items are left out, validation items are not",
  );
  if (trained.length === 0) return [`All items are ranked for every user with test items; ${ranking}.`];
  const asItIs = trained.every(({ config }) =>
    Object.entries(PROTOCOLS[protocol]).every(([name, value]) => config[name] === value)
  );
  const training = [sampling, evaluating, stopping].map((of) => byModel(trained, of)).join("; ");
  const most = byModel(trained, ({ epochs }) => epochs === 1 ? "1 epoch" : `${epochs} epochs`);
  return [
    `All items are ranked for every user with test items; ${ranking}.`,
    `Protocol ${protocol}${asItIs ? "" : ", with other settings"}: ${training}.`,
    `At most ${most}; ${byModel(trained, stepping)}.`,
  ];
}

function sampling({ sampler, batch }: Config): string {
  return sampler === "user"
    ? `every epoch draws random users, ${batch} a step, with one of their items and one other item`
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

function stepping({ optimizer, weightDecay, lr, schedule, decay, warmup }: Config): string {
  const name = { adam: "Adam", adamw: `AdamW with a weight decay of ${weightDecay}`, sgd: "SGD" }[String(optimizer)];
  const falls = schedule === "cosine"
    ? ", which falls along half a cosine"
    : decay === 1
    ? ""
    : `, times ${decay} in 50 epochs`;
  const rises = warmup ? `, after a rise over ${warmup === 1 ? "1 epoch" : `${warmup} epochs`}` : "";
  return `steps of ${name} with a learning rate of ${lr}${falls}${rises}`;
}

/**
 * Returns a text if it holds for all models, else each text with its models; the most common one last, for "the
 * others".
 */
function byModel(rows: readonly Trained[], textOf: (config: Config) => string): string {
  const texts = [...new Set(rows.map(({ config }) => textOf(config)))];
  if (texts.length === 1) return texts[0];
  const found = texts.map((text) => ({ text, of: rows.filter(({ config }) => textOf(config) === text) }))
    .sort((a, b) => a.of.length - b.of.length);
  return found.map(({ text, of }, n) => {
    const others = n === found.length - 1 && of.length > 1;
    return `${text} (${others ? "the others" : of.map(({ label }) => label).join(", ")})`;
  }).join(", ");
}

/** Returns an ordinal number: `11th`, `21st`. */
function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${teen ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th"}`;
}
