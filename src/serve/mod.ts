/**
 * A run in use: behind an address, with interactions that arrive, are kept, and count at once.
 *
 * @module
 */
export { type Events, type InteractionEvent, openEvents, personOf } from "./events.ts";
export { type Limits, type RunningServer, serve, type ServeOptions } from "./serve.ts";
