/**
 * The cost of a training step of MONET, or of an epoch: batch, loss, gradient and Adam, as in `train`.
 *
 * `deno task bench:step --shape men|women|tiktok [--epoch] [--threads N] [--repeat N] [--json]`
 *
 * @module
 */
import { SHAPES } from "./data.ts";
import { about, command, COMPARED, open, options, report } from "./measure.ts";
import { training } from "./work.ts";

await command(async () => {
  const { shape = "men", epoch, ...rest } = options({ ...COMPARED, shape: SHAPES, epoch: "flag" });
  const device = open(rest);
  await report([await training(device, shape, epoch ? "epoch" : "step")], about(device), rest);
});
