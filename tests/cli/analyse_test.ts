/** Tests of the analyses of data sets and runs. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { key } from "../../src/core/random.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { garden } from "../../src/data/garden.ts";
import { modalityFeatures } from "../../src/data/tensors.ts";
import { avgDiff } from "../../src/rank/similarity.ts";
import { loadTree } from "../../src/train/checkpoint.ts";
import type { Matrix } from "../../src/core/tensor.ts";
import { sliceColumns } from "../../src/ops/mod.ts";
import { type } from "./captured.ts";
import { namesIn, QUICK, withData } from "./folder.ts";
import { inMemory } from "../data/in_memory.ts";

/** A garden with words and pictures. */
const BOTH: Dataset = { ...garden(key(5), { users: 40, items: 40 }), name: "small" };

interface DeviceTiming {
  readonly of: string;
  readonly modality: string;
  readonly values: Record<string, number>;
}

async function measured(line: string): Promise<DeviceTiming[]> {
  const { exit, out, err } = await type(`${line} --json`);
  assertEquals(exit, 0, err);
  return JSON.parse(out).measured;
}

/** The items of each user, and the features of each item scaled to length 1, by plain loops. */
function naive(data: Dataset, modality: string): { inside: number; outside: number } {
  const m = inMemory(data.modalities[modality]);
  const rows = data.items.map((_, item) => {
    const columns = m.kind === "dense" ? m.columns : m.pattern.columns;
    const row = new Float64Array(columns);
    if (m.kind === "dense") row.set(m.values.subarray(item * columns, (item + 1) * columns));
    else {
      for (let e = m.pattern.offsets[item]; e < m.pattern.offsets[item + 1]; e++) {
        row[m.pattern.indices[e]] = m.values[e];
      }
    }
    const length = Math.hypot(...row);
    return row.map((x) => x / length);
  });
  const dot = (i: number, j: number) => rows[i].reduce((sum, x, n) => sum + x * rows[j][n], 0);
  const { users, items } = data.interactions;
  const found = data.users.map((_, user) => {
    const own = [...new Set(items.filter((_, e) => users[e] === user))];
    const others = data.items.map((_, item) => item).filter((item) => !own.includes(item));
    const mean = (xs: number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
    return {
      inside: mean(own.flatMap((i) => own.filter((j) => j !== i).map((j) => dot(i, j)))),
      outside: mean(own.flatMap((i) => others.map((j) => dot(i, j)))),
    };
  });
  const mean = (of: "inside" | "outside") => found.reduce((sum, one) => sum + one[of], 0) / found.length;
  return { inside: mean("inside"), outside: mean("outside") };
}

Deno.test("analyse --similarity measures every modality over all interactions", () =>
  withData(async (folder) => {
    const found = await measured(`analyse ${folder}/data --similarity`);
    assertEquals(found.map(({ modality }) => modality).sort(), Object.keys(BOTH.modalities).sort());
    for (const { modality, values } of found) {
      const { inside, outside } = naive(BOTH, modality);
      assertAlmostEquals(values["I-I"], inside, 1e-5);
      assertAlmostEquals(values["I-N"], outside, 1e-5);
      assertAlmostEquals(values.more, inside / outside - 1, 1e-3);
    }
  }, BOTH));

Deno.test("analyse --avgdiff measures the embeddings of each modality, or the final ones of a model without them", () =>
  withData(async (folder) => {
    for (const model of ["monet", "bprmf"]) {
      const { exit, err } = await type(
        `train --data ${folder}/data --model ${model} --out ${folder}/${model} ${QUICK} --epochs 2`,
      );
      assertEquals(exit, 0, err);
      const { tree } = await loadTree(`${folder}/${model}/embeddings.safetensors`);
      const items = Reflect.get(tree, "items") as Matrix;
      const features = modalityFeatures(BOTH);
      const found = await measured(`analyse ${folder}/${model} --avgdiff`);
      assertEquals(found.map(({ modality }) => modality).sort(), Object.keys(features).sort());
      for (const [n, { modality, of, values }] of found.entries()) {
        assertEquals(of, model);
        const own = model === "monet" ? sliceColumns(items, 4 * n, 4 * n + 4) : items;
        assertAlmostEquals(values.avgDiff, await avgDiff(features[modality], own), 1e-5);
      }
    }
  }, BOTH));

Deno.test("analyse prints a line per modality, and writes a page with --out", () =>
  withData(async (folder) => {
    const { out } = await type(`analyse ${folder}/data --similarity --out ${folder}/page.html`);
    assert(/^of +modality +I-I +I-N +more\n/.test(out));
    assertStringIncludes(out, `Written: ${folder}/page.html`);
    const page = await Deno.readTextFile(`${folder}/page.html`);
    assert(
      page.includes("<svg") && page.includes("figure 1 of MONET") && page.includes("<figcaption>") &&
        page.includes(`analyse ${folder}/data --similarity`) && !page.includes("<script"),
    );
  }, BOTH));

Deno.test("analyse names trials by model, settings and seed, and refuses a comparison as a run", () =>
  withData(async (folder) => {
    const compared = `compare --data ${folder}/data --models bprmf,monet:beta=0 --seeds 1 ${QUICK} --epochs 1`;
    assertEquals((await type(`${compared} --out ${folder}/c`)).exit, 0);
    const { exit, err } = await type(`analyse ${folder}/c --avgdiff`);
    assertEquals(exit, 1);
    assertStringIncludes(err, `name runs in "${folder}/c/trials"`);
    const names = (await namesIn(`${folder}/c/trials`))!.filter((name) => !name.startsWith("popularity"));
    const found = await measured(`analyse ${names.map((name) => `${folder}/c/trials/${name}`).join(" ")} --avgdiff`);
    for (const { of } of found) assert(/^(bprmf.*|monet .*beta=0.*), seed 1$/.test(of), of);
  }, BOTH));

Deno.test("analyse refuses data and runs that it cannot measure", () =>
  withData(async (folder) => {
    const refused = async (line: string, why: string, exit: number) => {
      const found = await type(line);
      assertEquals([found.exit, found.out], [exit, ""], line);
      assertStringIncludes(found.err, why);
    };
    await refused(`analyse ${folder}/data`, "choose --avgdiff, for runs, or --similarity, for data sets", 2);
    await refused(`analyse ${folder}/data --avgdiff --similarity`, "choose --avgdiff", 2);
    await refused(`analyse ${folder}/data --avgdiff`, 'it has no "run.json"', 1);
    const similar = `analyse ${folder}/data --similarity --out ${folder}`;
    await refused(
      `${similar}/none/x.html`,
      `Cannot write "${folder}/none/x.html": its folder does not exist; make it`,
      2,
    );
    await refused(similar, `Cannot write "${folder}": it is a folder; name a file`, 2);
    await type(`train --data ${folder}/data --model popularity --out ${folder}/run`);
    await refused(`analyse ${folder}/run --avgdiff`, "popularity has no embeddings of items", 1);
  }));
