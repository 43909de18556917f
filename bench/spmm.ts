/**
 * The cost of a product with the interaction graph: the graph of TikTok and one of the size of Women Clothing's, times
 * a matrix as wide as MONET's embeddings.
 *
 * `deno task bench:spmm [--shape men|women|tiktok] [--columns 128] [--threads N] [--repeat N] [--json]`
 *
 * @module
 */
import { SHAPES } from "./data.ts";
import { about, command, COMPARED, open, options, report } from "./measure.ts";
import { sparseProduct } from "./work.ts";

await command(async () => {
  const { shape, columns, ...rest } = options({ ...COMPARED, shape: SHAPES, columns: "count" });
  const device = open(rest);
  for (const each of shape ? [shape] : ["tiktok", "women"] as const) {
    await report([await sparseProduct(device, each, columns)], about(device), rest);
  }
});
