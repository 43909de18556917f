/**
 * The native device: the WebAssembly device with kernels in machine code for x86-64, assembled at run time.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { processorDevice, type Technology, type WasmDevice, type WasmOptions } from "../wasm/device.ts";
import type { Heap } from "../wasm/memory.ts";
import type { WasmStorage } from "../wasm/storage.ts";
import { type NativeEngine, nativeRoutines } from "./storage.ts";
import { instructionSets } from "./features.ts";
import { map } from "./map.ts";
import { matmul } from "./matmul.ts";
import { caller } from "./pages.ts";
import { reduce, reducers as wasmReducers } from "../wasm/reduce.ts";
import { topk } from "../wasm/topk.ts";
import { reducers } from "./reduce.ts";
import { sddmm } from "./sddmm.ts";
import { segmentSoftmax, segmentSoftmaxMean } from "./segment.ts";
import { spmm } from "./spmm.ts";
import { finder } from "./topk.ts";
import { type SetName, SETS } from "./vectors.ts";

/** Options of {@link nativeDevice}. */
export interface NativeOptions extends WasmOptions {
  /** The instruction set; the widest that this processor has, by default. */
  readonly vectors?: SetName | undefined;
}

const TITLES: Readonly<Record<SetName, string>> = { avx2: "AVX2", avx512: "AVX-512" };

/** The kernels in machine code; WebAssembly has the others. */
export function kernelsOf(engine: NativeEngine, wasm: Kernels<WasmStorage>): Partial<Kernels<WasmStorage>> {
  return {
    map: map(engine, wasm.map),
    reduce: reduce(engine, reducers(engine, wasmReducers(engine))),
    matmul: matmul(engine),
    spmm: spmm(engine),
    sddmm: sddmm(engine),
    segmentSoftmax: segmentSoftmax(engine),
    segmentSoftmaxMean: segmentSoftmaxMean(engine),
    topk: topk(engine, finder(engine)),
  };
}

/** Returns the technology of an instruction set. */
export function technologyOf(vectors: SetName): Technology {
  const set = SETS[vectors];
  return {
    name: "native",
    about: `machine code for ${TITLES[vectors]}, assembled at run time, and WebAssembly`,
    kernels: (wasm, engine, memory, threads) =>
      kernelsOf({ ...engine, set, native: nativeRoutines(memory, threads, set) }, wasm),
    caller: `${caller}`,
  };
}

/**
 * Returns a native device, on the memory of another device or on its own.
 *
 * @throws {ValueError} as `wasmDevice` does.
 * @throws {DeviceError} if the system does not let memory become executable.
 */
export function nativeDevice(
  { vectors = instructionSets().at(-1)!, ...options }: NativeOptions,
  over?: Heap,
): WasmDevice {
  return processorDevice(technologyOf(vectors), options, over);
}

/** The environment variables that choose: `GIVERNY_DEVICE=wasm` for WebAssembly, `GIVERNY_VECTORS=avx2` for AVX2. */
const VARIABLES = { device: "GIVERNY_DEVICE", vectors: "GIVERNY_VECTORS" } as const;

function variable(name: string): string | undefined {
  return Deno.permissions.querySync({ name: "env", variable: name }).state === "granted"
    ? Deno.env.get(name)
    : undefined;
}

/** The processor's answer to the question whether it can run machine code: an instruction set, or the reason. */
export type Support = { readonly vectors: SetName } | string;

/**
 * Returns the instruction set on which this process can compute; the reason, if it cannot. Asking never shows a prompt.
 *
 * @param sets Returns the instruction sets of the processor.
 */
export function nativeSupport(sets: () => readonly SetName[] = instructionSets): Support {
  if (typeof Deno === "undefined") return "this runtime does not call machine code";
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") return `machine code is for Linux on x86-64, not for ${os} on ${arch}`;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return "the permission --allow-ffi is missing";
  if (typeof SharedArrayBuffer === "undefined") return "this runtime has no shared memory";
  try {
    const masked = variable(VARIABLES.vectors);
    const found = sets().filter((name) => masked === undefined || masked === "avx512" || name === masked);
    return found.length > 0 ? { vectors: found.at(-1)! } : "this processor has neither AVX2 nor AVX-512";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Returns whether the environment asks for WebAssembly where a device is chosen by itself. */
export function nativeUnwanted(): string | null {
  const wanted = variable(VARIABLES.device);
  return wanted === "wasm" ? `${VARIABLES.device} is "wasm"` : null;
}
