/** Tests that the house is as `.github/ARCHITECTURE.md` says, and that each rule notices when it is not. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import * as house from "./house.ts";

const root = new URL("../", import.meta.url);

/** Returns the TypeScript files of a folder by path. */
function read(folder: string): Record<string, string> {
  return Object.assign(
    {},
    ...[...Deno.readDirSync(new URL(folder, root))].map(({ name, isDirectory }) => {
      if (isDirectory) return read(`${folder}${name}/`);
      return name.endsWith(".ts") ? { [folder + name]: Deno.readTextFileSync(new URL(folder + name, root)) } : {};
    }),
  );
}

const doors = Object.fromEntries(
  ["mod.ts", "main.ts"].map((name) => [name, Deno.readTextFileSync(new URL(name, root))]),
);
const sources: house.Files = { ...read("kernels/"), ...read("src/"), ...doors };
const tests: house.Files = read("tests/");

/** Sources without a test file of their own, and the test that covers them. */
const elsewhere: Readonly<Record<string, string>> = {
  "kernels/wasm/storage.ts": "tests/kernels/device_test.ts: what a device promises of its storage",
  "kernels/reference/storage.ts": "tests/kernels/device_test.ts: what a device promises of its storage",
  "src/ops/mod.ts": "tests/ops/catalogue_test.ts: the list of operations",
};

const rules: Readonly<Record<string, house.Rule>> = {
  "imports point left": house.importsPointLeft,
  "no file imports itself by way of others": house.noCycles,
  "files are short": house.filesAreShort,
  "files say what they are for": house.filesSayWhatTheyAreFor,
  "files are read and written in few places": house.filesAreReadInFewPlaces,
  "randomness and time are not hidden inputs": house.noHiddenInputs,
  "packages stay in their place": house.packagesStayInPlace,
  "the language is plain": house.plainTypeScript,
  "the machines have the same kernels": house.machinesHaveTheSameKernels,
};

for (const [name, rule] of Object.entries(rules)) {
  Deno.test(`house: ${name}`, () => assertEquals(rule(sources), []));
}

Deno.test("house: every source is tested", () => {
  assertEquals(house.sourcesAreTested(elsewhere)({ ...sources, ...tests }), []);
});
