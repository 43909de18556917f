/** Tests of the reference device: it adds in 64 bits, and it runs where code from text is forbidden. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { formula, type HostStorage, type KernelName, reference } from "../../kernels/mod.ts";
import { patternFromCoo } from "../../src/core/pattern.ts";
import { placed } from "../support.ts";

const { kernels, upload } = reference;

/** 2²⁴ + 1 + 1: with 32-bit sums it stays 2²⁴, since each 1 is lost to rounding. */
const TERMS = [2 ** 24, 1, 1];
const SUM = 2 ** 24 + 2;

const row = placed(patternFromCoo([1, 3], [0, 0, 0], [0, 1, 2]), reference);
const self = placed(patternFromCoo([3, 3], [0, 0], [1, 2]), reference);
const itself = formula("itself", () => (x) => x);
const sum = formula("sum", ({ add }) => (x, y, z) => add(add(x, y), z));
const column = { rows: 3, columns: 1 };
const line = { rows: 1, columns: 3 };

/** Each kernel that adds, given numbers whose sum is {@link SUM}. The others move numbers, or draw them. */
const SUMS: Readonly<Record<string, () => HostStorage>> = {
  "spmm of ones": () => kernels.spmm(row, null, upload(TERMS), 1, 0),
  "spmm of values": () => kernels.spmm(row, upload(TERMS), upload([1, 1, 1]), 1, 0),
  "spmm with a share of the row itself": () => kernels.spmm(self, null, upload(TERMS), 1, 1),
  "sddmm": () =>
    kernels.sddmm(
      placed(patternFromCoo([1, 1], [0], [0]), reference),
      upload(TERMS),
      upload([1, 1, 1]),
      3,
    ),
  "matmul nn": () => kernels.matmul(upload(TERMS), upload([1, 1, 1]), { rows: 1, inner: 3, columns: 1 }, "nn"),
  "matmul nt": () => kernels.matmul(upload(TERMS), upload([1, 1, 1]), { rows: 1, inner: 3, columns: 1 }, "nt"),
  "matmul tn": () => kernels.matmul(upload(TERMS), upload([1, 1, 1]), { rows: 1, inner: 3, columns: 1 }, "tn"),
  "reduce of a row": () =>
    kernels.reduce("sum", itself, [{ storage: upload(TERMS), extent: "both" }], [], line, "rows"),
  "reduce of a column": () =>
    kernels.reduce("sum", itself, [{ storage: upload(TERMS), extent: "both" }], [], column, "columns"),
  "reduce of everything": () =>
    kernels.reduce("sum", itself, [{ storage: upload(TERMS), extent: "both" }], [], column, "none"),
  "map": () =>
    kernels.map(sum, TERMS.map((x) => ({ storage: upload([x]), extent: "both" as const })), [], {
      rows: 1,
      columns: 1,
    })[0],
  // The weights are ⅓ each, and three times the mean is the sum.
  "segmentSoftmaxMean": () => kernels.segmentSoftmaxMean(row, upload([0, 0, 0]), upload(TERMS.map((x) => 3 * x)), 1),
};

for (const [name, run] of Object.entries(SUMS)) {
  Deno.test(`${name} on the reference device adds 2²⁴ + 1 + 1 in 64 bits`, async () => {
    assertEquals((await reference.read(run()))[0], SUM);
  });
}

Deno.test("segmentSoftmax() on the reference device adds its powers in 64 bits", async () => {
  // 1 + 2⁻²⁴ + 2⁻²⁴: with a 32-bit sum each small power is lost, and the first weight is 1.
  const logits = upload([0, -24 * Math.LN2, -24 * Math.LN2]);
  const weights = await reference.read(kernels.segmentSoftmax(row, logits, 1));
  assertEquals(weights[0], 1 - 2 ** -23);
});

Deno.test("the tests of sums cover every kernel of the reference device that adds", () => {
  const adds = Object.keys(SUMS).map((name) => name.split(" ")[0]);
  const others: readonly KernelName[] = ["segmentSoftmax", "slice", "concat", "transpose", "topk", "uniforms"];
  assertEquals([...new Set([...adds, ...others])].sort(), Object.keys(kernels).sort());
});

Deno.test("the package loads, and the reference device computes, where code from text is forbidden", async () => {
  const root = new URL("../../", import.meta.url);
  const source = `
    import { reference } from "${root}kernels/mod.ts";
    import "${root}mod.ts";
    const y = reference.kernels.transpose(reference.upload([1, 2]), { rows: 1, columns: 2 });
    console.log([...await reference.read(y)].join());
    try { new Function("return 1"); } catch (error) { console.log(error.name); }
  `;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--frozen",
      "--quiet",
      "--config",
      new URL("deno.json", root).pathname,
      "--v8-flags=--disallow-code-generation-from-strings",
      source,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([out, error], ["1,2\nEvalError\n", ""]);
});
