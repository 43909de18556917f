/**
 * The devices, and the choice of a device. A device holds blocks of numbers and runs a closed set of kernels over them.
 *
 * @module
 */
export {
  describeDevice,
  type Device,
  type DeviceName,
  type Extent,
  type Form,
  type HostStorage,
  type KernelName,
  type Kernels,
  type Key,
  type Operand,
  type ProductSize,
  shareMemory,
  type Size,
  type Sparse,
  type Storage,
  type Top,
  type Window,
} from "./device.ts";
export {
  DeviceError,
  FileError,
  FormatError,
  GivernyError,
  KindError,
  ShapeError,
  UsageError,
  ValueError,
} from "./errors.ts";
export type { Adapter, WebGpuDevice } from "./gpu/device.ts";
export type { GpuFacts } from "./gpu/library.ts";
export type { Traffic } from "./gpu/storage.ts";
export { type Instrument, type MemoryPeak, peakBytes } from "./instrument.ts";
export type { Profile, ProfileLine } from "./profile.ts";
export { reference } from "./reference/device.ts";
export { type Algebra, type Formula, formula } from "./scalar.ts";
export type { WasmDevice } from "./wasm/device.ts";
export type { Heap } from "./wasm/memory.ts";
export type { Addresses } from "./wasm/module.ts";
export type { WasmStorage } from "./wasm/storage.ts";
export {
  type Choice,
  defaultDevice,
  type DeviceOptions,
  fastest,
  openDevice,
  setDefaultDevice,
  timeOn,
  type Timing,
  wasm,
} from "./open.ts";
