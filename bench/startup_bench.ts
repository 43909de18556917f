/** The time that programs take to start, each in a process of its own. @module */

/** Runs Deno and waits for it to end. */
async function deno(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "piped" })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

const root = new URL("../", import.meta.url);
const library = JSON.stringify(new URL("mod.ts", root).href);
const starts: Readonly<Record<string, readonly string[]>> = {
  "Deno alone": ["eval", "0"],
  "main.ts --help": ["run", "-A", `${import.meta.dirname}/../main.ts`, "--help"],
  "import the library": ["eval", `await import(${library})`],
  "import the library and multiply two matrices": [
    "eval",
    `const { matmul, ones } = await import(${library}); matmul(ones([512, 512]), ones([512, 512]))`,
  ],
};
for (const [name, args] of Object.entries(starts)) {
  Deno.bench(name, { group: "start-up", baseline: name === "Deno alone" }, async () => {
    await deno(...args);
  });
}
