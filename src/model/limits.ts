/*
 * Limits on what a peer can make this node hold or do, in one place. Each is a hard bound, not a setting: what an
 * operator may want to change is in settings/.
 */

/** Elements of one array in a message; Kafka 4.4 has the same bound. */
export const MAX_ARRAY_ELEMENTS = 1_000_000;
/** Elements of all arrays in one message together: bounds what a frame of tiny elements expands to in memory. */
export const MAX_MESSAGE_ELEMENTS = 2_000_000;
/** Tagged fields in one section; Kafka 4.4 has the same bound. */
export const MAX_TAGGED_FIELDS = 10_000;
