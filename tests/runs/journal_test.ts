import { assertEquals } from "deno-std/assert/equals.js";
import { epochLine } from "../../src/cli/train_report.ts";
import { localFiles } from "../../src/data/files.ts";
import { openJournal, readJournal, startEpochClock } from "../../src/runs/journal.ts";
import { inFolder } from "../cli/folder.ts";

const TIMES = { seconds: 2, evaluationSeconds: 0.5, checkpointSeconds: 0.25 };
const EPOCH = { epoch: 1, loss: 0.5, lr: 0.1, ...TIMES, validation: null, best: false };

Deno.test("startEpochClock() divides the time among training, evaluation and checkpoints, from each call to the next", async () => {
  let time = 0;
  const clock = startEpochClock(() => time);
  const pass = (milliseconds: number) => () => Promise.resolve(time += milliseconds);
  time += 1000;
  assertEquals(await clock.evaluating(pass(300)), 1300);
  time += 500;
  assertEquals(clock.take(), { seconds: 1.5, evaluationSeconds: 0.3, checkpointSeconds: 0 });
  await clock.saving(pass(20));
  await clock.saving(pass(30));
  time += 4000;
  assertEquals(clock.take(), { seconds: 4, evaluationSeconds: 0, checkpointSeconds: 0.05 });
});

Deno.test("readJournal() reads epochs of earlier releases, which have one time", () =>
  inFolder(async (folder) => {
    const { evaluationSeconds: _, checkpointSeconds: __, ...old } = EPOCH;
    await Deno.writeTextFile(`${folder}/metrics.jsonl`, `${JSON.stringify(old)}\n${JSON.stringify(EPOCH)}\n`);
    assertEquals(await readJournal(`${folder}/metrics.jsonl`, localFiles), [
      { ...EPOCH, evaluationSeconds: 0, checkpointSeconds: 0 },
      EPOCH,
    ]);
  }));

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
