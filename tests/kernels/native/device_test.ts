/** Tests of the native device: where it runs, what replaces it elsewhere, and its safety under many calls. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { DeviceError } from "../../../kernels/errors.ts";
import { openDevice, wasm } from "../../../kernels/mod.ts";
import { kernelsOf, nativeDevice, nativeSupport, technologyOf } from "../../../kernels/native/device.ts";
import { nativeRoutines } from "../../../kernels/native/storage.ts";
import { tileColumns } from "../../../kernels/native/tile.ts";
import { SETS } from "../../../kernels/native/vectors.ts";
import type { Technology } from "../../../kernels/wasm/device.ts";
import { readSync, tensor } from "../../../src/core/tensor.ts";
import { add } from "../../../src/ops/mod.ts";
import { guarded } from "../wasm/guarded.ts";
import { bitsOf, gather, runs } from "../wasm/work.ts";
import { ignore, sets } from "./support.ts";

/** Runs a program with these permissions and variables, and returns what it prints. */
async function printed(program: string, permissions: readonly string[], env: Record<string, string> = {}) {
  const folder = await Deno.makeTempDir();
  try {
    const kernels = new URL("../../../kernels/mod.ts", import.meta.url);
    await Deno.writeTextFile(`${folder}/a.ts`, `import { openDevice } from "${kernels}";\n${program}`);
    const args = ["run", "--no-prompt", "--quiet", "--no-check", ...permissions, `${folder}/a.ts`];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const AUTO = "console.log((await openDevice()).device.name);";

Deno.test("auto is native with the permission, and wasm without it, without a prompt and a message", async () => {
  assertEquals(await printed(AUTO, []), "wasm\n");
  assertEquals(await printed(AUTO, ["--allow-ffi"]), ignore ? "wasm\n" : "native\n");
  const asked = await printed(`await openDevice("native").catch(({ message }) => console.log(message));`, []);
  assertEquals(asked, 'Cannot open the device "native": the permission --allow-ffi is missing\n');
});

Deno.test("the environment chooses WebAssembly, or a set of instructions", { ignore }, async () => {
  const all = ["--allow-ffi", "--allow-env"];
  assertEquals(await printed(AUTO, all, { GIVERNY_DEVICE: "wasm" }), "wasm\n");
  // Without the permission to read it, the variable has no effect.
  assertEquals(await printed(AUTO, ["--allow-ffi"], { GIVERNY_DEVICE: "wasm" }), "native\n");
  const about = `console.log((await openDevice("native")).device.about);`;
  assertMatch(await printed(about, all, { GIVERNY_VECTORS: "avx2" }), /^machine code for AVX2,/);
});

Deno.test(
  "nativeSupport() names the reason if memory may not become executable, or the processor is old",
  { ignore },
  () => {
    const refused = () => {
      throw new DeviceError('Cannot compute on "native": mprotect refuses executable memory');
    };
    assertEquals(nativeSupport(refused), 'Cannot compute on "native": mprotect refuses executable memory');
    assertEquals(nativeSupport(() => []), "this processor has neither AVX2 nor AVX-512");
    assertEquals(nativeSupport(() => ["avx2"]), { vectors: "avx2" });
  },
);

Deno.test("the shared native device computes on tensors of the shared WebAssembly device", { ignore }, async () => {
  const { device } = await openDevice("native");
  assert(device === (await openDevice("native")).device && device !== wasm());
  const [x, y] = [tensor([1, 2], { device }), tensor([3, 4], { device: wasm() })];
  assertEquals([...readSync(add(x, y)), ...readSync(add(y, x))], [4, 6, 4, 6]);
});

Deno.test("a native device continues on the calling thread after it was closed", { ignore }, () => {
  const device = nativeDevice({ threads: 2 });
  const x = device.upload([1, 2, 3, 4]);
  const size = { rows: 2, inner: 2, columns: 2 };
  assertEquals([...device.kernels.matmul(x, x, size, "nn").floats], [7, 10, 15, 22]);
  device.close();
  assertEquals([...device.kernels.matmul(x, x, size, "nn").floats], [7, 10, 15, 22]);
});

for (const name of sets) {
  const set = SETS[name];
  let calls = 0;
  /** Calls routines for as little work at once as they can do. */
  const technology: Technology = {
    ...technologyOf(name),
    kernels: (wasm, engine, memory, threads) => {
      const native = nativeRoutines(memory, threads, set);
      const parallelFor: typeof native = (key, write, { count }, args) => {
        const grain = key.startsWith("matmul") ? tileColumns(set) : 1;
        calls += Math.ceil(count / grain);
        native(key, write, { count, grain }, args);
      };
      return kernelsOf(set, { ...engine, parallelFor }, engine, wasm);
    },
  };

  Deno.test(`100,000 calls of each routine for ${name} on five threads give the same bits`, async (t) => {
    const [one, five] = [guarded(1, { technology }), guarded(5, { technology })];
    await gather([five]);
    for (const [kernel, run] of runs) {
      // A product shares out its columns if they are many, and else its rows.
      const sizes = kernel.startsWith("matmul")
        ? [{ rows: 2, inner: 3, columns: 50_000 }, { rows: 50_000, inner: 3, columns: 2 }]
        : [{ rows: 5000, inner: 3, columns: 3 }];
      await t.step(kernel, () => {
        for (const size of sizes) {
          calls = 0;
          const expected = bitsOf(one, run, size, 1);
          for (let before = 0; before < calls && calls < 100_000;) {
            before = calls;
            bitsOf(five, run, size, 1).forEach((words, n) => assert(words.every((word, i) => word === expected[n][i])));
          }
        }
      });
    }
    five.close();
  });
}
