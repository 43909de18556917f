/** Tests of `.npy` files. @module */
import { FormatError, ValueError } from "../../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../../fc.ts";
import { decodeNpy, encodeNpy, openNpy, readNpy, readOrOpenNpy } from "../../../src/data/formats/npy.ts";
import { refusal, withFolder } from "./folder.ts";
import { packed } from "./packed.ts";

/** Returns a file as NumPy writes it: the header ends with a line break at a multiple of 64 bytes. */
function npy(
  { type = "<f4", order = "False", shape = "(2, 2)", version = 1 }: {
    type?: string;
    order?: string;
    shape?: string;
    version?: number;
  },
  body: ArrayBufferView<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const start = version === 1 ? 10 : 12;
  const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
  const padded = `${text.padEnd(127 - start)}\n`;
  const length = version === 1 ? [padded.length, 0] : [padded.length, 0, 0, 0];
  const head = new TextEncoder().encode(padded);
  const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return Uint8Array.of(0x93, ...new TextEncoder().encode("NUMPY"), version, 0, ...length, ...head, ...bytes);
}

const four = [1, 2, 3, 4];

Deno.test("decodeNpy() reads every type of number and version", () => {
  const bodies: Record<string, ArrayBufferView<ArrayBuffer>> = {
    "<f2": Float16Array.from(four),
    "<f4": Float32Array.from(four),
    "<f8": Float64Array.from(four),
    "|i1": Int8Array.from(four),
    "<i2": Int16Array.from(four),
    "<u2": Uint16Array.from(four),
    "<i4": Int32Array.from(four),
    "<u4": Uint32Array.from(four),
    "<i8": BigInt64Array.from(four.map(BigInt)),
    "<u8": BigUint64Array.from(four.map(BigInt)),
  };
  for (const [type, body] of Object.entries(bodies)) {
    for (const version of [1, 2, 3]) {
      assertEquals(decodeNpy(npy({ type, version }, body), "x.npy"), {
        shape: [2, 2],
        values: Float32Array.from(four),
      });
    }
  }
});

Deno.test("decodeNpy() decodes all half floats as Float16Array does", () => {
  const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
  const head = npy({ type: "<f2", shape: "(65536,)" }, new Uint8Array(0));
  const file = new Uint8Array(head.length + bits.byteLength);
  file.set(head);
  file.set(new Uint8Array(bits.buffer), head.length);
  const { values } = decodeNpy(file, "x.npy");
  assertEquals(values, Float32Array.from(new Float16Array(bits.buffer)));
});

Deno.test("openNpy() reads rows of every type of number as decodeNpy() does", () =>
  withFolder({}, async (folder) => {
    const bodies: Record<string, ArrayBufferView<ArrayBuffer>> = {
      "<f2": Float16Array.from(four),
      "<f4": Float32Array.from(four),
      "<f8": Float64Array.from(four),
      "|u1": Uint8Array.from(four),
      "<i8": BigInt64Array.from(four.map(BigInt)),
    };
    for (const [type, body] of Object.entries(bodies)) {
      await Deno.writeFile(`${folder}/x.npy`, npy({ type }, body));
      const { shape, read } = await openNpy(`${folder}/x.npy`);
      assertEquals(shape, [2, 2]);
      assertEquals([await read(0, 2), await read(1, 2)], [Float32Array.from(four), Float32Array.of(3, 4)]);
    }
  }));

Deno.test("openNpy() reads rows of a file of more than 4 GiB", () =>
  withFolder({}, async (folder) => {
    const [path, rows] = [`${folder}/x.npy`, 2 ** 21];
    const head = npy({ shape: `(${rows}, 1024)` }, new Uint8Array(0));
    await Deno.writeFile(path, head);
    await Deno.truncate(path, head.length + 4096 * rows); // a hole: no disk is used
    const file = await Deno.open(path, { write: true });
    await file.seek(-4096, Deno.SeekMode.End);
    await file.write(new Uint8Array(Float32Array.of(7).buffer));
    file.close();
    const row = await (await openNpy(path)).read(rows - 1, rows);
    assertEquals([row.length, row[0], row[1]], [1024, 7, 0]);
  }));

Deno.test("decodeNpy() leaves bytes bytes", () => {
  for (const type of ["|u1", "|b1"]) {
    assertEquals(decodeNpy(npy({ type }, Uint8Array.from(four)), "x.npy").values, Uint8Array.from(four));
  }
});

Deno.test("decodeNpy() reads shapes of one number and of none, and empty arrays", () => {
  assertEquals(decodeNpy(npy({ shape: "(4,)" }, Float32Array.from(four)), "x.npy").shape, [4]);
  assertEquals(decodeNpy(npy({ shape: "()" }, Float32Array.of(7)), "x.npy").shape, []);
  assertEquals(decodeNpy(npy({ shape: "(0, 3)" }, new Float32Array(0)), "x.npy").values.length, 0);
});

Deno.test("decodeNpy() views 32-bit floats in place, and reads those that are not aligned", () => {
  const file = encodeNpy({ shape: [2, 2], values: Float32Array.from(four) });
  assertEquals(decodeNpy(file, "x.npy").values.buffer === file.buffer, true);
  const shifted = new Uint8Array(file.length + 1);
  shifted.set(file, 1);
  assertEquals(decodeNpy(shifted.subarray(1), "x.npy").values, Float32Array.from(four));
});

Deno.test("encodeNpy() and decodeNpy() are inverse", () => {
  const shapes = fc.array(fc.nat(4), { maxLength: 4 });
  fc.assert(fc.property(shapes, fc.boolean(), (shape, bytes) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const values = new (bytes ? Uint8Array : Float32Array)(size).map((_, i) => i);
    assertEquals(decodeNpy(encodeNpy({ shape, values }), "x.npy"), { shape, values });
  }));
});

Deno.test("encodeNpy() refuses numbers that do not fill the shape", () => {
  assertThrows(
    () => encodeNpy({ shape: [2, 3], values: new Float32Array(5) }),
    ValueError,
    "Cannot write 5 numbers as an array of shape [2, 3]: they must fill it",
  );
});

Deno.test("readOrOpenNpy() with auto opens files of more than 1 GiB, and reads others", () =>
  withFolder({}, async (folder) => {
    const path = `${folder}/x.npy`;
    for (const [rows, later] of [[2, false], [2 ** 28 + 1, true]] as const) {
      const head = npy({ shape: `(${rows}, 1)` }, new Uint8Array(0));
      await Deno.writeFile(path, head);
      await Deno.truncate(path, head.length + 4 * rows); // a hole: no disk is used
      const array = await readOrOpenNpy(path, { features: "auto" });
      assertEquals(["read" in array, array.shape], [later, [rows, 1]]);
    }
    await Deno.writeFile(path, encodeNpy({ shape: [1, 1], values: Float32Array.of(3) }));
    const ways = await Promise.all(
      ([undefined, "memory", "source"] as const).map((features) => readOrOpenNpy(path, { features })),
    );
    assertEquals(ways.map((array) => "read" in array), [false, false, true]);
    // Rows of a compressed file have no place in it.
    await Deno.writeFile(`${path}.gz`, await packed(encodeNpy({ shape: [1, 1], values: Float32Array.of(3) })));
    const found = await readOrOpenNpy(`${path}.gz`, { features: "source" });
    assertEquals(found, { shape: [1, 1], values: Float32Array.of(3) });
  }));

Deno.test("readNpy() refuses more than 4 GiB before it reads them", () =>
  withFolder({}, async (folder) => {
    const [path, GiB] = [`${folder}/x.npy`, 2 ** 30];
    const refusedAs = async (type: string, size: number, shape: string, rule: string) => {
      const head = npy({ type, shape }, new Uint8Array(0));
      await Deno.writeFile(path, head);
      await Deno.truncate(path, head.length + size); // a hole: no disk is used
      const error = await assertRejects(() => readNpy(path), FormatError);
      assertEquals(error.message, `Cannot read an array from "${path}": ${rule}`);
    };
    const mend = "at most 4,294,967,296 can be used: keep fewer rows or columns";
    await refusedAs(
      "<f4",
      5 * GiB,
      "(1342177280,)",
      `shape [1342177280] of f4 takes 5,368,709,120 bytes; ${mend}`,
    );
    await refusedAs(
      "|u1",
      4 * GiB + 1,
      "(1, 4294967297)",
      `shape [1, 4294967297] of u1 takes 4,294,967,297 bytes; ${mend}`,
    );
    await refusedAs(
      "<f2",
      3 * GiB,
      "(1610612736,)",
      `shape [1610612736] of f2 takes 3,221,225,472 bytes, 6,442,450,944 as 32-bit floats; ${mend}`,
    );
  }));

Deno.test("readNpy() refuses files it cannot read, with the reason", async () => {
  const body = Float32Array.from(four);
  const whole = npy({}, body);
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "the file is empty"],
    [new TextEncoder().encode("user,item"), "the file does not begin as a .npy file does"],
    [whole.subarray(0, 8), "the header is truncated"],
    [whole.subarray(0, 60), "the header is truncated"],
    [whole.subarray(0, -3), "shape [2, 2] of f4 takes 16 bytes, found 13"],
    [
      npy({ shape: "(1000000000000, 4096)" }, body),
      "shape [1000000000000, 4096] of f4 takes 16,384,000,000,000,000 bytes, found 16",
    ],
    [npy({ type: ">f4" }, body), 'the numbers are big-endian; save array.astype("<f4")'],
    [npy({ type: "<c8" }, body), 'numbers of type "c8" are not supported; save array.astype("float32")'],
    [npy({ type: "|O" }, body), 'numbers of type "O" are not supported; save array.astype("float32")'],
    [
      npy({ type: "constructor" }, body),
      'numbers of type "constructor" are not supported; save array.astype("float32")',
    ],
    [npy({ order: "True" }, body), "the array is in Fortran order; save numpy.ascontiguousarray(array)"],
    [npy({ version: 4 }, body), "format version 4 is unknown; expected 1, 2 or 3"],
    [npy({ shape: "two" }, body), "the header does not state a plain type and a shape"],
  ];
  for (const [bytes, rule] of cases) {
    assertEquals(
      await refusal({ "x.npy": bytes }, (folder) => readNpy(`${folder}/x.npy`)),
      `FormatError: Cannot read an array from "x.npy": ${rule}`,
    );
  }
});
