/** Tests of the version in the sources. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import deno from "../../deno.json" with { type: "json" };
import { version } from "../../src/core/version.ts";

Deno.test("version is that of deno.json", () => assertEquals(version, deno.version));
