/**
 * The products of `bench/matmul.ts` in jax-js, on its WebAssembly device.
 *
 * `deno run -A --no-lock bench/peers/jax.ts [--threads N] [--repeat N] [--json] [--check]`
 *
 * @module
 */
import { numbers } from "../data.ts";
import { command, COMPARED, options, report, type Work } from "../measure.ts";
import { LAYER } from "../work.ts";

const VERSION = "0.1.25";

/** The part of jax-js that is used here. Functions consume their operands; `ref` keeps one. */
interface Jax {
  readonly defaultDevice: (device: "wasm") => unknown;
  readonly init: (device: "wasm") => Promise<unknown>;
  readonly numpy: {
    readonly array: (values: Float32Array) => JaxArray;
    readonly matmul: (a: JaxArray, b: JaxArray) => JaxArray;
    readonly transpose: (x: JaxArray) => JaxArray;
  };
}

interface JaxArray {
  readonly ref: JaxArray;
  readonly reshape: (shape: readonly number[]) => JaxArray;
  readonly blockUntilReady: () => Promise<JaxArray>;
  readonly data: () => Promise<Float32Array>;
  readonly dispose: () => void;
}

await command(async () => {
  const { threads = navigator.hardwareConcurrency, ...rest } = options(COMPARED);
  // jax-js starts a worker for every processor of the machine, and has no setting for it.
  Object.defineProperty(navigator, "hardwareConcurrency", { value: threads });
  const specifier = `npm:@jax-js/jax@${VERSION}`; // not a literal: nothing is installed before this runs
  const { init, defaultDevice, numpy: np }: Jax = await import(specifier);
  await init("wasm");
  defaultDevice("wasm");
  const [rows, inputs, outputs] = LAYER;
  const matrix = (salt: number, shape: readonly [number, number]) =>
    np.array(numbers(salt, shape[0] * shape[1])).reshape(shape);
  const [x, w, g] = [matrix(1, [rows, inputs]), matrix(2, [outputs, inputs]), matrix(3, [rows, outputs])];
  const work = (name: string, product: () => JaxArray): Work => ({
    name,
    run: async () => (await product().blockUntilReady()).dispose(),
    flops: 2 * rows * inputs * outputs,
    result: () => product().data(),
  });
  const works = [
    work("matmul forward", () => np.matmul(x.ref, np.transpose(w.ref))),
    work("matmul gradient", () => np.matmul(np.transpose(g.ref), x.ref)),
    work("matmul transposed", () => np.matmul(np.transpose(x.ref), g.ref)),
  ];
  await report(works, { peer: "jax-js", threads, device: `jax-js ${VERSION} wasm` }, rest);
  Deno.exit(); // the workers of jax-js would keep the process alive
});
