/** Tests of validation that is taken out of training. @module */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { fc } from "../fc.ts";
import { key } from "../../src/core/random.ts";
import type { Dataset, Interactions } from "../../src/data/dataset.ts";
import { holdOutValidation, validationRule, withValidation } from "../../src/data/validation.ts";

const logs = fc.array(fc.tuple(fc.nat(9), fc.nat(19), fc.nat(30), fc.nat(2)), { minLength: 1, maxLength: 80 }).map(
  (rows): Interactions => ({
    users: Int32Array.from(rows, ([user]) => user),
    items: Int32Array.from(rows, ([, item]) => item),
    times: Float64Array.from(rows, ([, , time]) => time),
    split: Uint8Array.from(rows, ([, , , code]) => code),
  }),
);

Deno.test("holdOutValidation() leaves test as it is, and every user of training something to train on", () => {
  for (const rule of ["none", "last", "ratio:0.3"] as const) {
    fc.assert(fc.property(logs, (log) => {
      const before = structuredClone(log);
      const codes = holdOutValidation(rule, key(2))(log);
      deepEqual(log, before);
      const usersOf = (split: Uint8Array, wanted: readonly number[]) =>
        new Set(Array.from(log.users).filter((_, e) => wanted.includes(split[e])));
      deepEqual(Array.from(codes, (code) => code === 2), Array.from(log.split, (code) => code === 2));
      deepEqual(usersOf(codes, [0]), usersOf(log.split, [0, 1]));
    }));
  }
});

Deno.test("holdOutValidation() takes the latest of each user, or the share of all", () => {
  const users = Int32Array.of(0, 0, 0, 0, 1, 1, 2), items = new Int32Array(7);
  const times = Float64Array.of(5, 9, 7, 8, 3, 3, 1);
  const log = { users, items, times, split: Uint8Array.of(0, 2, 0, 1, 0, 0, 0) };
  deepEqual([...holdOutValidation("last")(log)], [0, 2, 0, 1, 0, 1, 0]);
  deepEqual([...holdOutValidation("none")(log)], [0, 2, 0, 0, 0, 0, 0]);
  const n = 1000, column = new Int32Array(n);
  const one = { users: column, items: column, times: null, split: new Uint8Array(n) };
  const held = holdOutValidation("ratio:0.25", key(1))(one);
  equal(held.filter((code) => code === 1).length, 250);
  deepEqual(holdOutValidation("ratio:0.25", key(1))(one), held);
  throws(() => holdOutValidation("last")(one), /Cannot hold out each user's last training interaction: .*no times/);
});

Deno.test("validationRule() refuses other rules and shares", () => {
  for (
    const text of ["", "first", "ratio", "ratio:", "ratio:0", "ratio:1", "ratio:-0.1", "ratio:0.1:2", "ratio:1e-1"]
  ) {
    throws(() => validationRule(text), /^ValueError: Cannot hold out ".*" for validation: expected none, last, or/);
  }
});

Deno.test("withValidation() says what it did, and no longer what it mended", () => {
  const log = {
    users: Int32Array.of(0, 0, 0),
    items: Int32Array.of(0, 1, 2),
    times: null,
    split: Uint8Array.of(0, 0, 2),
  };
  const data: Dataset = { name: "d", users: ["u"], items: ["a", "b", "c"], interactions: log, modalities: {} };
  const kept = withValidation(data, undefined);
  deepEqual(kept.interactions, log);
  deepEqual(kept.notes, [
    "The split has no validation: 2 interactions are in training, 1 in test; --validation ratio:0.1 or last takes some " +
    "out of training (option validation)",
  ]);
  const last = withValidation(kept, "last", { order: "file" });
  deepEqual([...last.interactions.split], [0, 1, 2]);
  deepEqual(last.notes, ["Held out for validation: 1 of the 2 interactions of training, the last of each user"]);
  ok(!withValidation(last, undefined).notes!.some((note) => note.startsWith("The split has no")));
  const none = withValidation(last, "none");
  deepEqual([[...none.interactions.split], none.notes!.at(-1)], [
    [0, 0, 2],
    "Nothing is held out for validation: training has 2 interactions",
  ]);
});
