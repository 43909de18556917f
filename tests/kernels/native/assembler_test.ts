/** Tests of the assembler for x86-64: its bytes are those of GNU's assembler. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import {
  at,
  type Code,
  countDown,
  during,
  further,
  type General,
  i64,
  loop,
  prefetch,
  repeat,
  RETURN,
  when,
} from "../../../kernels/native/assembler.ts";
import { flat, type Place, sizeOf } from "../../../kernels/native/encoding.ts";
import { eight, sumLanes } from "../../../kernels/native/halves.ts";
import { type SetName, SETS } from "../../../kernels/native/vectors.ts";

const NAMES = [
  "rax",
  "rcx",
  "rdx",
  "rbx",
  "rsp",
  "rbp",
  "rsi",
  "rdi",
  ...[8, 9, 10, 11, 12, 13, 14, 15].map((n) => `r${n}`),
];
const general = (n: number): General => ({ general: n });
const name = ({ general }: General): string => NAMES[general];
const low = ({ general }: General): string => general < 8 ? `e${NAMES[general].slice(1)}` : `r${general}d`;
const vector = (n: number) => ({ vector: n });
const hex = (code: Code): string => flat(code).map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** A place as text: `[rax+rcx*4+64]`. */
function text({ base, index, scale, offset }: Place): string {
  return `[${name(base)}${index ? `+${name(index)}*${scale}` : ""}${
    offset ? `${offset < 0 ? "" : "+"}${offset}` : ""
  }]`;
}

/** Registers and places whose encodings differ: with and without upper bits, SIB bytes, short and long offsets. */
const registers = [0, 3, 5, 8, 13, 15].map(general);
const places: readonly Place[] = [
  at(general(0)),
  at(general(5)),
  at(general(13)),
  at(general(4), 8),
  at(general(12), -8),
  at(general(1), 64, general(2), 4),
  at(general(9), -128, general(14), 8),
  at(general(3), 100_000),
  at(general(15), 4, general(8)),
  further(at(general(7), 100), 28),
];

/** An instruction: as GNU's assembler reads it, and as ours writes it. */
type Line = readonly [string, Code];

function generalLines(): Line[] {
  const pairs = registers.flatMap((a) => registers.map((b) => [a, b] as const));
  return [
    ...pairs.flatMap(([a, b]): Line[] => [
      [`imul ${name(a)}, ${name(b)}`, i64.mul(a, b)],
      [`imul ${name(a)}, ${name(b)}, 1000`, i64.mulBy(a, b, 1000)],
      [`tzcnt ${name(a)}, ${name(b)}`, i64.trailingZeros(a, b)],
      [`bzhi ${name(a)}, ${name(b)}, r10`, i64.lowBits(a, b, general(10))],
      [`blsr ${name(a)}, ${name(b)}`, i64.clearLowest(a, b)],
    ]),
    ...places.flatMap((place) =>
      registers.flatMap((a): Line[] => [
        [`mov ${name(a)}, qword ptr ${text(place)}`, i64.set(a, place)],
        [`mov qword ptr ${text(place)}, ${name(a)}`, i64.store(place, a)],
        [`mov ${low(a)}, dword ptr ${text(place)}`, i64.load32(a, place)],
        [`mov dword ptr ${text(place)}, ${low(a)}`, i64.store32(place, a)],
        [`lea ${name(a)}, ${text(place)}`, i64.address(a, place)],
        [`add ${name(a)}, qword ptr ${text(place)}`, i64.add(a, place)],
        [`sub ${name(a)}, qword ptr ${text(place)}`, i64.sub(a, place)],
        [`and ${name(a)}, qword ptr ${text(place)}`, i64.and(a, place)],
        [`cmp ${name(a)}, qword ptr ${text(place)}\ncmova ${name(a)}, qword ptr ${text(place)}`, i64.min(a, place)],
        [`vcvttsd2si ${name(a)}, qword ptr ${text(place)}`, i64.fromFloat64(a, place)],
        [`prefetcht1 byte ptr ${text(place)}`, prefetch(place)],
      ])
    ),
    ...registers.flatMap((a): Line[] => [
      [`add ${name(a)}, -128`, i64.add(a, -128)],
      [`sub ${name(a)}, 127`, i64.sub(a, 127)],
      // GNU's assembler has a shorter form for rax.
      ...a.general === 0 ? [] : [[`cmp ${name(a)}, 100000`, i64.compare(a, 100_000)] as const],
      [`mov ${name(a)}, -1`, i64.set(a, -1)],
      [`shl ${name(a)}, 5`, i64.shl(a, 5)],
      [`shr ${name(a)}, 3`, i64.shiftRight(a, 3)],
      [`push ${name(a)}`, i64.push(a)],
      [`pop ${name(a)}`, i64.pop(a)],
    ]),
    ["vzeroupper\nret", RETURN],
  ];
}

const BINARIES = {
  add: "vaddps",
  sub: "vsubps",
  mul: "vmulps",
  div: "vdivps",
  least: "vminps",
  most: "vmaxps",
  and: "vandps",
  or: "vorps",
  xor: "vxorps",
  addInt: "vpaddd",
  subInt: "vpsubd",
  addProduct: "vfmadd231ps",
  timesPlus: "vfmadd213ps",
} as const;

function vectorLines(setName: SetName): Line[] {
  const set = SETS[setName];
  const wide = setName === "avx512";
  const used = (wide ? [0, 7, 8, 16, 31] : [0, 3, 7, 8, 14]).map(vector);
  const [type, memory] = wide ? ["zmm", "zmmword ptr "] : ["ymm", "ymmword ptr "];
  const v = ({ vector }: { readonly vector: number }) => `${type}${vector}`;
  const [a, b, c, d] = [used[4], used[1], used[3], used[0]];
  const mask = (text: string) => wide ? `${text}{k1}` : text;
  return [
    ...(Object.keys(BINARIES) as (keyof typeof BINARIES)[]).flatMap((op): Line[] => [
      ...used.map((x, n): Line => {
        const [y, z] = [used[(n + 1) % 5], used[(n + 3) % 5]];
        return [`${BINARIES[op]} ${v(x)}, ${v(y)}, ${v(z)}`, set[op](x, y, z)];
      }),
      ...places.map((p): Line => [`${BINARIES[op]} ${v(a)}, ${v(b)}, ${memory}${text(p)}`, set[op](a, b, p)]),
      ...wide
        ? places.map((
          p,
        ): Line => [`${BINARIES[op]} ${v(a)}, ${v(c)}, dword ptr ${text(p)}{1to16}`, set.withNumber(op, a, c, p)])
        : [],
    ]),
    ...places.flatMap((p): Line[] => [
      [`vmovups ${v(a)}, ${memory}${text(p)}`, set.load(a, p)],
      [`vmovups ${memory}${text(p)}, ${v(c)}`, set.store(p, c)],
      [`vbroadcastss ${v(b)}, dword ptr ${text(p)}`, set.splat(b, p)],
      [`${wide ? "{evex} " : ""}vmovss dword ptr ${text(p)}, xmm7`, set.storeLowest(p, vector(7))],
      wide
        ? [`vmovups ${v(a)}{k1}{z}, ${memory}${text(p)}`, set.loadSome(a, p)]
        : [`vmaskmovps ${v(a)}, ymm15, ${memory}${text(p)}`, set.loadSome(a, p)],
      [
        wide ? `vmovups ${mask(memory + text(p))}, ${v(a)}` : `vmaskmovps ${memory}${text(p)}, ymm15, ${v(a)}`,
        set.storeSome(p, a),
      ],
    ]),
    [`vsqrtps ${v(a)}, ${v(c)}`, set.sqrt(a, c)],
    [`vcvtdq2ps ${v(c)}, ${v(b)}`, set.fromInt(c, b)],
    [`vbroadcastss ${v(a)}, xmm${c.vector}`, set.splat(a, c)],
    [`vpslld ${v(a)}, ${v(c)}, 23`, set.shiftLeft(a, c, 23)],
    [`vpsrad ${v(c)}, ${v(b)}, 1`, set.shiftRight(c, b, 1)],
    [`vpsrld ${v(b)}, ${v(a)}, 9`, set.shiftRightUnsigned(b, a, 9)],
    ...wide
      ? [
        [`vcmpps k2, ${v(a)}, ${v(c)}, 30\nvpmovm2d ${v(b)}, k2`, set.greater(b, a, c)],
        [`vcmpps k2, ${v(b)}, ${v(c)}, 4\nvpmovm2d ${v(a)}, k2`, set.differ(a, b, c)],
        [`vpmovd2m k2, ${v(d)}\nvblendmps ${v(a)}{k2}, ${v(c)}, ${v(b)}`, set.select(a, d, b, c)],
        [`mov r9, -1\nbzhi r9, r9, r8\nkmovw k1, r9d`, set.choose(general(8), general(9))],
        [`vcmpps k2, ${v(a)}, ${v(c)}, 30\nkmovw r9d, k2`, set.bitsGreater(general(9), b, a, c)],
      ] satisfies Line[]
      : [
        [`vcmpps ${v(b)}, ${v(a)}, ${v(c)}, 30`, set.greater(b, a, c)],
        [`vcmpps ${v(a)}, ${v(b)}, ${v(c)}, 4`, set.differ(a, b, c)],
        [`vblendvps ${v(a)}, ${v(c)}, ${v(b)}, ${v(d)}`, set.select(a, d, b, c)],
        [`vcmpps ${v(b)}, ${v(a)}, ${v(c)}, 30\nvmovmskps r9d, ${v(b)}`, set.bitsGreater(general(9), b, a, c)],
      ] satisfies Line[],
  ];
}

function eightLines(): Line[] {
  const [a, b, c] = [7, 13, 2].map(vector);
  const wide = sumLanes(SETS.avx512, [vector(3)], vector(5));
  const narrow = sumLanes(SETS.avx2, [vector(3), vector(4)], vector(5));
  const rest = "vextractf128 xmm5, ymm3, 1\nvaddps xmm3, xmm3, xmm5\nvmovhlps xmm5, xmm3, xmm3\n" +
    "vaddps xmm3, xmm3, xmm5\nvmovshdup xmm5, xmm3\nvaddps xmm3, xmm3, xmm5";
  return [
    ...places.flatMap((p): Line[] => [
      [`vmovups xmm7, xmmword ptr ${text(p)}`, eight.loadHalf(a, p)],
      [`vinsertf128 ymm13, ymm2, xmmword ptr ${text(p)}, 1`, eight.withUpperHalf(b, c, p)],
      [`vmovups ymmword ptr ${text(p)}, ymm13`, eight.store(p, b)],
    ]),
    ["vunpcklps ymm7, ymm13, ymm2", eight.interleaveLow(a, b, c)],
    ["vunpckhps ymm7, ymm2, ymm13", eight.interleaveHigh(a, c, b)],
    ["vshufps ymm13, ymm2, ymm7, 0x44", eight.lowPairs(b, c, a)],
    ["vshufps ymm2, ymm7, ymm13, 0xee", eight.highPairs(c, a, b)],
    [`vextractf32x8 ymm5, zmm3, 1\nvaddps ymm3, ymm3, ymm5\n${rest}`, wide],
    [`vaddps ymm3, ymm3, ymm4\n${rest}`, narrow],
  ];
}

/** Instructions with the bytes that GNU's assembler 2.40 gives, for machines that lack it. */
const known: readonly (readonly [Code, string])[] = [
  [i64.add(general(9), at(general(9), -128, general(14), 8)), "4f034cf180"],
  [i64.address(general(3), at(general(13))), "498d5d00"],
  [i64.lowBits(general(8), general(3), general(10)), "c462a8f5c3"],
  [SETS.avx2.addProduct(vector(14), vector(3), vector(8)), "c44265b8f0"],
  [SETS.avx2.select(vector(14), vector(0), vector(3), vector(8)), "c4633d4af300"],
  [SETS.avx512.addProduct(vector(31), vector(7), vector(16)), "62224548b8f8"],
  [SETS.avx512.withNumber("timesPlus", vector(31), vector(16), at(general(1), 64, general(2), 4)), "62627d50a87c9110"],
  [SETS.avx512.load(vector(31), at(general(4), 128)), "62617c48107c2402"],
];

Deno.test("instructions have the bytes of GNU's assembler", () => {
  for (const [code, bytes] of known) assertEquals(hex(code), bytes);
});

/** Assembles lines of text with GNU's assembler; `null` where it is not installed. */
async function assembled(lines: readonly string[]): Promise<readonly string[] | null> {
  const folder = await Deno.makeTempDir();
  const end = "ccccccccccccccccccccccccc0ffee";
  const source = lines.map((line) => `${line}\n.byte ${end.match(/../g)!.map((byte) => `0x${byte}`)}\n`).join("");
  try {
    await Deno.writeTextFile(`${folder}/a.s`, `.intel_syntax noprefix\n${source}`);
    const done = await new Deno.Command("as", { args: ["--64", "-o", `${folder}/a.o`, `${folder}/a.s`] }).output();
    assertEquals(new TextDecoder().decode(done.stderr), "");
    const args = ["-O", "binary", "-j", ".text", `${folder}/a.o`, `${folder}/a.bin`];
    await new Deno.Command("objcopy", { args }).output();
    const bytes = await Deno.readFile(`${folder}/a.bin`);
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").split(end);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const hasAssembler = await assembled(["ret"]) !== null;

for (
  const [title, lines] of [
    ["general registers", generalLines()],
    ["AVX2", vectorLines("avx2")],
    ["AVX-512", vectorLines("avx512")],
    ["both sets", eightLines()],
  ] as const
) {
  Deno.test(`every instruction on ${title} has the bytes of GNU's assembler`, { ignore: !hasAssembler }, async () => {
    const expected = await assembled(lines.map(([text]) => text));
    lines.forEach(([text, code], n) => assertEquals([text, hex(code)], [text, expected![n]]));
  });
}

Deno.test("jumps go over and back to the ends of their code", () => {
  const [counter, nop]: [General, Code] = [general(1), [0x90]];
  assertEquals(hex(repeat(nop, "below")), "900f82f9ffffff");
  assertEquals(hex(when([], "equal", nop)), "0f850100000090");
  assertEquals(hex(when([], "equal", nop, [nop, nop])), `0f850600000090e9020000009090`);
  const twice = countDown(counter, 2, nop);
  assertEquals(sizeOf(twice), flat(twice).length);
  assertEquals(hex(loop(counter, 9, 1, nop)), hex(during(counter, 9, "below", [nop, i64.add(counter, 1)])));
});

Deno.test("AVX2 refuses a number in memory as an operand", () => {
  assertThrows(() => SETS.avx2.withNumber("add", vector(0), vector(1), places[0]), TypeError, "splat it first");
});
