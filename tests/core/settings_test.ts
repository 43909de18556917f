/** Tests of settings. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { type Config, configure, defaultsOf, nearest, SettingError, type Settings } from "../../src/core/settings.ts";

type Sample = {
  readonly layers: number;
  readonly beta: number;
  readonly fusion: string;
  readonly bias: boolean;
  readonly floor: number;
};

const settings: Settings<Sample> = {
  layers: { default: 2, min: 0, whole: true, about: "propagation steps" },
  beta: { default: 0.3, min: 0, max: 1, about: "share of the target-aware score" },
  fusion: { default: "sum", choices: ["sum", "mean"], about: "how modalities are joined" },
  bias: { default: true, about: "add a bias" },
  floor: { default: -1, max: 0, about: "the least logit" },
};

Deno.test("defaultsOf() and configure() without changes give the defaults", () => {
  const defaults = { layers: 2, beta: 0.3, fusion: "sum", bias: true, floor: -1 };
  assertEquals(defaultsOf(settings), defaults);
  assertEquals(configure(settings, {}), defaults);
});

Deno.test("configure() reads texts as the type of the default, and does not change the settings", () => {
  const changes = { layers: "0", beta: "1e-1", fusion: "mean", bias: "false", floor: "-2.5" };
  assertEquals(configure(settings, changes), { layers: 0, beta: 0.1, fusion: "mean", bias: false, floor: -2.5 });
  assertEquals(configure(settings, { bias: "true" }).bias, true);
  assertEquals(defaultsOf(settings).layers, 2);
});

Deno.test("configure() accepts exactly the numbers of the range, both ends included", () => {
  fc.assert(
    fc.property(fc.double({ min: -1, max: 2, noNaN: true }), (beta) => {
      if (beta >= 0 && beta <= 1) assertEquals(configure(settings, { beta }).beta, beta);
      else assertThrows(() => configure(settings, { beta }), ValueError, "it must lie between 0 and 1");
    }),
    { examples: [[0], [1]] },
  );
});

Deno.test("configure() refuses values that are not allowed, with the rule", () => {
  const refused: [Config, string][] = [
    [{ beta: 2 }, "Cannot set beta to 2: it must lie between 0 and 1"],
    [{ beta: "two" }, 'Cannot set beta to "two": a number is needed'],
    [{ beta: "" }, 'Cannot set beta to "": a number is needed'],
    [{ beta: NaN }, "Cannot set beta to NaN: a number is needed"],
    [{ beta: true }, "Cannot set beta to true: a number is needed"],
    [{ layers: -1 }, "Cannot set layers to -1: it must be at least 0"],
    [{ layers: 1.5 }, "Cannot set layers to 1.5: a whole number is needed"],
    [{ floor: 1 }, "Cannot set floor to 1: it must be at most 0"],
    [{ fusion: "max" }, 'Cannot set fusion to "max": it must be one of sum, mean'],
    [{ fusion: 3 }, "Cannot set fusion to 3: a string is needed"],
    [{ bias: "yes" }, 'Cannot set bias to "yes": a boolean is needed'],
    [{ bata: 1 }, 'Cannot set "bata": there is no such setting; did you mean "beta"?'],
    [{ toString: 1 }, 'Cannot set "toString": there is no such setting; there are '],
  ];
  for (const [changes, message] of refused) assertThrows(() => configure(settings, changes), ValueError, message);
});

Deno.test("configure() throws a SettingError with the name, the value, the rule and the nearest name", () => {
  const caught = (changes: Config) => {
    const { name, setting, value, rule, nearest } = assertThrows(() => configure(settings, changes), SettingError);
    return { name, setting, value, rule, nearest };
  };
  const name = "SettingError";
  const rule = "it must lie between 0 and 1";
  assertEquals(caught({ beta: "2" }), { name, setting: "beta", value: "2", rule, nearest: null });
  const unknown = 'there is no such setting; did you mean "beta"?';
  assertEquals(caught({ bata: 1 }), { name, setting: "bata", value: 1, rule: unknown, nearest: "beta" });
});

Deno.test("nearest() needs the fewest edits, and takes the first of equally near names", () => {
  const names = ["learning-rate", "layers", "beta", "batch"];
  assertEquals(["lerning-rate", "layer", "bata", "btach", "beta"].map((name) => nearest(name, names)), [
    "learning-rate",
    "layers",
    "beta",
    "batch",
    "beta",
  ]);
  assertEquals(nearest("x", []), null);
  assertEquals(nearest("temperature", names), null);
  fc.assert(fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), (all) => {
    for (const name of all) assertEquals(nearest(name, all), name);
  }));
});
