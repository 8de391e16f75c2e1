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
/** Member ids of a group that were given out and did not come back yet (KIP-394); above it nobody gets one. */
export const MAX_PROMISED_MEMBER_IDS = 10_000;
/** Requests to one peer that wait for their responses; more are refused at once. */
export const MAX_PEER_REQUESTS_IN_FLIGHT = 1000;
/** A response of a peer: fetched records and snapshots are asked for in smaller pieces. */
export const MAX_RESPONSE_BYTES = 128 * 1024 * 1024;
/** Records that one request to the controller may write, and that a batch of metadata records holds; so in Kafka. */
export const MAX_METADATA_BATCH_RECORDS = 10_000;
/** Bytes of records after which the controller begins another batch, where a change may be split. */
export const MAX_METADATA_BATCH_BYTES = 1024 * 1024;
/** Requests to the controller that wait for their records to be committed; more are refused at once. */
export const MAX_PARKED_CONTROLLER_REQUESTS = 10_000;
/** Records of one transaction of metadata records, which are held back in memory until it ends. */
export const MAX_METADATA_TRANSACTION_RECORDS = 1_000_000;
/** Records of one batch that the response of Produce names when they are refused. */
export const MAX_RECORD_ERRORS = 100;
/** What the records of one batch may decompress to where a broker looks at them. */
export const MAX_RECORD_BYTES = 128 * 1024 * 1024;
/** Observers of the quorum whose progress its leader remembers; the one that fetched longest ago goes first. */
export const MAX_TRACKED_OBSERVERS = 1_000;
/** A batch of the metadata log, as it is and decompressed; Kafka 4.4 has the same bound. */
export const MAX_QUORUM_BATCH_BYTES = 8 * 1024 * 1024;
/** What a fetch of the metadata log, or of one of its snapshots, is answered with at most. */
export const MAX_QUORUM_FETCH_BYTES = 8 * 1024 * 1024;
/** Fetches of the metadata log that wait for more; the one that waits longest is answered for a new one. */
export const MAX_PARKED_QUORUM_FETCHES = 1_000;
/** Replicas of which one request tells the controller where they are; so in Kafka. */
export const MAX_REPORTED_REPLICAS = 2_250;
/** Requests of one connection that wait or run; above it nothing more is read from the connection. */
export const MAX_CONNECTION_REQUEST_BYTES = 16 * 1024 * 1024;
/** Responses of one connection that the client has not taken; above it none of its requests is started. */
export const MAX_CONNECTION_UNSENT_BYTES = 8 * 1024 * 1024;
/** Requests of all connections that wait or run, where `queued.max.request.bytes` does not say otherwise. */
export const MAX_REQUEST_BYTES = 128 * 1024 * 1024;
/** Clients whose use is counted against a quota; above it the one that was counted longest ago begins anew. */
export const MAX_QUOTA_CLIENTS = 10_000;
/** Topics that a client asks for whenever it refreshes its metadata. */
export const MAX_WATCHED_TOPICS = 100_000;
/** Records that wait for a producer's memory; more are refused at once. */
export const MAX_BLOCKED_SENDS = 100_000;
/** Partitions whose in-sync replicas one request changes; what is above goes with the next. */
export const MAX_ALTERED_PARTITIONS = 2_000;
/** Events of one kind that the monitor remembers, such as elections. */
export const MAX_RECENT_EVENTS = 10_000;
/** Groups that the monitor watches; those beyond are left out. */
export const MAX_WATCHED_GROUPS = 10_000;
/** Alerts of one rule that are told one by one. */
export const MAX_ALERTS_OF_RULE = 200;
/** Silences at once. */
export const MAX_SILENCES = 100;
/** Rules of users' own. */
export const MAX_USER_RULES = 500;
/** Partitions of groups whose commits are remembered. */
export const MAX_WATCHED_GROUP_PARTITIONS = 200_000;
/** Messages that wait for one sink of alerts; the oldest goes for a new one. */
export const MAX_NOTIFICATIONS_OF_SINK = 1_000;
/** Open streams of events and of live records that a node serves at once over HTTP; more are refused. */
export const MAX_EVENT_STREAMS = 50;
/** Bytes of one stream that its reader has not taken; above it what follows is left out. */
export const MAX_STREAM_UNSENT_BYTES = 1024 * 1024;
/** Partitions, or topics, that one event of the console lists one by one. */
export const MAX_EVENT_ITEMS = 200;
/** Changes of the cluster that a node remembers as lines for people. */
export const MAX_REMEMBERED_CHANGES = 100;
/** The body of a request to the API: a record to produce with its schema is the largest. */
export const MAX_API_BODY_BYTES = 2 * 1024 * 1024;
/** Records that one step of a scan answers, and bytes that it reads. */
export const MAX_SCAN_MESSAGES = 500;
export const MAX_SCAN_BYTES = 64 * 1024 * 1024;
/** Text of shown payloads in one answer. */
export const MAX_SHOWN_CHARACTERS = 8 * 1024 * 1024;
/** Steps of scans that a node runs at once over HTTP, and exports, which last as long as their readers take. */
export const MAX_SCANS = 8;
export const MAX_EXPORTS = 4;
/** Records of one export. */
export const MAX_EXPORT_MESSAGES = 1_000_000;
/** Live records a second and stream that are shown; what is above is counted. */
export const MAX_TAIL_MESSAGES_A_SECOND = 200;
/** Topics, groups and partitions of groups whose last hour is remembered; those with least go for others. */
export const MAX_HISTORY_TOPICS = 200;
export const MAX_HISTORY_GROUPS = 200;
export const MAX_HISTORY_GROUP_PARTITIONS = 1_000;
/** Alerts that have resolved and are remembered. */
export const MAX_RESOLVED_ALERTS = 500;
/** Logins that went through, by what was sent, so that programs do not cost a hash a request. */
export const MAX_REMEMBERED_LOGINS = 100;
/** Names and addresses whose wrong passwords are counted. */
export const MAX_COUNTED_LOGINS = 1_000;
/** Passwords that wait to be hashed; more are refused. */
export const MAX_WAITING_LOGINS = 20;
