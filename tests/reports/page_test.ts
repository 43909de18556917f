/** Tests of reports as pages: texts are escaped, and a page is complete in itself. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { html, page } from "../../src/reports/page.ts";

Deno.test("html escapes texts and loses no character", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const { html: written } = html`<i title="${text}">${text}</i>`;
    const [, attribute, inside] = /^<i title="([^"<>]*)">([^<>]*)<\/i>$/s.exec(written)!;
    const names: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
    for (const part of [attribute, inside]) {
      assertEquals(part.replaceAll(/&(lt|gt|quot|#39|amp);/g, (name) => names[name]), text);
    }
  }));
});

Deno.test("html inserts numbers, HTML and lists of these, and nothing for null", () => {
  assertEquals(html`<p>${1}${null}${[html`<b>${"<"}</b>`, "&"]}</p>`.html, "<p>1<b>&lt;</b>&amp;</p>");
});

Deno.test("page() is one document that fetches and runs nothing", () => {
  const text = page("A <title>", html`<p>text</p>`);
  assert(text.startsWith("<!DOCTYPE html>") && text.endsWith("</html>\n"));
  assert(text.includes("<title>A &lt;title&gt;</title>"));
  for (const foreign of ["<script", "<link", "src=", "@import", "http"]) assert(!text.includes(foreign), foreign);
});
