/**
 * The memory of the WebAssembly device: one shared `WebAssembly.Memory` in which every tensor of the device lives, and
 * the allocator that divides it.
 *
 * @module
 */
import { ValueError } from "../errors.ts";
import { type Addresses, MOST_PAGES } from "./module.ts";

const PAGE = 65536;
const FIXED_PAGES = 16384;
/** Blocks start and end on cache lines, so kernels may read up to a vector past the last number. */
const LINE = 64;

/** A memory divided into blocks. */
export interface Heap {
  /** The memory. */
  readonly memory: WebAssembly.Memory;
  /** The type of its addresses. */
  readonly addresses: Addresses;
  /** Returns the address of a free block of at least this many bytes. Its contents are undefined. */
  allocate(bytes: number): number;
  /** Gives a block back. */
  release(address: number): void;
  /** Bytes in use, rounding included. */
  used(): number;
  /** Bytes that may still be allocated; in one block, if the blocks in use leave no gaps. */
  room(): number;
}

/** The most bytes that are asked of a memory of 4 GiB: they are an estimate, and blocks leave gaps. */
const NARROW_BYTES = 2 ** 31;

/**
 * Returns the type of addresses for so many bytes. Both are equally fast, and every runtime has addresses of 32 bits.
 *
 * @throws {ValueError} if no memory has so many bytes.
 */
export function addressesFor(bytes: number): Addresses {
  const [narrow, wide] = [MOST_PAGES.i32 * PAGE, MOST_PAGES.i64 * PAGE];
  const refuse = (rule: string) => new ValueError(`Cannot open the device "wasm" for ${bytes} bytes: ${rule}`);
  if (!(bytes <= wide)) throw refuse(`a memory of WebAssembly holds at most ${wide}`);
  if (bytes <= NARROW_BYTES) return "i32";
  if (wideMemory(1)) return "i64";
  if (bytes <= narrow) return "i32";
  throw refuse(`this runtime has no shared memory with addresses of 64 bits, and others hold at most ${narrow}`);
}

/**
 * Returns a heap on a new memory. With `SharedArrayBuffer` the memory is shared and grows: up to 4 GiB with addresses
 * of 32 bits, up to 16 GiB with addresses of 64 bits. Without it the memory has a fixed 1 GiB, since a memory that is
 * not shared invalidates every view of it when it grows.
 *
 * @throws {ValueError} if this runtime has no such memory.
 */
export function heap(addresses: Addresses = "i32"): Heap {
  if (addresses === "i64") {
    const memory = wideMemory(MOST_PAGES.i64);
    if (memory) return divide(memory, MOST_PAGES.i64, addresses);
    throw new ValueError("Cannot open a memory beyond 4 GiB: this machine gives no room for 16 GiB of addresses");
  }
  return typeof SharedArrayBuffer === "undefined"
    ? divide(new WebAssembly.Memory({ initial: FIXED_PAGES, maximum: FIXED_PAGES }), FIXED_PAGES)
    : divide(new WebAssembly.Memory({ initial: 64, maximum: MOST_PAGES.i32, shared: true }));
}

/** Returns a memory with addresses of 64 bits; `null` where there is none. TypeScript does not know them yet. */
function wideMemory(most: number): WebAssembly.Memory | null {
  const sizes: object = { initial: 1n, maximum: BigInt(most), shared: true, address: "i64" };
  try {
    return new WebAssembly.Memory(sizes as WebAssembly.MemoryDescriptor);
  } catch {
    return null;
  }
}

/**
 * Divides a memory that may grow to `most` pages, by best fit; neighbouring free blocks are joined. Address 0 and the
 * last line stay free, so that a vector which begins at the last number of a block always ends within the memory.
 */
export function divide(
  memory: WebAssembly.Memory,
  most: number = MOST_PAGES.i32,
  addresses: Addresses = "i32",
): Heap {
  const taken = new Map<number, number>();
  let free: Free[] = [{ start: LINE, size: memory.buffer.byteLength - 2 * LINE }];
  let inUse = 0;

  const grow = (size: number): void => {
    const pagesNow = memory.buffer.byteLength / PAGE;
    const end = memory.buffer.byteLength - LINE;
    const last = free.at(-1);
    const tail = last && last.start + last.size === end ? last.size : 0;
    const pages = Math.ceil((size - tail) / PAGE);
    const roomy = Math.min(most - pagesNow, Math.max(pages, Math.floor(pagesNow / 4)));
    try {
      const more = Math.max(pages, roomy);
      Reflect.apply(memory.grow, memory, [addresses === "i64" ? BigInt(more) : more]);
    } catch {
      throw new ValueError(
        `Cannot allocate ${size} bytes: the WebAssembly device holds ${inUse} bytes already and at most ${most * PAGE}`,
      );
    }
    insert(free, { start: end, size: memory.buffer.byteLength - LINE - end });
  };

  return {
    memory,
    addresses,
    used: () => inUse,
    room: () => most * PAGE - 2 * LINE - inUse,
    allocate: (bytes) => {
      const size = Math.max(1, Math.ceil(bytes / LINE)) * LINE;
      if (bestFit(free, size) < 0) grow(size);
      const place = bestFit(free, size);
      const { start, size: room } = free[place];
      free = room === size ? free.toSpliced(place, 1) : free.with(place, { start: start + size, size: room - size });
      taken.set(start, size);
      inUse += size;
      return start;
    },
    release: (address) => {
      const size = taken.get(address);
      if (size === undefined) return;
      taken.delete(address);
      inUse -= size;
      insert(free, { start: address, size });
    },
  };
}

/** A range of free memory. */
interface Free {
  readonly start: number;
  readonly size: number;
}

/** Inserts a block into a list in the order of memory, and joins it with its neighbours. */
function insert(free: Free[], block: Free): void {
  const at = free.findIndex(({ start }) => start > block.start);
  const place = at < 0 ? free.length : at;
  free.splice(place, 0, block);
  for (const i of [place, place - 1]) {
    const [left, right] = [free[i], free[i + 1]];
    if (left && right && left.start + left.size === right.start) {
      free.splice(i, 2, { start: left.start, size: left.size + right.size });
    }
  }
}

/** Returns the place of the smallest block of at least this size; −1 if there is none. */
function bestFit(free: readonly Free[], size: number): number {
  let best = -1;
  free.forEach((block, i) => {
    if (block.size >= size && (best < 0 || block.size < free[best].size)) best = i;
  });
  return best;
}
