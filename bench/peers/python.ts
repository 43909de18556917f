/**
 * Python with PyTorch, at its best: with all the vectors that the processor has.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";

/** A Python that has PyTorch, and the environment in which it is fastest. */
export interface Python {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** The processor for which OpenBLAS computes. */
  readonly core: string;
}

/** PyTorch is slow to allocate memory that it has returned to the system, so it keeps its memory. */
const KEEP = { MALLOC_MMAP_MAX_: "0", MALLOC_TRIM_THRESHOLD_: "100000000000" };

/** Processors for which OpenBLAS has kernels. It takes a very old one for a processor that is newer than itself. */
const CORES = ["SkylakeX", "Haswell", "Zen"];

/** Runs a program and returns its output. An environment replaces that of this process. */
export async function start(
  program: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<string> {
  const child = new Deno.Command(program, {
    args: [...args],
    env: { NO_COLOR: "1", ...env },
    clearEnv: env !== undefined,
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await child.output();
  if (success) return new TextDecoder().decode(stdout);
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  throw new ValueError(lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "it failed without a message");
}

/**
 * Returns the first Python that has PyTorch, with the environment in which a short product is fastest; `null` if there
 * is none. Variables that pin OpenBLAS to a processor are removed first.
 *
 * @param script Measures products in PyTorch; see `torch_work.py`.
 */
export async function findPython(script: string): Promise<Python | null> {
  const free = Object.fromEntries(Object.entries(Deno.env.toObject()).filter(([name]) => !/^OPENBLAS_/.test(name)));
  const env = { ...free, ...KEEP };
  for (const program of [Deno.env.get("PYTHON"), "python3", "/usr/bin/python3"]) {
    const works = program && await start(program, ["-c", "import numpy, torch"], env).then(() => true, () => false);
    if (!works) continue;
    const choices: { readonly core: string; readonly env: Record<string, string>; readonly ms: number }[] = [];
    for (const core of ["its own choice", ...CORES]) {
      const chosen = core === "its own choice" ? env : { ...env, OPENBLAS_CORETYPE: core };
      const text = await start(program, [script, "matmul", "--repeat", "3"], chosen).catch(() => "");
      const times = text.trim().split("\n").filter(Boolean).map((line) => (JSON.parse(line) as { ms: number }).ms);
      if (times.length > 0) choices.push({ core, env: chosen, ms: times.reduce((a, b) => a + b, 0) });
    }
    const [best] = choices.sort((a, b) => a.ms - b.ms);
    if (best) return { program, env: best.env, core: best.core };
  }
  return null;
}
