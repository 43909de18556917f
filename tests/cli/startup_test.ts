import { assertEquals } from "deno-std/assert/equals.js";

/** Returns the project's modules that are loaded with `module`: its imports, without those of types. */
async function loaded(module: URL, seen: Set<string> = new Set()): Promise<Set<string>> {
  if (seen.has(module.href)) return seen;
  seen.add(module.href);
  if (!module.pathname.endsWith(".ts")) return seen;
  const source = await Deno.readTextFile(module);
  for (const [, path] of source.matchAll(/^(?:import|export) (?!type)(?:[^;]*?from )?"(\.[^"]+)"/gm)) {
    await loaded(new URL(path, module), seen);
  }
  return seen;
}

Deno.test("main.ts loads no implementation before a command runs", async () => {
  const main = new URL("../../main.ts", import.meta.url);
  const names = [...await loaded(main)].map((href) => href.slice(new URL(".", main).href.length)).sort();
  assertEquals(names, [
    "deno.json",
    "kernels/errors.ts",
    "main.ts",
    ...["command", "command_line", "commands", "experiments", "failure", "flags", "hardware", "io", "run"]
      .map((name) => `src/cli/${name}.ts`),
    "src/cli/sweep_range.ts",
    "src/cli/values.ts",
    "src/data/files.ts",
    "src/reports/text_style.ts",
    "src/runs/failure.ts",
  ]);
});
