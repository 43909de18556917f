/** Scores by tiles: the scores of all pairs, in the memory of a few. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import { key, normalArray } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { fromArray, type Matrix, readSync } from "../../src/core/tensor.ts";
import { scoreTiles } from "../../src/models/tiles.ts";
import { addRow, rowDots, scaleRows, tanh } from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";
import { rowsOf } from "./monet_plain.ts";

const draw = (seed: number, rows: number, columns: number, device = wasmDevice()): Matrix =>
  fromArray(normalArray(key(seed), rows * columns), [rows, columns], { device });

Deno.test("scoreTiles() scores every pair, at any size of the last tile", () => {
  const counts = fc.constantFrom(1, 2, 1023, 1024, 1025, 2048, 2050);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), counts, (users, items) => {
      const device = wasmDevice();
      const [u, v, w] = [draw(1, users, 2, device), draw(2, items, 2, device), draw(3, items, 1, device)];
      const found = scoreTiles({ u }, { v, w }, (own, among) => {
        const sums = addRow(among.v, own.u);
        return scaleRows(among.w, rowDots(sums, sums));
      });
      const [plainU, plainV, plainW] = [u, v, w].map(rowsOf);
      const expected = plainU.flatMap((a) =>
        plainV.map((b, i) => ((a[0] + b[0]) ** 2 + (a[1] + b[1]) ** 2) * plainW[i][0])
      );
      assertEquals(found.shape, [users, items]);
      assertClose(readSync(found), expected);
    }),
    { numRuns: 10 },
  );
});

Deno.test("scoreTiles() allocates no more for many users and items than for few, besides the scores", () => {
  const held = (users: number, items: number) => {
    const device = wasmDevice();
    const [u, v] = [draw(1, users, 64, device), draw(2, items, 64, device)];
    const start = device.bytesUsed();
    let most = 0;
    const found = scope(() =>
      scoreTiles({ u }, { v }, (own, among) => {
        const y = tanh(tanh(addRow(among.v, own.u)));
        most = Math.max(most, device.bytesUsed() - start);
        return rowDots(y, y);
      })
    );
    const bytes = device.bytesUsed() - start;
    assert(bytes <= 4 * users * items + 64, `${bytes} bytes are left besides the scores`);
    assertEquals(found.shape, [users, items]);
    // The bytes besides scores and the users' rows.
    return most - 4 * users * items - 256 * users;
  };
  const tile = 4 * 1024 * 64;
  assert(held(2, 1024) <= 4 * tile);
  assert(held(40, 4096) <= 4 * tile + 40 * 4096);
});
