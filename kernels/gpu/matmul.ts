/**
 * The matrix product. A thread computes four neighbouring numbers, so that it reads an element of the first matrix
 * once for four neighbouring elements of the second.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { transpose } from "./layout.ts";
import { COLUMN, type Program, program, ROW } from "./program.ts";
import type { GpuEngine, GpuStorage } from "./storage.ts";

/** The turns of the loop that are unrolled. */
const UNROLLED = 4;

/** Returns a program for A·B or Aᵀ·B in which a thread computes `wide` columns. */
function product(form: "nn" | "tn", wide: 1 | 4): Program {
  const lanes = Array.from({ length: wide }, (_, lane) => lane);
  const column = (lane: number) => wide === 1 ? COLUMN : `${COLUMN} * ${wide} + ${lane}`;
  const turn = (k: string, n: number | string) => [
    `const a${n} = ${form === "nn" ? `a[${ROW}][${k}]` : `a[${k}][${ROW}]`};`,
    ...lanes.map((lane) => `sum${lane} += a${n} * b[${k}][${column(lane)}];`),
  ];
  return program(`product ${form}`, {
    blocks: ["a", "b"],
    whole: ["turns", "rest"],
    grid: true,
    wide,
    body: [
      ...lanes.map((lane) => `let sum${lane} = 0;`),
      "for (let k = 0; k < turns; k++) {",
      ...Array.from({ length: UNROLLED }, (_, n) => turn(`k * ${UNROLLED} + ${n}`, n)).flat(),
      "}",
      "for (let r = 0; r < rest; r++) {",
      ...turn(`turns * ${UNROLLED} + r`, "r"),
      "}",
      wide === 1 ? "return sum0;" : `return [${lanes.map((lane) => `sum${lane}`).join(", ")}];`,
    ].join("\n"),
  });
}

const PRODUCTS = { nn: { 1: product("nn", 1), 4: product("nn", 4) }, tn: { 1: product("tn", 1), 4: product("tn", 4) } };

/** See {@link Kernels.matmul}. */
export function matmul({ run, release }: GpuEngine): Kernels<GpuStorage>["matmul"] {
  const turned = transpose({ run });
  return (a, b, size, form) => {
    const { rows, inner, columns } = size;
    // Neighbouring threads shall read neighbouring numbers, so B is stored by rows.
    const right = form === "nt" ? turned(b, { rows: columns, columns: inner }) : b;
    const wide = columns % 4 === 0 ? 4 : 1;
    const blocks = [{ block: a, columns: form === "tn" ? rows : inner }, { block: right, columns }];
    const turns = [Math.floor(inner / UNROLLED), inner % UNROLLED];
    const out = run(PRODUCTS[form === "tn" ? "tn" : "nn"][wide], blocks, turns, { rows, columns });
    if (form === "nt") release(right);
    return out;
  };
}
