/** Tests of the surroundings of a process: signals, and a reader that stops to read. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fromFileUrl } from "deno-std/path/from_file_url.js";
import { INTERRUPTIONS } from "../../src/cli/failure.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));

/** Trains BPR-MF on the garden, calls `act` at the second epoch, and returns the exit code and the run's status. */
async function trained(epochs: number, act: (process: Deno.ChildProcess) => void) {
  const folder = await Deno.makeTempDir();
  const words = `train --model bprmf --threads 1 --device wasm --set patience=9999 --epochs ${epochs} --out run`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", CONFIG, MAIN, ...words.split(" ")],
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  // To leave the loop closes the pipe.
  for await (const part of process.stderr.pipeThrough(new TextDecoderStream())) {
    if ((text += part).includes("\nepoch 2 ")) break;
  }
  act(process);
  const { code } = await process.status;
  const { status, epochs: done } = JSON.parse(await Deno.readTextFile(`${folder}/run/run.json`));
  await Deno.remove(folder, { recursive: true });
  return { code, status, done };
}

Deno.test({
  name: "Ctrl-C, SIGTERM and SIGHUP end a training after its step, with an exit code of their own",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const names = Object.keys(INTERRUPTIONS) as (keyof typeof INTERRUPTIONS)[];
    const ended = await Promise.all(names.map((name) => trained(99999, (process) => process.kill(name))));
    assertEquals(ended.map(({ code }) => code), names.map((name) => INTERRUPTIONS[name]));
    assertEquals(ended.map(({ status, done }) => [status, done >= 2]), names.map(() => ["interrupted", true]));
  },
});

Deno.test("a training goes on to its end when its messages find no reader", async () => {
  assertEquals(await trained(20, () => {}), { code: 0, status: "finished", done: 20 });
});
