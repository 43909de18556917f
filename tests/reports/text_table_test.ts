import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { facts, table } from "../../src/reports/text_table.ts";

const plain = { colour: false };
const coloured = { colour: true };

Deno.test("table() sets words to the left and numbers to the right", () => {
  const columns = [{ title: "model" }, { title: "R@20", digits: 4 }, { title: "items", digits: 0 }];
  assertEquals(
    table(columns, [["monet", 0.07432, 12345], ["popularity", null, 7]], plain),
    [
      "model         R@20   items",
      "monet       0.0743  12,345",
      "popularity       –       7",
      "",
    ].join("\n"),
  );
});

Deno.test("table() lines up columns with narrow and wide letters", () => {
  assertEquals(
    table([{ title: "a" }, { title: "b" }], [["睡蓮", "x"], ["lily", "y"]], plain),
    "a     b\n睡蓮  x\nlily  y\n",
  );
  fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }), (words) => {
    const lines = table([{ title: "word" }, { title: "n", digits: 0 }], words.map((word) => [word, 1]), plain)
      .trimEnd().split("\n");
    assertEquals(lines.length, words.length + 1);
    assertEquals(new Set(lines.map((line) => line.length)).size, 1);
  }));
});

Deno.test("table() and facts() colour only where there is colour", () => {
  assertEquals(table([{ title: "a" }], [["b"]], plain), "a\nb\n");
  assertEquals(table([{ title: "a" }], [["b"]], coloured), "\x1b[1ma\x1b[0m\nb\n");
  assertEquals(facts({ users: 600, name: "garden" }, plain), "users  600\nname   garden\n");
  assertEquals(facts({ name: "garden" }, coloured), "\x1b[2mname\x1b[0m  garden\n");
});

Deno.test("table() shows no control characters of ids and titles", () => {
  assertEquals(table([{ title: "item" }], [["a\x1b[31mred\x1b]0;t\x07\n\x9bb"]]), "item\na [31mred ]0;t b\n");
});
