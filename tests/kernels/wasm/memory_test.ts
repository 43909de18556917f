/** Tests of the allocator. @module */
import { ValueError } from "../../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../../fc.ts";
import { addressesFor, divide, type Heap, heap } from "../../../kernels/wasm/memory.ts";

const PAGE = 65536;

function small(maximum = 64): Heap {
  return divide(new WebAssembly.Memory({ initial: 1, maximum, shared: true }), maximum);
}

/** A step of a program: allocate bytes, or free one of its blocks. */
const steps = fc.array(fc.oneof(fc.record({ bytes: fc.nat(20000) }), fc.record({ give: fc.nat(50) })), {
  maxLength: 60,
  size: "max",
});

Deno.test("heap() allocates blocks that never overlap, and counts the bytes in use", () => {
  fc.assert(fc.property(steps, (program) => {
    const { allocate, release, used, memory } = small();
    const held: { start: number; bytes: number }[] = [];
    for (const step of program) {
      if ("bytes" in step) {
        const start = allocate(step.bytes);
        assert(start > 0 && start % 64 === 0 && start + step.bytes <= memory.buffer.byteLength);
        assert(held.every((other) => start >= other.start + other.bytes || start + step.bytes <= other.start));
        held.push({ start, bytes: step.bytes });
      } else if (held.length > 0) release(held.splice(step.give % held.length, 1)[0].start);
      assertEquals(used(), held.reduce((sum, { bytes }) => sum + Math.max(1, Math.ceil(bytes / 64)) * 64, 0));
    }
  }));
});

Deno.test("heap() joins freed blocks to one block, in any order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(9000), { minLength: 1, maxLength: 20 }),
      fc.infiniteStream(fc.nat()),
      (sizes, order) => {
        const { allocate, release, used, memory } = small();
        const held = sizes.map((bytes) => allocate(bytes));
        while (held.length > 0) release(held.splice(order.next().value % held.length, 1)[0]);
        const { byteLength } = memory.buffer;
        assertEquals(used(), 0);
        allocate(byteLength - 128); // all memory but a line at either end
        assertEquals(memory.buffer.byteLength, byteLength);
      },
    ),
  );
});

Deno.test("heap() uses freed memory again, best fit first", () => {
  const { allocate, release } = small();
  const [large, , little] = [4096, 64, 1024, 64].map(allocate);
  release(large);
  release(little);
  assertEquals([allocate(1000), allocate(4000)], [little, large]);
});

Deno.test("heap() ignores an address that is freed twice, or was never allocated", () => {
  const { allocate, release, used } = small();
  const [a, b] = [allocate(64), allocate(64)];
  for (const address of [a, a, 12345]) release(address);
  assertEquals(used(), 64);
  assertEquals(allocate(64), a);
  assert(allocate(64) !== b);
});

Deno.test("heap() keeps views of old blocks valid when it grows", () => {
  const { allocate, memory } = small();
  const view = new Float32Array(memory.buffer, allocate(16), 4);
  view.set([1, 2, 3, 4]);
  const far = allocate(5 * PAGE);
  assert(memory.buffer.byteLength > 5 * PAGE);
  new Float32Array(memory.buffer, far, 1)[0] = 9;
  assertEquals([...view], [1, 2, 3, 4]);
  assertEquals(new Float32Array(memory.buffer, view.byteOffset, 4), view);
});

Deno.test("heap() allows to read a vector past the last number of any block", () => {
  const { allocate, memory } = small();
  for (const bytes of [PAGE - 64, PAGE - 128, 8 * PAGE, 8 * PAGE - 64]) {
    const end = allocate(bytes) + bytes;
    assert(end + 16 <= memory.buffer.byteLength, `a block of ${bytes} bytes reaches to the end of the memory`);
  }
});

Deno.test("heap() room() is exactly the bytes that can be allocated", () => {
  fc.assert(fc.property(fc.array(fc.nat(20000), { maxLength: 20 }), (sizes) => {
    const [{ allocate, room, used }, most] = [small(8), 8 * PAGE - 128];
    for (const bytes of sizes) {
      if (bytes <= room()) allocate(bytes);
      assertEquals(room() + used(), most);
    }
    const rest = room();
    assertThrows(() => allocate(rest + 1), ValueError);
    allocate(rest);
    assertEquals(room(), 0);
  }));
});

Deno.test("heap() names the bytes asked for when there is no memory for them", () => {
  const { allocate, memory } = heap();
  allocate(1000);
  const before = memory.buffer.byteLength;
  assertThrows(
    () => allocate(2 ** 33),
    ValueError,
    "Cannot allocate 8589934592 bytes: the WebAssembly device holds 1024 bytes already and at most 4294967296",
  );
  assertEquals(memory.buffer.byteLength, before);
  assert(allocate(64) > 0);
});

Deno.test("heap() with addresses of 64 bits holds blocks beyond 4 GiB, of more than 4 GiB, and 16 GiB in all", () => {
  const { allocate, release, room, used, memory } = heap("i64");
  const most = 16 * 2 ** 30 - 128;
  assertEquals([room(), used()], [most, 0]);
  const [, large, far] = [64, 5 * 2 ** 30, 64].map(allocate);
  assert(far >= 5 * 2 ** 30 && memory.buffer.byteLength > far);
  const view = new Float32Array(memory.buffer, large, 5 * 2 ** 28);
  view[view.length - 1] = 7;
  new Float32Array(memory.buffer, far, 1)[0] = 9;
  assertEquals([view.at(-1), new Float32Array(memory.buffer, far, 1)[0]], [7, 9]);
  assertThrows(() => allocate(room() + 1), ValueError, "and at most 17179869184");
  release(large);
  assertEquals(allocate(5 * 2 ** 30), large);
});

Deno.test("addressesFor() takes 64 bits from 2 GiB on, and refuses more than 16 GiB", () => {
  assertEquals([0, 2 ** 31, 2 ** 31 + 1, 16 * 2 ** 30].map(addressesFor), ["i32", "i32", "i64", "i64"]);
  for (const bytes of [16 * 2 ** 30 + 1, Infinity, NaN]) {
    const rule = "a memory of WebAssembly holds at most 17179869184";
    assertThrows(() => addressesFor(bytes), ValueError, `Cannot open the device "wasm" for ${bytes} bytes: ${rule}`);
  }
});

Deno.test("where no memory has addresses of 64 bits, 4 GiB have 32, and more are refused", () => {
  const { Memory } = WebAssembly;
  const old = function (sizes: WebAssembly.MemoryDescriptor) {
    return new Memory({ ...sizes, initial: +sizes.initial });
  };
  Object.assign(WebAssembly, { Memory: old });
  try {
    assertThrows(() => heap("i64"), ValueError, "Cannot open a memory beyond 4 GiB: ");
    assertEquals([3.5, 4].map((gib) => addressesFor(gib * 2 ** 30)), ["i32", "i32"]);
    const rule = "this runtime has no shared memory with addresses of 64 bits, and others hold at most 4294967296";
    assertThrows(
      () => addressesFor(2 ** 33),
      ValueError,
      `Cannot open the device "wasm" for 8589934592 bytes: ${rule}`,
    );
  } finally {
    Object.assign(WebAssembly, { Memory });
  }
});
