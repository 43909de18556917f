/**
 * The native device: the WebAssembly device with kernels in machine code for x86-64, assembled at run time.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { processorDevice, type Technology, type WasmDevice, type WasmOptions } from "../wasm/device.ts";
import { map } from "../wasm/map.ts";
import { matmul } from "../wasm/matmul.ts";
import type { Heap } from "../wasm/memory.ts";
import { reduce } from "../wasm/reduce.ts";
import { sddmm } from "../wasm/sddmm.ts";
import { segmentSoftmax, segmentSoftmaxMean } from "../wasm/segment.ts";
import { spmm } from "../wasm/spmm.ts";
import type { Engine, WasmStorage } from "../wasm/storage.ts";
import { topk } from "../wasm/topk.ts";
import { MOST_BLOCKS } from "./elementwise.ts";
import { instructionSets } from "./features.ts";
import { mapRoutines } from "./map.ts";
import { sharesOf } from "./matmul.ts";
import { caller } from "./pages.ts";
import { reduceRoutines } from "./reduce.ts";
import { sddmmRoutine } from "./sddmm.ts";
import { meanRoutine, softmaxRoutine } from "./segment.ts";
import { spmmRoutine } from "./spmm.ts";
import { type NativeEngine, nativeRoutines } from "./storage.ts";
import { topkRoutine } from "./topk.ts";
import { type SetName, SETS, type Vectors } from "./vectors.ts";

/** Options of {@link nativeDevice}. */
export interface NativeOptions extends WasmOptions {
  /** The instruction set; the widest that this processor has, by default. */
  readonly vectors?: SetName | undefined;
}

const TITLES: Readonly<Record<SetName, string>> = { avx2: "AVX2", avx512: "AVX-512" };

/** The kernels in machine code; WebAssembly has the others, and formulas of more blocks than there are registers. */
export function kernelsOf(
  set: Vectors,
  native: NativeEngine,
  engine: Engine,
  wasm: Kernels<WasmStorage>,
): Partial<Kernels<WasmStorage>> {
  const own = { map: map(native, mapRoutines(set)), reduce: reduce(native, reduceRoutines(set)) };
  return {
    map: (formula, operands, ...rest) =>
      (operands.length + formula.outputs > MOST_BLOCKS ? wasm : own).map(formula, operands, ...rest),
    reduce: (by, term, operands, ...rest) =>
      (operands.length + 1 > MOST_BLOCKS ? wasm : own).reduce(by, term, operands, ...rest),
    matmul: matmul(engine, sharesOf(native, set)),
    spmm: spmm(native, (form) => spmmRoutine(set, form)),
    sddmm: sddmm(native, (depth) => sddmmRoutine(set, depth)),
    segmentSoftmax: segmentSoftmax(native, (columns) => softmaxRoutine(set, columns)),
    segmentSoftmaxMean: segmentSoftmaxMean(native, (columns) => meanRoutine(set, columns)),
    topk: topk(native, (form) => topkRoutine(set, form)),
  };
}

/** Returns the technology of an instruction set. */
export function technologyOf(vectors: SetName): Technology {
  const set = SETS[vectors];
  return {
    name: "native",
    about: `machine code for ${TITLES[vectors]}, assembled at run time, and WebAssembly`,
    kernels: (wasm, engine, memory, threads) =>
      kernelsOf(set, { ...engine, parallelFor: nativeRoutines(memory, threads, set) }, engine, wasm),
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
