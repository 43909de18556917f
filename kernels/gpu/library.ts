/**
 * gpu.js, as far as it is used here: loaded on first need, asked for WebGPU and nothing else, and asked afterwards what
 * ran.
 *
 * @module
 */

/** The GPU behind a kernel, as gpu.js keeps it. */
export interface Context {
  readonly adapter: Adapter;
  readonly device: Gpu;
  readonly isLost: boolean;
}

/** What answered when WebGPU was asked for a processor, in the words of the standard. */
export interface Adapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    /** Whether the processor is the ordinary one, working as a GPU. */
    readonly isFallbackAdapter?: boolean;
  };
  readonly limits: Limits;
}

/** Limits of a GPU, in bytes. */
export interface Limits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
}

/** What is to be known of a GPU. */
export interface GpuFacts {
  /** Its name, or as much of it as it tells. */
  readonly name: string;
  /** Whether it is hardware; else the ordinary processor, working as a GPU. */
  readonly hardware: boolean;
  /** The most bytes in a block. */
  readonly largestBlock: number;
}

/** Returns what an adapter says of itself. */
export function factsOf({ info, limits }: Pick<Adapter, "info" | "limits">): GpuFacts {
  const { description, vendor, architecture, device, isFallbackAdapter = false } = info;
  return {
    name: description || [vendor, architecture, device].filter(Boolean).join(" ") || "a GPU without a name",
    hardware: !isFallbackAdapter,
    largestBlock: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
  };
}

/** A buffer of a GPU. */
export interface GpuBuffer {
  destroy(): void;
}

/** A GPU, as far as it is spoken to without gpu.js: to fill buffers, to wait, and to hear what went wrong. */
export interface Gpu {
  readonly limits: Limits;
  readonly queue: {
    writeBuffer(buffer: GpuBuffer, offset: number, data: Float32Array<ArrayBuffer>): void;
    onSubmittedWorkDone(): Promise<unknown>;
  };
  onuncapturederror: unknown;
  addEventListener(
    type: "uncapturederror",
    listener: (event: { readonly error: { readonly message: string } }) => void,
  ): void;
  createBuffer(options: { readonly size: number; readonly usage: number }): GpuBuffer;
  pushErrorScope(filter: "out-of-memory"): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
  destroy(): void;
}

/** A result that stays on the GPU. */
export interface Handle {
  readonly buffer: GpuBuffer;
  /** Lengths of its axes, the fastest first. */
  readonly output: readonly number[];
  readonly componentCount: number;
  readonly context: Context;
  readonly kernel: unknown;
  toArray(): Promise<Float32Array>;
  delete(): void;
}

/** A kernel of gpu.js: a function from arguments to a handle. */
export interface GpuKernel {
  (...args: unknown[]): Promise<Handle>;
  readonly kernel: {
    readonly constructor: { readonly mode: string };
    readonly fallbackReason?: string | null;
    readonly compiledSource: string;
  };
  setOutput(output: readonly number[]): GpuKernel;
  destroy(): void;
}

/** The part of gpu.js that is used. */
export interface Library {
  readonly GPU: {
    new (options: { readonly mode: "webgpu" }): {
      createKernel(source: string, settings: object): GpuKernel;
      destroy(): Promise<void>;
    };
    isWebGPUAvailable(): Promise<boolean>;
  };
  readonly input: (values: ArrayLike<number>, size: readonly number[]) => unknown;
}

/**
 * Settings of every kernel: results stay on the GPU, each in a block of its own, and sizes change from call to call.
 */
export const RESIDENT = {
  pipeline: true,
  immutable: true,
  dynamicOutput: true,
  dynamicArguments: true,
  // Without this, loops end after 1000 turns, silently.
  loopMaxIterations: 1_073_741_824,
} as const;

/** A library that answers, and the first result it gave. */
export interface Probe {
  readonly gpu: InstanceType<Library["GPU"]>;
  readonly handle: Handle;
  /** The mode that ran, as the kernel says. */
  readonly mode: string;
}

/** Where gpu.js comes from. It is a megabyte of code, so nothing may load it early. */
export const PACKAGE = "npm:gpu.js@2.24.1";

/**
 * Loads gpu.js from npm. A bundle, which has to name what it contains, brings a function of its own: `() =>
 * import("gpu.js")`.
 */
export const fromNpm = (): Promise<unknown> => import(PACKAGE);

/**
 * Runs a first kernel, and returns what it ran on; the reason, where nothing answers.
 */
export async function probe(library: () => Promise<unknown>): Promise<Probe | string> {
  const { gpu: answers } = (globalThis.navigator ?? {}) as { gpu?: { requestAdapter(): Promise<unknown> } };
  if (!answers) return "this runtime has no WebGPU";
  if (!await answers.requestAdapter()) return "no WebGPU adapter answers";
  const module = await library() as Library & { readonly default?: Library };
  const { GPU, input } = module.GPU ? module : module.default as Library;
  const gpu = new GPU({ mode: "webgpu" });
  const first = gpu.createKernel("function (x) { return x[this.thread.x]; }", {
    ...RESIDENT,
    output: [1],
    argumentTypes: ["Input"],
  });
  const handle = await first(input([1], [1]));
  const { constructor: { mode }, fallbackReason } = first.kernel;
  if (mode !== "webgpu") return `gpu.js ran on ${mode}${fallbackReason ? `: ${fallbackReason}` : ""}`;
  return { gpu, handle, mode };
}
