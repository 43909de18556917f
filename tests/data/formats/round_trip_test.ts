/** The law of every foreign format: data that are read, written as a folder and read again stay the same. @module */
import { deepEqual, equal } from "node:assert/strict";
import { parquetWriteBuffer } from "hyparquet-writer";
import { fc } from "../../fc.ts";
import { fingerprint } from "../../../src/data/fingerprint.ts";
import { readDataset, writeDataset } from "../../../src/data/formats/mod.ts";
import { encodeNpy } from "../../../src/data/formats/npy.ts";
import { memoryFiles } from "../../../src/data/memory_files.ts";
import { packed } from "./packed.ts";

/** An interaction, and the words about items. */
interface World {
  readonly log: readonly {
    readonly user: string;
    readonly item: number;
    readonly time: number;
    readonly split: number;
  }[];
  readonly titles: readonly string[];
  readonly numbers: readonly number[];
}

const ITEMS = 5;
const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 })
  .filter((text) => text.trim() === text && !/["\r\n\t|;:,]/.test(text) && !/[\ud800-\udfff\0\u2028\ufeff]/.test(text));
const id = fc.stringMatching(/^[a-z]{1,4}$/).filter((text) => text !== "nan");
const world: fc.Arbitrary<World> = fc.record({
  log: fc.uniqueArray(
    fc.record({ user: id, item: fc.nat(ITEMS - 1), time: fc.nat(2e9), split: fc.nat(2) }),
    { minLength: 2, maxLength: 12, selector: ({ user, item }) => `${user} ${item}` },
  ).map((log) => log.map((row, r) => r === 0 ? { ...row, split: 0 } : row)),
  titles: fc.array(word, { minLength: ITEMS, maxLength: ITEMS }),
  numbers: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 2 * ITEMS, maxLength: 2 * ITEMS }),
});

type Content = string | Uint8Array<ArrayBuffer>;

const table = (separator: string, header: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [header, ...rows].map((row) => `${row.join(separator)}\n`).join("");

const features = ({ numbers }: World) =>
  encodeNpy({ shape: [ITEMS, 2], values: Float32Array.from(numbers) }) as Uint8Array<ArrayBuffer>;
const titlesTable = ({ titles }: World): string =>
  titles.map((title, item) => `${JSON.stringify({ item: String(item), title })}\n`).join("");
const listOf = ({ log }: World, kept: (split: number) => boolean): string => {
  const rows = log.filter(({ split }) => kept(split));
  const users = [...new Set(log.map(({ user }) => user))];
  return users.map((user, u) => [u, ...rows.filter((row) => row.user === user).map(({ item }) => item)].join(" "))
    .join("\n");
};

/** The files of each format, by its name. */
const FORMATS: Readonly<Record<string, (world: World) => Record<string, Content>>> = {
  "CSV": (world) => ({
    "interactions.csv": table(
      ",",
      ["user", "item", "timestamp"],
      world.log.map((row) => [row.user, row.item, row.time]),
    ),
    "items.jsonl": titlesTable(world),
    "image_feat.npy": features(world),
  }),
  "CSV with a split": ({ log }) => ({
    "ratings.csv": table(";", ["uid", "iid", "split"], log.map(({ user, item, split }) => [user, item, split])),
  }),
  "JSON lines": (world) => ({
    "events.jsonl": world.log.map(({ user, item, time }) => `${JSON.stringify({ user, item, time })}\n`).join(""),
    "items.jsonl": titlesTable(world),
  }),
  "MMRec": (world) => ({
    // The reader leaves out users without training, so the first row of a user is in training.
    "x.inter": table(
      "\t",
      ["userID", "itemID", "x_label"],
      world.log.map(({ user, item, split }, r) => {
        const first = world.log.findIndex((row) => row.user === user);
        return [first, item, first === r ? 0 : split];
      }),
    ),
    "text_feat.npy": features(world),
  }),
  "RecBole": (world) => ({
    "x.inter": table(
      "\t",
      ["user_id:token", "item_id:token", "timestamp:float"],
      world.log.map((row) => [row.user, row.item, row.time]),
    ),
    "x.item": table("\t", ["item_id:token", "title:token_seq"], world.titles.map((title, item) => [item, title])),
  }),
  "LightGCN": (world) => ({
    "train.txt": listOf(world, (split) => split < 2),
    "test.txt": listOf(world, (split) => split === 2),
  }),
  "inter.tsv": (world) => ({
    "inter.tsv": table("\t", ["user", "item", "split"], world.log.map(({ user, item, split }) => [user, item, split])),
    "attributes.tsv": table("\t", ["item", "tags"], world.titles.map((_, item) => [item, `t${item} t${item % 2}`])),
    "audio_feat.npy": features(world),
  }),
  "Parquet": ({ log }) => ({
    "ratings.parquet": new Uint8Array(parquetWriteBuffer({
      columnData: [
        { name: "user_id", data: log.map(({ user }) => user), type: "STRING" },
        { name: "item_id", data: log.map(({ item }) => item), type: "INT32" },
      ],
    })),
  }),
};

for (const [format, filesOf] of Object.entries(FORMATS)) {
  Deno.test(`import, export and import of ${format} is the identity, compressed or not`, () =>
    fc.assert(
      fc.asyncProperty(world, async (drawn) => {
        const files = memoryFiles();
        const entries = Object.entries(filesOf(drawn));
        for (const [folder, pack] of [["plain", false], ["packed", true]] as const) {
          await files.makeFolder(folder);
          for (const [name, content] of entries) {
            const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
            await files.write(`${folder}/${name}${pack ? ".gz" : ""}`, pack ? await packed(bytes) : bytes);
          }
        }
        const first = await readDataset("plain", { files });
        await writeDataset("own", first, { files });
        deepEqual(await readDataset("own", { files }), first);
        equal(await fingerprint(await readDataset("packed", { files })), await fingerprint(first));
        equal(first.interactions.users.length, drawn.log.length);
      }),
      { numRuns: 20 },
    ));
}
