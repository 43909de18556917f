import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { DatabaseSync } from "node:sqlite";
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

Deno.test("data stats reads a pipe of the shell, and refuses a device", async () => {
  const script = 'deno run -A "$1" data stats <(printf "user,item\\na,x\\nb,y\\n") --json';
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script.replace("deno", Deno.execPath()), "-", new URL("../../main.ts", import.meta.url).pathname],
  }).output();
  assertStringIncludes(new TextDecoder().decode(stdout), '"users":2', new TextDecoder().decode(stderr));
  const { exit, err } = await type("data stats /dev/zero");
  assertEquals(exit, 1);
  assertStringIncludes(err, 'Cannot read interactions from "/dev/zero": it is a device; name a file or a pipe');
});

Deno.test("data import reads a table of a database", () =>
  inFolder(async (folder) => {
    const database = new DatabaseSync(`${folder}/shop.db`);
    database.exec("CREATE TABLE sold (buyer, article); INSERT INTO sold VALUES ('a', 'x'), ('b', 'x')");
    database.close();
    const line = `data import ${folder}/shop.db --out ${folder}/shop --table`;
    const { exit, out, err } = await type(`${line} sold --user-column buyer --item-column article --json`);
    assertEquals([exit, JSON.parse(out).users], [0, 2], err);
    assertStringIncludes((await type(`${line} bought`)).err, 'there is no table "bought"; it has "sold"');
    assertStringIncludes((await type(`${line} sold --query SELECT`)).err, "choose one of the options");
  }));

Deno.test("data import reads named columns, filters, and splits again", () =>
  inFolder(async (folder) => {
    const rows = Array.from({ length: 60 }, (_, e) => `b${e % 6},${e % 5},a${e % 10}`);
    await Deno.writeTextFile(`${folder}/shop.csv`, `buyer,stars,article\n${rows.join("\n")}\nonce,5,a1\n`);
    const line = `data import ${folder}/shop.csv --out ${folder}/shop --user-column buyer --item-column article`;
    const { exit, out, err } = await type(`${line} --k-core 2 --split leave-last-out --order file --json`);
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

Deno.test("data import keeps a split of train and test, and takes validation out of training by --validation", () =>
  inFolder(async (folder) => {
    const rows = (users: number, items: readonly number[]) =>
      Array.from({ length: users }, (_, u) => items.map((i) => `u${u},i${(u + i) % 7}\n`).join("")).join("");
    await Deno.mkdir(`${folder}/parts`);
    await Deno.writeTextFile(`${folder}/parts/train.csv`, `user,item\n${rows(20, [0, 1, 2, 3])}`);
    await Deno.writeTextFile(`${folder}/parts/test.csv`, `user,item\n${rows(20, [4])}`);
    const imported = async (flags: string) => {
      const { exit, out, err } = await type(`data import ${folder}/parts --out ${folder}/out ${flags} --json`);
      assertEquals(exit, 0, err);
      const { train, validation, test } = JSON.parse(out).interactions;
      return { counts: [train, validation, test], err };
    };
    const kept = await imported("");
    assertEquals(kept.counts, [80, 0, 20]);
    assertStringIncludes(kept.err, "The split has no validation: 80 interactions are in training, 20 in test");
    const drawn = await imported("--validation ratio:0.1");
    assertEquals(drawn.counts, [72, 8, 20]);
    assertStringIncludes(drawn.err, "Held out for validation: 8 of the 80 interactions of training, drawn at random");
    const stats = await type(`data stats ${folder}/out`);
    assertEquals([stats.exit, stats.err.includes("The split has no validation")], [0, false]);
    const refused = await type(`data import ${folder}/parts --out ${folder}/other --validation last`);
    assertEquals([refused.exit, refused.out, await namesIn(`${folder}/other`)], [1, "", null]);
    assertStringIncludes(refused.err, "the interactions have no times; name their column (--time-column");
    assertEquals((await imported("--validation last --order file")).counts, [60, 20, 20]);
    assertEquals((await imported("--split leave-last-out --order file --validation none")).counts, [80, 0, 20]);
    const misused = await type(`data import ${folder}/parts --out ${folder}/other --validation first`);
    assertEquals(misused.exit, 2);
    assertStringIncludes(misused.err, "Expected none, last, or ratio:X");
  }));

Deno.test("data import splits by dates, and by the order of the file only if it is told so", () =>
  inFolder(async (folder) => {
    const rows = ["A,2024-05-01", "B,2023-01-01", "C,2022-01-01", "D,2021-01-01"].map((row) => `u1,${row}\n`).join("");
    await Deno.writeTextFile(`${folder}/rev.csv`, `user,item,order_date\n${rows}`);
    const split = async (flags: string) => {
      const line = `data import ${folder}/rev.csv --split leave-last-out --out ${folder}/rev ${flags}`;
      const { exit, err } = await type(line);
      if (exit !== 0) return err;
      const lines = (await Deno.readTextFile(`${folder}/rev/interactions.tsv`)).trimEnd().split("\n").slice(1);
      return lines.map((text) => text.split("\t").slice(1, 3).join(" "));
    };
    assertEquals(await split(""), ["A test", "B validation", "C train", "D train"]);
    assertEquals(await split("--order file"), ["A train", "B train", "C validation", "D test"]);
    assertStringIncludes(String(await split("--time-column none")), "the interactions have no times");
    assertStringIncludes(
      String(await split("--time-column item")),
      'line 2: the time is "A"; expected a number, such as seconds since 1970, or a date',
    );
  }));
