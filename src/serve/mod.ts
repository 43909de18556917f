/**
 * A run in use: interactions that arrive are kept, and count at once.
 *
 * @module
 */
export { type Events, type InteractionEvent, openEvents, personOf } from "./events.ts";
