import { CompressionType } from '../../records/record_batch.ts';

/** What a producer is told; each has Kafka's default. */
export interface ProducerOptions {
  /** `acks`: -1 for all in-sync replicas, 1 for the leader alone, 0 for no answer. */
  readonly acks: -1 | 0 | 1;
  /** `enable.idempotence`: a batch that is sent again is not written again. With acks -1 alone. */
  readonly isIdempotent: boolean;
  /** `linger.ms`: how long a batch waits for more records. */
  readonly lingerMs: number;
  /** `batch.size`. */
  readonly batchSizeBytes: number;
  /** `max.request.size`: of one record, and of the batches of one request before compression. */
  readonly maxRequestSizeBytes: number;
  /** `buffer.memory`: records that are not acknowledged. */
  readonly bufferMemoryBytes: number;
  /** `max.block.ms`: how long a record may wait for memory or for its topic. */
  readonly maxBlockMs: number;
  /** `delivery.timeout.ms`: after which a record that was not acknowledged is not sent again. */
  readonly deliveryTimeoutMs: number;
  /** `max.in.flight.requests.per.connection`; an idempotent producer has 5 at most. */
  readonly maxInFlightRequests: number;
  readonly compression: CompressionType;
  /** As the codec counts levels; its default without it. */
  readonly compressionLevel?: number;
}

export const DEFAULT_PRODUCER_OPTIONS: ProducerOptions = {
  acks: -1,
  isIdempotent: true,
  lingerMs: 5,
  batchSizeBytes: 16_384,
  maxRequestSizeBytes: 1_048_576,
  bufferMemoryBytes: 33_554_432,
  maxBlockMs: 60_000,
  deliveryTimeoutMs: 120_000,
  maxInFlightRequests: 5,
  compression: CompressionType.none,
};
