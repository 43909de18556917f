/** Tests of what makes plots readable: ticks that stand clear, names that cover nothing, colours that differ. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../../fc.ts";
import { axisOf, epochAxis, fits, logTicks, plain } from "../../../src/cli/reports/axis.ts";
import { placed } from "../../../src/cli/reports/labels.ts";
import { coloursOf, spanning } from "../../../src/cli/reports/palette.ts";

Deno.test("epochs are marked by distinct whole numbers that have been reached", () => {
  for (let last = 1; last <= 1000; last++) {
    const { ticks, tickFormat = String, transform } = epochAxis(last, 170);
    const listed = Array.isArray(ticks) ? ticks : [];
    const names = listed.map(tickFormat);
    assert(names.length > 0 && names.length <= 9, `${last}: ${names}`);
    assertEquals(new Set(names).size, names.length);
    assert(names.every((name) => /^[\d,]+$/.test(name)), `${last}: ${names}`);
    for (const tick of listed) assert((transform ? 10 ** tick : tick) <= last + 1e-6);
  }
});

Deno.test("ticks of a logarithmic axis are round and stand clear of each other", () => {
  const positive = fc.double({ min: -7, max: 5, noNaN: true }).map((power) => 10 ** power);
  fc.assert(fc.property(positive, fc.double({ min: 1, max: 6, noNaN: true }), (low, decades) => {
    const high = low * 10 ** decades;
    const ticks = logTicks(low, high, 260);
    assert(ticks.length > 0 && fits(ticks, { type: "log", low, high, room: 260 }), `${ticks}`);
    for (const tick of ticks) {
      assert(tick >= low && tick <= high && /^[0.,]*[1235](e−\d|[0.,]*)$/.test(plain(tick)), plain(tick));
    }
  }));
});

Deno.test("axisOf() marks every value where all have room, else round numbers; words are a point each, in their order", () => {
  assertEquals(axisOf([0, 0.5, 1], 440).ticks, [0, 0.5, 1]);
  assertEquals(axisOf(["sum", "concat"], 440), { type: "point", domain: ["sum", "concat"] });
  const drawn = [0.0001234, 0.0001301, 0.0099, 0.05123];
  const { ticks, transform } = axisOf(drawn, 260);
  assert(
    transform && Array.isArray(ticks) &&
      ticks.every((tick) => [1, 2, 3, 5].includes(Math.round(10 ** (tick - Math.floor(tick + 1e-9))))),
  );
});

Deno.test("placed() covers neither points nor names where there is room, and stays within the frame", () => {
  const frame = { left: 0, right: 330, top: 0, bottom: 250 };
  const cells = fc.uniqueArray(fc.nat({ max: 23 }), { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(cells, fc.array(fc.nat({ max: 30 }), { minLength: 12, maxLength: 12 }), (cells, off) => {
    const points = cells.map((cell, n) => ({
      x: 60 + 80 * (cell % 4) + off[n] / 2,
      y: 40 + 34 * Math.floor(cell / 4) + off[11 - n] / 2,
      text: `model ${n}`,
    }));
    const [width, height] = [7 * 7 / 2, 8];
    const names = placed(points, frame, 7);
    for (const [n, { x, y }] of names.entries()) {
      assert(x - width >= 0 && x + width <= 330 && y - height >= 0 && y + height <= 250);
      for (const dot of points) assert(Math.abs(dot.x - x) >= width + 4 || Math.abs(dot.y - y) >= height + 4);
      for (const [m, other] of names.entries()) {
        assert(m === n || Math.abs(other.x - x) >= 2 * width || Math.abs(other.y - y) >= 2 * height);
      }
    }
  }));
});

Deno.test("eighteen models have colours of their own, popularity grey", () => {
  const rows = Array.from({ length: 18 }, (_, n) => ({ label: `variant ${n}`, model: "monet" }));
  const colours = coloursOf([{ label: "popularity", model: "popularity" }, ...rows]);
  assertEquals(new Set(colours.values()).size, 19);
});

Deno.test("spanning() draws no line where seeds are equal up to rounding, or there is one", () => {
  assertEquals(spanning([{ low: 0.1, high: 0.1 }, { low: 0.1, high: 0.1 + 3e-17 }, { low: 0.1, high: 0.2 }]), [{
    low: 0.1,
    high: 0.2,
  }]);
});
