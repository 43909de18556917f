/** The first half of MONET, equation by equation: each against plain nested arrays, and in the cases whose result is known. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import type { Dim, Nodes } from "../../src/core/axis.ts";
import { degree, patternFromCoo } from "../../src/core/pattern.ts";
import { key, normalArray } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { fromArray, type Matrix, readSync, tensor } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { symmetricAdjacency } from "../../src/data/graph.ts";
import { meanOfLayers } from "../../src/models/factors.ts";
import { byModality, encode, megcn, type MonetConfig, normalized, project } from "../../src/models/monet.ts";
import { monet } from "../../src/models/monet.ts";
import { add, scale, spmm } from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";
import {
  anyWorld,
  configs,
  dot,
  plainAdjacency,
  plainEncode,
  plainProject,
  plainPropagate,
  range,
  rowsOf,
  setup,
} from "./monet_plain.ts";
import { dataset, noise, type World, worlds } from "./worlds.ts";

const runs = { numRuns: 50 };

Deno.test("project() is (2): X Wᵀ + b, with rows of length 1 if normalised", () => {
  fc.assert(
    fc.property(worlds(), fc.boolean(), (world, normalize) => {
      const { context: { features }, params } = setup(world);
      for (const [modality, p] of Object.entries(params.modalities)) {
        const expected = plainProject(rowsOf(features[modality] as Matrix), p, { normalize });
        const z = project(features[modality], p, { normalize });
        assertClose(readSync(z), expected.flat());
        if (normalize) rowsOf(z).forEach((row) => assertClose([dot(row, row)], [1]));
      }
    }),
    runs,
  );
});

Deno.test("project() leaves rows of zeros as they are when it normalises", () => {
  const p = { P: tensor([[0]]), W: tensor([[1, 2]]), b: tensor([0]) };
  assertEquals([...readSync(project(tensor([[0, 0], [-1, 0]]), p, { normalize: true }))], [0, -1]);
});

/** A history and embeddings of its nodes. */
const nodes = worlds([]).map(({ train, items }) => {
  const history = patternFromCoo([train.length, items], train.flatMap((list, u) => list.map(() => u)), train.flat());
  const count = history.rows + history.columns;
  return { history, adjacency: symmetricAdjacency(history), h: fromArray(normalArray(key(9), count * 3), [count, 3]) };
});

Deno.test("megcn() is (3), normalized() its footnote, and meanOfLayers() what it is compared with", () => {
  const found = {
    megcn,
    normalized,
    lightgcn: (a: Csr<Nodes, Nodes>, h: Matrix<Nodes, Dim>, { layers }: MonetConfig) => meanOfLayers(a, h, layers),
  };
  fc.assert(
    fc.property(nodes, fc.nat(3), fc.constantFrom(0, 0.7, 1, 3), ({ history, adjacency, h }, layers, alpha) => {
      for (const propagation of ["megcn", "normalized", "lightgcn"] as const) {
        const config = { layers, alpha, propagation } as MonetConfig;
        const expected = plainPropagate(plainAdjacency(history), rowsOf(h), config).flat();
        assertClose(readSync(found[propagation](adjacency, h, config)), expected);
      }
    }),
    runs,
  );
});

Deno.test("normalized() is plain propagation along the graph in which everyone is their own neighbour", () => {
  fc.assert(
    fc.property(nodes, ({ history, adjacency, h }) => {
      const loops = symmetricAdjacency(history, { self: true });
      assertClose(readSync(normalized(adjacency, h, { layers: 2 })), readSync(spmm(loops, spmm(loops, h))));
    }),
    runs,
  );
});

Deno.test("normalized() leaves nodes that know nobody as they are", () => {
  fc.assert(
    fc.property(nodes, fc.nat(4), ({ adjacency, h }, layers) => {
      const [before, after] = [h, normalized(adjacency, h, { layers })].map(rowsOf);
      before.forEach((row, node) => degree(adjacency.pattern, node) === 0 && assertEquals(after[node], row));
    }),
    runs,
  );
});

Deno.test("megcn() with α = 0 is plain propagation, and without layers nothing", () => {
  fc.assert(
    fc.property(nodes, ({ adjacency, h }) => {
      const twice = spmm(adjacency, spmm(adjacency, h));
      assertClose(readSync(megcn(adjacency, h, { layers: 2, alpha: 0 })), readSync(twice), 1e-6);
      for (const propagate of [megcn, normalized]) {
        assertEquals(readSync(propagate(adjacency, h, { layers: 0, alpha: 5 })), readSync(h));
      }
    }),
    runs,
  );
});

Deno.test("megcn() with α = 1 and two layers is H + 2 Â H + Â² H", () => {
  fc.assert(
    fc.property(nodes, ({ adjacency, h }) => {
      const once = spmm(adjacency, h);
      const closed = add(add(h, scale(once, 2)), spmm(adjacency, once));
      assertClose(readSync(megcn(adjacency, h, { layers: 2, alpha: 1 })), readSync(closed));
    }),
    runs,
  );
});

Deno.test("megcn() becomes the identity up to scale as α grows", () => {
  fc.assert(
    fc.property(nodes, fc.integer({ min: 1, max: 3 }), ({ adjacency, h }, layers) => {
      // (Â + αI)ᴸ / αᴸ differs from I by about L / α, since no eigenvalue of Â is beyond 1.
      for (const alpha of [1e2, 1e4]) {
        const out = scale(megcn(adjacency, h, { layers, alpha }), alpha ** -layers);
        const [moved, size] = [add(out, scale(h, -1)), h].map((x) => Math.hypot(...readSync(x)));
        assert(moved <= 1.1 * layers / alpha * size + 1e-5 * size);
      }
    }),
    runs,
  );
});

Deno.test("encode() is the plain one, users and items", () => {
  fc.assert(
    fc.property(anyWorld, configs, (world, config) => {
      const { context, params } = setup(world, config);
      const [e, plain] = [encode(params, context), plainEncode(params, context)];
      assertClose(readSync(e.users), plain.users.flat());
      assertClose(readSync(e.items), plain.items.flat());
      const parts = Object.keys(world.modalities).length + (context.config.cf === "none" ? 0 : 1);
      assertEquals(e.items.shape, [world.items, context.config.fusion === "concat" ? 3 * parts : 3]);
    }),
    runs,
  );
});

Deno.test("encode() leaves items that nobody met with norm αᴸ in every modality", () => {
  fc.assert(
    fc.property(anyWorld, fc.nat(3), fc.constantFrom(0.5, 1, 2), (world, layers, alpha) => {
      const { context, params } = setup(world, { layers, alpha });
      const items = rowsOf(encode(params, context).items);
      for (const item of range(world.items).filter((item) => !world.train.flat().includes(item))) {
        Object.keys(params.modalities).forEach((_, m) => {
          const part = items[item].slice(3 * m, 3 * m + 3);
          assertClose([Math.sqrt(dot(part, part))], [alpha ** layers]);
        });
      }
    }),
    runs,
  );
});

Deno.test("byModality() has what encode() puts side by side", () => {
  fc.assert(
    fc.property(anyWorld, configs, (world, config) => {
      const { context, params } = setup(world, config);
      const found = byModality(params, context);
      assertEquals(Object.keys(found), Object.keys(world.modalities));
      const { items } = plainEncode(params, { ...context, config: { ...context.config, fusion: "concat" } });
      Object.values(found).forEach((x, n) => {
        assertClose(readSync(x), items.flatMap((row) => row.slice(3 * n, 3 * n + 3)));
      });
    }),
    runs,
  );
});

Deno.test("init() draws as many numbers for a variant as its paper says, and the rest as without it", () => {
  const world: World = { train: [[0], [1]], items: 3, modalities: { image: noise(1, 3, 4), text: noise(2, 3, 2) } };
  const drawn = (changes: Config) => {
    const context = monet.prepare(dataset(world), configure(monet.settings, { dim: 5, ...changes }));
    return Object.fromEntries(leaves(monet.init(key(1), context)).map(([name, x]) => [name, [x.shape, readSync(x)]]));
  };
  const usual = drawn({});
  const added = (changes: Config) => {
    const others = drawn(changes);
    for (const name of Object.keys(usual)) assertEquals(others[name], usual[name]);
    return Object.entries(others).filter(([name]) => !(name in usual)).map(([name, [shape]]) => [name, shape]);
  };
  for (const changes of [{ fusion: "sum" }, { propagation: "lightgcn" }, { beta: 0 }]) assertEquals(added(changes), []);
  const tables = [["cf.users", [2, 5]], ["cf.items", [3, 5]]];
  assertEquals(added({ cf: "lightgcn" }), tables);
  assertEquals(added({ fusion: "weighted" }), [["fusion.weights", [2]]]);
  assertEquals(added({ fusion: "fc" }), [["fusion.W", [5, 10]], ["fusion.b", [5]]]);
  assertEquals(added({ fusion: "fc", cf: "megcn" }), [...tables, ["fusion.W", [5, 15]], ["fusion.b", [5]]]);
});
