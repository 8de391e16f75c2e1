/*
 * Kafka's error codes, the one table of them: name, code, whether a client may try again with hope, what it says.
 * Names and codes as of Kafka 4.3 (class Errors); the texts are ours.
 */

import type { Brand } from './brand.ts';

interface ErrorFacts {
  readonly code: number;
  readonly retriable: boolean;
  readonly text: string;
}

const error = (code: number, text: string): ErrorFacts => ({ code, retriable: false, text });
const retriable = (code: number, text: string): ErrorFacts => ({ code, retriable: true, text });

export const ERRORS = {
  UNKNOWN_SERVER_ERROR: error(-1, 'an unexpected error inside the broker; its log has the details'),
  NONE: error(0, 'no error'),
  OFFSET_OUT_OF_RANGE: error(
    1,
    'the offset is before the first or after the last one that the replica holds',
  ),
  CORRUPT_MESSAGE: retriable(2, 'a record batch fails its checksum or is malformed'),
  UNKNOWN_TOPIC_OR_PARTITION: retriable(3, 'this broker has no such topic or partition'),
  INVALID_FETCH_SIZE: error(4, 'the fetch size is not valid'),
  LEADER_NOT_AVAILABLE: retriable(5, 'the partition has no leader at the moment'),
  NOT_LEADER_OR_FOLLOWER: retriable(6, 'this broker is not the leader, or not a replica, of the partition'),
  REQUEST_TIMED_OUT: retriable(7, 'the request was not completed in the time that it allowed'),
  BROKER_NOT_AVAILABLE: error(8, 'the broker is not available'),
  REPLICA_NOT_AVAILABLE: retriable(9, 'the replica is not available'),
  MESSAGE_TOO_LARGE: error(10, 'a record batch is larger than the topic allows'),
  STALE_CONTROLLER_EPOCH: error(11, 'the controller was replaced by a newer one'),
  OFFSET_METADATA_TOO_LARGE: error(12, 'the metadata string of an offset commit is too long'),
  NETWORK_EXCEPTION: retriable(13, 'the connection broke before the response'),
  COORDINATOR_LOAD_IN_PROGRESS: retriable(14, 'the coordinator is still loading its state'),
  COORDINATOR_NOT_AVAILABLE: retriable(15, 'there is no coordinator at the moment'),
  NOT_COORDINATOR: retriable(16, 'this broker is not the coordinator of the group or transaction'),
  INVALID_TOPIC_EXCEPTION: error(17, 'the topic name is not legal, or the operation is not allowed on it'),
  RECORD_LIST_TOO_LARGE: error(18, 'the batch is larger than a segment may be'),
  NOT_ENOUGH_REPLICAS: retriable(19, 'fewer in-sync replicas than min.insync.replicas; nothing was written'),
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: retriable(
    20,
    'written, but to fewer in-sync replicas than min.insync.replicas',
  ),
  INVALID_REQUIRED_ACKS: error(21, 'acks must be -1 (all), 0 or 1'),
  ILLEGAL_GENERATION: error(22, 'the generation is not the current one of the group'),
  INCONSISTENT_GROUP_PROTOCOL: error(23, 'the member shares no protocol type or assignor with the group'),
  INVALID_GROUP_ID: error(24, 'the group id is not legal'),
  UNKNOWN_MEMBER_ID: error(25, 'the group has no such member'),
  INVALID_SESSION_TIMEOUT: error(26, 'the session timeout is outside the bounds that the broker allows'),
  REBALANCE_IN_PROGRESS: error(27, 'the group is rebalancing: join again'),
  INVALID_COMMIT_OFFSET_SIZE: error(28, 'the offset commit is too large to be stored'),
  TOPIC_AUTHORIZATION_FAILED: error(29, 'not authorized for the topic'),
  GROUP_AUTHORIZATION_FAILED: error(30, 'not authorized for the group'),
  CLUSTER_AUTHORIZATION_FAILED: error(31, 'not authorized for the cluster'),
  INVALID_TIMESTAMP: error(32, 'the timestamp of a record is outside the bounds of the topic'),
  UNSUPPORTED_SASL_MECHANISM: error(33, 'the SASL mechanism is not enabled'),
  ILLEGAL_SASL_STATE: error(34, 'the request does not fit the state of the authentication'),
  UNSUPPORTED_VERSION: error(35, 'the version of the API is not supported'),
  TOPIC_ALREADY_EXISTS: error(36, 'a topic of that name exists'),
  INVALID_PARTITIONS: error(37, 'the number of partitions is not valid'),
  INVALID_REPLICATION_FACTOR: error(
    38,
    'the replication factor is below 1 or above the number of usable brokers',
  ),
  INVALID_REPLICA_ASSIGNMENT: error(39, 'the replica assignment is not valid'),
  INVALID_CONFIG: error(40, 'a setting is unknown or its value is not allowed'),
  NOT_CONTROLLER: retriable(41, 'this node is not the active controller'),
  INVALID_REQUEST: error(42, 'the request contradicts itself or the protocol'),
  UNSUPPORTED_FOR_MESSAGE_FORMAT: error(43, 'the record format does not support the request'),
  POLICY_VIOLATION: error(44, 'the request violates a policy of the cluster'),
  OUT_OF_ORDER_SEQUENCE_NUMBER: error(45, 'a sequence number of the producer is missing before this batch'),
  DUPLICATE_SEQUENCE_NUMBER: error(46, 'the batch was appended before'),
  INVALID_PRODUCER_EPOCH: error(47, 'the producer epoch is older than the current one'),
  INVALID_TXN_STATE: error(48, 'the transaction is in a state that does not allow this'),
  INVALID_PRODUCER_ID_MAPPING: error(49, 'the producer id does not belong to the transactional id'),
  INVALID_TRANSACTION_TIMEOUT: error(50, "the transaction timeout is above the broker's limit"),
  CONCURRENT_TRANSACTIONS: retriable(51, 'another operation of the same transaction is still running'),
  TRANSACTION_COORDINATOR_FENCED: error(52, 'the transaction coordinator was replaced by a newer one'),
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: error(53, 'not authorized for the transactional id'),
  SECURITY_DISABLED: error(54, 'no authorizer is configured'),
  OPERATION_NOT_ATTEMPTED: error(55, 'not attempted, because another part of the request failed'),
  KAFKA_STORAGE_ERROR: retriable(56, "the disk failed under the partition's log"),
  LOG_DIR_NOT_FOUND: error(57, 'the broker has no such log directory'),
  SASL_AUTHENTICATION_FAILED: error(58, 'the authentication failed'),
  UNKNOWN_PRODUCER_ID: error(59, 'the broker has no state for the producer id'),
  REASSIGNMENT_IN_PROGRESS: error(60, 'the partition is being reassigned'),
  DELEGATION_TOKEN_AUTH_DISABLED: error(61, 'delegation tokens are not enabled'),
  DELEGATION_TOKEN_NOT_FOUND: error(62, 'there is no such delegation token'),
  DELEGATION_TOKEN_OWNER_MISMATCH: error(63, 'the principal does not own the delegation token'),
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: error(
    64,
    'delegation token requests need a connection with its own authentication',
  ),
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: error(65, 'not authorized for the delegation token'),
  DELEGATION_TOKEN_EXPIRED: error(66, 'the delegation token has expired'),
  INVALID_PRINCIPAL_TYPE: error(67, 'the type of the principal is not supported'),
  NON_EMPTY_GROUP: error(68, 'the group has members'),
  GROUP_ID_NOT_FOUND: error(69, 'there is no such group'),
  FETCH_SESSION_ID_NOT_FOUND: retriable(70, 'the broker has no such fetch session'),
  INVALID_FETCH_SESSION_EPOCH: retriable(71, 'the fetch session is at another epoch'),
  LISTENER_NOT_FOUND: retriable(72, 'the leader has no listener of the name that the request came through'),
  TOPIC_DELETION_DISABLED: error(73, 'delete.topic.enable is false'),
  FENCED_LEADER_EPOCH: retriable(74, "the leader epoch of the request is older than the broker's"),
  UNKNOWN_LEADER_EPOCH: retriable(75, "the leader epoch of the request is newer than the broker's"),
  UNSUPPORTED_COMPRESSION_TYPE: error(
    76,
    'the requested version does not support the compression of the batch',
  ),
  STALE_BROKER_EPOCH: error(77, 'the broker epoch is not that of the current registration'),
  OFFSET_NOT_AVAILABLE: retriable(78, 'the new leader does not know its high watermark yet'),
  MEMBER_ID_REQUIRED: error(79, 'join again with the member id of this response'),
  PREFERRED_LEADER_NOT_AVAILABLE: retriable(80, "the preferred leader can't lead at the moment"),
  GROUP_MAX_SIZE_REACHED: error(81, 'the group is full'),
  FENCED_INSTANCE_ID: error(82, 'another member has taken over the group instance id'),
  ELIGIBLE_LEADERS_NOT_AVAILABLE: retriable(83, 'no eligible replica is available to lead'),
  ELECTION_NOT_NEEDED: retriable(84, 'the partition has the leader that was asked for'),
  NO_REASSIGNMENT_IN_PROGRESS: error(85, 'the partition is not being reassigned'),
  GROUP_SUBSCRIBED_TO_TOPIC: error(86, 'the group is subscribed to the topic'),
  INVALID_RECORD: error(87, 'a record of the batch is not valid'),
  UNSTABLE_OFFSET_COMMIT: retriable(88, 'an offset of an open transaction is pending'),
  THROTTLING_QUOTA_EXCEEDED: retriable(89, 'the quota is used up for now'),
  PRODUCER_FENCED: error(90, 'a newer producer has the same transactional id'),
  RESOURCE_NOT_FOUND: error(91, 'there is no such resource'),
  DUPLICATE_RESOURCE: error(92, 'the resource exists'),
  UNACCEPTABLE_CREDENTIAL: error(93, 'the credential does not meet the rules'),
  INCONSISTENT_VOTER_SET: error(94, 'the two sides disagree on the voters'),
  INVALID_UPDATE_VERSION: error(95, 'the version of the update is not the expected one'),
  FEATURE_UPDATE_FAILED: error(96, 'the features could not be updated'),
  PRINCIPAL_DESERIALIZATION_FAILURE: error(97, "the principal of a forwarded request can't be read"),
  SNAPSHOT_NOT_FOUND: error(98, 'there is no such snapshot'),
  POSITION_OUT_OF_RANGE: error(99, 'the position is outside the snapshot'),
  UNKNOWN_TOPIC_ID: retriable(100, 'this broker has no topic of that id'),
  DUPLICATE_BROKER_REGISTRATION: error(101, 'another process is registered under the broker id'),
  BROKER_ID_NOT_REGISTERED: error(102, 'the broker id is not registered'),
  INCONSISTENT_TOPIC_ID: retriable(103, "the topic id is not that of the topic's log"),
  INCONSISTENT_CLUSTER_ID: error(104, 'the two sides belong to different clusters'),
  TRANSACTIONAL_ID_NOT_FOUND: error(105, 'there is no such transactional id'),
  FETCH_SESSION_TOPIC_ID_ERROR: retriable(106, 'the fetch session mixes topic names and topic ids'),
  INELIGIBLE_REPLICA: error(107, "the replica can't join the in-sync replicas"),
  NEW_LEADER_ELECTED: error(108, 'the change made another broker the leader'),
  OFFSET_MOVED_TO_TIERED_STORAGE: error(109, 'the offset is in tiered storage'),
  FENCED_MEMBER_EPOCH: error(110, 'the member epoch is not the current one: join again'),
  UNRELEASED_INSTANCE_ID: error(111, 'the group instance id still belongs to another member'),
  UNSUPPORTED_ASSIGNOR: error(112, 'the group does not support the assignor'),
  STALE_MEMBER_EPOCH: error(113, 'the member epoch is older than the current one'),
  MISMATCHED_ENDPOINT_TYPE: error(114, 'the request was meant for the other kind of listener'),
  UNSUPPORTED_ENDPOINT_TYPE: error(115, 'the kind of endpoint is not supported'),
  UNKNOWN_CONTROLLER_ID: error(116, 'there is no controller of that id'),
  UNKNOWN_SUBSCRIPTION_ID: error(117, 'the telemetry subscription is not the current one'),
  TELEMETRY_TOO_LARGE: error(118, 'the telemetry is larger than the limit'),
  INVALID_REGISTRATION: error(119, 'the registration of the node is not valid'),
  TRANSACTION_ABORTABLE: error(120, 'the transaction must be aborted; the producer can go on'),
  INVALID_RECORD_STATE: error(121, 'the record is not in a state that allows the acknowledgement'),
  SHARE_SESSION_NOT_FOUND: retriable(122, 'the broker has no such share session'),
  INVALID_SHARE_SESSION_EPOCH: retriable(123, 'the share session is at another epoch'),
  FENCED_STATE_EPOCH: error(124, 'the state epoch of the share group is older than the current one'),
  INVALID_VOTER_KEY: error(125, 'the voter key is not that of the receiver'),
  DUPLICATE_VOTER: error(126, 'the node is a voter already'),
  VOTER_NOT_FOUND: error(127, 'the node is not a voter'),
  INVALID_REGULAR_EXPRESSION: error(128, 'the regular expression is not valid'),
  REBOOTSTRAP_REQUIRED: error(129, 'the client must start over from its bootstrap servers'),
  STREAMS_INVALID_TOPOLOGY: error(130, 'the topology is not valid'),
  STREAMS_INVALID_TOPOLOGY_EPOCH: error(131, 'the topology epoch is not valid'),
  STREAMS_TOPOLOGY_FENCED: error(132, 'the topology epoch is older than the current one'),
  SHARE_SESSION_LIMIT_REACHED: retriable(133, 'the broker has no room for another share session'),
} as const satisfies Record<string, ErrorFacts>;

export type ErrorName = keyof typeof ERRORS;

/** A code as it goes over the wire (int16). */
export type ErrorCode = Brand<number, 'ErrorCode'>;

/** The codes by name: `Errors.NOT_LEADER_OR_FOLLOWER` is 6. */
export const Errors = Object.fromEntries(
  Object.entries(ERRORS).map(([name, facts]) => [name, facts.code]),
) as { readonly [Name in ErrorName]: ErrorCode };

/** The names by code. */
export const ERROR_NAMES: ReadonlyMap<number, ErrorName> = new Map(
  Object.entries(ERRORS).map(([name, facts]) => [facts.code, name as ErrorName]),
);

/** What the error says in general; for a code that is not in the table, that of UNKNOWN_SERVER_ERROR. */
export function errorText(code: ErrorCode): string {
  return ERRORS[ERROR_NAMES.get(code) ?? 'UNKNOWN_SERVER_ERROR'].text;
}

/** Whether the same request may succeed later, or at another broker. */
export function isRetriable(code: ErrorCode): boolean {
  const name = ERROR_NAMES.get(code);
  return name !== undefined && ERRORS[name].retriable;
}
