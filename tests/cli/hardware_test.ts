/** Tests of the hardware of this machine. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { thisHardware } from "../../src/cli/hardware.ts";
import { webgpu } from "../support.ts";

/** Runs `body` with variables of the environment set, or unset where they are `undefined`. */
function withVariables(variables: Readonly<Record<string, string | undefined>>, body: () => void): void {
  const kept = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  const put = ([name, value]: readonly [string, string | undefined]) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  Object.entries(variables).forEach(put);
  try {
    body();
  } finally {
    kept.forEach(put);
  }
}

Deno.test("thisHardware() describes a GPU, before gpu.js is loaded, as gpu.js does", async () => {
  const gpu = await thisHardware().gpu();
  if (webgpu) {
    const { mode, ...facts } = webgpu.adapter;
    assertEquals([gpu, mode], [facts, "webgpu"]);
  } else assertEquals(typeof gpu, "string");
});

Deno.test("thisHardware() keeps measurements in the system's cache folder, or nowhere", () => {
  const { timings } = thisHardware();
  withVariables({ XDG_CACHE_HOME: "/somewhere" }, () => assertEquals(timings(), "/somewhere/giverny/devices.json"));
  withVariables({ XDG_CACHE_HOME: undefined, HOME: "/home/me", LOCALAPPDATA: "/home/me/.cache" }, () => {
    const folder = Deno.build.os === "darwin" ? "/home/me/Library/Caches" : "/home/me/.cache";
    assertEquals(timings(), `${folder}/giverny/devices.json`);
  });
  withVariables({ XDG_CACHE_HOME: undefined, HOME: undefined, LOCALAPPDATA: undefined }, () => {
    assertEquals(timings(), null);
  });
});

Deno.test("a request for a GPU prints nothing on a machine without a session", async () => {
  const script = `
    const { thisHardware } = await import("${new URL("../../src/cli/hardware.ts", import.meta.url)}");
    await thisHardware().gpu();
    await thisHardware().gpu();`;
  const { XDG_RUNTIME_DIR: _, ...env } = Deno.env.toObject();
  const command = new Deno.Command(Deno.execPath(), { args: ["eval", script], env, clearEnv: true });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  assertEquals([text.decode(stdout), text.decode(stderr)], ["", ""]);
});
