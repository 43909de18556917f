/**
 * `devices`: what can compute here.
 *
 * @module
 */
import { type Device, openDevice } from "../../kernels/mod.ts";
import { relaxed } from "../../kernels/wasm/module.ts";
import type { Report } from "./command.ts";
import { facts, table } from "./table.ts";

/** Shows the devices. */
export async function devices(): Promise<Report> {
  const chosen = await openDevice();
  const all: { name: string; about: string }[] = [];
  for (const name of ["wasm", "reference"] as const) {
    const about = await openDevice(name).then(
      ({ device }: { device: Device }) => device.about,
      (error: Error) => error.message,
    );
    all.push({ name, about });
  }
  const machine = {
    "processors": navigator.hardwareConcurrency,
    "shared memory": typeof SharedArrayBuffer === "undefined" ? "no" : "yes",
    "relaxed SIMD": relaxed() ? "yes" : "no",
    "runtime": `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
  };
  const { device: { name }, reason } = chosen;
  return {
    data: { devices: all, machine, chosen: name, reason },
    text: (sink) =>
      [
        table([{ title: "device" }, { title: "what it is" }], all.map(({ name, about }) => [name, about]), sink),
        facts(machine, sink),
        `${name} is chosen: ${reason}.\n`,
      ].join("\n"),
  };
}
