import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { type } from "./captured.ts";
import { absent, DATA } from "../shared_data.ts";
import { inFolder, namesIn } from "./folder.ts";

const TIKTOK = `${DATA}tiktok`;
const skipped = absent("tiktok");

Deno.test("data stats prints tables, or one line with --json", async () => {
  const people = await type("data stats garden");
  assertEquals(people.exit, 0, people.err);
  for (const word of ["users", "density", "cold items", "median", "modality", "text", "image", "sparse", "dense"]) {
    assertStringIncludes(people.out, word);
  }
  const machines = await type("data stats garden --json");
  assertEquals(machines.out.trimEnd().split("\n").length, 1);
  const { users, interactions, modalities, fingerprint } = JSON.parse(machines.out);
  assertEquals([users, Object.keys(modalities)], [600, ["text", "image"]]);
  assertEquals(interactions.train + interactions.validation + interactions.test, interactions.all);
  assertEquals(fingerprint.length, 64);
});

Deno.test("data garden writes data that data stats reads back unchanged", () =>
  inFolder(async (folder) => {
    const planted = await type(`data garden --out ${folder}/garden --json`);
    assertEquals(planted.exit, 0, planted.err);
    const embedded = JSON.parse((await type("data stats garden --json")).out);
    const read = JSON.parse((await type(`data stats ${folder}/garden --json`)).out);
    assertEquals(read, embedded);
    assertEquals(JSON.parse(planted.out), { ...embedded, out: `${folder}/garden` });
  }));

Deno.test("data import reads named columns, filters, and splits again", () =>
  inFolder(async (folder) => {
    const rows = Array.from({ length: 60 }, (_, e) => `b${e % 6},${e % 5},a${e % 10}`);
    await Deno.writeTextFile(`${folder}/shop.csv`, `buyer,stars,article\n${rows.join("\n")}\nonce,5,a1\n`);
    const line = `data import ${folder}/shop.csv --out ${folder}/shop --user-column buyer --item-column article`;
    const { exit, out, err } = await type(`${line} --k-core 2 --split leave-last-out --json`);
    assertEquals(exit, 0, err);
    const { users, items, interactions, duplicates } = JSON.parse(out);
    assertEquals([users, items, duplicates], [6, 10, 0]);
    assertEquals(interactions, { train: 18, validation: 6, test: 6, all: 30 });
    assertEquals(JSON.parse((await type(`data stats ${folder}/shop --json`)).out).interactions, interactions);
  }));

Deno.test("data import takes the first line as data with --no-header", () =>
  inFolder(async (folder) => {
    const lines = ["a", "b", "c"].flatMap((user) => ["x", "y", "z"].map((item) => `${user},${item}`));
    await Deno.writeTextFile(`${folder}/log.csv`, lines.join("\n"));
    const named = await type(`data import ${folder}/log.csv --out ${folder}/named`);
    assertEquals(named.exit, 1, "a, x are no names of columns");
    const counted = await type(`data import ${folder}/log.csv --out ${folder}/counted --no-header --json`);
    assertEquals(counted.exit, 0, counted.err);
    assertEquals(JSON.parse(counted.out).interactions.all, lines.length);
  }));

Deno.test("data import refuses bad input in a sentence, and leaves no files", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/bad.csv`, "user,item\nu1,i1\nu2\n");
    const { exit, out, err } = await type(`data import ${folder}/bad.csv --out ${folder}/out`);
    assertEquals([exit, out], [1, ""]);
    assertStringIncludes(err, `"${folder}/bad.csv" line 3`);
    assertEquals(await namesIn(`${folder}/out`), null);
  }));

Deno.test({
  name: `data stats describes tiktok as its README does${skipped ? ` (skipped: ${TIKTOK} is absent)` : ""}`,
  ignore: skipped,
  fn: async () => {
    const { users, items, interactions } = JSON.parse((await type(`data stats ${TIKTOK} --json`)).out);
    assertEquals([users, items], [9308, 6710]);
    assertEquals(interactions, { train: 59541, validation: 3051, test: 6130, all: 68722 });
  },
});
