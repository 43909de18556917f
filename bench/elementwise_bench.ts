/** How fast are memory-bound operations, compared with copying memory? @module */
import { open } from "./measure.ts";
import { copy, memoryBound } from "./work.ts";

for (const { name, run, bytes } of memoryBound(open())) {
  Deno.bench(name, { group: name }, () => {
    run();
  });
  Deno.bench(`${name}: a copy that moves as many bytes`, { group: name, baseline: true }, copy(bytes));
}
