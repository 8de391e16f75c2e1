import type { Endpoint } from '../../src/peers/peer_sender.ts';

/** Where a load goes. */
export interface LoadTarget {
  readonly bootstrap: readonly Endpoint[];
  readonly topic: string;
}

export interface ProducePlan {
  readonly acks: 'all' | '1';
  readonly records: number;
  readonly recordBytes: number;
  readonly compression?: 'lz4';
}

/** What the client saw. */
export interface Throughput {
  readonly megabytes: number;
  readonly megabytesPerSecond: number;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Clients that are put to work against a cluster. Batches of 128 KB, gathered for up to 5 ms where records come singly. */
export interface Load {
  /** What it is, for the report. */
  readonly name: string;
  produce(target: LoadTarget, plan: ProducePlan): Promise<Throughput>;
  /** Reads the whole topic. */
  consume(target: LoadTarget, records: number): Promise<Throughput>;
  /** Sends records one by one, each after the one before was consumed. */
  endToEnd(target: LoadTarget, records: number): Promise<Latency>;
}

export const BATCH_BYTES = 131_072;
export const LINGER_MS = 5;
export const END_TO_END_RECORD_BYTES = 200;
