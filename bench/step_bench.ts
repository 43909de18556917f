/** The cost of a training step of MONET. @module */
import { open } from "./measure.ts";
import { training } from "./work.ts";

const device = open();
for (const shape of ["tiktok", "men"] as const) {
  const { name, run } = await training(device, shape);
  Deno.bench(name, async () => {
    await run();
  });
}
