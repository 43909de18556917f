/**
 * Tests that names enter the public interface on purpose: the functions, constants and classes of every door. The doors
 * of core, train and rank have lists of their own, in `mod_test.ts` of their folders.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";

const root = new URL("../", import.meta.url);

/** The names of each door, by the path of its module. */
const NAMES: Readonly<Record<string, string>> = {
  "mod.ts": `
    GivernyError ShapeError add copy csr evaluate free fromArray garden grad key lightgcn matmul mean models
    monet mul normal ones openDevice openRun patternFromCoo print read readDataset readSync recommend resume
    scale scope split spmm square sub sum tensor toDevice train uniform valueAndGrad writeDataset zeros
  `,
  "kernels/mod.ts": `
    DeviceError FileError FormatError GivernyError KindError ShapeError UsageError ValueError defaultDevice describeDevice
    fastest formula openDevice peakBytes reference setDefaultDevice shareMemory timeOn wasm
  `,
  "src/ops/mod.ts": `
    abs add addAll addColumn addRow bprLoss columnSums concatBlocks concatColumns concatRows csr div dot
    dropEntries dropout elementwise exp fill fullSoftmax fused gather infoNce l2 leakyRelu leaveOut linear
    linearUniform log logSoftmaxRows logSumExpRows matmul matmulNT matmulTN maximum mean mul neg normal
    normalizeRows propagate repeatColumns repeatRows reshape rowDots rowMax rowSums rsqrt sampledSoftmax scale
    scaleBy scaleColumns scaleRows scatterAdd sddmm segmentSoftmax segmentSoftmaxMean segmentSum shift sigmoid
    sign sliceColumns sliceRows softmaxLoss softmaxRows softplus spmm sqrt square step sub sum tanh toDense topK
    transpose transposeCsr uniform xavierNormal xavierUniform
  `,
  "src/data/mod.ts": `
    SAMPLERS SPLITS bagOfWords bipartite byTime coldItems cooccurrence decodeNpy describeCoverage drawNegatives
    encodeNpy enhancedAdjacency fingerprint garden hasContent histories holdOutValidation inFileOrder interactionSampler kCore leaveLastOut
    loadFeatures localFiles matchFeatures matchSource matchTags memoryFiles mmrec modalityFeatures nearestNeighbours
    official openDataset pairs patternUnion pictureHistograms pictureSheet placeFeatures ratio readDataset readGiverny resplit
    sharedNeighbours similarityGraphs singleNegatives statistics sumSparse symmetricAdjacency
    symmetricNormalized userBlock userSampler validationRule walkAdjacency withEncodings withValidation writeDataset
  `,
  "src/models/mod.ts": `
    batchL2 batchRows bm3 bprMf dotBpr dotScore drawFactors ease edgesSettings encoded factorsOf freedom grcn gume
    inputsOf itemKnn lattice layersOf lightgcn maml mario meanOfLayers mgcn mmgcn models monet ngcf nodesOf nympheas
    objective popularity ranked rankingLoss rankingRows rankingSampler rankingSettings samplerOf stepGraph vbpr
  `,
  "src/runs/mod.ts": `
    TrainingFailed addItems catalogued defaultModel evaluate explain findModel foldInOf loadData loadParams localHardware
    openRun peopleBlock recommend resolveSettings resume runPlot settingsOf similar train
  `,
  "src/experiments/mod.ts": `
    compare planComparison planSweep publishedOf readGrid spread sweep variantOf workspaceOf
  `,
  "src/serve/mod.ts": `
    openEvents personOf serve
  `,
  "src/reports/mod.ts": `
    analysisPage analysisText comparisonCsv comparisonJsonLines comparisonMarkdown comparisonPage comparisonPlot comparisonText
    exampleComparison exampleSweep sweepCsv sweepMarkdown sweepPage sweepRecords sweepText table
  `,
  "src/cli/mod.ts": `
    processIo run
  `,
};

for (const [door, names] of Object.entries(NAMES)) {
  Deno.test(`${door} exports these functions, constants and classes`, async () => {
    const exported = Object.keys(await import(new URL(door, root).href)).sort();
    assertEquals(exported, names.split(/\s+/).filter(Boolean));
  });
}

Deno.test("the front door has at most 60 names, types too", async () => {
  const text = await Deno.readTextFile(new URL("mod.ts", root));
  const names = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) =>
    list.split(",").map((name) => name.trim())
  )
    .filter(Boolean);
  assert(names.length <= 60, `${names.length} names`);
});

Deno.test("no door re-exports a whole module", async () => {
  const { exports }: { readonly exports: Readonly<Record<string, string>> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", root)),
  );
  const open: string[] = [];
  for (const path of Object.values(exports)) {
    const text = await Deno.readTextFile(new URL(path, root));
    if (/^export (type )?\* from/m.test(text)) open.push(path);
  }
  assertEquals(open, []);
});

/** A public name, as `deno doc --json` describes it. */
interface Documented {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: {
      readonly tags?: readonly { readonly kind: string; readonly tsType?: { readonly repr: string } }[];
    };
  }[];
}

/** Returns the public names of all doors, types too. */
async function documented(): Promise<readonly Documented[]> {
  const doors = ["core", "train", "rank"].map((layer) => `src/${layer}/mod.ts`).concat(Object.keys(NAMES));
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["doc", "--json", ...doors], cwd: root }).output();
  const { nodes }: { readonly nodes: Readonly<Record<string, { readonly symbols: readonly Documented[] }>> } = JSON
    .parse(new TextDecoder().decode(stdout));
  const symbols = Object.values(nodes).flatMap(({ symbols }) => symbols);
  assert(symbols.length > 500, `${symbols.length} symbols`);
  return symbols;
}

/** Returns the tags of the comments of a public name. */
function tagsOf({ declarations }: Documented) {
  return declarations.flatMap(({ jsDoc }) => jsDoc?.tags ?? []);
}

Deno.test("every public function, constant and class has an example; errors that are thrown are public", async () => {
  const symbols = await documented();
  const missing = symbols.filter((symbol) =>
    symbol.declarations.some(({ kind }) => ["function", "variable", "class"].includes(kind)) &&
    !tagsOf(symbol).some(({ kind }) => kind === "example")
  );
  // NAME is a type only: the key under which axes carry their names.
  assertEquals(missing.map(({ name }) => name).filter((name) => name !== "NAME"), []);
  const names = new Set(symbols.map(({ name }) => name));
  const thrown = symbols.flatMap(tagsOf).flatMap(({ kind, tsType }) =>
    kind === "throws" && tsType ? [tsType.repr] : []
  );
  assert(thrown.length > 100, `${thrown.length} errors`);
  assertEquals([...new Set(thrown)].filter((name) => !names.has(name)), []);
});
