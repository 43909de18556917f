/** Tests of models by name and by module. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { FormatError, UsageError } from "../../kernels/errors.ts";
import { localFiles } from "../../src/data/files.ts";
import { models } from "../../src/models/mod.ts";
import { defaultModel, findModel, namesModule } from "../../src/runs/catalogue.ts";
import { openRun } from "../../src/runs/open.ts";
import { resume } from "../../src/runs/resume.ts";
import { type } from "../cli/captured.ts";
import { inFolder, QUICK, SMALL, withData } from "../cli/folder.ts";

const LIGHTGCN = new URL("../../src/models/mod.ts", import.meta.url).href;
const OWN =
  `import { lightgcn } from "${LIGHTGCN}";\nexport const own = { ...lightgcn, name: "own" };\nexport const help = 1;\n`;

Deno.test("namesModule() distinguishes paths of modules from names of models", () => {
  assertEquals(["./a.ts", "a.js", "b.mjs", "monet", "ts", "a.toml"].map(namesModule), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("findModel() finds models of the catalogue, and the model that a module exports", () =>
  inFolder(async (folder) => {
    for (const name of Object.keys(models)) assertEquals((await findModel(name, localFiles)).model, models[name]);
    await Deno.writeTextFile(`${folder}/own.ts`, OWN);
    const { model, module } = await findModel(`${folder}/own.ts`, localFiles);
    assertEquals([model.name, module?.path], ["own", await Deno.realPath(`${folder}/own.ts`)]);
  }));

Deno.test("findModel() refuses unknown names, and modules that are missing, broken, or without one new model", () =>
  inFolder(async (folder) => {
    await assertRejects(() => findModel("Monet", localFiles), UsageError, 'did you mean "monet"?');
    const refused = async (text: string | null, why: string) => {
      const path = `${folder}/${Math.abs(why.length)}.ts`;
      if (text !== null) await Deno.writeTextFile(path, text);
      await assertRejects(() => findModel(path, localFiles), FormatError, why);
    };
    await refused(null, "there is no such file");
    await refused("export const x = ;", "the module fails to load");
    await refused(`import "./none.ts";`, "the module fails to load (Module not found");
    await refused("export const x = 1;", "expected one exported model, found 0");
    await refused(
      OWN.replace("export const own", "const own") + "export const { score: _, ...most } = own;",
      '"most" needs score',
    );
    await refused(`${OWN}export const two = { ...own, name: "two" };`, "found 2");
    await refused(
      `export { lightgcn } from "${LIGHTGCN}";`,
      'has the name "lightgcn", which a model of the catalogue has',
    );
  }));

Deno.test("a module's model trains, resumes and recommends; a run refuses a missing or changed module", () =>
  withData(async (folder) => {
    const path = `${folder}/own.ts`;
    await Deno.writeTextFile(path, OWN);
    const run = `${folder}/run`;
    const stopped = await type(`train --model ${path} --data ${folder}/data --out ${run} ${QUICK} --epochs 3`, {
      listen: (text, interrupt) => text.startsWith("epoch 1 ") && interrupt(),
    });
    assertEquals(stopped.exit, 130, stopped.err);
    const { exit, err } = await type(`train --resume ${run}`);
    assertEquals(exit, 0, err);
    assertEquals((await openRun(run)).model.name, "own");
    const line =
      `compare --models ${path},${path}:layers=1 --data ${folder}/data --out ${folder}/out --epochs 1 --seeds 1 ${QUICK}`;
    const compared = await type(`${line} --json`);
    assertEquals(compared.exit, 0, compared.err);
    const labels = JSON.parse(compared.out).rows.map(({ label }: { label: string }) => label);
    assertEquals(labels.toSorted(), ["own", "own layers=1", "popularity"]);
    const notes: string[] = [];
    await Deno.writeTextFile(path, `${OWN}// changed\n`);
    await openRun(run, { note: (text) => void notes.push(text) });
    assertEquals(notes, [`"${await Deno.realPath(path)}" has changed since the run was trained: scores may differ`]);
    await Deno.remove(path);
    await assertRejects(() => openRun(run), FormatError, "which is missing; put it back, or hand the model in");
    const other = await findModel("monet", localFiles);
    await assertRejects(() => openRun(run, { model: other.model }), FormatError, 'it was trained with the model "own"');
    await assertRejects(() => resume(run), UsageError, "it is finished");
  }));

Deno.test("defaultModel() returns a model without features for data without features", () => {
  assertEquals(defaultModel(SMALL).name, "monet");
  assertEquals(defaultModel({ ...SMALL, modalities: {} }).name, "lightgcn");
});
