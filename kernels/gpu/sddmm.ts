/**
 * The dense product sampled at the entries of a sparse pattern: one thread per entry.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { entriesOf, halvings, offsetsOf, perEntry } from "./pattern.ts";
import { type Program, program, THREAD } from "./program.ts";
import type { GpuEngine, GpuStorage } from "./storage.ts";

function sampled(entries: ReturnType<typeof entriesOf>): Program {
  return program("sampled product", {
    blocks: ["offsets", "indices", "x", "y"],
    whole: ["rows", "halvings", "depth"],
    body: [
      ...entries.find(THREAD),
      `const column = indices${entries.planes ? `[0][${THREAD}]` : `[${THREAD}]`};`,
      "let sum = 0;",
      "for (let k = 0; k < depth; k++) {",
      "sum += x[row][k] * y[column][k];",
      "}",
      "return sum;",
    ].join("\n"),
  });
}

/** See {@link Kernels.sddmm}. */
export function sddmm({ run }: Pick<GpuEngine, "run">): Kernels<GpuStorage>["sddmm"] {
  const programs = new Map<boolean, Program>();
  return (pattern, x, y, depth) => {
    const { rows } = pattern;
    const entries = entriesOf(pattern);
    const made = programs.get(entries.planes) ?? sampled(entries);
    programs.set(entries.planes, made);
    const blocks = [offsetsOf(pattern), perEntry(pattern, pattern.indices)];
    const sides = [x, y].map((block) => ({ block, columns: depth }));
    return run(made, [...blocks, ...sides], [rows, halvings(rows), depth], pattern.entries);
  };
}
