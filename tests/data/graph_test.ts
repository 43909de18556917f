/** The interaction graph and its normalisation. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { degree, entries, type Pattern, rowOf } from "../../src/core/pattern.ts";
import { read, readSync, type Tensor } from "../../src/core/tensor.ts";
import { bipartite, symmetricAdjacency } from "../../src/data/graph.ts";
import { addAll, matmulNT, mul, normalizeRows, spmm, sum, toDense, transpose } from "../../src/ops/mod.ts";
import { normal } from "../../src/ops/draw.ts";
import { key } from "../../src/core/random.ts";
import { assertClose, devices, patterns } from "../support.ts";

const histories: fc.Arbitrary<Pattern> = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 8 }))
  .chain(([users, items]) => patterns(users, items));

Deno.test("bipartite() has an entry both ways for every interaction, users first", () => {
  fc.assert(fc.property(histories, (history) => {
    const graph = bipartite(history);
    assertEquals([graph.rows, graph.columns], [history.rows + history.columns, history.rows + history.columns]);
    assertEquals(entries(graph), 2 * entries(history));
    for (let user = 0; user < history.rows; user++) {
      assertEquals([...rowOf(graph, user)], [...rowOf(history, user)].map((item) => item + history.rows));
    }
    for (let item = 0; item < history.columns; item++) {
      const users = [...Array(history.rows).keys()].filter((user) => rowOf(history, user).includes(item));
      assertEquals([...rowOf(graph, history.rows + item)], users);
    }
  }));
});

Deno.test("symmetricAdjacency() weighs an interaction 1 / √(degree of the user · degree of the item)", () => {
  fc.assert(fc.property(histories, (history) => {
    const { pattern, values } = symmetricAdjacency(history);
    const weights = readSync(values);
    const popularity = (item: number) => history.indices.filter((other) => other === item).length;
    for (let user = 0; user < history.rows; user++) {
      rowOf(pattern, user).forEach((node, k) => {
        const expected = 1 / Math.sqrt(degree(history, user) * popularity(node - history.rows));
        assertClose([weights[pattern.offsets[user] + k]], [expected], 1e-6);
      });
    }
  }));
});

Deno.test("symmetricAdjacency() is symmetric, and empty where nobody interacted", () => {
  fc.assert(fc.property(histories, (history) => {
    const adjacency = symmetricAdjacency(history);
    const dense = toDense(adjacency);
    assertEquals(readSync(transpose(dense)), readSync(dense));
    assertEquals(readSync(adjacency.mirror), readSync(adjacency.values));
    for (let user = 0; user < history.rows; user++) {
      assertEquals(degree(adjacency.pattern, user) === 0, degree(history, user) === 0);
    }
    for (let item = 0; item < history.columns; item++) {
      assertEquals(degree(adjacency.pattern, history.rows + item) === 0, !history.indices.includes(item));
    }
  }));
});

Deno.test("symmetricAdjacency() has no eigenvalue beyond 1 in size, and 1 where there is an interaction", () => {
  fc.assert(
    fc.property(histories, (history) => {
      const adjacency = symmetricAdjacency(history);
      // Power iteration with A + I, since each eigenvalue λ of A has a like −λ.
      let x: Tensor<readonly [number, number]> = normal(key(0), [adjacency.pattern.rows, 1]);
      for (let n = 0; n < 300; n++) x = transpose(normalizeRows(transpose(addAll([spmm(adjacency, x), x]))));
      const [largest] = readSync(sum(mul(x, spmm(adjacency, x))));
      assert(largest <= 1 + 1e-5, `${largest}`);
      if (entries(history) > 0) assert(largest > 1 - 1e-4, `${largest}`);
      const y = normal(key(1), [adjacency.pattern.rows, 3]);
      const [before, after] = [y, spmm(adjacency, y)].map((z) => readSync(matmulNT(transpose(z), transpose(z))));
      for (const n of [0, 4, 8]) assert(after[n] <= before[n] * (1 + 1e-5), "no vector grows");
    }),
    { numRuns: 40 },
  );
});

Deno.test("symmetricAdjacency() is put on the device asked for", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const [specified, ...others] = await Promise.all(devices.map((device) => {
        const { values, mirror } = symmetricAdjacency(history, { device });
        assert(values.storage.device === device && mirror.storage.device === device);
        return read(values);
      }));
      for (const other of others) assertEquals(other, specified);
    }),
    { numRuns: 10 },
  );
});
