/** Tests of comparisons from a program. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { compare, planComparison } from "../../src/experiments/compare.ts";
import { variantOf } from "../../src/experiments/variant.ts";
import { workspaceOf } from "../../src/experiments/workspace.ts";
import { SMALL } from "../cli/folder.ts";

Deno.test("compare() records the time of its clock, and none without a clock", async () => {
  for (const [now, made] of [[undefined, null], [() => 1000, "1970-01-01T00:00:01.000Z"]] as const) {
    const workspace = await workspaceOf(SMALL, { files: memoryFiles(), now });
    const plan = await planComparison([await variantOf("itemknn")], workspace);
    assertEquals((await compare(plan, workspace))?.made, made);
  }
});
