/**
 * The products of `bench/matmul.ts` in TensorFlow.js, on its WebAssembly backend. Outside browsers this backend has one
 * thread: its threaded build is not used where `process` exists, and does not start in Deno.
 *
 * `deno run -A --no-lock bench/peers/tfjs.ts [--repeat N] [--json] [--check]`
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { numbers } from "../data.ts";
import { command, COMPARED, options, report, type Work } from "../measure.ts";
import { LAYER } from "../work.ts";

const VERSION = "4.22.0";

/** The part of TensorFlow.js that is used here. */
interface Tensorflow {
  readonly setBackend: (name: "wasm") => Promise<boolean>;
  readonly tensor2d: (values: Float32Array, shape: readonly [number, number]) => TfTensor;
  readonly matMul: (a: TfTensor, b: TfTensor) => TfTensor;
  readonly transpose: (x: TfTensor) => TfTensor;
  readonly tidy: (body: () => TfTensor) => TfTensor;
}

interface TfTensor {
  readonly data: () => Promise<Float32Array>;
  readonly dispose: () => void;
}

interface Backend {
  readonly setThreadsCount: (threads: number) => void;
  readonly getThreadsCount: () => number;
}

await command(async () => {
  const { threads = navigator.hardwareConcurrency, ...rest } = options(COMPARED);
  // Not literals: nothing is installed before this runs. Outside browsers the backend finds its own .wasm files.
  const [core, wasm] = ["core", "backend-wasm"].map((part) => `npm:@tensorflow/tfjs-${part}@${VERSION}`);
  const tf: Tensorflow = await import(core);
  const backend: Backend = await import(wasm);
  backend.setThreadsCount(threads);
  if (!await tf.setBackend("wasm")) throw new ValueError("Cannot start the WebAssembly backend of TensorFlow.js");
  const [rows, inputs, outputs] = LAYER;
  const matrix = (salt: number, shape: readonly [number, number]) =>
    tf.tensor2d(numbers(salt, shape[0] * shape[1]), shape);
  const [x, w, g] = [matrix(1, [rows, inputs]), matrix(2, [outputs, inputs]), matrix(3, [rows, outputs])];
  // Its matMul is slow on transposed operands: transposing them first is many times as fast as its own options.
  const work = (name: string, product: () => TfTensor): Work => ({
    name,
    run: () => tf.tidy(product).dispose(),
    flops: 2 * rows * inputs * outputs,
    result: () => tf.tidy(product).data(),
  });
  const works = [
    work("matmul forward", () => tf.matMul(x, tf.transpose(w))),
    work("matmul gradient", () => tf.matMul(tf.transpose(g), x)),
    work("matmul transposed", () => tf.matMul(tf.transpose(x), g)),
  ];
  await report(works, { peer: "tfjs", threads: backend.getThreadsCount(), device: `tfjs ${VERSION} wasm` }, rest);
});
