/** Tests of the safetensors format: round trips, and errors of damaged files. @module */
import { FormatError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import { type Archive, decodeSafetensors, encodeSafetensors, type Stored } from "../../src/train/safetensors.ts";

const shapes: fc.Arbitrary<Shape> = fc.oneof(
  fc.constant([] as const),
  fc.tuple(fc.nat(6)),
  fc.tuple(fc.nat(4), fc.nat(4)),
);
const tensors: fc.Arbitrary<Stored> = shapes.chain((shape) =>
  fc.float32Array({ minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((values) => ({ shape, values }))
);
const names = fc.string({ maxLength: 8, unit: "binary" }).filter((name) => name !== "__metadata__");
const tables = <T>(values: fc.Arbitrary<T>) => fc.dictionary(names, values, { maxKeys: 4, noNullPrototype: true });
const archives: fc.Arbitrary<Archive> = fc.record(
  { tensors: tables(tensors), metadata: tables(fc.string({ unit: "binary" })) },
  { noNullPrototype: true },
);

/** Returns the bytes of a file with a header and a number of zero bytes. */
function fileOf(header: string, numbers = 0): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + numbers);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

/** Fails unless the bytes are read, or refused by a FormatError. */
function assertReadOrRefused(bytes: Uint8Array): void {
  try {
    decodeSafetensors(bytes);
  } catch (error) {
    assert(error instanceof FormatError, `${error}`);
  }
}

Deno.test("decodeSafetensors() returns the archive given to encodeSafetensors()", () => {
  fc.assert(fc.property(archives, (archive) => {
    assertEquals(decodeSafetensors(encodeSafetensors(archive)), archive);
  }));
});

Deno.test("decodeSafetensors() reads a file at any offset of a buffer", () => {
  fc.assert(fc.property(archives, fc.nat(9), (archive, offset) => {
    const bytes = encodeSafetensors(archive);
    const buffer = new Uint8Array(bytes.length + offset + 3).fill(7);
    buffer.set(bytes, offset);
    assertEquals(decodeSafetensors(buffer.subarray(offset, offset + bytes.length)), archive);
  }));
});

Deno.test("encodeSafetensors() writes a length, a JSON header padded to eight bytes, and little-endian numbers", () => {
  const part = new Float32Array([9, 1, 2.5]).subarray(1);
  const bytes = encodeSafetensors({
    tensors: { W: { shape: [1, 2], values: part }, b: { shape: [], values: Float32Array.of(-0) } },
    metadata: { model: "monet" },
  });
  const view = new DataView(bytes.buffer);
  const header = Number(view.getBigUint64(0, true));
  assertEquals(header % 8, 0);
  assertEquals(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + header))), {
    __metadata__: { model: "monet" },
    W: { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] },
    b: { dtype: "F32", shape: [], data_offsets: [8, 12] },
  });
  assertEquals([0, 4, 8].map((at) => view.getFloat32(8 + header + at, true)), [1, 2.5, -0]);
  assertEquals(bytes.length, 8 + header + 12);
});

Deno.test("decodeSafetensors() refuses a file that is too short or too long", () => {
  fc.assert(
    fc.property(archives, (archive) => {
      const bytes = encodeSafetensors(archive);
      for (let end = 0; end < bytes.length; end++) {
        assertThrows(() => decodeSafetensors(bytes.subarray(0, end)), FormatError);
      }
      assertThrows(() => decodeSafetensors(Uint8Array.of(...bytes, 0)), FormatError);
    }),
    { numRuns: 30 },
  );
});

Deno.test("decodeSafetensors() reads or refuses damaged files", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(archives, damage, (archive, flips) => {
      const bytes = encodeSafetensors(archive);
      for (const [at, flip] of flips) bytes[at % bytes.length] ^= flip;
      assertReadOrRefused(bytes);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("decodeSafetensors() reads or refuses any header", () => {
  const odd = fc.oneof(fc.jsonValue(), fc.constant({ toString: 1, valueOf: 1 }), fc.constant(1e308));
  const counts = fc.array(fc.oneof({ weight: 4, arbitrary: fc.nat(8) }, odd), { maxLength: 3 });
  const entry = fc.record({
    dtype: fc.oneof({ weight: 4, arbitrary: fc.constant("F32") }, odd),
    shape: fc.oneof({ weight: 4, arbitrary: counts }, odd),
    data_offsets: fc.oneof({ weight: 4, arbitrary: counts }, odd),
  }, { requiredKeys: [] });
  const headers = fc.dictionary(names, fc.oneof({ weight: 4, arbitrary: entry }, odd), { maxKeys: 3 });
  fc.assert(
    fc.property(fc.oneof(headers, odd), fc.nat(12), (header, numbers) => {
      assertReadOrRefused(fileOf(JSON.stringify(header), numbers));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("decodeSafetensors() refuses files with a reason", () => {
  const tensor = (entry: Record<string, unknown>, numbers = 4) =>
    fileOf(JSON.stringify({ W: { dtype: "F32", shape: [1], data_offsets: [0, 4], ...entry } }), numbers);
  const two = (first: number[], second: number[]) =>
    fileOf(
      JSON.stringify(
        Object.fromEntries([["a", first], ["b", second]].map(([name, at]) => [name, {
          dtype: "F32",
          shape: [1],
          data_offsets: at,
        }])),
      ),
      8,
    );
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(5), "it is cut off after 5 bytes"],
    [fileOf("{}").subarray(0, 9), "its header is cut off, or it is no safetensors file"],
    [fileOf("[]"), "its header is not a JSON object, so it is no safetensors file"],
    [fileOf("{"), "its header is not a JSON object, so it is no safetensors file"],
    [fileOf('{"W":{}}').with(10, 0xff), "its header is not a JSON object, so it is no safetensors file"],
    [fileOf('{"__metadata__":{"step":1}}'), "its metadata are not texts"],
    [tensor({ dtype: "F16" }), 'tensor "W" is of type "F16"; only "F32" is read'],
    [tensor({ shape: [1, 1, 1] }), 'tensor "W" has no shape of at most two axes'],
    [tensor({ shape: [-1] }), 'tensor "W" has no shape of at most two axes'],
    [tensor({ shape: [2] }), 'tensor "W" does not have the number of bytes that its shape [2] needs'],
    [tensor({ data_offsets: [0, "4"] }), 'tensor "W" does not have the number of bytes that its shape [1] needs'],
    [tensor({ data_offsets: [-4, 0] }), 'tensor "W" does not have the number of bytes that its shape [1] needs'],
    [tensor({}, 3), 'it is cut off within tensor "W"'],
    [tensor({}, 5), "it has 5 bytes of numbers, and its header describes 4"],
    [two([0, 4], [0, 4]), 'tensor "b" does not begin where the tensor before it ends'],
    [two([4, 8], [4, 8]), 'tensor "a" does not begin where the tensor before it ends'],
  ];
  for (const [bytes, sentence] of cases) {
    assertEquals(assertThrows(() => decodeSafetensors(bytes), FormatError).message, sentence);
  }
});

Deno.test("decodeSafetensors() accepts tensors in any order of the header", () => {
  const bytes = fileOf(
    '{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
    8,
  );
  new DataView(bytes.buffer).setFloat32(bytes.length - 4, 5, true);
  const { tensors, metadata } = decodeSafetensors(bytes);
  assertEquals([tensors.a.values[0], tensors.b.values[0], metadata], [0, 5, {}]);
});
