import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { openDevice, reference } from "../../kernels/mod.ts";
import { type } from "./captured.ts";

Deno.test("devices shows what there is, what is chosen, and why", async () => {
  const { exit, out } = await type("devices");
  assertEquals(exit, 0);
  for (
    const line of [
      new RegExp(`^wasm +${navigator.hardwareConcurrency} +WebAssembly SIMD`, "m"),
      /^reference +1 +plain/m,
      /^relaxed SIMD +(yes|no)$/m,
      /^shared memory +(yes|no)$/m,
    ]
  ) {
    assertMatch(out, line);
  }
  const { device, reason } = await openDevice();
  assertMatch(out, new RegExp(`^${device.name} is chosen: ${reason}\\.$`, "m"));
  const { chosen, devices } = JSON.parse((await type("devices --json")).out);
  assertEquals(chosen, device.name);
  assertEquals(devices[1], { name: "reference", threads: 1, about: reference.about });
});
