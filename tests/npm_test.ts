/**
 * The package for npm: it is made, packed, installed in an empty folder from its tarball, and used by Node alone.
 *
 * Without npm, or where npm reaches no registry, the test is skipped.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import deno from "../deno.json" with { type: "json" };

const root = new URL("../", import.meta.url).pathname;

/** The most bytes that a bundle loads at its start, compressed by gzip, in KB. */
const MOST: Readonly<Record<string, number>> = { "the front door": 114, "matmul and grad": 35 };

/** Trains in the package's folder, writes a run and a data set, and reads both. */
const PROGRAM = `
import { garden, GivernyError, key, models, openDevice, openRun } from "@giverny/giverny";
import { readDataset, recommend, train, writeDataset } from "@giverny/giverny";
import { GivernyError as FromKernels, wasm } from "@giverny/giverny/kernels";
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { availableParallelism } from "node:os";

equal(GivernyError, FromKernels);
const flowers = garden(key(0), { users: 60, items: 40 });
await train(models.lightgcn, flowers, { epochs: 2, folder: "run" });

const run = await openRun("run");
equal(run.history.length, 2);
const [first] = await recommend(run, { users: ["user-07"], k: 3 });
equal(first.items.length, 3);

await writeDataset("flowers", flowers);
deepEqual((await readDataset("flowers")).items, flowers.items);
const { writeFile } = await import("node:fs/promises");
await writeFile("log.csv", "user,item\\nann,lily\\nbob,lily\\nbob,poplar\\n");
deepEqual((await readDataset("log.csv")).items, ["lily", "poplar"]);
await rejects(readDataset("nothing.csv"), GivernyError);

equal(wasm().threads, availableParallelism());
const { device } = await openDevice("wasm", { threads: 2 });
const size = { rows: 512, inner: 512, columns: 512 };
const ones = device.upload(new Float32Array(512 * 512).fill(1));
for (let tries = 0; tries < 1000 && device.started() === 0; tries++) {
  device.kernels.matmul(ones, ones, size, "nn");
  await new Promise((resolve) => setTimeout(resolve, 1));
}
equal(device.started(), 1);
ok((await device.read(device.kernels.matmul(ones, ones, size, "nn"))).every((x) => x === 512));

const { reason } = await openDevice("webgpu");
ok(/so the processor computes/.test(reason), reason);
console.log("trained");
`;

const npm = await run("npm", ["--version"], ".").catch(() => null);
const reachable = npm !== null &&
  (await run("npm", ["ping", "--fetch-retries=0", "--fetch-timeout=3000"], ".")).success;
if (!reachable) {
  console.log(`The test of the npm package is left out: ${npm ? "npm reaches no registry" : "there is no npm"}`);
}

Deno.test({
  name: "the npm package trains, writes and reads with Node alone, and its bundles are small",
  ignore: !reachable,
  fn: async (t) => {
    const folder = await Deno.makeTempDir({ prefix: "giverny-npm-" });
    try {
      const made = await succeed("deno", ["task", "--quiet", "npm", "--out", `${folder}/package`], root);

      await t.step("bundles do not grow", () => {
        const found = [...made.matchAll(/^(.+?) +[\d.]+ KB minified, +([\d.]+) KB gzip/gm)];
        assertEquals(found.map(([, name]) => name), Object.keys(MOST));
        for (const [line, name, size] of found) {
          assert(Number(size) <= MOST[name], `more than ${MOST[name]} KB: ${line}`);
        }
      });

      await t.step("the tarball installs without the packages that are loaded late", async () => {
        await Deno.mkdir(`${folder}/empty`);
        await Deno.writeTextFile(`${folder}/empty/package.json`, `{ "type": "module" }`);
        const tarball = (await succeed("npm", ["pack", "--silent", "../package"], `${folder}/empty`)).trim();
        await succeed("npm", ["install", "--silent", "--no-audit", "--no-fund", tarball], `${folder}/empty`);
        const packages = [...Deno.readDirSync(`${folder}/empty/node_modules`)].map(({ name }) => name);
        assertEquals(packages.filter((name) => !name.startsWith(".")).sort(), ["@giverny", "@types"]);
      });

      await t.step("Node trains, writes a run and reads it, on two threads", async () => {
        await Deno.writeTextFile(`${folder}/empty/program.mjs`, PROGRAM);
        assertEquals((await succeed("node", ["program.mjs"], `${folder}/empty`)).trim(), "trained");
      });

      await t.step("every door opens where code may not be made from text", async () => {
        const names = Object.keys(deno.exports).filter((name) => !["./cli", "./main"].includes(name));
        const program = names.map((name) => `await import("@giverny/giverny${name.slice(1)}");`).join(" ");
        const strict = ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", program];
        await succeed("node", strict, `${folder}/empty`);
      });

      await t.step("declarations have every type that they name", async () => {
        const installed = `${folder}/empty/node_modules/${deno.name}`;
        const { dependencies, exports } = JSON.parse(await Deno.readTextFile(`${installed}/package.json`));
        const missing = Object.values<{ types?: string }>(exports).flatMap(({ types }) => types ?? [])
          .flatMap((path) => missingFrom(new URL(path, `file://${installed}/`), dependencies));
        assertEquals(missing, []);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Returns the modules that a declaration file and its imports name, and that are neither files nor dependencies. */
function missingFrom(file: URL, dependencies: object, seen: Set<string> = new Set()): string[] {
  if (seen.has(file.href)) return [];
  seen.add(file.href);
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch {
    return [file.pathname];
  }
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "");
  return [...code.matchAll(/(?:from |import\()"([^"]+)"/g)].flatMap(([, module]) => {
    if (module.startsWith(".")) return missingFrom(new URL(module.replace(/\.js$/, ".d.ts"), file), dependencies, seen);
    return module in dependencies || `@types/${module}` in dependencies ? [] : [`${module} in ${file.pathname}`];
  });
}

async function run(command: string, args: string[], cwd: string): Promise<{ success: boolean; output: string }> {
  const program = command === "deno" ? Deno.execPath() : command;
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd, env: { NO_COLOR: "1" } }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, output: success ? text(stdout) : text(stdout) + text(stderr) };
}

/** Runs a command and returns its output. */
async function succeed(command: string, args: string[], cwd: string): Promise<string> {
  const { success, output } = await run(command, args, cwd);
  assert(success, `${command} ${args[0]}: ${output}`);
  return output;
}
