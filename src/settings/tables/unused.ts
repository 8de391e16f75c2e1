/* Why settings of Kafka's have no effect here: each follows "has no effect: ". */

export const NO_APPEND_LINGER =
  'records are appended at once, and those that come during a sync of the disk share the next one';
export const NO_AUTHORIZER = 'there is no authorizer yet';
export const NO_BACKLOG = "the queue of a listening socket has the runtime's size";
export const NO_BUFFER_CACHE = 'buffers are not kept between appends';
export const NO_BUFFERS = "the system sizes the sockets' buffers";
export const NO_CLEANER_SWITCH = 'compaction is always on';
export const NO_CONSUMER_GROUPS = 'the consumer group protocol (KIP-848) is not served yet';
export const NO_DECOMPRESSED_BOUND = 'what batches are decompressed to has a fixed bound';
export const NO_EARLY = 'there is no authorizer to wait for';
export const NO_LOAD_FACTOR = 'the table of keys grows as it fills';
export const NO_PLUGINS = 'classes of a JVM can not be loaded';
export const NO_PREALLOCATE = 'files grow as they are written';
export const NO_PROVIDERS = 'values are taken as they are written';
export const NO_PURGATORY = 'a waiting request is dropped as soon as it is complete';
export const NO_REGISTRATION_TIMEOUT =
  'a broker that can not register says so in its log and goes on trying, as its controllers may start later';
export const NO_SAMPLES = 'metrics are not computed from windows of samples';
export const NO_SAMPLING = 'the controller keeps no log of slow events';
export const NO_SASL = 'SASL is not supported yet';
export const NO_SHARE_GROUPS = 'share groups are not served yet';
export const NO_START_LIMIT = 'a start may take as long as it needs';
export const NO_STREAMS_GROUPS = 'streams groups are not served yet';
export const NO_TELEMETRY = "clients' metrics are not collected";
export const NO_THREADS = 'a broker works in one event loop, without pools of threads';
export const NO_TIERING = 'there is no tiered storage';
export const NO_TLS = 'TLS is not supported yet';
export const NO_TOKENS = 'delegation tokens are not issued yet';
export const NO_TWO_PHASE = 'transactions can not be prepared for a coordinator outside';
export const NO_UNSTABLE = 'versions that may still change are never offered';
