/**
 * The part of gpu.js that is used: it is loaded on first use, asked for WebGPU only, and then asked for the mode that
 * ran.
 *
 * @module
 */

/** The GPU of a kernel in gpu.js. */
export interface Context {
  readonly adapter: WebGpuAdapter;
  readonly device: Gpu;
  readonly isLost: boolean;
}

/** An adapter, in the words of the WebGPU standard. */
export interface WebGpuAdapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    /** Whether the adapter is the ordinary processor, working as a GPU. */
    readonly isFallbackAdapter?: boolean;
  };
  readonly limits: Limits;
}

/** Limits of a GPU, in bytes. */
export interface Limits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
}

/** The facts about a GPU that a run records. */
export interface GpuFacts {
  /** Its name, or the parts of the name that it tells. */
  readonly name: string;
  /** Whether it is a hardware GPU; if not, it is the ordinary processor, working as a GPU. */
  readonly hardware: boolean;
  /** The most bytes in a block. */
  readonly largestBlock: number;
}

/** Returns the facts that an adapter tells. */
export function factsOf({ info, limits }: Pick<WebGpuAdapter, "info" | "limits">): GpuFacts {
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

/** The part of a GPU that is used without gpu.js: to fill buffers, to wait, and to receive errors. */
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
  /** The lengths of its axes, the fastest first. */
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
  // Without this setting, loops end silently after 1000 turns.
  loopMaxIterations: 1_073_741_824,
} as const;

/** A started library, and its first result. */
export interface Probe {
  readonly gpu: InstanceType<Library["GPU"]>;
  readonly handle: Handle;
  /** The mode that ran, according to the kernel. */
  readonly mode: string;
}

/** The source of gpu.js. It is a megabyte of code, so it is loaded late. */
export const PACKAGE = "npm:gpu.js@2.24.1";

/**
 * Loads gpu.js from npm. A bundle must name the packages that it contains, so it has its own function:
 * `() => import("gpu.js")`.
 */
export const fromNpm = (): Promise<unknown> => import(PACKAGE);

/**
 * Runs a first kernel, and returns the GPU that it ran on; a sentence with the reason if there is none.
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
