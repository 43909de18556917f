/** Tests of processes that have worker threads: they end at once, also while workers are busy. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";

const root = new URL("../../../", import.meta.url);
const SECONDS = 30;

/** Runs a script with a device of three threads that have all started. */
async function outcome(script: string): Promise<{ code: number; out: string; error: string }> {
  const source = `
    import { formula } from "${root}kernels/scalar.ts";
    import { wasmDevice } from "${root}kernels/wasm/device.ts";
    const device = wasmDevice({ threads: 3 });
    const [size, double] = [{ rows: 1, columns: 1e6 }, formula("double", ({ add }) => (x) => add(x, x))];
    const x = device.upload(new Float32Array(1e6).fill(1));
    const work = () => {
      const [y] = device.kernels.map(double, [{ storage: x, extent: "both" }], [], size);
      const { floats: { 0: first, 999999: last } } = y;
      device.free(y);
      return first + last;
    };
    while (work() !== 4 || device.started() < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    console.log("up");
    ${script}
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--no-lock", "--config", new URL("deno.json", root).pathname, "-"],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  let late = false;
  const patience = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, SECONDS * 1000);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(patience);
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(!late, `the process was still there after ${SECONDS} seconds; it said: ${out}${error}`);
  return { code, out, error };
}

const scripts: readonly (readonly [when: string, script: string, code: number, error: RegExp])[] = [
  ["when its script is done", "", 0, /^$/],
  ["in the middle of much work", "for (let n = 0; n < 50; n++) work();", 0, /^$/],
  ["while workers sleep", "await new Promise((resolve) => setTimeout(resolve, 100));", 0, /^$/],
  ["after close()", "device.close(); work();", 0, /^$/],
  ["after an error that is not caught", 'work(); throw new TypeError("no luck");', 1, /TypeError: no luck/],
  ["after a promise that is rejected", 'work(); Promise.reject(new TypeError("no luck"));', 1, /TypeError: no luck/],
  ["by Deno.exit()", "work(); Deno.exit(7);", 7, /^$/],
  ["by Deno.exit() in a callback", "setTimeout(() => Deno.exit(7), 1); for (let n = 0; n < 50; n++) work();", 7, /^$/],
];

for (const [when, script, expected, message] of scripts) {
  Deno.test(`a process with workers ends ${when}`, async () => {
    const { code, out, error } = await outcome(script);
    assertEquals([code, out], [expected, "up\n"]);
    assert(message.test(error), `it said: ${error}`);
  });
}

Deno.test({
  name: "close() ends the threads themselves (seen on Linux only)",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { code, out } = await outcome(`
      const threads = () => [...Deno.readDirSync("/proc/self/task")].length;
      const before = threads();
      device.close();
      for (let looks = 0; threads() > before - 2 && looks < 500; looks++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      console.log(before - threads() >= 2);
    `);
    assertEquals([code, out], [0, "up\ntrue\n"]);
  },
});
