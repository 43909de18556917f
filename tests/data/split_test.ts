/** Tests of the splits. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assert } from "deno-std/assert/assert.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { key } from "../../src/core/random.ts";
import type { Dataset, Interactions } from "../../src/data/dataset.ts";
import { readDataset } from "../../src/data/formats/mod.ts";
import {
  byTime,
  coldItems,
  inFileOrder,
  leaveLastOut,
  mmrec,
  official,
  officialHoldouts,
  ratio,
  resplit,
  type Splitter,
} from "../../src/data/split.ts";
import { absent, DATA } from "../shared_data.ts";

const logs = fc.array(fc.tuple(fc.nat(9), fc.nat(19), fc.nat(30)), { minLength: 1, maxLength: 120, size: "max" }).map(
  (rows): Interactions => ({
    users: Int32Array.from(rows, ([user]) => user),
    items: Int32Array.from(rows, ([, item]) => item),
    split: new Uint8Array(rows.length),
    times: Float64Array.from(rows, ([, , time]) => time),
  }),
);
const splitters: Record<string, Splitter> = {
  official: official(),
  mmrec: mmrec(key(1)),
  ratio: ratio(key(1), { validation: 0.2, test: 0.2 }),
  leaveLastOut: leaveLastOut(),
  byTime: byTime(),
  coldItems: coldItems(key(1)),
};
const positionsOf = (codes: Uint8Array, code: number): number[] => [...codes.keys()].filter((e) => codes[e] === code);

for (const [name, splitter] of Object.entries(splitters)) {
  Deno.test(`${name}() puts every interaction into one part, the same each time, and leaves the log as it is`, () => {
    fc.assert(fc.property(logs, (log) => {
      const before = structuredClone(log);
      const codes = splitter(log);
      assertEquals(codes.length, log.users.length);
      assert(codes.every((code) => code <= 2));
      assertEquals(splitter(log), codes);
      assertEquals(log, before);
    }));
  });
}

for (const name of ["official", "mmrec", "leaveLastOut", "ratio"]) {
  Deno.test(`${name}() leaves every user something to train on`, () => {
    fc.assert(fc.property(logs, (log) => {
      const codes = splitters[name](log);
      assertEquals(new Set(positionsOf(codes, 0).map((e) => log.users[e])), new Set(log.users));
    }));
  });
}

Deno.test("official() holds out two of few interactions, a fifth of many, and validation gets the odd one", () => {
  const held = (n: number): number[] => {
    const log = { users: new Int32Array(n), items: new Int32Array(n), split: new Uint8Array(n), times: null };
    return [1, 2].map((code) => positionsOf(official()(log), code).length);
  };
  assertEquals([1, 2, 3, 9, 10, 15, 20].map(held), [[0, 0], [0, 0], [1, 1], [1, 1], [1, 1], [2, 1], [2, 2]]);
});

Deno.test("mmrec() holds out as many, and test gets the odd one; another key draws others", () => {
  const log = (n: number) => ({
    users: new Int32Array(n),
    items: new Int32Array(n),
    split: new Uint8Array(n),
    times: null,
  });
  const held = (n: number): number[] => [1, 2].map((code) => positionsOf(mmrec(key(1))(log(n)), code).length);
  assertEquals([1, 2, 3, 9, 10, 15, 20].map(held), [[0, 0], [0, 0], [1, 1], [1, 1], [1, 1], [1, 2], [2, 2]]);
  const [one, other] = [1, 2].map((seed) => mmrec(key(seed))(log(100)));
  assertNotEquals(one, other);
  // The draws of a user do not depend on the other users.
  const two = mmrec(key(1))({ ...log(200), users: Int32Array.from({ length: 200 }, (_, e) => e < 100 ? 7 : 0) });
  assertEquals(two.slice(100), one);
  assertNotEquals(two.slice(0, 100), one);
});

const OFFICIAL = {
  "men-clothing": ["0aaacb7dcd3a97fe", "a9bdc6fb9135a045", "d5809116cee8999a"],
  "office": ["2790ef5f73601739", "71dad6323c431ecd", "4e4f3d678a79f599"],
};

for (const [name, hashes] of Object.entries(OFFICIAL)) {
  Deno.test({
    name: `official() is the released split of ${name}, bit for bit (needs ../shared/data)`,
    ignore: absent(name),
    fn: async () => {
      const data = await readDataset(DATA + name, { split: official() });
      const { users, items } = data.interactions;
      const { validation, test } = officialHoldouts(users);
      const train = data.users.map((): number[] => []);
      positionsOf(data.interactions.split, 0).forEach((e) => train[users[e]].push(e));
      const texts = [train, validation, test].map((lists) =>
        lists.map((list, user) => `${data.users[user]}:${list.map((e) => data.items[items[e]]).join(",")}`).join("\n")
      );
      assertEquals(await Promise.all(texts.map(sha256)), hashes);
      assertEquals(validation.flat().toSorted((a, b) => a - b), positionsOf(data.interactions.split, 1));
      assertEquals(test.flat().toSorted((a, b) => a - b), positionsOf(data.interactions.split, 2));
    },
  });
}

Deno.test("ratio() holds out the requested shares if every user keeps a training interaction", () => {
  const n = 1000;
  const log = { users: new Int32Array(n), items: new Int32Array(n), split: new Uint8Array(n), times: null };
  const codes = ratio(key(3), { validation: 0.05, test: 0.15 })(log);
  assertEquals([0, 1, 2].map((code) => positionsOf(codes, code).length), [800, 50, 150]);
});

Deno.test("leaveLastOut() takes the two latest, and the order of the log where times are equal", () => {
  const log = { users: new Int32Array(4), items: Int32Array.of(0, 1, 2, 3), split: new Uint8Array(4) };
  assertEquals([...leaveLastOut()({ ...log, times: Float64Array.of(9, 1, 7, 2) })], [2, 0, 1, 0]);
  assertEquals([...leaveLastOut()({ ...log, times: Float64Array.of(5, 5, 5, 1) })], [0, 1, 2, 0]);
  assertThrows(
    () => leaveLastOut()({ ...log, times: null }),
    ValueError,
    "Cannot hold out each user's last interactions: the interactions have no times; name their column (--time-column, " +
      "option columns), or take the order of the file for the order of time (--order file, inFileOrder)",
  );
});

Deno.test("inFileOrder() takes positions in the log for times, and leaves its times as they are", () => {
  const log = {
    users: new Int32Array(10),
    items: Int32Array.from({ length: 10 }, (_, i) => i),
    split: new Uint8Array(10),
  };
  const times = Float64Array.from({ length: 10 }, (_, i) => -i);
  assertEquals([...inFileOrder(leaveLastOut())({ ...log, times })], [0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
  assertEquals([...inFileOrder(byTime())({ ...log, times: null })], [0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
  assertEquals(times[9], -9);
});

Deno.test("byTime() has no training interaction later than a held-out one", () => {
  fc.assert(fc.property(logs, (log) => {
    const codes = byTime()(log);
    const latest = (code: number) => Math.max(...positionsOf(codes, code).map((e) => log.times![e]));
    const first = (code: number) => Math.min(...positionsOf(codes, code).map((e) => log.times![e]));
    assert(latest(0) < first(1) && latest(0) < first(2) && latest(1) < first(2));
  }));
});

Deno.test("byTime() cuts at the given times, at four fifths and nine tenths by default", () => {
  const n = 10;
  const log = { users: new Int32Array(n), items: new Int32Array(n), split: new Uint8Array(n) };
  const times = Float64Array.from({ length: n }, (_, i) => 100 + i);
  assertEquals([...byTime()({ ...log, times })], [0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
  assertEquals([...byTime({ validation: 101, test: 103 })({ ...log, times })], [0, 1, 1, 2, 2, 2, 2, 2, 2, 2]);
});

Deno.test("byTime() refuses a log without times and cuts in the wrong order", () => {
  const log = { users: new Int32Array(1), items: new Int32Array(1), split: new Uint8Array(1) };
  assertThrows(
    () => byTime()({ ...log, times: null }),
    ValueError,
    "Cannot split by time: the interactions have no times",
  );
  assertThrows(
    () => byTime({ validation: 3, test: 2 })({ ...log, times: new Float64Array(1) }),
    ValueError,
    "Cannot split by time: validation begins at 3, after test at 2",
  );
});

Deno.test("coldItems() keeps every cold item out of training, half for test and half for validation", () => {
  fc.assert(fc.property(logs, (log) => {
    const codes = coldItems(key(5), 0.5)(log);
    const [train, validation, test] = [0, 1, 2].map((c) => new Set(positionsOf(codes, c).map((e) => log.items[e])));
    assert(train.isDisjointFrom(validation) && train.isDisjointFrom(test) && validation.isDisjointFrom(test));
    assertEquals(validation.size + test.size, Math.round(0.5 * new Set(log.items).size));
    assert(validation.size - test.size === 0 || validation.size - test.size === 1);
  }));
});

Deno.test("ratio() and coldItems() refuse numbers that are not shares", () => {
  assertThrows(
    () => ratio(key(0), { validation: 0.6, test: 0.5 }),
    ValueError,
    "Cannot hold out 0.6 for validation and 0.5 for test: shares lie between 0 and 1, and so does their sum",
  );
  assertThrows(() => coldItems(key(0), NaN), ValueError, "Cannot hold out");
});

Deno.test("resplit() changes the split and nothing else", () => {
  const log = { users: new Int32Array(3), items: Int32Array.of(0, 1, 2), split: new Uint8Array(3), times: null };
  const data: Dataset = { name: "d", users: ["u"], items: ["a", "b", "c"], interactions: log, modalities: {} };
  assertEquals(resplit(data, inFileOrder(leaveLastOut())), {
    ...data,
    interactions: { ...log, split: Uint8Array.of(0, 1, 2) },
  });
});

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
