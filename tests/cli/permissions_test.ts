/** Tests of the table of permissions in the README: each command runs with these, and not with fewer. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { fromFileUrl } from "deno-std/path/from_file_url.js";
import { COMMANDS } from "../../src/cli/commands.ts";
import { key } from "../../src/core/random.ts";
import { writeDataset } from "../../src/data/formats/mod.ts";
import { garden } from "../../src/data/garden.ts";
import { inFolder } from "./folder.ts";

const [MAIN, CONFIG, README] = ["main.ts", "deno.json", "README.md"].map((name) =>
  fromFileUrl(new URL(`../../${name}`, import.meta.url))
);

const QUICK = "--threads 1 --device wasm --epochs 1";

/** A command line for each command of the table, in the order in which they can run. */
const LINES: Readonly<Record<string, string>> = {
  "data garden": "data garden --out garden-data",
  "data import": "data import garden-data/interactions.tsv --out imported",
  "data stats": "data stats imported",
  "train": `train --model vbpr --data garden-data --out run ${QUICK}`,
  "evaluate": "evaluate run --threads 1",
  "recommend": "recommend run --users user-001 --threads 1",
  "add-items": "add-items run --data more-items --out run-of-more --threads 1",
  "analyse": "analyse garden-data --similarity --threads 1",
  "compare": `compare --models itemknn --seeds 1 --out compared ${QUICK}`,
  "sweep": `sweep --model bprmf --over l2=0,1 --seeds 1 --out swept ${QUICK}`,
  "data get": "data get",
  "models": "models monet",
  "devices": "devices",
  "train --help": "train --help",
};

/** Commands that do not end, and the tests of their permissions. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "serve": "tests/cli/serve_test.ts",
};

/** Returns the permissions of each command in the table. */
function table(): Map<string, string[]> {
  const rows = Deno.readTextFileSync(README).split("## Permissions")[1].split("\n## ")[0].split("\n")
    .filter((line) => line.startsWith("| `")).map((line) => line.split("|"));
  return new Map(rows.flatMap(([, commands, permissions]) => {
    const flags = permissions.match(/--[\w-]+/g) ?? [];
    return [...commands.matchAll(/`([^`]+)`/g)].map(([, command]): [string, string[]] => [command, flags]);
  }));
}

/** Runs a command line with permissions, in a folder. */
async function ran(line: string, flags: readonly string[], cwd: string) {
  const args = ["run", "--no-prompt", "--config", CONFIG, ...flags, MAIN, ...line.split(" ")];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd, stdout: "null" }).output();
  return { code, err: new TextDecoder().decode(stderr) };
}

Deno.test("every command runs with the permissions of the README's table, and not with fewer", () =>
  inFolder(async (folder) => {
    const needed = table();
    const names = [...COMMANDS.map(({ words }) => words.join(" ")), "train --help"].sort();
    assertEquals([...needed.keys()].sort(), names);
    await writeDataset(`${folder}/more-items`, garden(key(0), { items: 410 }));
    assertEquals(Object.keys(LINES).concat(Object.keys(ELSEWHERE)).sort(), names);
    for (const [command, line] of Object.entries(LINES)) {
      const { code, err } = await ran(line, needed.get(command)!, folder);
      assertEquals([command, code], [command, 0], err);
    }
    for (const [command, lacking] of [["evaluate", "--allow-read"], ["data garden", "--allow-write"]]) {
      const flags = needed.get(command)!.filter((flag) => flag !== lacking);
      const { code, err } = await ran(LINES[command], flags, folder);
      assertEquals(code, 1, err);
      assertStringIncludes(err, lacking.replace("--allow-", "Requires "));
    }
  }));
