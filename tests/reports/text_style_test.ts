/** Tests of styled text: it reads the same without its styles. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import fc from "fast-check";
import { paint, PLAIN } from "../../src/reports/text_style.ts";
import { width } from "../../src/reports/text_layout.ts";

Deno.test("paint() changes neither the words of a text nor its width, and nothing without colour", () => {
  const styles = fc.constantFrom("bold" as const, "dim" as const, "red" as const, "yellow" as const);
  fc.assert(fc.property(fc.stringMatching(/^[a-z .–]{1,9}$/), styles, (text, style) => {
    const painted = paint(text, style, { colour: true });
    assertNotEquals(painted, text);
    assertEquals(
      painted.split("\x1b[").map((part, n) => n === 0 ? part : part.slice(part.indexOf("m") + 1)).join(""),
      text,
    );
    assertEquals(width(painted), width(text));
    assertEquals(paint(text, style, PLAIN), text);
  }));
});
