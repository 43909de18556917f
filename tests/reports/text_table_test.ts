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

Deno.test("table() fits its room: words are broken into lines, and columns of numbers are divided into parts", () => {
  const words = [{ title: "model" }, { title: "about" }];
  assertEquals(
    table(words, [["monet", "graph convolution and attention"]], { ...plain, columns: 26 }),
    ["model  about", "monet  graph convolution", "       and attention", ""].join("\n"),
  );
  const columns = [{ title: "split" }, { title: "model" }, { title: "recall", digits: 4 }, {
    title: "ndcg",
    digits: 4,
  }];
  assertEquals(
    table(columns, [["test", "monet", 0.1, 0.2]], { ...plain, columns: 22 }),
    ["split  model  recall", "test   monet  0.1000", "", "split  model    ndcg", "test   monet  0.2000", ""].join("\n"),
  );
});

Deno.test("table() and facts() are never wider than their room", () => {
  const word = fc.stringMatching(/^[a-z]{1,30}( [a-z]{1,9}){0,5}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.integer({ min: 36, max: 90 }), (all, columns) => {
      const numbers = [{ title: "a", digits: 0 }, { title: "longer title", digits: 4 }];
      const text = table([{ title: "word" }, { title: "more" }, ...numbers], all.map((one) => [one, one, 1, 2]), {
        ...plain,
        columns,
      }) + facts(Object.fromEntries(all.map((one, n) => [`fact ${n}`, one])), { ...plain, columns });
      for (const line of text.split("\n")) assertEquals(line.length <= columns, true, `${columns}: ${line}`);
    }),
  );
});

Deno.test("table() shows no control characters of ids and titles", () => {
  assertEquals(table([{ title: "item" }], [["a\x1b[31mred\x1b]0;t\x07\n\x9bb"]]), "item\na [31mred ]0;t b\n");
  assertEquals(table([{ title: "a\x1b[31m" }, { title: "n", digits: 0 }], [["b", 1]]), "a [31m  n\nb       1\n");
});
