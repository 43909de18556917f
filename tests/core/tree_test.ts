/** Tests of trees. @module */
import { KindError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { add } from "../../src/core/autodiff.ts";
import { free, scope } from "../../src/core/scope.ts";
import { read, type Tensor, tensor } from "../../src/core/tensor.ts";
import { copy, leaves, mapTree, toDevice, type Tree } from "../../src/core/tree.ts";
import { devices } from "../support.ts";

const values = (tree: Tree): Promise<[string, number[]][]> =>
  Promise.all(leaves(tree).map(async ([path, leaf]): Promise<[string, number[]]> => [path, [...await read(leaf)]]));

Deno.test("leaves() gives the path of each tensor, in order", async () => {
  const tree = { image: { W: tensor([1]), b: tensor([2]) }, layers: [tensor([3]), { deep: tensor([4]) }], empty: {} };
  assertEquals(await values(tree), [["image.W", [1]], ["image.b", [2]], ["layers.0", [3]], ["layers.1.deep", [4]]]);
  assertEquals(await values(tensor([5])), [["", [5]]]);
});

Deno.test("mapTree() applies a function to each leaf, and returns arrays for arrays", async () => {
  const a = { w: tensor([1, 2]), more: [tensor([3])] };
  const b = { more: [tensor([30])], w: tensor([10, 20]) };
  const sum = mapTree(add, a, b);
  assertEquals(await values(sum), [["w", [11, 22]], ["more.0", [33]]]);
  assert(Array.isArray(sum.more));
  assertEquals(await values(mapTree((x, y, z) => add(x, add(y, z)), a, a, b)), [["w", [12, 24]], ["more.0", [36]]]);
  assertEquals(mapTree((x: Tensor) => x, a).w, a.w);
});

Deno.test("mapTree() refuses trees of different structure, and names the place", () => {
  const [x, y] = [tensor([1]), tensor([2])];
  const apart: [Tree, Tree, string][] = [
    [{ a: x }, { b: y }, "they have different branches at tree"],
    [{ a: { b: x } }, { a: {} }, "they have different branches at tree.a"],
    [{ a: { b: x } }, { a: { b: y, c: y } }, "they have different branches at tree.a"],
    [[x, x], [y], "they have different branches at tree"],
    [[x], [y, y], "they have different branches at tree"],
    [{ a: { b: x } }, { a: y }, "only one of them has branches at tree.a"],
    [[x, { a: x }], [y, { a: { b: y } }], "only one of them has a tensor at tree.1.a"],
    [x, { a: y }, "only one of them has a tensor at tree"],
  ];
  for (const [one, other, where] of apart) {
    assertThrows(
      () => mapTree(add, one, other),
      KindError,
      `Cannot mapTree over trees of different structure: ${where}`,
    );
  }
});

Deno.test("toDevice() copies a tree, and the copy outlives the original", async () => {
  for (const device of devices) {
    const original = { w: tensor([[1, 2]]), b: [tensor(3)] };
    const copy = await toDevice(device, original);
    free(original);
    assertEquals(await values(copy), [["w", [1, 2]], ["b.0", [3]]]);
    assertEquals(leaves(copy).map(([, { shape, storage }]) => [shape, storage.device.name]), [
      [[1, 2], device.name],
      [[], device.name],
    ]);
  }
});

Deno.test("copy() copies a tree on its device bit by bit, and the copy outlives the original", async () => {
  for (const device of devices) {
    const original = { w: tensor([[1e-40, -0], [NaN, -Infinity]], { device }), none: tensor([], { device }) };
    const before = await read(original.w);
    const kept = scope(() => copy(original));
    free(original);
    assertEquals(await read(kept.w), before);
    assertEquals(leaves(kept).map(([, { shape, storage }]) => [shape, storage.device]), [[[2, 2], device], [
      [0],
      device,
    ]]);
  }
});

Deno.test("toDevice() and copy() refuse a freed tensor", async () => {
  let lost = tensor([1]);
  scope(() => void (lost = tensor([1])));
  await assertRejects(() => toDevice(devices[0], { lost }), KindError, "Cannot toDevice a freed tensor of shape [1]");
  assertThrows(() => copy({ lost }), KindError, "Cannot copy a freed tensor of shape [1]");
});
