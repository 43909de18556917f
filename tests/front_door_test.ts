/** Tests that names enter the public interface on purpose. @module */
import { assertEquals } from "deno-std/assert/equals.js";

const root = new URL("../", import.meta.url);

Deno.test("no door re-exports a whole module", async () => {
  const { exports }: { readonly exports: Readonly<Record<string, string>> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", root)),
  );
  const open: string[] = [];
  for (const path of Object.values(exports)) {
    const text = await Deno.readTextFile(new URL(path, root));
    if (/^export (type )?\* from/m.test(text)) open.push(path);
  }
  assertEquals(open, []);
});
