/**
 * The cost of the products of a linear layer: X Wᵀ, and its gradient Gᵀ X, also as Xᵀ G. Their size is that of Men
 * Clothing's pictures by default; `--size ROWSxINPUTSxOUTPUTS` sets another.
 *
 * `deno task bench:matmul [--size 5028x4096x64] [--threads N] [--repeat N] [--json]`
 *
 * @module
 */
import { ValueError } from "../kernels/errors.ts";
import { about, command, COMPARED, open, options, report } from "./measure.ts";
import { LAYER, products } from "./work.ts";

await command(async () => {
  const { size = LAYER.join("x"), ...rest } = options({ ...COMPARED, size: "text" });
  const sizes = size.split("x").map(Number);
  if (sizes.length !== 3 || !sizes.every((n) => Number.isInteger(n) && n > 0)) {
    throw new ValueError(
      `Cannot multiply matrices of size "${size}": expected ROWSxINPUTSxOUTPUTS, such as 5028x4096x64`,
    );
  }
  const device = open(rest);
  await report(products(device, sizes), about(device), rest);
});
