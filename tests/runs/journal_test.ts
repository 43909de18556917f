import { assertEquals } from "deno-std/assert/equals.js";
import { epochLine } from "../../src/cli/train_report.ts";
import { localFiles } from "../../src/data/files.ts";
import { openJournal, readJournal } from "../../src/runs/journal.ts";
import { inFolder } from "../cli/folder.ts";

const EPOCH = { epoch: 1, loss: 0.5, lr: 0.1, seconds: 2, validation: null, best: false };

Deno.test("openJournal() appends, and removes the epochs that a resumed training writes again", () =>
  inFolder(async (folder) => {
    const path = `${folder}/metrics.jsonl`;
    const first = await openJournal(path, [], localFiles);
    for (const epoch of [1, 2, 3]) await first({ ...EPOCH, epoch });
    await Deno.writeTextFile(path, '{"epoch":4,"lo', { append: true });
    const second = await openJournal(path, await readJournal(path, localFiles, 2), localFiles);
    await second({ ...EPOCH, epoch: 3, loss: 0.25 });
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines.map(({ epoch, loss }) => [epoch, loss]), [[1, 0.5], [2, 0.5], [3, 0.25]]);
  }));

Deno.test("epochLine() shows the validation of an epoch that has one, and marks the best", () => {
  assertEquals(epochLine(EPOCH), "epoch 1  loss 0.5000");
  const validation = { "recall@20": 0.12345, "ndcg@20": 0.06 } as Parameters<typeof epochLine>[0]["validation"];
  assertEquals(
    epochLine({ ...EPOCH, validation, best: true }),
    "epoch 1  loss 0.5000  recall@20 0.1235  ndcg@20 0.0600  *",
  );
});
