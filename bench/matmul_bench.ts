/** What does a product cost? Forwards, and the two ways round that gradients take. @module */
import { open } from "./measure.ts";
import { products } from "./work.ts";

for (const { name, run } of products(open())) {
  Deno.bench(name, () => {
    run();
  });
}
