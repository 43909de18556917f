/** Tests of the documents: links lead somewhere, pictures are small, and named tasks exist. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";

const root = new URL("../", import.meta.url);

/** Returns the paths of the Markdown files of a folder and of the folders in it, relative to the root. */
function documentsIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return documentsIn(`${folder}${name}/`);
    return name.endsWith(".md") ? [folder + name] : [];
  });
}

const documents = ["README.md", "CHANGELOG.md", ...documentsIn(".github/"), ...documentsIn("bench/")];

/** Returns the places that a document refers to and that do not exist. */
function missingFrom(path: string): string[] {
  const text = Deno.readTextFileSync(new URL(path, root));
  const links = [...text.matchAll(/\]\(([^)#\s]+)|\bsrc(?:set)?="([^"]+)"/g)].map(([, link, source]) => link ?? source);
  return links.filter((link) => !/^https?:/.test(link)).filter((link) => {
    try {
      return !Deno.statSync(new URL(link, new URL(path, root)));
    } catch {
      return true;
    }
  }).map((link) => `${path}: ${link}`);
}

Deno.test("links between documents lead to files", () => {
  assertEquals(documents.flatMap(missingFrom), []);
});

Deno.test("the tasks that documents name exist", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
  const unknown = documents.flatMap((path) =>
    [...Deno.readTextFileSync(new URL(path, root)).matchAll(/deno task ([a-z:]+)/g)]
      .filter(([, task]) => !(task in tasks)).map(([command]) => `${path}: ${command}`)
  );
  assertEquals(unknown, []);
});

Deno.test("the pictures of the README take less than 400 KB", () => {
  const folder = new URL(".github/pictures/", root);
  const bytes = [...Deno.readDirSync(folder)].map(({ name }) => Deno.statSync(new URL(name, folder)).size);
  assert(bytes.reduce((sum, size) => sum + size, 0) < 400_000);
});
