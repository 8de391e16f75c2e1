import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { ERROR_NAMES, Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { ApiError } from './api/common.ts';

/**
 * Why a request is not answered. Routes throw it, and the app makes the answer of it: the one error that travels as an
 * exception here.
 */
export class Refusal extends HTTPException {
  readonly code: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ContentfulStatusCode,
    message: string,
    code?: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(status, { message });
    this.code = code;
    this.headers = headers;
  }

  get body(): ApiError {
    return { error: this.message, ...(this.code !== undefined && { code: this.code }) };
  }
}

/** The result, or the refusal that a failure is. */
export function orRefuse<T>(result: T): Exclude<T, Failure> {
  if (failed(result)) throw refusalOf(result);
  return result as Exclude<T, Failure>;
}

const STATUSES: ReadonlyMap<number, ContentfulStatusCode> = new Map([
  ...statuses(400, [
    Errors.INVALID_REQUEST,
    Errors.INVALID_CONFIG,
    Errors.INVALID_TOPIC_EXCEPTION,
    Errors.INVALID_PARTITIONS,
    Errors.INVALID_REPLICATION_FACTOR,
    Errors.INVALID_REPLICA_ASSIGNMENT,
    Errors.INVALID_GROUP_ID,
    Errors.INVALID_RECORD,
    Errors.INVALID_TIMESTAMP,
    Errors.OFFSET_OUT_OF_RANGE,
    Errors.UNSUPPORTED_COMPRESSION_TYPE,
  ]),
  ...statuses(403, [
    Errors.TOPIC_AUTHORIZATION_FAILED,
    Errors.GROUP_AUTHORIZATION_FAILED,
    Errors.CLUSTER_AUTHORIZATION_FAILED,
  ]),
  ...statuses(404, [
    Errors.UNKNOWN_TOPIC_OR_PARTITION,
    Errors.UNKNOWN_TOPIC_ID,
    Errors.GROUP_ID_NOT_FOUND,
    Errors.RESOURCE_NOT_FOUND,
    Errors.BROKER_ID_NOT_REGISTERED,
  ]),
  ...statuses(409, [
    Errors.TOPIC_ALREADY_EXISTS,
    Errors.NON_EMPTY_GROUP,
    Errors.GROUP_SUBSCRIBED_TO_TOPIC,
    Errors.POLICY_VIOLATION,
    Errors.REASSIGNMENT_IN_PROGRESS,
    Errors.REBALANCE_IN_PROGRESS,
    Errors.UNKNOWN_MEMBER_ID,
  ]),
  ...statuses(413, [Errors.MESSAGE_TOO_LARGE, Errors.RECORD_LIST_TOO_LARGE]),
  ...statuses(429, [Errors.THROTTLING_QUOTA_EXCEEDED]),
  ...statuses(503, [
    Errors.NOT_CONTROLLER,
    Errors.COORDINATOR_NOT_AVAILABLE,
    Errors.NOT_COORDINATOR,
    Errors.COORDINATOR_LOAD_IN_PROGRESS,
    Errors.LEADER_NOT_AVAILABLE,
    Errors.NOT_ENOUGH_REPLICAS,
    Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  ]),
  ...statuses(504, [Errors.REQUEST_TIMED_OUT]),
]);

function statuses(status: ContentfulStatusCode, codes: readonly number[]): [number, ContentfulStatusCode][] {
  return codes.map(code => [code, status]);
}

/** A failure as the answer to a request; what is not known here is a broker's refusal, 502. */
export function refusalOf({ code, message }: Failure): Refusal {
  return new Refusal(STATUSES.get(code) ?? 502, message, ERROR_NAMES.get(code));
}
