/** Tests of axes: round ticks whose labels do not overlap. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { axisOf, epochAxis, fits, logTicks, plain } from "../../src/reports/axis.ts";

Deno.test("epochAxis() has ticks at distinct whole numbers up to the last epoch", () => {
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

Deno.test("logTicks() are round numbers whose labels do not overlap", () => {
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

Deno.test("axisOf() has a tick for every value if all have room, else round numbers; words keep their order", () => {
  assertEquals(axisOf([0, 0.5, 1], 440).ticks, [0, 0.5, 1]);
  assertEquals(axisOf(["sum", "concat"], 440), { type: "point", domain: ["sum", "concat"] });
  const drawn = [0.0001234, 0.0001301, 0.0099, 0.05123];
  const { ticks, transform } = axisOf(drawn, 260);
  assert(
    transform && Array.isArray(ticks) &&
      ticks.every((tick) => [1, 2, 3, 5].includes(Math.round(10 ** (tick - Math.floor(tick + 1e-9))))),
  );
});
