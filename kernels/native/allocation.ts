/**
 * Registers for a list of vector instructions without jumps. A value whose register is needed goes to the stack, or is
 * read again where it came from.
 *
 * @module
 */
import type { Code, Place, Vector } from "./assembler.ts";
import type { Frame } from "./routine.ts";
import type { Vectors } from "./vectors.ts";

/** A value: the number of its instruction in the list. */
export type Value = number;

/** An instruction before it has registers. */
export type Instruction =
  /** Reads memory. `number` says that it is one number, which other instructions may read themselves. */
  | {
    readonly kind: "read";
    readonly from: Place;
    readonly read: (to: Vector, from: Place) => Code;
    readonly number: boolean;
  }
  /** Is in a register that other code keeps. */
  | { readonly kind: "kept"; readonly register: Vector }
  /** Is computed from values. With `withNumber` its last operand may be a number in memory. */
  | {
    readonly kind: "computed";
    readonly args: readonly Value[];
    readonly emit: (to: Vector, args: readonly Vector[]) => Code;
    readonly withNumber?: ((to: Vector, first: Vector, number: Place) => Code) | undefined;
    readonly commutes?: boolean | undefined;
  }
  /** Is a · b + c, rounded once. */
  | { readonly kind: "fused"; readonly args: readonly [Value, Value, Value] };

/** Code, and the registers of its results. */
export interface Allocated {
  readonly code: Code;
  readonly results: readonly Vector[];
}

/** A list of instructions that needs registers. */
export interface Task {
  readonly set: Vectors;
  readonly frame: Frame;
  readonly list: readonly Instruction[];
  readonly results: readonly Value[];
  readonly registers: readonly Vector[];
}

/** Gives registers to values, in the order of the instructions. Values that nothing uses are left out. */
export function allocate(task: Task): Allocated {
  const { set, list, results } = task;
  const code: Code[] = [];
  const file = registerFile(task, code);
  list.forEach((instruction, n) => {
    file.arrive(n);
    if (instruction.kind === "kept") return;
    if (instruction.kind === "read" || !file.isNeeded(n)) return;
    if (instruction.kind === "fused") return fuse(set, file, code, n, instruction.args);
    const { emit, withNumber, commutes } = instruction;
    const args = commutes && file.numberIn(instruction.args[0]) ? instruction.args.toReversed() : instruction.args;
    const number = withNumber && args[0] !== args[1] ? file.numberIn(args[1]) : null;
    const held = (number ? args.slice(0, 1) : args).map((arg) => file.hold(arg, args));
    const to = file.target(n, args);
    code.push(number ? withNumber!(to, held[0], number) : emit(to, held));
    file.finish(n, to, args);
  });
  file.arrive(list.length);
  return { results: results.map((value) => file.hold(value, results)), code };
}

/** a · b + c: the result replaces c if that is not used again, else a or b, else a copy of c. */
function fuse(set: Vectors, file: RegisterFile, code: Code[], n: Value, args: readonly [Value, Value, Value]): void {
  const [a, b, c] = args;
  const once = (arg: Value) => file.isFree(arg) && args.filter((other) => other === arg).length === 1;
  const product = once(c) ? undefined : [a, b].find(once);
  if (product !== undefined) {
    const factor = file.hold(product === a ? b : a, args);
    const number = file.numberIn(c);
    const summand = number ? null : file.hold(c, args);
    const to = file.hold(product, args);
    code.push(number ? set.withNumber("timesPlus", to, factor, number) : set.timesPlus(to, factor, summand!));
    return file.finish(n, to, args);
  }
  const [first, second] = file.numberIn(a) ? [b, a] : [a, b];
  const number = first === second ? null : file.numberIn(second);
  const held = file.hold(first, args);
  const other = number ? null : file.hold(second, args);
  const sum = file.hold(c, args);
  const to = once(c) ? sum : file.take(args);
  if (to !== sum) code.push(set.load(to, sum));
  code.push(number ? set.withNumber("addProduct", to, held, number) : set.addProduct(to, held, other!));
  file.finish(n, to, args);
}

/** The registers at a point of the list. */
interface RegisterFile {
  /** Goes to an instruction. */
  readonly arrive: (n: Value) => void;
  /** Returns whether a later instruction or a result uses this value. */
  readonly isNeeded: (value: Value) => boolean;
  /** Returns whether a value is in a register that the present instruction may overwrite. */
  readonly isFree: (value: Value) => boolean;
  /** Returns the place of a number that an instruction may read itself; `null` if it is none. */
  readonly numberIn: (value: Value) => Place | null;
  /** Brings a value into a register. The registers of the `locked` values stay. */
  readonly hold: (value: Value, locked: readonly Value[]) => Vector;
  /** Returns a free register. */
  readonly take: (locked: readonly Value[]) => Vector;
  /** Returns the register for a result: that of an operand that is not used again, else a free one. */
  readonly target: (value: Value, args: readonly Value[]) => Vector;
  /** Notes that a value is in a register, and frees those of operands that are not used again. */
  readonly finish: (value: Value, register: Vector, args: readonly Value[]) => void;
}

function registerFile({ set, frame, list, results, registers }: Task, code: Code[]): RegisterFile {
  const uses = usesOf(list, results);
  const places = new Map<Value, Vector>();
  const slots = new Map<Value, Place>();
  const free = [...registers];
  let now = 0;
  const nextUse = (value: Value) => uses[value].find((n) => n >= now) ?? Infinity;
  const isNeeded = (value: Value) => uses[value].some((n) => n > now);
  const keeps = (value: Value) => list[value].kind === "kept";

  /** Frees the register of the value that is needed last. */
  const evict = (locked: readonly Value[]): void => {
    const candidates = [...places.keys()].filter((value) => !keeps(value) && !locked.includes(value));
    const victim = candidates.reduce((a, b) => nextUse(b) > nextUse(a) ? b : a);
    if (list[victim].kind !== "read" && !slots.has(victim)) {
      const slot = frame.slot(4 * set.lanes);
      slots.set(victim, slot);
      code.push(set.store(slot, places.get(victim)!));
    }
    free.push(places.get(victim)!);
    places.delete(victim);
  };
  const take = (locked: readonly Value[]): Vector => {
    if (free.length === 0) evict(locked);
    return free.pop()!;
  };
  const isFree = (value: Value) => !isNeeded(value) && places.has(value) && !keeps(value);
  return {
    arrive: (n) => {
      now = n;
      const instruction = list[n];
      if (instruction?.kind === "kept") places.set(n, instruction.register);
    },
    isNeeded,
    isFree,
    take,
    numberIn: (value) => {
      const instruction = list[value];
      return set.embedded && instruction.kind === "read" && instruction.number && !places.has(value)
        ? instruction.from
        : null;
    },
    hold: (value, locked) => {
      const known = places.get(value);
      if (known) return known;
      const register = take(locked);
      const instruction = list[value];
      const slot = slots.get(value);
      if (slot) code.push(set.load(register, slot));
      else if (instruction.kind === "read") code.push(instruction.read(register, instruction.from));
      places.set(value, register);
      return register;
    },
    target: (_value, args) => {
      const dying = args.find(isFree);
      return dying === undefined ? take(args) : places.get(dying)!;
    },
    finish: (value, register, args) => {
      for (const arg of new Set(args)) {
        if (!isFree(arg)) continue;
        if (places.get(arg) !== register) free.push(places.get(arg)!);
        places.delete(arg);
      }
      places.set(value, register);
    },
  };
}

/** Returns for each value the instructions that use it, in their order; results are used at the end. */
function usesOf(list: readonly Instruction[], results: readonly Value[]): readonly (readonly number[])[] {
  const uses: number[][] = list.map(() => []);
  list.forEach((instruction, n) => {
    if ("args" in instruction) instruction.args.forEach((arg) => uses[arg].push(n));
  });
  results.forEach((value) => uses[value].push(list.length));
  return uses;
}
