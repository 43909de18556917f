/**
 * The command line: `deno run -A main.ts --help`.
 *
 * @module
 */
import { processIo } from "./src/cli/io.ts";
import { run } from "./src/cli/run.ts";

if (import.meta.main) Deno.exit(await run(Deno.args, processIo()));
