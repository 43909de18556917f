import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { rowOf } from "../../src/core/pattern.ts";
import { histories } from "../../src/data/dataset.ts";
import { writeDataset } from "../../src/data/formats/mod.ts";
import { itemDegrees } from "../../src/rank/exposure.ts";
import { type } from "./captured.ts";
import { QUICK, SMALL, withData } from "./folder.ts";

const history = histories(SMALL, "train");

interface Listed {
  readonly user: string;
  readonly known: boolean;
  readonly items: readonly { readonly item: string; readonly title: string; readonly score: number | null }[];
}

/** Trains, and removes the data: only the run folder is left. */
function withRun(act: (run: string) => Promise<void>): Promise<void> {
  return withData(async (folder) => {
    const { exit, err } = await type(`train --data ${folder}/data --out ${folder}/run ${QUICK} --epochs 1`);
    assertEquals(exit, 0, err);
    await Deno.remove(`${folder}/data`, { recursive: true });
    await act(`${folder}/run`);
  });
}

async function listed(line: string): Promise<Listed[]> {
  const { exit, out, err } = await type(`${line} --json`);
  assertEquals(exit, 0, err);
  return JSON.parse(out).recommendations;
}

Deno.test("recommend gives the same on any number of threads", () =>
  withRun(async (run) => {
    const all = await type(`recommend ${run} --all`);
    for (const threads of [1, 3]) assertEquals(await type(`recommend ${run} --all --threads ${threads}`), all);
  }));

Deno.test("recommend --all gives every user new items, best first, by ids and titles", () =>
  withRun(async (run) => {
    const lists = await listed(`recommend ${run} --all --k 5`);
    assertEquals(lists.map(({ user }) => user), [...SMALL.users]);
    lists.forEach(({ known, items }, u) => {
      assertEquals([known, items.length], [true, 5]);
      const seen = new Set(rowOf(history, u));
      for (const { item, title, score } of items) {
        const i = SMALL.items.indexOf(item);
        assert(!seen.has(i));
        assertEquals(title, SMALL.titles![i]);
        assert(score! <= items[0].score!);
      }
    });
  }));

Deno.test("recommend --include-seen ranks all items", () =>
  withRun(async (run) => {
    const [{ items }] = await listed(`recommend ${run} --users ${SMALL.users[3]} --k 99 --include-seen`);
    assertEquals(items.map(({ item }) => item).sort(), [...SMALL.items].sort());
  }));

Deno.test("recommend gives an unknown user popular items, with a note", () =>
  withRun(async (run) => {
    const { err, out } = await type(`recommend ${run} --users nobody,${SMALL.users[0]} --k 3 --json`);
    assertStringIncludes(err, "note: not in this run, so they get the most popular items: nobody\n");
    const [stranger, friend]: Listed[] = JSON.parse(out).recommendations;
    assertEquals([stranger.user, stranger.known, friend.known], ["nobody", false, true]);
    const degrees = itemDegrees(history);
    const most = degrees.toSorted().reverse().slice(0, 3);
    assertEquals(stranger.items.map(({ item }) => degrees[SMALL.items.indexOf(item)]), [...most]);
    assertEquals(stranger.items.map(({ score }) => score), [null, null, null]);
  }));

Deno.test("recommend lists a user once who is named twice", () =>
  withRun(async (run) => {
    const lists = await listed(`recommend ${run} --users ${SMALL.users[1]},nobody,${SMALL.users[1]},nobody --k 1`);
    assertEquals(lists.map(({ user }) => user), [SMALL.users[1], "nobody"]);
  }));

Deno.test("recommend prints a table, CSV or JSON", () =>
  withRun(async (run) => {
    const line = `recommend ${run} --users ${SMALL.users[1]} --k 2`;
    const [{ items: [first, second] }] = await listed(line);
    const table = (await type(line)).out.split("\n");
    assertEquals(table[0].split(/ +/), ["user", "rank", "item", "title", "score"]);
    assert(table[1].startsWith(`${SMALL.users[1]}  `) && table[1].includes(first.item), table[1]);
    assert(table[2].startsWith(" ") && table[2].includes(second.item), table[2]);
    const csv = (await type(`${line} --format csv`)).out.split("\r\n");
    assertEquals([csv[0], csv.length], ["user,rank,item,title,score", 4]);
    assert(csv[2].startsWith(`${SMALL.users[1]},2,${second.item},`), csv[2]);
    assertEquals((await type(`${line} --format json`)).out, (await type(`${line} --json`)).out);
  }));

Deno.test("recommend needs users, a history or an item, and refuses two of them together", () =>
  withRun(async (run) => {
    for (const flags of ["", "--all --users user-01", "--all --history a", "--similar a --users user-01"]) {
      const { exit, err } = await type(`recommend ${run} ${flags}`);
      assertEquals(exit, 2);
      assertStringIncludes(err, "name users with --users ID,…, take --all");
    }
  }));

Deno.test("recommend --history gives a new person other items than theirs, and --explain the parts of scores", () =>
  withRun(async (run) => {
    const history = SMALL.items.slice(4, 7).join(",");
    const [{ known, items }] = await listed(`recommend ${run} --history ${history} --k 3`);
    assertEquals([known, items.length], [true, 3]);
    assertEquals(items.filter(({ item }) => history.includes(item)), []);
    const { out } = await type(`recommend ${run} --history ${history} --k 2 --explain`);
    for (const words of ["attention", "image", "because of", "score", "Similar to, in the history: "]) {
      assertStringIncludes(out, words);
    }
    const shown = await type(`recommend ${run} --users ${SMALL.users[2]} --k 2 --explain --json`);
    const { reasons } = JSON.parse(shown.out);
    assertEquals(reasons.length, 2);
    for (const { score, parts } of reasons) {
      const sum = parts.reduce((total: number, { value }: { value: number }) => total + value, 0);
      assert(Math.abs(sum - score) < 1e-5);
    }
    const csv = await type(`recommend ${run} --users ${SMALL.users[2]} --k 1 --explain --format csv`);
    assertStringIncludes(csv.out, "user,item,score,kind,modality,of,attention,part");
    const unknown = await type(`recommend ${run} --history none`);
    assertEquals(unknown.exit, 1);
    assertStringIncludes(unknown.err, 'the item "none"');
  }));

Deno.test("recommend --similar gives the items that are like an item, in all and by modality", () =>
  withRun(async (run) => {
    const line = `recommend ${run} --similar ${SMALL.items[4]} --k 2`;
    const { similar: { all, modalities } } = JSON.parse((await type(`${line} --json`)).out);
    assertEquals([all.length, Object.keys(modalities)], [2, ["image"]]);
    assertStringIncludes((await type(line)).out, all[0].item);
    assertStringIncludes((await type(`${line} --format csv`)).out, `all,1,${all[0].item},`);
  }));

Deno.test("add-items writes a run in which new items can be recommended", () =>
  withData(async (folder) => {
    await type(`train --data ${folder}/data --out ${folder}/run ${QUICK} --epochs 1`);
    const { image } = SMALL.modalities;
    if (image.kind !== "dense") throw new Error("pictures are dense");
    const values = Float32Array.from([...image.values, ...image.values.slice(0, image.columns)]);
    const known = new Uint8Array(SMALL.items.length + 1).fill(1);
    await writeDataset(`${folder}/later`, {
      ...SMALL,
      items: [...SMALL.items, "new"],
      titles: SMALL.titles && [...SMALL.titles, "New"],
      texts: undefined,
      pictures: undefined,
      modalities: { image: { ...image, values, known } },
    });
    const { exit, out, err } = await type(`add-items ${folder}/run --data ${folder}/later --out ${folder}/more`);
    assertEquals(exit, 0, err);
    assertStringIncludes(out, "1 items added, of 41");
    const [{ items }] = await listed(`recommend ${folder}/more --users ${SMALL.users[2]} --k 41 --include-seen`);
    assertEquals(items.find(({ item }) => item === "new")?.title, "New");
    assertEquals((await type(`evaluate ${folder}/more`)).exit, 0);
  }));
