/** Tests of text for terminals: aligned numbers, columns that fit, wrapped sentences. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { aligned, clipped, fitting, linesOf, width, wrapped } from "../../src/reports/text_layout.ts";

Deno.test("aligned() lines up decimal points and loses no cell", () => {
  const number = fc.tuple(fc.nat({ max: 99_999 }), fc.constantFrom("", ".5", ".0743")).map(([n, rest]) =>
    `${n}${rest}`
  );
  const cell = fc.oneof(number, fc.tuple(number, number).map(([mean, sd]) => `${mean} ± ${sd}`), fc.constant("–"));
  fc.assert(fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
    const lines = aligned(cells);
    assertEquals(new Set(lines.map(({ length }) => length)).size, 1);
    assertEquals(lines.map((line) => line.replaceAll(/ +/g, " ").trim()), cells);
    const places = (of: RegExp) => new Set(lines.flatMap((line) => line.match(of)?.[0].length ?? []));
    assert(places(/^[^±.]*(?=\.)/).size <= 1 && places(/^[^±]*(?=±)/).size <= 1 && places(/^.*±[^.]*(?=\.)/).size <= 1);
  }));
});

Deno.test("fitting() has every column once, in as few parts as fit, of similar widths", () => {
  const widths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 25 });
  fc.assert(fc.property(widths, fc.integer({ min: 40, max: 200 }), (widths, room) => {
    const parts = fitting(widths, room);
    const own = (room: number) => parts.every(([from, to]) => sum(widths.slice(from, to)) <= room);
    assertEquals(parts.flatMap(([from, to]) => widths.slice(from, to)), widths);
    assert(own(room));
    let fewest = 1;
    for (let n = 0, taken = 0; n < widths.length; n++) {
      taken += widths[n];
      if (taken > room) [fewest, taken] = [fewest + 1, widths[n]];
    }
    assertEquals(parts.length, fewest);
  }));
  // The parts have similar widths: the last column is not alone.
  assertEquals(fitting([10, 10, 10, 10], 30), [[0, 2], [2, 4]]);
  assertEquals(fitting([10, 20], Infinity), [[0, 2]]);
});

Deno.test("wrapped() breaks between words only, and lines fit where words do", () => {
  fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), (words) => {
    const lines = wrapped(words.join(" "), { columns: 20 }).trimEnd().split("\n");
    assertEquals(lines.flatMap((line) => line.trim().split(" ")), words);
    for (const line of lines) assert(line.length <= 20, line);
  }));
});

Deno.test("linesOf() keeps every letter, divides only words that are longer than a line, and fills the lines", () => {
  const texts = fc.array(fc.stringMatching(/^[a-z睡蓮]{1,25}$/), { minLength: 1 });
  fc.assert(fc.property(texts, fc.integer({ min: 2, max: 30 }), (words, room) => {
    const lines = linesOf(words.join(" "), room);
    assertEquals(lines.join("").replaceAll(" ", ""), words.join(""));
    for (const line of lines) assert(width(line) <= room, line);
    if (words.every((word) => width(word) <= room)) assertEquals(lines.flatMap((line) => line.split(" ")), words);
  }));
});

Deno.test("clipped() marks a text that it cuts off", () => {
  assertEquals([clipped("lilies", 6), clipped("lilies", 5), clipped("睡蓮睡蓮", 6)], ["lilies", "lili…", "睡蓮…"]);
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
