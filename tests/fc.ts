/**
 * Property tests that try the same cases at every run, so that a failure is one for everybody. `GIVERNY_SEED` tries others.
 *
 * @module
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(Deno.env.get("GIVERNY_SEED") ?? 1) });

export { fc };
