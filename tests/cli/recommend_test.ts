import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { rowOf } from "../../src/core/pattern.ts";
import { histories } from "../../src/data/dataset.ts";
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

Deno.test("recommend needs --users or --all, and refuses both together", () =>
  withRun(async (run) => {
    for (const flags of ["", "--all --users user-01"]) {
      const { exit, err } = await type(`recommend ${run} ${flags}`);
      assertEquals(exit, 2);
      assertStringIncludes(err, "either name users with --users ID,… or take --all");
    }
  }));
