/**
 * Pairs of a user and an item that occur more than once, among more pairs than a `Map` can hold.
 *
 * @module
 */

/** Returns for each interaction the position of the first interaction of the same user and item. */
export function firstOfPairs(users: Int32Array, items: Int32Array): Int32Array<ArrayBuffer> {
  const first = new Int32Array(users.length);
  // Open addressing in a table that is at most half full; −1 is a free place.
  const places = 2 ** Math.ceil(Math.log2(2 * users.length + 1));
  const table = new Int32Array(places).fill(-1);
  for (let e = 0; e < users.length; e++) {
    let at = hash(users[e], items[e]) & (places - 1);
    while (table[at] >= 0 && (users[table[at]] !== users[e] || items[table[at]] !== items[e])) {
      at = at + 1 & (places - 1);
    }
    if (table[at] < 0) table[at] = e;
    first[e] = table[at];
  }
  return first;
}

function hash(user: number, item: number): number {
  let mixed = Math.imul(user, 0x9e3779b1) ^ Math.imul(item, 0x85ebca6b);
  mixed = Math.imul(mixed ^ mixed >>> 15, 0x2c1b3c6d);
  return mixed ^ mixed >>> 13;
}
