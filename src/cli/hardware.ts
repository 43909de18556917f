/**
 * The hardware of this process as part of the surroundings of a command. Nothing is loaded before it is needed.
 *
 * @module
 */
import type { Hardware } from "../runs/device.ts";

/** Returns the hardware of this process. It remembers measurements in the user's cache folder. */
export function thisHardware(): Hardware {
  return {
    gpu: async () => {
      silenceMesa();
      return await (await import("../runs/device.ts")).localHardware.gpu();
    },
    open: async (name, options) => {
      if (name === "webgpu") silenceMesa();
      return await (await import("../../kernels/mod.ts")).openDevice(name, options);
    },
    timings: () => {
      const folders = { windows: ["LOCALAPPDATA"], darwin: ["HOME", "Library", "Caches"] };
      const [variable, ...below] = folders[Deno.build.os as keyof typeof folders] ?? ["HOME", ".cache"];
      const home = variableOf(variable);
      const folder = variableOf("XDG_CACHE_HOME") ?? (home ? [home, ...below].join("/") : null);
      return folder === null ? null : `${folder}/giverny/devices.json`;
    },
  };
}

/**
 * Without a folder for the session, Mesa complains each time it is asked for a GPU; a folder that does not exist
 * silences it.
 */
function silenceMesa(): void {
  const name = "XDG_RUNTIME_DIR";
  if (Deno.build.os === "linux" && isReadable(name) && !Deno.env.get(name)) Deno.env.set(name, "/nonexistent");
}

function variableOf(name: string): string | undefined {
  return isReadable(name) && Deno.env.get(name) || undefined;
}

function isReadable(variable: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}
