import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { COMMANDS } from "../../src/cli/commands.ts";
import { run } from "../../src/cli/run.ts";
import { captured, type } from "./captured.ts";

const FLAGS: Readonly<Record<string, string>> = {
  train: "--data --model --protocol --config --set --epochs --seed --device --threads --out --resume --profile",
  evaluate: "RUN --split --k --device --threads",
  recommend: "RUN --users --all --history --similar --explain --k --format --include-seen --device --threads",
  "add-items": "RUN --data --out --device --threads",
  serve: "RUN --port --host --events --pictures --categories --watch --device --threads",
  compare: "--data --protocol --set --epochs --device --threads --out --models --seeds --search --avgdiff",
  sweep: "--data --protocol --set --epochs --device --threads --out --model --over --seeds",
  analyse: "SOURCE --avgdiff --similarity --threads --out",
  "data stats": "DIR|garden",
  "data import":
    "SOURCE --out --user-column --item-column --time-column --rating-column --no-header --min-rating --missing --k-core " +
    "--split --seed",
  "data get": "NAME|URL --out --sha256 --keep --min-rating --k-core --split --validation --order --encode --seed",
  "data garden": "--out --seed",
  models: "NAME",
  devices: "--probe",
};

Deno.test("COMMANDS are the commands whose flags are tested here", () => {
  assertEquals(COMMANDS.map(({ words }) => words.join(" ")), Object.keys(FLAGS));
});

for (const [command, flags] of Object.entries(FLAGS)) {
  Deno.test(`run() prints the help of ${command} with every flag and an example`, async () => {
    const { exit, out, err } = await type(`${command} --help`);
    assertEquals([exit, err], [0, ""]);
    for (const flag of `${flags} --json --debug`.trim().split(" ")) assertStringIncludes(out, `  ${flag} `);
    assertMatch(out, new RegExp(`Examples:\n  deno run -A main.ts ${command}`));
    const unexplained = out.split("\n").filter((line) => /^ {2}\S+( \S+)?$/.test(line));
    assertEquals(unexplained, [], "every flag is explained");
  });

  Deno.test(`run() suggests the nearest for a misspelt flag of ${command}, and exits with 2`, async () => {
    const { exit, out, err } = await type(`${command} --debg`);
    assertEquals([exit, out], [2, ""]);
    assertEquals(
      err,
      `error: Unexpected option or argument: --debg. Did you mean --debug? See deno run -A main.ts ${command} --help\n`,
    );
  });
}

Deno.test("run() without a command lists the commands; an incomplete command is misuse and does so too", async () => {
  const all = await type("");
  assertEquals([all.exit, all.err], [0, ""]);
  for (const { words: [word] } of COMMANDS) assertStringIncludes(all.out, `  ${word} `);
  assertEquals(all.out, (await type("--help")).out);
  const group = await type("data");
  assertEquals([group.exit, group.out], [2, ""]);
  for (const word of ["stats", "import", "garden"]) assertStringIncludes(group.err, `  ${word} `);
});

Deno.test("run() shows examples of a group of commands", async () => {
  const { exit, out } = await type("data --help");
  assertEquals(exit, 0);
  assertStringIncludes(out, "Examples:\n  deno run -A main.ts data stats garden\n");
});

Deno.test("run() shows in usage lines how to start the program, and optional arguments", async () => {
  assertStringIncludes((await type("--help")).out, "Usage: deno run -A main.ts COMMAND");
  assertMatch((await type("models --help")).out, /Usage: deno run -A main\.ts models .*\[NAME\]/);
});

Deno.test("run() suggests the nearest for a misspelt command, and exits with 2", async () => {
  for (const [wrong, right] of [["trian", "train"], ["data stat garden", "stats"], ["modles", "models"]]) {
    const { exit, out, err } = await type(wrong);
    assertEquals([exit, out], [2, ""]);
    assertStringIncludes(err, `Did you mean ${right}?`);
  }
});

Deno.test("run() refuses invalid values of options, and exits with 2", async () => {
  for (
    const [line, why] of [
      ["train --epochs 0", "--epochs: Expected a value greater than or equal to 1, but got 0."],
      ["train --epochs", "--epochs requires N."],
      ["train --threads 0", "--threads: Expected a value greater than or equal to 1, but got 0."],
      ["evaluate RUN --threads all", "--threads: Expected a valid integer, but got all."],
      [
        "train --device wsm",
        "--device: Expected one of auto, native, wasm, webgpu, and reference, but got wsm. Did you mean wasm?",
      ],
      ["train --set lr", "--set: Expected a setting and its value, as in lr=1e-3, but got lr."],
      ["evaluate RUN --k 10,x", "--k: Expected a valid integer, but got x."],
      ["evaluate", "Expected a RUN, but too few arguments."],
      ["recommend RUN --users a,,b", "--users: Expected an id, but got nothing."],
      ["data stats one two", "Unexpected option or argument: two."],
    ]
  ) {
    const { exit, out, err } = await type(line);
    assertEquals([exit, out], [2, ""], line);
    assert(err.startsWith(`error: ${why} See deno run -A main.ts ${line.split(" ")[0]}`), err);
  }
});

Deno.test("run() refuses an empty path of every command", async () => {
  for (const { words } of COMMANDS) {
    const command = words.join(" ");
    const needed = {
      compare: ["--models", "monet"],
      sweep: ["--over", "alpha=1"],
      analyse: ["garden"],
      "add-items": ["runs/a"],
      "data import": ["garden"],
    }[command] ?? [];
    const flags = FLAGS[command].split(" ").filter((flag) =>
      ["--out", "--resume", "--search", "--config", "--data"].includes(flag)
    );
    for (const flag of flags) {
      const { io, out, err } = captured();
      // The other option that add-items cannot do without.
      const other = command !== "add-items" ? [] : flag === "--out" ? ["--data", "garden"] : ["--out", "runs/b"];
      const line = [...words, ...needed, ...other, flag, ""];
      assertEquals([await run(line, io), out()], [2, ""], `${command} ${flag}`);
      assertMatch(err(), /Expected a (folder|path)(, or garden)?, but got nothing\./, `${command} ${flag}`);
    }
  }
  const { io, err } = captured();
  assertEquals(await run(["data", "stats", ""], io), 2);
  assertMatch(err(), /Expected a folder, or garden, but got nothing/);
});

Deno.test("run() with --json prints a failure as one JSON object on the last line of out", async () => {
  for (const line of ["train --json --epochs 0", "data stats no/such/folder --json", "nothing --json"]) {
    const { exit, out } = await type(line);
    const last = JSON.parse(out.trimEnd().split("\n").at(-1)!);
    assertEquals(last.exit, exit);
    assertEquals(typeof last.error, "string");
  }
});

Deno.test("run() prints a failure in one line, and its stack only with --debug", async () => {
  const plain = await type("data stats no/such/folder");
  assertEquals(plain.exit, 1);
  assertMatch(plain.err, /^error: Cannot read .*no\/such\/folder.*\n$/);
  const debug = await type("data stats no/such/folder --debug");
  assertEquals(debug.exit, 1);
  assertStringIncludes(debug.err, plain.err);
  assertMatch(debug.err, /\n {4}at .*\.ts:\d+/);
});

Deno.test("run() colours only if colours are wanted", async () => {
  assert((await type("nothing", { terminal: true, colour: true })).err.includes("\x1b["));
  for (const line of ["nothing", "train --help", "--help"]) {
    const { out, err } = await type(line, { terminal: true, colour: false });
    assert(!`${out}${err}`.includes("\x1b["), line);
  }
});

Deno.test("run() prints the version and completes words", async () => {
  assertMatch((await type("--version")).out, /^\d+\.\d+\.\d+\n$/);
  assertStringIncludes((await type("completion bash")).out, "_giverny");
  assertStringIncludes((await type("completion bash train --device w")).out, "wasm");
});
