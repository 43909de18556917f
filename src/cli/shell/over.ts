/**
 * What a sweep goes over, as it is typed: `alpha=0:2:0.25`, from, to and step; or a list, `fusion=concat,sum`.
 *
 * @module
 */
import { message } from "@optique/core/message";
import type { ValueParser } from "@optique/core/valueparser";

/** A setting and the values it takes, as texts. */
export interface Over {
  readonly name: string;
  /** A list, or a range. */
  readonly values: readonly string[] | { readonly from: number; readonly to: number; readonly step: number };
}

/** The parser of what a sweep goes over. */
export function over(): ValueParser<"sync", Over> {
  return {
    mode: "sync",
    metavar: "SETTING=FROM:TO:STEP",
    placeholder: { name: "", values: [] },
    parse: (input) => {
      const found = /^([^=]+)=(.+)$/.exec(input);
      const number = (text: string) => text.trim() === "" ? NaN : Number(text);
      const refuse = (why: string) => ({
        success: false as const,
        error:
          message`Expected a setting and its values, as in alpha=0:2:0.25 or layers=1,2,3, but got ${input}: ${why}.`,
      });
      if (!found) return refuse("a name, an = and a value are needed");
      const [, name, text] = found;
      if (!text.includes(":")) return { success: true, value: { name, values: text.split(",") } };
      const numbers = text.split(":").map(number);
      if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return refuse("three numbers are needed");
      const [from, to, step] = numbers;
      return { success: true, value: { name, values: { from, to, step } } };
    },
    format: ({ name, values }) =>
      `${name}=${"from" in values ? `${values.from}:${values.to}:${values.step}` : values.join(",")}`,
  };
}
