/**
 * Random numbers: gpu.js computes with floats only and cannot rotate the bits of a word, so the processor draws the
 * numbers and copies them.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { type WasmDevice, wasmDevice } from "../wasm/device.ts";
import type { GpuEngine, GpuStorage } from "./storage.ts";

/** See {@link Kernels.uniforms}. */
export function uniforms({ store }: Pick<GpuEngine, "store">): Kernels<GpuStorage>["uniforms"] {
  let host: WasmDevice | undefined;
  return (key, count) => {
    const { kernels, free } = host ??= wasmDevice({ threads: 1 });
    const drawn = kernels.uniforms(key, count);
    const out = store(drawn.floats);
    free(drawn);
    return out;
  };
}
