/** The cost of the products of a linear layer and of its gradient. @module */
import { open } from "./measure.ts";
import { products } from "./work.ts";

for (const { name, run } of products(open())) {
  Deno.bench(name, () => {
    run();
  });
}
