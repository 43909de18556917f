/** Tests of scopes of memory. @module */
import { KindError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { wasm } from "../../kernels/mod.ts";
import { grad, vjp } from "../../src/core/autodiff.ts";
import { type Pattern, patternFromCoo, rowSelector } from "../../src/core/pattern.ts";
import { free, recordAllocations, scope } from "../../src/core/scope.ts";
import { readSync, type Tensor, tensor } from "../../src/core/tensor.ts";
import { add, csr, gather, matmul, reshape, scale, spmm, square, sub, sum } from "../../src/ops/mod.ts";

const isFreed = (x: Tensor): boolean => x.storage.freed;

Deno.test("scope() frees all tensors made inside, except those that it returns at any depth", () => {
  const made: Tensor[] = [];
  const note = <T extends Tensor>(x: T): T => (made.push(x), x);
  const kept = scope(() => {
    const [a, b, c] = [tensor([1]), tensor([2]), tensor([3])].map(note);
    return { a, deeper: [{ sum: note(add(a, b)) }], words: "are kept too", number: c.shape[0], none: null };
  });
  assertEquals(made.map(isFreed), [false, true, true, false]);
  assertEquals([...readSync(kept.deeper[0].sum)], [3]);
  assertEquals(kept.words, "are kept too");
  free(kept);
});

Deno.test("scope() keeps, and free() frees, a tensor in a branch that is called storage", () => {
  const kept = scope(() => ({ storage: tensor([1, 2]) }));
  assertEquals([...readSync(kept.storage)], [1, 2]);
  free(kept);
  assert(isFreed(kept.storage));
});

Deno.test("scope() does not free tensors made outside", () => {
  const x = tensor([1, 2]);
  scope(() => add(x, x));
  assert(!isFreed(x));
});

Deno.test("scope() passes the tensors that it returns to the scope outside", () => {
  let inner: Tensor | undefined;
  const outer = scope(() => {
    inner = scope(() => tensor([1]));
    assert(!isFreed(inner));
    return scope(() => scope(() => add(inner!, inner!)));
  });
  assert(isFreed(inner!) && !isFreed(outer));
});

Deno.test("scope() frees its tensors when its body throws, and the scope outside goes on", () => {
  let lost: Tensor | undefined;
  const kept = scope(() => {
    const mine = tensor([1]);
    const body = () =>
      scope(() => {
        lost = tensor([2]);
        throw new Error("no luck");
      });
    assertThrows(body, Error, "no luck");
    assert(isFreed(lost!));
    return add(mine, tensor([5]));
  });
  assertEquals([...readSync(kept)], [6]);
});

Deno.test("scope() refuses an asynchronous body, and frees its tensors", () => {
  let lost: Tensor | undefined;
  // deno-lint-ignore require-await
  const body = () => scope(async () => lost = tensor([1]));
  assertThrows(body, KindError, "Cannot run an asynchronous function in a scope: await outside of it");
  assert(isFreed(lost!));
});

Deno.test("reading or using a freed tensor is refused with a hint", () => {
  let lost = tensor([[1, 2]]);
  scope(() => void (lost = tensor([[1, 2]])));
  const message =
    "a freed tensor of shape [1, 2]: return it from its scope, or keep a copy() of it where training frees it";
  assertThrows(() => readSync(lost), KindError, `Cannot readSync ${message}`);
  assertThrows(() => add(lost, lost), KindError, `Cannot add ${message}`);
  assertThrows(() => grad((x: Tensor) => sum(x))(lost), KindError, `Cannot differentiate at ${message}`);
});

Deno.test("scope() keeps the device copies of a pattern with the sparse matrix that it returns", () => {
  const kept = scope(() => csr(patternFromCoo([2, 3], [0, 1], [2, 0]), tensor([5, 7])));
  const before = wasm().bytesUsed();
  assertEquals([...readSync(scope(() => spmm(kept, tensor([[1], [2], [3]]))))], [15, 7]);
  const product = (x: Tensor<readonly [number, number]>) => sum(spmm(kept, x));
  assertEquals([...readSync(scope(() => grad(product)(tensor([[1], [1], [1]]))))], [7, 0, 5]);
  assert(wasm().bytesUsed() <= before + 2 * 64, "copies of the pattern were made again");
});

Deno.test("a pattern can be used again after the scope that copied it to a device", () => {
  const choice: Pattern = rowSelector(Int32Array.of(1, 1, 0), 2);
  for (let run = 0; run < 3; run++) {
    assertEquals([...readSync(scope(() => gather(tensor([10, 20]), choice)))], [20, 20, 10]);
  }
});

Deno.test("free() frees a tree at once", () => {
  const tree = { w: tensor([1]), more: [tensor([2])] };
  free(tree);
  assert(isFreed(tree.w) && isFreed(tree.more[0]));
});

Deno.test("scope() does not free a variable that is reshaped while its gradient is taken", () => {
  const x = tensor([1, 2, 3, 4]);
  const g = scope(() => grad((x: Tensor) => sum(square(reshape(x, [2, 2]))))(x));
  assertEquals([...readSync(x)], [1, 2, 3, 4]);
  assertEquals([...readSync(g)], [2, 4, 6, 8]);
});

Deno.test("scope() keeps a reshaped tensor that it returns", () => {
  const [y] = scope(() => vjp((x: Tensor) => reshape(x, [2, 1]), tensor([1, 2])));
  assertEquals([...readSync(y)], [1, 2]);
});

Deno.test("many steps of gradient descent need no more memory than one", () => {
  const pattern = patternFromCoo([4, 3], [0, 1, 2, 3, 3], [0, 1, 2, 0, 2]);
  const features = csr(pattern, tensor([1, 2, 3, 4, 5]));
  let w = tensor([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]);
  const step = (): number => {
    const next = scope(() => {
      const g = grad((w: Tensor<readonly [number, number]>) =>
        sum(square(matmul(spmm(features, w), tensor([[1], [-1]]))))
      )(w);
      return sub(w, scale(g, 1e-3));
    });
    free(w);
    w = next;
    return wasm().bytesUsed();
  };
  step();
  const used = step();
  for (let n = 0; n < 300; n++) assertEquals(step(), used);
});

Deno.test("recordAllocations() returns the blocks that were made, and the scope outside owns them", () => {
  let inside: Tensor | undefined;
  const [kept, all] = scope(() => {
    const [sum, made] = recordAllocations(() => {
      inside = tensor([1, 2]);
      return add(inside, inside);
    });
    assertEquals([made.has(inside!.storage), made.has(sum.storage), isFreed(inside!)], [true, true, false]);
    return [sum, made.size];
  });
  assertEquals([isFreed(kept), isFreed(inside!), all], [false, true, 2]);
});
