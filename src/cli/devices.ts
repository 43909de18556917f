/**
 * `devices`: what can compute here.
 *
 * @module
 */
import { openDevice } from "../../kernels/mod.ts";
import { relaxed } from "../../kernels/wasm/module.ts";
import type { Report } from "./command.ts";
import { facts, table } from "./table.ts";

/** Shows the devices. */
export async function devices(): Promise<Report> {
  const chosen = await openDevice();
  const all = await Promise.all((["wasm", "reference"] as const).map((name) =>
    openDevice(name).then(
      ({ device: { about, threads } }) => ({ name, threads, about }),
      (error: Error) => ({ name, threads: null, about: error.message }),
    )
  ));
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
        table(
          [{ title: "device" }, { title: "threads", digits: 0 }, { title: "what it is" }],
          all.map(({ name, threads, about }) => [name, threads, about]),
          sink,
        ),
        facts(machine, sink),
        `${name} is chosen: ${reason}.\n`,
      ].join("\n"),
  };
}
