/**
 * Property tests with the same cases in every run, so that a failure can be repeated. `GIVERNY_SEED` chooses others.
 *
 * @module
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(Deno.env.get("GIVERNY_SEED") ?? 1) });

export { fc };
