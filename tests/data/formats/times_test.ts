/** Tests of times in cells of text. @module */
import { equal } from "node:assert/strict";
import { fc } from "../../fc.ts";
import { formOf, secondsOf } from "../../../src/data/formats/times.ts";

const dates = fc.date({ min: new Date("1000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });

Deno.test("secondsOf() is the inverse of ISO 8601, with and without fractions, T and Z", () => {
  fc.assert(fc.property(dates, (date) => {
    const iso = date.toISOString(), seconds = date.getTime() / 1000;
    equal(secondsOf(iso), seconds);
    equal(secondsOf(iso.replace("T", " ").replace("Z", "")), seconds);
    equal(secondsOf(iso.replace("Z", " UTC")), seconds);
    equal(secondsOf(iso.slice(0, 16)), Math.floor(seconds / 60) * 60);
    equal(secondsOf(iso.slice(0, 10)), Math.floor(seconds / 86400) * 86400);
    equal(formOf(iso), "date");
  }));
});

Deno.test("secondsOf() follows zones, and other ways to write the year first", () => {
  const noon = Date.UTC(2024, 4, 1, 12) / 1000;
  for (
    const text of [
      "2024-05-01T14:00:00+02:00",
      "2024-05-01T07:00:00-0500",
      "2024-05-01 13:00+01",
      "2024/05/01 12:00",
      "2024.5.1 12:00:00,000",
      " 2024-05-01T12:00:00Z ",
    ]
  ) equal(secondsOf(text), noon, text);
  equal(secondsOf("05 1, 2024"), noon - 12 * 3600);
});

Deno.test("formOf() knows no dates that do not exist, or that can be read in two ways", () => {
  for (
    const text of [
      "2023-02-29",
      "2024-13-01",
      "2024-00-10",
      "2024-05-01T25:00",
      "2024-05-01T10:60",
      "2024-05/01",
      "01/05/2024",
      "May 1, 2024",
      "",
      " ",
      "NaN",
      "soon",
    ]
  ) equal(formOf(text), null, text);
  for (const text of ["0", "1714521600", "1714521600123", "-5", "1.5e9", "20240501"]) {
    equal(formOf(text), "number", text);
  }
});
