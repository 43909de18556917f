/**
 * The instruction sets of this processor: the instruction CPUID, called as machine code.
 *
 * @module
 */
import { at, type Code, i64, PARAMETERS } from "./assembler.ts";
import { flat } from "./encoding.ts";
import { caller, execute, library } from "./pages.ts";
import type { SetName } from "./vectors.ts";

const [EAX, EBX, ECX] = [0, 1, 2];
const [rax, rcx, rdx, rbx] = [0, 1, 2, 3].map((general) => ({ general }));
/** The memory that receives the answer. */
const [, target] = PARAMETERS;

/** Asks CPUID for a leaf: the registers eax, ebx, ecx and edx. */
function leaf(number: number): Code {
  return [
    i64.push(rbx),
    i64.set(rax, number),
    i64.set(rcx, 0),
    [0x0f, 0xa2],
    [rax, rbx, rcx, rdx].map((register, n) => i64.store32(at(target, 4 * n), register)),
    i64.pop(rbx),
    0xc3,
  ];
}

/** Asks XGETBV for the registers that the operating system keeps for each thread. */
const KEPT: Code = [i64.set(rcx, 0), [0x0f, 0x01, 0xd0], i64.store32(at(target), rax), 0xc3];

/**
 * Returns the instruction sets that this processor has and the operating system supports, the widest last.
 *
 * @throws {DeviceError} if the system does not let memory become executable.
 */
export function instructionSets(): readonly SetName[] {
  return answer ??= asked();
}

let answer: readonly SetName[] | undefined;

function asked(): readonly SetName[] {
  const words = new Int32Array(new ArrayBuffer(64));
  const callOf = caller(words.buffer, library());
  const ask = (code: Code): readonly number[] => {
    callOf(execute(Uint8Array.from(flat(code))))();
    return [...words.subarray(0, 4)];
  };
  const has = (word: number, ...bits: number[]) => bits.every((bit) => word >>> bit & 1);
  if (ask(leaf(0))[EAX] < 7) return [];
  // FMA, OSXSAVE (without it XGETBV does not exist), AVX.
  if (!has(ask(leaf(1))[ECX], 12, 27, 28)) return [];
  const extended = ask(leaf(7))[EBX];
  const [states] = ask(KEPT);
  // The registers of AVX; BMI1, AVX2, BMI2.
  const avx2 = has(states, 1, 2) && has(extended, 3, 5, 8);
  // The registers and masks of AVX-512; its parts F and DQ.
  const avx512 = avx2 && has(states, 5, 6, 7) && has(extended, 16, 17);
  return [...avx2 ? ["avx2" as const] : [], ...avx512 ? ["avx512" as const] : []];
}
