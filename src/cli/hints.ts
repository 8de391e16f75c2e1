import { type ErrorCode, Errors } from '../model/error_codes.ts';
import type { Failure } from '../model/failure.ts';

/** What to try after an error, by its code. */
const HINTS: ReadonlyMap<ErrorCode, string> = new Map([
  [
    Errors.NETWORK_EXCEPTION,
    'is a node running there? Start one with "odradek serve", or name another with -B host:port',
  ],
  [
    Errors.REQUEST_TIMED_OUT,
    '"odradek cluster health" says what is wrong; -X default.api.timeout.ms=60000 waits longer',
  ],
  [
    Errors.UNKNOWN_TOPIC_OR_PARTITION,
    '"odradek topic list" shows what there is, "odradek topic create" makes one',
  ],
  [Errors.TOPIC_ALREADY_EXISTS, '"odradek topic describe" shows it; --if-not-exists makes this no error'],
  [Errors.INVALID_REPLICATION_FACTOR, '"odradek broker list" shows how many brokers there are'],
  [Errors.INVALID_CONFIG, '"odradek config describe" lists the settings and what they allow'],
  [
    Errors.INVALID_PARTITIONS,
    '"odradek topic describe" shows how many there are: partitions can be added, not taken away',
  ],
  [Errors.LEADER_NOT_AVAILABLE, '"odradek cluster health" says which brokers are missing'],
  [Errors.NOT_ENOUGH_REPLICAS, '"odradek cluster health" says which replicas are behind'],
  [Errors.BROKER_NOT_AVAILABLE, '"odradek broker list" shows the brokers'],
  [Errors.GROUP_ID_NOT_FOUND, '"odradek group list" shows the groups'],
  [Errors.NON_EMPTY_GROUP, 'stop its members first; "odradek group describe" shows them'],
  [Errors.UNKNOWN_MEMBER_ID, 'the group has members: stop them first; "odradek group describe" shows them'],
  [Errors.GROUP_SUBSCRIBED_TO_TOPIC, 'stop the members that read the topic first'],
  [Errors.OFFSET_OUT_OF_RANGE, '"odradek topic offsets" shows what there is'],
  [Errors.UNSUPPORTED_VERSION, '"odradek api-versions" shows what the broker speaks'],
  [Errors.MESSAGE_TOO_LARGE, '"odradek topic alter NAME -c max.message.bytes=…" allows larger ones'],
]);

export function hintFor({ code }: Failure): string | undefined {
  return HINTS.get(code);
}
