/*
 * Limits on what a peer can make this node hold or do, in one place. Each is a hard bound, not a setting: what an
 * operator may want to change is in settings/.
 */

/** Elements of one array in a message; Kafka 4.4 has the same bound. */
export const MAX_ARRAY_ELEMENTS = 1_000_000;
/**
 * About the memory that the arrays of one decoded message may take. An element of 3 bytes on the wire can take 64
 * times that in memory, so this bounds what a large frame of tiny elements can do; it is room for a Metadata response
 * of 300,000 partitions.
 */
export const MAX_DECODED_BYTES = 128 * 1024 * 1024;
/** Tagged fields in one section; Kafka 4.4 has the same bound. */
export const MAX_TAGGED_FIELDS = 10_000;
/** Bytes of a string in a message, in UTF-8; Kafka has the same bound for compact strings too. */
export const MAX_STRING_BYTES = 32_767;
/**
 * Characters of a failure's text; what is above is cut off. Texts quote names that clients chose, and must fit into
 * the strings of responses.
 */
export const MAX_FAILURE_TEXT_LENGTH = 2_000;
/** Partitions that the fetch sessions of a broker remember together; requests beyond it get no session. */
export const MAX_FETCH_SESSION_PARTITIONS = 1_000_000;
/** What one batch of an internal topic may decompress to when a coordinator loads its state. */
export const MAX_COORDINATOR_BATCH_BYTES = 256 * 1024 * 1024;
/** Requests to one peer that wait for their responses; more are refused at once. */
export const MAX_PEER_REQUESTS_IN_FLIGHT = 1000;
/** A response of a peer: fetched records and snapshots are asked for in smaller pieces. */
export const MAX_RESPONSE_BYTES = 128 * 1024 * 1024;
/** Records of one transaction of metadata records, which are held back in memory until it ends. */
export const MAX_METADATA_TRANSACTION_RECORDS = 1_000_000;
