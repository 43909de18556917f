/**
 * The parser of a setting and its values in a sweep: `alpha=0:2:0.25` (from, to and step), or a list such as
 * `fusion=concat,sum`.
 *
 * @module
 */
import { message } from "@optique/core/message";
import type { ValueParser } from "@optique/core/valueparser";
import type { Range } from "../experiments/sweep.ts";

/** Returns the parser of a setting and its values. */
export function sweepRange(): ValueParser<"sync", Range> {
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
