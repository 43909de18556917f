/** Tests of the memory of a training: the refusal in advance, and the errors of exhausted memory. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { divide } from "../../kernels/wasm/memory.ts";
import { UsageError, ValueError } from "../../kernels/errors.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { bprMf, gume, lightgcn, type Model } from "../../src/models/mod.ts";
import { train, type TrainOptions } from "../../src/runs/train.ts";
import { SMALL } from "../cli/folder.ts";
import { quick } from "./quick.ts";

/** Checks that a training is refused and leaves no folder. */
async function refused(model: Model, options: TrainOptions, kind: typeof ValueError, message: string): Promise<void> {
  const files = memoryFiles();
  await assertRejects(() => train(model, SMALL, { ...options, folder: "run", files }), kind, message);
  assertEquals(await files.list(""), []);
}

Deno.test("train() refuses a training that needs twice the memory of the device, and names the setting to lower", () =>
  refused(
    lightgcn,
    { settings: { dim: 65_536, layers: 1000 } },
    UsageError,
    'Cannot train lightgcn on "small": it needs about 67,500 MB, and the device has at most 17,200 MB; ' +
      "lower dim (now 65,536), or layers (now 1,000)",
  ));

Deno.test("train() names the setting to lower when the engine or the device runs out of memory", async () => {
  const failing = (error: Error): Model => ({
    ...bprMf,
    loss: () => {
      throw error;
    },
  });
  const message = 'Cannot train bprmf on "small": the memory is exhausted; lower dim (now 999)';
  for (
    const error of [
      new RangeError("Maximum call stack size exceeded"),
      new RangeError("Invalid array length"),
      assertThrows(() => divide(new WebAssembly.Memory({ initial: 1, maximum: 1 }), 1).allocate(1e9), ValueError),
    ]
  ) await refused(failing(error), { ...quick, settings: { dim: 999 } }, ValueError, message);
  const other = new ValueError("Cannot add [2] and [3]: the shapes must be equal");
  await refused(failing(other), quick, ValueError, other.message);
});

Deno.test("train() names the size of embeddings and batches if no setting is larger than by default", async () => {
  const model: Model = {
    ...gume,
    init: () => {
      throw new RangeError("Array buffer allocation failed");
    },
  };
  await refused(model, {}, ValueError, "lower dim (now 64), or batch (now 2,048)");
});
