/** The cost of a small evaluation: all items for every user. `eval.ts` has the sizes of the papers' data. @module */
import { randomData } from "./data.ts";
import { open } from "./measure.ts";
import { evaluation } from "./work.ts";

const size = { users: 1000, items: 1000, interactions: 5000, heldOut: 1000, features: { image: 256, text: 64 } };
const { run } = await evaluation(open(), randomData("small", size));
Deno.bench("evaluation, 1,000 users, 1,000 items", async () => {
  await run();
});
