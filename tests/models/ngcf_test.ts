/** NGCF: its messages one by one, and the effects of its settings. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { fc } from "../fc.ts";
import { checkGradient } from "../../src/core/check.ts";
import { rowOf, transposed } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { readSync } from "../../src/core/tensor.ts";
import { mapTree } from "../../src/core/tree.ts";
import { encode, loss, ngcf, type NgcfContext, type NgcfParams } from "../../src/models/ngcf.ts";
import { scale } from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";
import { dot, range, rowsOf, triplesOf } from "./monet_plain.ts";
import { dataset, type World, worlds } from "./worlds.ts";

function setup(world: World, changes: Config): { context: NgcfContext; params: NgcfParams } {
  const context = ngcf.prepare(dataset(world), configure(ngcf.settings, { dim: 3, ...changes }));
  return { context, params: mapTree((x) => scale(x, 1.5), ngcf.init(key(5), context)) };
}

const anyWorld = worlds([]);
const lrelu = (x: number) => x > 0 ? x : 0.2 * x;

Deno.test("ngcf sums messages W₁ e_i + W₂ (e_i ⊙ e_u) by degrees, and adds W₁ e_u: (3) and (4)", () => {
  const paper = { layer: "paper", adjacency: "symmetric", normalize: false, layers: 1, combine: "concat" };
  fc.assert(fc.property(anyWorld, (world) => {
    const { context, params } = setup(world, paper);
    const { history } = context;
    const owners = transposed(history).pattern;
    const [users, items] = [rowsOf(params.users), rowsOf(params.items)];
    const [W1, W2] = [rowsOf(params.layers[0].W1), rowsOf(params.layers[0].W2)];
    const of = (W: readonly (readonly number[])[], x: readonly number[]) => W.map((row) => dot(row, x));
    const aggregate = (own: readonly number[], others: readonly { e: readonly number[]; weight: number }[]) => {
      const messages = others.map(({ e, weight }) =>
        of(W1, e).map((x, d) => weight * (x + of(W2, e.map((value, k) => value * own[k]))[d]))
      );
      return of(W1, own).map((x, d) => lrelu(messages.reduce((sum, message) => sum + message[d], x)));
    };
    const weight = (user: number, item: number) =>
      1 / Math.sqrt(rowOf(history, user).length * rowOf(owners, item).length);
    const found = encode(params, context);
    users.forEach((e, user) => {
      const met = Array.from(rowOf(history, user), (item) => ({ e: items[item], weight: weight(user, item) }));
      assertClose(rowsOf(found.users)[user], [...e, ...aggregate(e, met)], 1e-5);
    });
    items.forEach((e, item) => {
      const met = Array.from(rowOf(owners, item), (user) => ({ e: users[user], weight: weight(user, item) }));
      assertClose(rowsOf(found.items)[item], [...e, ...aggregate(e, met)], 1e-5);
    });
  }));
});

Deno.test("ngcf puts E⁰ and layers of length 1 side by side (9), for either formula of a layer", () => {
  const changes = fc.record({
    layer: fc.constantFrom("code", "paper"),
    adjacency: fc.constantFrom("walk", "symmetric"),
    layers: fc.nat(3),
  });
  fc.assert(fc.property(anyWorld, changes, (world, settings) => {
    const { context, params } = setup(world, settings);
    const { users } = encode(params, context);
    assertEquals(users.shape[1], 3 * (settings.layers + 1));
    rowsOf(users).forEach((row, user) => {
      assertClose(row.slice(0, 3), rowsOf(params.users)[user], 1e-6);
      for (const l of range(settings.layers)) {
        const length = Math.hypot(...row.slice(3 * (l + 1), 3 * (l + 2)));
        assert(Math.abs(length - 1) < 1e-5 || length === 0, `${length}`);
      }
    });
  }));
});

Deno.test("ngcf drops messages in training only, by the key, and none at rate 0", () => {
  const world: World = { train: [[0, 2], [1, 2, 5], [3], [0, 4, 5]], items: 7, modalities: {} };
  const { context, params } = setup(world, { dropout: 0.5 });
  const batch = triplesOf(context.history);
  const at = (n: number) => readSync(loss(params, batch, context, key(n)))[0];
  assertEquals(at(1), at(1));
  assertNotEquals(at(1), at(2));
  const plain = setup(world, { dropout: 0 }).context;
  assertEquals(readSync(loss(params, batch, plain, key(1))), readSync(loss(params, batch, context)));
  const { users } = encode(params, { ...context, config: { ...context.config, normalize: false, layers: 1 } }, key(3));
  assert([...readSync(users)].some((x) => x === 0));
});

Deno.test("ngcf has the right gradient under all settings", async () => {
  const changes = fc.record({
    layer: fc.constantFrom("code", "paper"),
    adjacency: fc.constantFrom("walk", "symmetric"),
    normalize: fc.boolean(),
    combine: fc.constantFrom("concat", "mean"),
    layers: fc.nat(2),
    l2: fc.constantFrom(0, 0.1),
  });
  await fc.assert(
    fc.asyncProperty(anyWorld, changes, async (world, settings) => {
      const { context, params } = setup(world, settings);
      const batch = triplesOf(context.history);
      assert(await checkGradient((p: NgcfParams) => loss(p, batch, context, key(1)), params, { directions: 2 }) < 2e-2);
    }),
    { numRuns: 20 },
  );
});
