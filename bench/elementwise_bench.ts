/** How near to copying memory do the operations come that compute little and move much? @module */
import { open } from "./measure.ts";
import { copy, memoryBound } from "./work.ts";

for (const { name, run, bytes } of memoryBound(open())) {
  Deno.bench(name, { group: name }, () => {
    run();
  });
  Deno.bench(`${name}: a copy that moves as many bytes`, { group: name, baseline: true }, copy(bytes));
}
