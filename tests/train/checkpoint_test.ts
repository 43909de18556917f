/** Tests of checkpoints: round trips, whole files, and errors of files that do not fit. @module */
import { FileError, FormatError, KindError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { fc } from "../fc.ts";
import { reference } from "../../kernels/mod.ts";
import { key } from "../../src/core/random.ts";
import { free } from "../../src/core/scope.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import { fromArray, isTensor, readSync, type Scalar, tensor, zeros } from "../../src/core/tensor.ts";
import { leaves, type Tree } from "../../src/core/tree.ts";
import type { Files } from "../../src/data/files.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { mean, square, sub } from "../../src/ops/mod.ts";
import { normal } from "../../src/ops/draw.ts";
import { adam } from "../../src/train/adam.ts";
import { checkpoint, loadLike, loadTraining, loadTree, saveTraining, saveTree } from "../../src/train/checkpoint.ts";
import { fit, pipe, type Step } from "../../src/train/fit.ts";
import type { Training } from "../../src/train/optimizer.ts";
import { encodeSafetensors } from "../../src/train/safetensors.ts";
import { constant } from "../../src/train/schedule.ts";
import { sgd } from "../../src/train/sgd.ts";
import { evaluateEvery, stopEarly } from "../../src/train/stop.ts";

/** Runs a test with the path of a file in a temporary folder. */
async function withFile(body: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(`${folder}/model.safetensors`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const shapes: fc.Arbitrary<Shape> = fc.oneof(
  fc.constant([] as const),
  fc.tuple(fc.nat(4)),
  fc.tuple(fc.nat(3), fc.nat(3)),
);
const keys = fc.oneof(
  fc.string({ minLength: 1, maxLength: 4 }),
  fc.constantFrom("constructor", "__proto__", "toString", "a.b", "a%2Eb", "vgg.16", "."),
);
/** Random trees whose branches are plain objects; some are a single tensor. */
const { trees } = fc.letrec<{ trees: Tree }>((tie) => ({
  trees: fc.oneof(
    { maxDepth: 3 },
    shapes.chain((shape) =>
      fc.float32Array({ minLength: sizeOf(shape), maxLength: sizeOf(shape) })
        .map((values) => fromArray(values, shape, { device: reference }))
    ),
    fc.dictionary(keys, tie("trees"), { minKeys: 1, maxKeys: 3 }),
  ),
}));

/** Returns a tree as nested lists, which `assertEquals` compares. */
function shown(tree: Tree): unknown {
  return isTensor(tree)
    ? [tree.shape, [...readSync(tree)]]
    : Object.entries(tree).map(([name, part]) => [name, shown(part)]);
}

Deno.test("loadTree() returns the tree given to saveTree(), bit for bit", async () => {
  await withFile((path) =>
    fc.assert(
      fc.asyncProperty(trees, fc.dictionary(fc.string(), fc.string()), async (tree, metadata) => {
        await saveTree(path, tree, { metadata });
        const loaded = await loadTree(path, { device: reference });
        assertEquals(shown(loaded.tree), shown(tree));
        assertEquals(Object.entries(loaded.metadata), Object.entries(metadata));
      }),
      { numRuns: 60 },
    )
  );
});

Deno.test("loadTree() puts the tree on the given device", () =>
  withFile(async (path) => {
    await saveTree(path, { x: tensor(1) });
    assertEquals(leaves((await loadTree(path)).tree)[0][1].storage.device.name, "wasm");
    assertEquals(leaves((await loadTree(path, { device: reference })).tree)[0][1].storage.device.name, "reference");
  }));

Deno.test("saveTree() names leaves by their paths", () =>
  withFile(async (path) => {
    await saveTree(path, { image: { W: tensor([1]) }, list: [tensor(2)] });
    const { tree } = await loadTree(path);
    assertEquals(leaves(tree).map(([name]) => name), ["image.W", "list.0"]);
  }));

Deno.test("loadTree() refuses files with a reason", () =>
  withFile(async (path) => {
    const refused = async (rule: string) => {
      const error = await assertRejects(() => loadTree(path), FormatError);
      assertEquals((error as Error).message, `Cannot read a checkpoint from "${path}": ${rule}`);
    };
    await refused("there is no such file or folder");
    await Deno.writeFile(path, new Uint8Array());
    await refused("the file is empty");
    await Deno.writeTextFile(path, "users,items\n1,2\n");
    await refused("its header is cut off, or it is no safetensors file");
    await saveTree(path, { W: tensor([1, 2]) });
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.subarray(0, bytes.length - 1));
    await refused('it is cut off within tensor "W"');
    await Deno.writeFile(path, bytes.subarray(0, 20));
    await refused("its header is cut off, or it is no safetensors file");
    await Deno.writeFile(path, bytes.with(10, 0));
    await refused("its header is not a JSON object, so it is no safetensors file");
    const one = { shape: [1], values: Float32Array.of(1) } as const;
    for (const names of [["a", "a.b"], ["a.b", "a"]]) {
      await Deno.writeFile(
        path,
        encodeSafetensors({ tensors: Object.fromEntries(names.map((name) => [name, one])), metadata: {} }),
      );
      await refused('"a" is a tensor and a branch');
    }
  }));

Deno.test("saveTree() keeps the old file where it cannot write the new one", () =>
  withFile(async (path) => {
    await saveTree(path, { x: tensor([1, 2]) });
    const before = await Deno.readFile(path);
    await assertRejects(() => saveTree(`${path}/x`, { x: tensor([3, 4]) }), Error, `Cannot write "${path}/x": `);
    assertEquals(await Deno.readFile(path), before);
    const gone = tensor([5, 6]);
    free(gone);
    await assertRejects(() => saveTree(path, { y: tensor(1), x: gone }), KindError, "Cannot read a freed tensor");
    assertEquals(await Deno.readFile(path), before);
  }));

Deno.test("saveTree() leaves no other files in the folder", () =>
  withFile(async (path) => {
    await saveTree(path, { x: tensor(1) });
    await saveTree(path, { x: tensor(2) });
    const folder = path.slice(0, path.lastIndexOf("/"));
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["model.safetensors"]);
  }));

Deno.test("checkpoints are written to and read from the given files", async () => {
  const files = memoryFiles();
  const training = { ...sgd().start({ x: tensor(3) }), step: 7 };
  await saveTree("a", { x: tensor(1) }, { files });
  await saveTraining("b", training, { metadata: { epoch: "2" }, files });
  assertEquals((await files.list(".")).map(({ name }) => name), ["a", "b"]);
  assertEquals(shown((await loadTree("a", { files, device: reference })).tree), [["x", [[], [1]]]]);
  assertEquals(shown((await loadLike("a", { x: tensor(0) }, { files })).tree), [["x", [[], [1]]]]);
  const loaded = await loadTraining("b", sgd().start({ x: tensor(0) }), { files });
  assertEquals([loaded.training.step, loaded.metadata.epoch, shown(loaded.training.params)], [7, "2", [["x", [[], [
    3,
  ]]]]]);
  const full: Files = { ...files, write: () => Promise.reject(new Error("the disk is full")) };
  await assertRejects(
    () => saveTree("a", { x: tensor(2) }, { files: full }),
    FileError,
    'Cannot write "a": the disk is full',
  );
});

type Params = { readonly w: { readonly P: Scalar; readonly Q: Scalar } };

const initial = (): Params => ({ w: { P: tensor(3), Q: tensor(-2) } });

/** A loss whose minimum depends on the batch. */
function loss({ w: { P, Q } }: Params, target: number): Scalar {
  return mean(square(sub(sub(P, Q), tensor(target))));
}

const options = {
  batches: { steps: 2, batch: (epoch: { readonly low: number }, step: number) => epoch.low % 7 + step },
  optimizer: adam(),
  rate: constant(0.1),
  key: key(1),
};

/** Returns the training after the last step of a stream. */
async function last<P extends Tree>(steps: AsyncIterable<Step<P>>): Promise<Training<P>> {
  let training: Training<P> | undefined;
  for await (const step of steps) training = step.training;
  return training!;
}

Deno.test("fit() continues a training from loadTraining() bit for bit", () =>
  withFile(async (path) => {
    const start = options.optimizer.start(initial());
    const whole = await last(fit(start, loss, { ...options, epochs: 6 }));
    await saveTraining(path, await last(fit(start, loss, { ...options, epochs: 4 })), { metadata: { epoch: "4" } });
    const { training, metadata } = await loadTraining(path, options.optimizer.start(initial()));
    assertEquals(metadata.epoch, "4");
    assertEquals(training.step, 8);
    const resumed = await last(fit(training, loss, { ...options, epochs: 6, from: 4 }));
    assertEquals(shown(resumed.params), shown(whole.params));
    assertEquals(shown(resumed.memory), shown(whole.memory));
    assertEquals(resumed.step, whole.step);
  }));

Deno.test("loadTraining() returns any training, also one without parameters", () =>
  withFile(async (path) => {
    const training: Training<Tree> = {
      params: [normal(key(1), [2, 3]), { "a.b": normal(key(2), [2]) }],
      memory: { first: [normal(key(3), [2, 3]), { "a.b": normal(key(4), [2]) }] },
      step: 5,
    };
    await saveTraining(path, training);
    const like = { params: training.params, memory: { first: training.params }, step: 0 };
    const loaded = (await loadTraining(path, like)).training;
    assertEquals([shown(loaded.params), shown(loaded.memory), loaded.step], [
      shown(training.params),
      shown(training.memory),
      5,
    ]);
    assert(Array.isArray(loaded.params));

    await saveTraining(path, adam().start({}));
    assertEquals((await loadTraining(path, adam().start({}))).training, {
      params: {},
      memory: { first: {}, second: {} },
      step: 0,
    });
  }));

Deno.test("loadTraining() distinguishes two parameters that start as one tensor", () =>
  withFile(async (path) => {
    await saveTraining(path, sgd().start({ a: tensor(1), b: tensor(2) }));
    const zero = tensor(0);
    const { training } = await loadTraining(path, sgd().start({ a: zero, b: zero }));
    assertEquals(shown(training.params), shown({ a: tensor(1), b: tensor(2) }));
  }));

Deno.test("loadTraining() refuses files that do not fit, with a reason", () =>
  withFile(async (path) => {
    const refused = async (like: Training<Tree>, rule: string, what = "a checkpoint") => {
      const error = await assertRejects(() => loadTraining(path, like), FormatError);
      assertEquals((error as Error).message, `Cannot read ${what} from "${path}": ${rule}`);
    };
    const W = zeros([2, 3]);
    await saveTraining(path, adam().start({ W }));
    await refused(
      adam().start({ W: zeros([2, 4]) }),
      "this model has params.W as [2,4], the file has it as [2,3]",
    );
    await refused(adam().start({ W, b: zeros([3]) }), "this model has params.b as [3], the file does not have it");
    await refused(adam().start({}), "the file has 3 tensors, this model has 0");
    await refused(sgd().start({ W }), "the file has 3 tensors, this model has 1");
    await saveTree(path, { params: { W } });
    await refused(sgd().start({ W }), "it does not say how many steps were taken", "a training");
    await saveTraining(path, sgd().start({ x: tensor(1) }));
    await refused(sgd().start({ x: zeros([1]) }), "this model has params.x as [1], the file has it as []");
  }));

Deno.test("loadLike() returns a tree with the structure and the device of another", () =>
  withFile(async (path) => {
    await saveTree(path, { list: [tensor(1), { "vgg.16": tensor([2]) }] }, { metadata: { model: "monet" } });
    const like = { list: [tensor(0, { device: reference }), { "vgg.16": zeros([1], { device: reference }) }] };
    const { tree, metadata } = await loadLike(path, like);
    assert(Array.isArray(tree.list));
    assertEquals(shown(tree), [["list", [["0", [[], [1]]], ["1", [["vgg.16", [[1], [2]]]]]]]]);
    assert(leaves(tree).every(([, { storage }]) => storage.device === reference));
    assertEquals(metadata, { model: "monet" });
  }));

Deno.test("checkpoint() writes the last step and the best before later stages see them", async () => {
  const scores = [1, 3, 2, 3, 4].values();
  const log: string[] = [];
  const note = (what: string) => (step: Step<Params, number>) => {
    log.push(`${what} ${step.epoch}.${step.step}`);
    return Promise.resolve();
  };
  const steps = fit(options.optimizer.start(initial()), loss, { ...options, epochs: 5 });
  const stream = pipe(
    steps,
    evaluateEvery(1, () => Promise.resolve(scores.next().value!)),
    stopEarly(1, { score: (s) => s }),
    checkpoint({ last: note("last"), best: note("best") }),
  );
  for await (const { epoch, step } of stream) log.push(`seen ${epoch}.${step}`);
  assertEquals(log, [
    ...["seen 0.0", "best 0.1", "last 0.1", "seen 0.1"],
    ...["seen 1.0", "best 1.1", "last 1.1", "seen 1.1"],
    ...["seen 2.0", "last 2.1", "seen 2.1"],
    ...["seen 3.0", "last 3.1", "seen 3.1"],
  ]);
});
