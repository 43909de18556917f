/** Tests of writing whole files and folders. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { FormatError } from "../../../kernels/errors.ts";
import { readDataset } from "../../../src/data/formats/mod.ts";
import { writeFile, writeFolder } from "../../../src/data/formats/files.ts";
import { refusal, withFolder } from "./folder.ts";

const form = { marker: "a.txt", names: /^[ab]\.txt$/ };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const namesIn = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("readDataset() reads no pipe or device in a folder, follows links, and names what it does not use", () =>
  withFolder({ "log.csv": "user,item,split\na,x,0\na,y,1\n", "more/a.txt": "" }, async (folder) => {
    await Deno.mkdir(`${folder}/data`);
    await Deno.symlink(`${folder}/log.csv`, `${folder}/data/ratings.csv`);
    await Deno.symlink("/dev/zero", `${folder}/data/items.csv`);
    await Deno.symlink(`${folder}/more`, `${folder}/data/more`);
    await Deno.symlink(`${folder}/gone`, `${folder}/data/gone.txt`);
    const data = await readDataset(`${folder}/data`);
    assertEquals([data.items, data.notes], [["x", "y"], ['Not used: "gone.txt", "items.csv|", "more/"']]);
    await Deno.remove(`${folder}/data/ratings.csv`);
    await Deno.symlink("/dev/zero", `${folder}/data/ratings.csv`);
    await assertRejects(() => readDataset(`${folder}/data`), FormatError, "Cannot read a data set");
  }));

Deno.test("writeFolder() and writeFile() leave all other files as they are", () =>
  withFolder({ "data.old/a.txt": "mine", "data.partial/a.txt": "mine", "file.partial": "mine" }, async (folder) => {
    for (const text of ["first", "second"]) {
      await writeFolder(`${folder}/data`, [["a.txt", bytes(text)]], form);
      await writeFile(`${folder}/file`, bytes(text));
      assertEquals(await Deno.readTextFile(`${folder}/data/a.txt`), text);
      assertEquals(await Deno.readTextFile(`${folder}/file`), text);
    }
    assertEquals(namesIn(folder), ["data", "data.old", "data.partial", "file", "file.partial"]);
    for (const path of ["data.old/a.txt", "data.partial/a.txt", "file.partial"]) {
      assertEquals(await Deno.readTextFile(`${folder}/${path}`), "mine");
    }
  }));

Deno.test("writeFolder() and writeFile() write files with the mode of the umask", () =>
  withFolder({ plain: "" }, async (folder) => {
    await Deno.mkdir(`${folder}/empty`);
    await writeFolder(`${folder}/data`, [["a.txt", bytes("a")]], form);
    await writeFile(`${folder}/file`, bytes("a"));
    const modeOf = async (name: string) => (await Deno.stat(`${folder}/${name}`)).mode;
    assertEquals([await modeOf("data"), await modeOf("file")], [await modeOf("empty"), await modeOf("plain")]);
  }));

Deno.test("writeFolder() replaces only folders of the form, and names the file that prevents it", async () => {
  const cases: [Record<string, string>, string][] = [
    [{ "data/a.txt": "", "data/notes.md": "mine" }, '"notes.md", which is no file of a data set; move it away'],
    [{ "data/a.txt": "", "data/b.txt/c": "mine" }, '"b.txt", which is no file of a data set; move it away'],
    [{ "data/b.txt": "mine" }, '"b.txt", but no "a.txt"; move it away'],
  ];
  for (const [files, rule] of cases) {
    assertEquals(
      await refusal(files, async (folder) => {
        try {
          await writeFolder(`${folder}/data`, [["a.txt", bytes("new")]], form);
        } finally {
          assertEquals(namesIn(folder), ["data"]);
          for (const [name, text] of Object.entries(files)) {
            assertEquals(await Deno.readTextFile(`${folder}/${name}`), text);
          }
        }
      }),
      `ValueError: Cannot write a data set to "data": the folder holds ${rule}, or name a new or empty folder`,
    );
  }
});

Deno.test("writeFolder() puts the old folder back if the new one cannot take its place", () =>
  withFolder({ "data/a.txt": "old" }, async (folder) => {
    function* vanishing(): Iterable<[string, Uint8Array]> {
      yield ["a.txt", bytes("new")];
      const [fresh] = namesIn(folder).filter((name) => name !== "data");
      Deno.removeSync(`${folder}/${fresh}/new`, { recursive: true });
    }
    await assertRejects(() => writeFolder(`${folder}/data`, vanishing(), form), Error, "Cannot write a data set to");
    assertEquals(await Deno.readTextFile(`${folder}/data/a.txt`), "old");
    assertEquals(namesIn(folder), ["data"]);
  }));

Deno.test("writeFolder() keeps a folder that another program puts in its place, and the old folder", () =>
  withFolder({ "data/a.txt": "old" }, async (folder) => {
    function* moved(): Iterable<[string, Uint8Array]> {
      yield ["a.txt", bytes("new")];
      Deno.renameSync(`${folder}/data`, `${folder}/elsewhere`);
    }
    await assertRejects(() => writeFolder(`${folder}/data`, moved(), form), Error, "Cannot write a data set to");
    assertEquals(await Deno.readTextFile(`${folder}/elsewhere/a.txt`), "old");
    assertEquals(namesIn(folder), ["elsewhere"]);
  }));

Deno.test("writeFile() that fails names the file and leaves nothing behind", () =>
  withFolder({ "file/inside": "mine" }, async (folder) => {
    await assertRejects(() => writeFile(`${folder}/file`, bytes("a")), Error, `Cannot write "${folder}/file": `);
    await assertRejects(() => writeFile(`${folder}/no/file`, bytes("a")), Error, `Cannot write "${folder}/no/file": `);
    assertEquals(namesIn(folder), ["file"]);
  }));
