/** Tests of the JSON files of the project's own format. @module */
import { FormatError } from "../../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../../fc.ts";
import { FOLDER, MODALITY_NAME } from "../../../src/data/formats/manifest.ts";
import { itemSchema, manifestSchema, parsed } from "../../../src/data/formats/manifest_schema.ts";

const refuse = (rule: string): FormatError => new FormatError(rule);

Deno.test("parsed() returns a value that follows the schema, and refuses others in few words", () => {
  assertEquals(parsed(itemSchema(), '{"item": "x", "title": "Lily"}', refuse), { item: "x", title: "Lily" });
  const cases: [string, string][] = [
    ['{"item": "x"', "the text is not JSON, or is truncated"],
    ["[]", "expected an object, found a list"],
    ["3", "expected an object, found 3"],
    ["{}", '"item": it is missing'],
    ['{"item": {}}', '"item": expected text, found an object'],
    ['{"item": "x", "text": true}', '"text": expected text, found true'],
  ];
  for (const [text, rule] of cases) assertEquals(assertThrows(() => parsed(itemSchema(), text, refuse)).message, rule);
});

Deno.test("Manifest has one version and two kinds of modality", () => {
  const manifest = { format: "giverny", version: 1, name: "x", modalities: {}, pictures: false } as const;
  assertEquals(parsed(manifestSchema(), JSON.stringify(manifest), refuse), manifest);
  const kinds = JSON.stringify({ ...manifest, modalities: { image: { kind: "thick" } } });
  assertEquals(
    assertThrows(() => parsed(manifestSchema(), kinds, refuse)).message,
    '"modalities.image.kind": expected "dense" or "sparse", found "thick"',
  );
});

Deno.test("FOLDER accepts the files of every modality, and no others", () => {
  fc.assert(fc.property(fc.string().filter((name) => MODALITY_NAME.test(name)), (name) => {
    assert(FOLDER.names.test(`${name}_feat.npy`) && FOLDER.names.test(`${name}_feat.tsv`));
  }));
  assert(FOLDER.names.test(FOLDER.marker));
  for (const name of ["notes.md", "users.tsv.bak", "my users.tsv", "a\nb_feat.npy", ""]) {
    assert(!FOLDER.names.test(name));
  }
});
