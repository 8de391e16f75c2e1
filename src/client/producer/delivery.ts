import { type ErrorCode, Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import type { Offset, PartitionIndex } from '../../model/ids.ts';

/** A record that is to be sent. Key, value and headers must not be changed until it is delivered. */
export interface ProducerRecord {
  readonly topic: string;
  /** Chosen by the key without it, and for records without a key so that batches get full. */
  readonly partition?: PartitionIndex;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | null }[];
  /** Milliseconds since 1970; the time of sending without it. */
  readonly timestamp?: bigint;
}

/** A record that was acknowledged. */
export interface Delivered {
  readonly partition: PartitionIndex;
  /** -1 where the broker did not tell: with acks 0, and of a batch that it had taken long before. */
  readonly offset: Offset;
  /** As it is stored: the broker's time of the append where the topic wants that. */
  readonly timestamp: bigint;
}

/** A record that was not acknowledged. */
export class DeliveryFailure extends Failure {
  /**
   * Whether the record may be in the log all the same: an answer was lost, or said that the record was written but
   * not replicated. False is certain: no try of the record was written.
   */
  readonly mayBeWritten: boolean;
  /** The partition that it was for; undefined when none was chosen. */
  readonly partition: PartitionIndex | undefined;

  constructor(failure: Failure, mayBeWritten: boolean, partition?: PartitionIndex) {
    super(failure.code, failure.message);
    this.mayBeWritten = mayBeWritten;
    this.partition = partition;
  }
}

/** The errors that a broker answers before it appends anything, and never afterwards. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  Errors.CORRUPT_MESSAGE,
  Errors.MESSAGE_TOO_LARGE,
  Errors.INVALID_TOPIC_EXCEPTION,
  Errors.RECORD_LIST_TOO_LARGE,
  Errors.NOT_ENOUGH_REPLICAS,
  Errors.INVALID_REQUIRED_ACKS,
  Errors.TOPIC_AUTHORIZATION_FAILED,
  Errors.CLUSTER_AUTHORIZATION_FAILED,
  Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  Errors.INVALID_TIMESTAMP,
  Errors.UNSUPPORTED_VERSION,
  Errors.INVALID_REQUEST,
  Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT,
  Errors.POLICY_VIOLATION,
  Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
  Errors.INVALID_PRODUCER_EPOCH,
  Errors.INVALID_PRODUCER_ID_MAPPING,
  Errors.INVALID_TXN_STATE,
  Errors.UNKNOWN_PRODUCER_ID,
  Errors.UNSUPPORTED_COMPRESSION_TYPE,
  Errors.INVALID_RECORD,
  Errors.UNKNOWN_TOPIC_ID,
]);

/** Whether a broker that answers this has certainly not appended the batch in this try. */
export function isRefusal(code: ErrorCode): boolean {
  return REFUSALS.has(code);
}
