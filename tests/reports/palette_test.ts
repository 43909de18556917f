/** Tests of the style of plots: colours that differ, intervals that have a length. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { coloursOf, spanning } from "../../src/reports/palette.ts";

Deno.test("coloursOf() gives eighteen models and popularity different colours", () => {
  const rows = Array.from({ length: 18 }, (_, n) => ({ label: `variant ${n}`, model: "monet" }));
  const colours = coloursOf([{ label: "popularity", model: "popularity" }, ...rows]);
  assertEquals(new Set(colours.values()).size, 19);
});

Deno.test("spanning() leaves out intervals of one seed, and of seeds that are equal up to rounding", () => {
  assertEquals(spanning([{ low: 0.1, high: 0.1 }, { low: 0.1, high: 0.1 + 3e-17 }, { low: 0.1, high: 0.2 }]), [{
    low: 0.1,
    high: 0.2,
  }]);
});
