import { FormatError, UsageError } from "../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { readSettings, resolveSettings, settingsOf, storedSettings, writtenSettings } from "../../src/runs/settings.ts";
import { type } from "../cli/captured.ts";
import { localFiles } from "../../src/data/files.ts";
import { defaultsOf } from "../../src/core/settings.ts";
import { type Model, models } from "../../src/models/mod.ts";
import { PROTOCOLS } from "../../src/train/settings.ts";
import { inFolder } from "../cli/folder.ts";

const { monet } = models;

Deno.test("settingsOf() joins the settings of training and of the model, with the defaults of its paper", () => {
  const defaults = defaultsOf(settingsOf(monet));
  assertEquals([defaults.lr, defaults.sampler, defaults.beta, defaults.seed], [1e-4, "user", 0.3, 123]);
});

Deno.test("train prefers the file to defaults, --set to the file, and flags to both", () =>
  inFolder(async (folder) => {
    const config = `${folder}/monet.toml`;
    await Deno.writeTextFile(config, "lr = 1e-3\nbeta = 0.5\nlayers = 1\nepochs = 3\nseed = 3\ndim = 4\n");
    const set = "--set beta=0.6 --set layers=3 --set beta=0.7 --set seed=4";
    const { exit, err } = await type(`train --config ${config} ${set} --epochs 1 --seed 5 --out ${folder}/run`);
    assertEquals(exit, 0, err);
    const { lr, beta, layers, epochs, seed, batch } = await storedSettings(
      monet,
      `${folder}/run/config.toml`,
      localFiles,
    );
    assertEquals({ lr, beta, layers, epochs, seed, batch }, {
      lr: 1e-3,
      beta: 0.7,
      layers: 3,
      epochs: 1,
      seed: 5,
      batch: 1024,
    });
  }));

Deno.test("resolveSettings() gives the garden a preset, which all other sources overrule", () => {
  const [elsewhere, preset] = [resolveSettings(monet), resolveSettings(monet, { data: "garden" })];
  assertEquals([elsewhere.epochs, preset.epochs < 200], [1000, true]);
  assertEquals(resolveSettings(monet, { data: "garden", epochs: 700 }).epochs, 700);
});

Deno.test("resolveSettings() refuses a name that is unknown and a value out of range", () => {
  for (
    const [name, value, why] of [
      ["layer", "1", 'did you mean "layers"?'],
      ["constructor", "1", "there is no such setting"],
      ["lr", "fast", 'Cannot set lr to "fast": a number is needed'],
      ["beta", "2", "it must lie between 0 and 1"],
      ["batch", "1.5", "a whole number is needed"],
      ["batch", "1e9", "it must lie between 1 and 16777216"],
      ["dim", "100000", "it must lie between 1 and 65536"],
      ["layers", "100000", "it must lie between 0 and 1000"],
      ["sampler", "all", "it must be one of user, interaction"],
    ]
  ) assertThrows(() => resolveSettings(monet, { settings: { [name]: value } }), UsageError, why);
});

Deno.test("resolveSettings() prefers a protocol to the model's training, and settings to the protocol", () => {
  const { sampler, batch, every, patience, lr } = resolveSettings(monet, { protocol: "B", settings: { patience: 7 } });
  assertEquals({ sampler, batch, every, patience, lr }, {
    ...PROTOCOLS.B,
    patience: 7,
    lr: defaultsOf(settingsOf(monet)).lr,
  });
});

Deno.test("readSettings() names the file and the line that is no setting", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.toml`;
    for (
      const [text, line] of [
        ["lr = 1e-3\nfusion = sum\n", 2],
        ["lr = 1e-3\n\nepochs =\n\n# then\nseed = 1\n", 3],
        ["lr =\n", 1],
        ["# mine\r\n[train]\r\nlr = 1e-3\r\n", 2],
        ["lr = [1e-3]", 1],
      ] as const
    ) {
      await Deno.writeTextFile(path, text);
      const { message } = await assertRejects(() => readSettings(monet, path, localFiles), FormatError);
      const rule = "expected a setting in TOML, as in lr = 1e-3, and no tables or lists";
      assertEquals(message, `Cannot read settings from "${path}" line ${line}: ${rule}`);
    }
  }));

Deno.test("train --config exits with 2 for every fault of the file, and names the file", () =>
  inFolder(async (folder) => {
    const config = `${folder}/a.toml`;
    const refused = async (why: string) => {
      const { exit, err } = await type(`train --config ${config} --out ${folder}/run`);
      assertEquals(exit, 2, err);
      assertStringIncludes(err, why);
    };
    await refused(`"${config}": there is no such file`);
    for (
      const [text, why] of [
        ["", `"${config}": the file is empty`],
        ["lr\0", `"${config}": the file is binary`],
        ["lr", `"${config}" line 1: `],
        ["layer = 1", `Cannot set "layer": there is no such setting (in "${config}"); did you mean "layers"?`],
        ["qqqqqqqq = 1", `Cannot set "qqqqqqqq": there is no such setting (in "${config}"); there are `],
        ["beta = 2", `Cannot set beta to 2: it must lie between 0 and 1 (in "${config}")`],
      ]
    ) {
      await Deno.writeTextFile(config, text);
      await refused(why);
    }
  }));

for (const model of Object.values<Model>(models)) {
  Deno.test(`writtenSettings() of ${model.name} are read back by storedSettings()`, () =>
    inFolder(async (folder) => {
      const config = resolveSettings(model, { settings: { lr: "1e-7", sampler: "user", maskValidation: "true" } });
      await Deno.writeTextFile(`${folder}/a.toml`, writtenSettings(model, config));
      assertEquals(await storedSettings(model, `${folder}/a.toml`, localFiles), config);
    }));
}
