/** Fusions, against plain nested arrays and by laws. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { key, normalArray } from "../../src/core/random.ts";
import { fromArray, readSync, tensor } from "../../src/core/tensor.ts";
import { drawFusion, type FusionName, FUSIONS } from "../../src/models/factors.ts";
import { concatColumns } from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";
import { plainFuse, range, rowsOf } from "./monet_plain.ts";

const names = Object.keys(FUSIONS) as FusionName[];

/** Parts of equal width, and what a fusion of them learns, drawn so that every number counts. */
const drawn = fc.record({ count: fc.integer({ min: 1, max: 4 }), rows: fc.nat(5), dim: fc.integer({ min: 1, max: 4 }) })
  .map(({ count, rows, dim }) => {
    const parts = range(count).map((n) => fromArray(normalArray(key(n), rows * dim), [rows, dim]));
    const params = (name: FusionName) => {
      const { fusion = {} } = drawFusion(name, key(9), { parts: count, dim });
      return name === "weighted" ? { weights: fromArray(normalArray(key(8), count), [count]) } : fusion;
    };
    return { parts, params, dim };
  });

Deno.test("FUSIONS are what they say, of any number of parts", () => {
  fc.assert(
    fc.property(drawn, fc.constantFrom(...names), ({ parts, params }, name) => {
      const fused = FUSIONS[name](concatColumns(parts), parts.length, params(name));
      assertClose(readSync(fused), plainFuse(parts.map(rowsOf), name, params(name)).flat());
    }),
  );
});

Deno.test("FUSIONS, but fc, leave a single part as it is", () => {
  const x = tensor([[1, -2], [3, 0.5]]);
  for (const name of names.filter((name) => name !== "fc")) {
    const { fusion = {} } = drawFusion(name, key(1), { parts: 1, dim: 2 });
    assertEquals(readSync(FUSIONS[name](x, 1, fusion)), readSync(x), name);
  }
});

Deno.test("drawFusion() begins with the mean for weights, and draws nothing for what learns nothing", () => {
  fc.assert(
    fc.property(drawn, ({ parts, dim }) => {
      const size = { parts: parts.length, dim };
      const { fusion = {} } = drawFusion("weighted", key(1), size);
      const side = concatColumns(parts);
      assertClose(
        readSync(FUSIONS.weighted(side, parts.length, fusion)),
        readSync(FUSIONS.mean(side, parts.length, {})),
        1e-6,
      );
      for (const name of ["concat", "sum", "mean", "max"] as const) assertEquals(drawFusion(name, key(1), size), {});
    }),
  );
});
