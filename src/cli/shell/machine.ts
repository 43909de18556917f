/**
 * The machine that a command computes on, as part of its surroundings: passed in, so that tests have GPUs that are not there.
 * Nothing is loaded before it is asked for.
 *
 * @module
 */
import type { GpuFacts, openDevice } from "../../../kernels/mod.ts";

/** What there is to compute on. */
export interface Machine {
  /** Asks which GPU answers, for which gpu.js need not be there; returns the reason, where none does. */
  readonly gpu: () => Promise<GpuFacts | string>;
  /** Opens a device. */
  readonly open: typeof openDevice;
  /** Returns the folder for what is measured once and remembered; `null` where nothing can be. */
  readonly cache: () => string | null;
}

/** Returns the machine of this process. */
export function thisMachine(): Machine {
  return {
    gpu: async () => {
      hush();
      const adapter = await navigator.gpu?.requestAdapter();
      if (!adapter) return navigator.gpu ? "no WebGPU adapter answers" : "this runtime has no WebGPU";
      return (await import("../../../kernels/gpu/library.ts")).factsOf(adapter);
    },
    open: async (name, options) => {
      if (name === "webgpu") hush();
      return (await import("../../../kernels/mod.ts")).openDevice(name, options);
    },
    cache: () => {
      const folders = { windows: ["LOCALAPPDATA"], darwin: ["HOME", "Library", "Caches"] };
      const [variable, ...below] = folders[Deno.build.os as keyof typeof folders] ?? ["HOME", ".cache"];
      const home = variableOf(variable);
      return variableOf("XDG_CACHE_HOME") ?? (home ? [home, ...below].join("/") : null);
    },
  };
}

/**
 * Mesa complains on the terminal where nobody is logged in, each time it is asked for a GPU. Told of a folder for the session
 * that is not there, it finds as little in it, and is silent.
 */
function hush(): void {
  const name = "XDG_RUNTIME_DIR";
  if (Deno.build.os === "linux" && mayKnow(name) && !Deno.env.get(name)) Deno.env.set(name, "/nonexistent");
}

function variableOf(name: string): string | undefined {
  return mayKnow(name) && Deno.env.get(name) || undefined;
}

function mayKnow(variable: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}
