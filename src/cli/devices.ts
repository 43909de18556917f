/**
 * `devices`: what can compute here.
 *
 * @module
 */
import { relaxed } from "../../kernels/wasm/module.ts";
import { whyNot } from "./runs/auto.ts";
import { asGpu } from "./runs/device.ts";
import type { Io, Report, Sink } from "./shell/io.ts";
import type { GpuFacts } from "../../kernels/mod.ts";
import { type Measured, remembered } from "./runs/measured.ts";
import { facts, table } from "../reports/text_table.ts";

/** What `devices` takes. */
export interface DevicesOptions {
  /** Whether to run a kernel on the GPU, for which gpu.js is loaded. */
  readonly probe: boolean;
}

/** A GPU as it is shown: after a probe with what gpu.js ran as, or why it did not. */
interface Shown extends GpuFacts {
  readonly mode?: string;
}

/** Shows the devices. */
export async function devices({ probe }: DevicesOptions, io: Io): Promise<Report> {
  const { machine } = io;
  const processor = await machine.open();
  const [wasm, reference] = await Promise.all((["wasm", "reference"] as const).map((name) =>
    machine.open(name).then(
      ({ device: { about, threads } }) => ({ name, threads, about }),
      (error: Error) => ({ name, threads: null, about: error.message }),
    )
  ));
  const found = await machine.gpu();
  const gpu: Shown | null = typeof found === "string" ? null : { ...found, ...probe && { mode: await modeOf(io) } };
  const all = [
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
  const against = whyNot(found);
  const chosen = against === null ? `${name} or webgpu` : name;
  const reason = against ?? "whichever trains a model on a data set sooner; a few steps on both tell, once";
  const measured = gpu ? (await remembered(machine)).filter((one) => one.gpu === gpu.name) : [];
  return {
    data: { devices: all, gpu, machine: here, chosen, reason, measured },
    text: (sink) =>
      [
        table(
          [{ title: "device" }, { title: "threads", digits: 0 }, { title: "what it is" }],
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

/** Returns what a first kernel ran as, as gpu.js says itself; or why it ran elsewhere. */
async function modeOf({ machine }: Io): Promise<string> {
  const { device, reason } = await machine.open("webgpu");
  return asGpu(device)?.adapter.mode ?? reason;
}

function factsShown({ name, hardware, largestBlock, mode }: Shown): Readonly<Record<string, string>> {
  return {
    "GPU": name,
    "which is": hardware ? "hardware" : "software: a processor working as a GPU",
    "largest block": `${largestBlock.toLocaleString("en-US")} bytes`,
    "kernels ran as": mode ?? "nobody knows yet; --probe runs one",
  };
}

function measurements(measured: readonly Measured[], sink: Sink): string {
  const columns = [
    { title: "measured" },
    { title: "on" },
    { title: "ms a step, processor", digits: 1 },
    { title: "GPU", digits: 1 },
  ];
  return table(
    columns,
    measured.map(({ model, data, onProcessor, onGpu }) => [model, data.name, onProcessor, onGpu]),
    sink,
  );
}
