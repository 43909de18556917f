/**
 * A hundred mutations of the files of every reader, and all findings of the long run, `deno task fuzz`.
 *
 * @module
 */
import { equal, notEqual } from "node:assert/strict";
import { caseOf, corpusOf, failureOf } from "./fuzz/fuzz.ts";
import { allReaders, type Reader } from "./fuzz/readers.ts";

for (const [name, reader] of Object.entries(await allReaders())) {
  Deno.test(`the reader of ${name} reads or refuses every mutation`, async () => {
    for (const target of Object.keys(reader.example)) {
      equal(await failureOf(reader, { target, bytes: reader.example[target] }), null, "the example itself");
    }
    const corpus = await corpusOf(name);
    for (const found of corpus) equal(await failureOf(reader, found), null, `a finding in "${found.target}"`);
    for (let number = 0; number < 100; number++) {
      equal(await failureOf(reader, caseOf(reader, corpus, number)), null, `mutation ${number}`);
    }
  });
}

Deno.test("fuzzing notices errors of other classes, and results that are not whole", async () => {
  const example = { "a": new Uint8Array(1) }, found = { target: "a", bytes: new Uint8Array(0) };
  const broken: Reader = { example, read: () => Promise.reject(new TypeError("x is undefined")) };
  notEqual(await failureOf(broken, found), null);
});
