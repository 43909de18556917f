/** Tests of numbers as text and as HTML tables. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { htmlOf, textOf } from "../../src/core/table.ts";

const counting = Float32Array.from({ length: 64 }, (_, n) => n);

Deno.test("textOf() aligns columns and shows the ends of long axes only", () => {
  assertEquals(textOf(Float32Array.of(1, -20.5, 300, 0.125), [2, 2], { digits: 1 }), "  1.0  -20.5\n300.0    0.1");
  assertEquals(textOf(counting, [8, 8], { digits: 0, edge: 1 }), " 0  …   7\n⋮\n56  …  63");
});

Deno.test("htmlOf() marks the rows and columns that it leaves out", () => {
  const cell = (text: string) => `<td>${text}</td>`;
  const row = (...texts: string[]) => `<tr>${texts.map(cell).join("")}</tr>`;
  assertEquals(
    htmlOf("a caption", counting, [8, 8], { digits: 0, edge: 1 }),
    "<table><caption>a caption</caption><tbody>" + row("0", "…", "7") + '<tr><td colspan="3">⋮</td></tr>' +
      row("56", "…", "63") + "</tbody></table>",
  );
});
