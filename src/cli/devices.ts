/**
 * `devices`: the devices of this machine.
 *
 * @module
 */
import { relaxed } from "../../kernels/wasm/module.ts";
import { whyNotGpu } from "../runs/auto.ts";
import { asGpu } from "../runs/device.ts";
import type { TextStyle } from "../reports/text_style.ts";
import type { Io, Report } from "./io.ts";
import type { GpuFacts } from "../../kernels/mod.ts";
import { type DeviceTiming, deviceTimings } from "../runs/device_timings.ts";
import { facts, table } from "../reports/text_table.ts";

/** The options of `devices`. */
export interface DevicesOptions {
  /** Whether a kernel runs on the GPU, which loads gpu.js. */
  readonly probe: boolean;
}

/** A GPU, and after a probe the mode of gpu.js, or the reason why it did not run. */
interface Shown extends GpuFacts {
  readonly mode: string | undefined;
}

/** Shows the devices. */
export async function devices({ probe }: DevicesOptions, io: Io): Promise<Report> {
  const { hardware, files } = io;
  const processor = await hardware.open();
  const [native, wasm, reference] = await Promise.all(
    (["native", "wasm", "reference"] as const).map((name) =>
      hardware.open(name).then(
        ({ device: { about, threads } }) => ({ name, threads, about }),
        // Without "Cannot open the device …".
        (error: Error) => ({ name, threads: null, about: error.message.replace(/^.*?": /, "") }),
      )
    ),
  );
  const found = await hardware.gpu();
  const gpu: Shown | null = typeof found === "string" ? null : { ...found, mode: probe ? await modeOf(io) : undefined };
  const all = [
    native,
    wasm,
    { name: "webgpu", threads: null, about: gpu ? `gpu.js on ${gpu.name}` : String(found) },
    reference,
  ];
  const here = {
    "processors": navigator.hardwareConcurrency,
    "shared memory": typeof SharedArrayBuffer === "undefined" ? "no" : "yes",
    "relaxed SIMD": relaxed() ? "yes" : "no",
    "runtime": `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
  };
  const { name } = processor.device;
  const against = whyNotGpu(found);
  const chosen = against === null ? `${name} or webgpu` : name;
  const reason = against ?? "the faster for a model on a data set: a few steps on both are timed, once";
  const measured = gpu ? (await deviceTimings(hardware.timings(), files)).filter((one) => one.gpu === gpu.name) : [];
  return {
    data: { devices: all, gpu, machine: here, chosen, reason, measured },
    text: (sink) =>
      [
        table(
          [{ title: "device" }, { title: "threads", digits: 0 }, { title: "description" }],
          all.map(({ name, threads, about }) => [name, threads, about]),
          sink,
        ),
        facts(here, sink),
        ...gpu ? [facts(factsShown(gpu), sink)] : [],
        ...measured.length > 0 ? [measurements(measured, sink)] : [],
        `auto takes ${chosen}: ${reason}.\n`,
      ].join("\n"),
  };
}

/** Returns the mode of a first kernel, as gpu.js reports it; or the reason why it ran on another device. */
async function modeOf({ hardware }: Io): Promise<string> {
  const { device, reason } = await hardware.open("webgpu");
  return asGpu(device)?.adapter.mode ?? reason;
}

function factsShown({ name, hardware, largestBlock, mode }: Shown): Readonly<Record<string, string>> {
  return {
    "GPU": name,
    "which is": hardware ? "hardware" : "software: a processor working as a GPU",
    "largest block": `${largestBlock.toLocaleString("en-US")} bytes`,
    "kernels ran as": mode ?? "not known yet; --probe runs one",
  };
}

function measurements(measured: readonly DeviceTiming[], style: TextStyle): string {
  const columns = [
    { title: "measured" },
    { title: "on" },
    { title: "ms a step, processor", digits: 1 },
    { title: "GPU", digits: 1 },
  ];
  return table(
    columns,
    measured.map(({ model, data, onProcessor, onGpu }) => [model, data.name, onProcessor, onGpu]),
    style,
  );
}
