import type { Failure } from '../model/failure.ts';
import type { Offset, ProducerEpoch, ProducerId } from '../model/ids.ts';

/*
 * The contract of a coordinator (of groups, of transactions): a shard is the state that one partition of the
 * coordinator's internal topic stands for. Requests are answered from that state and change it only through records:
 * the runtime appends the records, replays them into the shard, and gives the response when they are committed. So
 * what a new leader replays from the log is exactly the state that clients have been told of.
 */

/** A record of the coordinator's topic; a null value is a tombstone. */
export interface CoordinatorRecord {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

/** What an operation decided: the records that make it so, appended as one batch, and the response for afterwards. */
export interface CoordinatorResult<Response> {
  readonly records: readonly CoordinatorRecord[];
  readonly response: Response;
  /** Each of the records is right without the others: they may go into several batches, some of which may fail. */
  readonly isDivisible?: true;
  /**
   * Called with undefined when the records are committed, or at once when there are none and none are pending; or
   * with the failure when they could not be appended or committed. For what waits on its own, a parked join.
   */
  readonly completed?: (failure: Failure | undefined) => void;
}

/** Who wrote a record, for records of transactions; NO_PRODUCER_ID for others. */
export interface RecordOrigin {
  readonly offset: Offset;
  readonly producerId: ProducerId;
  readonly producerEpoch: ProducerEpoch;
}

export interface CoordinatorShard {
  /** Changes the state as the record says; the only thing that does. Must not fail for any record of the log. */
  replay(record: CoordinatorRecord, origin: RecordOrigin): void;
  /** A transaction of a producer ended: its pending records count (`committed`), or never were. */
  replayTransactionEnd?(origin: RecordOrigin, committed: boolean): void;
  /** Everything is replayed: the shard starts its timers. */
  activated(): void;
  /** The partition moved away, or may have, or the node stops: answers what is parked. */
  dismiss(): void;
}

/** Timers of a shard, by key. What they decide is written like what a request decides. */
export interface CoordinatorTimers {
  /**
   * Runs `operation` once after `delayMs`; replaces a pending one of the same key. When its records are refused for a
   * reason that may pass, it runs again a little later, unless the key was scheduled anew. To put the same key off
   * again and again is cheap.
   */
  schedule(key: string, delayMs: number, operation: () => CoordinatorResult<void>): void;
  cancel(key: string): void;
  isScheduled(key: string): boolean;
}
