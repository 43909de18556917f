/**
 * Hardware with a simulated GPU: a WebAssembly device with another name, and a clock that advances with every kernel.
 *
 * @module
 */
import {
  type Choice,
  type DeviceName,
  type KernelName,
  type Kernels,
  openDevice,
  type Storage,
  type WasmDevice,
} from "../../kernels/mod.ts";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import type { Hardware } from "../../src/runs/device.ts";

/** The simulated hardware. */
export interface Pretended {
  /** Milliseconds that a kernel takes on the processor. */
  readonly processor: number;
  /** Milliseconds that a kernel takes on the GPU. */
  readonly gpu: number;
  /** Whether the GPU is hardware, `true` by default. */
  readonly hardware?: boolean;
  /** The folder that remembers measurements; none by default. */
  readonly cache?: string;
  /** Is called before each kernel on the GPU, with the number of kernels so far. It may throw. */
  readonly before?: (ran: number) => void;
}

/** Hardware, and a record of its work. */
export interface Pretender {
  readonly hardware: Hardware;
  readonly now: () => number;
  /** Kernels that ran on the processor and on the GPU. */
  readonly ran: { wasm: number; webgpu: number };
  /** The devices themselves. */
  readonly devices: Readonly<Record<"wasm" | "webgpu", WasmDevice>>;
}

/** Returns hardware with a GPU. */
export function pretend({ processor, gpu, hardware = true, cache, before = () => {} }: Pretended): Pretender {
  let time = 0;
  const ran = { wasm: 0, webgpu: 0 };
  const clocked = (name: "wasm" | "webgpu", cost: number) => {
    const get = <S extends Storage>(kernels: Kernels<S>, kernel: string | symbol) => {
      if (name === "webgpu") before(ran.webgpu);
      ran[name]++;
      time += cost;
      return kernels[kernel as KernelName];
    };
    const instrument = <S extends Storage>(kernels: Kernels<S>) => new Proxy(kernels, { get });
    return wasmDevice({ threads: 1, instrument });
  };
  const devices = { wasm: clocked("wasm", processor), webgpu: clocked("webgpu", gpu) };
  const adapter = { name: "A Card", hardware, mode: "webgpu", largestBlock: 2 ** 31 };
  const traffic = () => ({ uploads: 0, uploadedBytes: 0, readbacks: 0, readBytes: 0, runs: ran.webgpu });
  const open = (name: DeviceName | "auto" = "auto"): Promise<Choice> => {
    if (name === "reference") return openDevice(name);
    const device = name === "webgpu" ? { ...devices.webgpu, name, adapter, traffic } : devices.wasm;
    return Promise.resolve({ device, reason: "asked for" });
  };
  return {
    hardware: {
      gpu: () => Promise.resolve(adapter),
      open,
      timings: () => cache === undefined ? null : `${cache}/giverny/devices.json`,
    },
    now: () => time,
    ran,
    devices,
  };
}
