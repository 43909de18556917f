/**
 * Every notebook of `examples/` runs without an error: by Deno's kernel where Jupyter's `nbconvert` is installed, else
 * its cells in order as one program.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";

const folder = new URL("../examples/", import.meta.url);
/** The notebooks are in the repository with their outputs, so that people see these on the web. */
const MOST_BYTES = 300_000;

interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly source: readonly string[];
  readonly outputs?: readonly { readonly output_type: string }[];
}

const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".ipynb")).sort();
const jupyter = await hasJupyter();
if (!jupyter) console.log("Notebooks run cell by cell, without pictures: there is no jupyter nbconvert here");

Deno.test("notebooks run without an error", async (t) => {
  const runs = names.map((name) => jupyter ? runByKernel(name) : runByCell(name));
  for (const [n, run] of runs.entries()) {
    const failure = await run;
    await t.step(names[n], () => assertEquals(failure, ""));
  }
});

Deno.test("notebooks are in the repository with outputs, none of them an error, and are small", () => {
  assert(names.length >= 3);
  for (const name of names) {
    const cells = cellsOf(name);
    const outputs = cells.flatMap(({ outputs = [] }) => outputs.map((output) => output.output_type));
    assert(outputs.length > 0 && !outputs.includes("error"), `${name}: ${outputs}`);
    assert(Deno.statSync(new URL(name, folder)).size < MOST_BYTES, `${name} is large`);
  }
});

function cellsOf(name: string): readonly Cell[] {
  return JSON.parse(Deno.readTextFileSync(new URL(name, folder))).cells;
}

/** Runs a program and returns its error; nothing if it succeeds. */
async function errorOf(
  program: string,
  args: readonly string[],
  options: Deno.CommandOptions,
  input = "",
): Promise<string> {
  const child = new Deno.Command(program, {
    ...options,
    args: [...args],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A program that ends early does not read its input.
  await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { success, stderr } = await child.output();
  return success ? "" : new TextDecoder().decode(stderr) || "it failed without a message";
}

async function hasJupyter(): Promise<boolean> {
  try {
    return await errorOf("jupyter", ["nbconvert", "--version"], {}) === "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Executes a notebook by a kernel that is this Deno, and returns the error. */
async function runByKernel(name: string): Promise<string> {
  const home = await Deno.makeTempDir();
  try {
    const kernel = `${home}/kernels/deno`;
    await Deno.mkdir(kernel, { recursive: true });
    const argv = [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"];
    await Deno.writeTextFile(
      `${kernel}/kernel.json`,
      JSON.stringify({ argv, display_name: "Deno", language: "typescript" }),
    );
    const args = ["nbconvert", "--to", "notebook", "--execute", "--output-dir", home, new URL(name, folder).pathname];
    return await errorOf("jupyter", args, { env: { JUPYTER_PATH: home, NO_COLOR: "1" } });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Runs the cells of a notebook in order as one program, and returns the error. Tags of the kernel return texts. */
async function runByCell(name: string): Promise<string> {
  const tags = "const tags = { html: String.raw, md: String.raw, svg: String.raw };";
  const cells = cellsOf(name).filter(({ cell_type }) => cell_type === "code").map(({ source }) => source.join(""));
  const program = [tags, ...cells].join("\n\n").replaceAll("Deno.jupyter", "tags");
  return await errorOf(
    Deno.execPath(),
    ["run", "-A", "--ext=ts", "-"],
    { cwd: folder, env: { NO_COLOR: "1" } },
    program,
  );
}
