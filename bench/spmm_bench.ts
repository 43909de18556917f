/** The cost of a sparse product. @module */
import { open } from "./measure.ts";
import { sparseProduct } from "./work.ts";

const device = open();
for (const shape of ["tiktok", "women"] as const) {
  const { name, run } = await sparseProduct(device, shape);
  Deno.bench(name, () => {
    run();
  });
}
