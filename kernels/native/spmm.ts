/**
 * The product of a sparse matrix and a dense matrix in machine code: the columns of a row are summed in registers, one
 * block at a time.
 *
 * @module
 */
import type { SpmmForm } from "../wasm/spmm.ts";
import { at, type Code, i64, loop } from "./assembler.ts";
import type { Routine } from "./routine.ts";
import type { Vectors } from "./vectors.ts";

/** Returns the routine of `spmm`. */
export function spmmRoutine(set: Vectors, { columns, weighted, selfish }: SpmmForm): Routine {
  const stride = 4 * columns;
  const bytes = 4 * set.lanes;
  // All registers but one hold sums.
  const most = set.registers.length - 1;
  const blocks = Math.floor(columns / set.lanes / most);
  const rest = columns - blocks * most * set.lanes;
  return {
    parameters: ["address", "address", "address", "address", "address", "float"],
    body: (frame) => {
      const [offsets, indices, values, x, out, self] = frame.parameters;
      const [row, entry, end, source, target, block, columnOf, weightOf, base] = Array.from(
        { length: 9 },
        () => frame.general(),
      );
      const weight = set.registers[most];
      const line = (to: typeof source, index: typeof source): Code => [
        i64.mulBy(to, index, stride),
        i64.add(to, base),
        i64.add(to, block),
      ];
      const sumBlock = (width: number): Code => {
        const sums = set.registers.slice(0, Math.ceil(width / set.lanes));
        const cut = width % set.lanes !== 0;
        return [
          selfish
            ? [
              [line(source, row), set.splat(weight, self)],
              sums.map((sum, n) => set.mul(sum, weight, at(source, n * bytes))),
            ]
            : sums.map((sum) => set.xor(sum, sum, sum)),
          [i64.set(source, offsets), i64.load32(entry, at(source, 0, row, 4)), i64.load32(end, at(source, 4, row, 4))],
          loop(entry, end, 1, [
            [i64.load32(source, at(columnOf, 0, entry, 4)), line(source, source)],
            weighted ? set.splat(weight, at(weightOf, 0, entry, 4)) : [],
            sums.map((sum, n) =>
              weighted ? set.addProduct(sum, weight, at(source, n * bytes)) : set.add(sum, sum, at(source, n * bytes))
            ),
          ]),
          [i64.mulBy(target, row, stride), i64.add(target, out), i64.add(target, block)],
          sums.map((sum, n) => (cut && n === sums.length - 1 ? set.storeSome : set.store)(at(target, n * bytes), sum)),
        ];
      };
      return [
        [i64.set(columnOf, indices), i64.set(weightOf, values), i64.set(base, x)],
        [i64.set(block, columns % set.lanes), set.choose(block, row)],
        i64.set(row, frame.from),
        loop(row, frame.to, 1, [
          i64.set(block, 0),
          blocks > 0 ? loop(block, blocks * most * bytes, most * bytes, sumBlock(most * set.lanes)) : [],
          rest > 0 ? sumBlock(rest) : [],
        ]),
      ];
    },
  };
}
