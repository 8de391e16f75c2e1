import { Fetch, type FetchResponse } from '../../messages/01_fetch.ts';
import { type ErrorCode, Errors, errorText, isRetriable } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import {
  asLeaderEpoch,
  asNodeId,
  asOffset,
  type LeaderEpoch,
  NO_NODE,
  type NodeId,
  type Offset,
} from '../../model/ids.ts';
import type { Timer } from '../../model/ports.ts';
import type { PeerClient } from '../../peers/peer_client.ts';
import type { Record } from '../../records/record.ts';
import type { ClusterClient } from '../cluster_client.ts';
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, listOffsets, type OffsetQuery } from '../list_offsets.ts';
import { backoffMs, Deadline } from '../retries.ts';
import { partitionKey, type TopicPartition } from '../topic_partition.ts';
import { AssignedPartition, type StartPosition } from './assigned_partition.ts';
import { type ConsumerOptions, DEFAULT_CONSUMER_OPTIONS } from './consumer_options.ts';
import { type FetchedAnswer, FetchRequestPlan, FIRST_FETCH_BY_ID } from './fetch_request.ts';
import { FetchedRecords } from './fetched_records.ts';

/** A record with where it is from. Its buffers are views of the response: copy what is kept long. */
export interface ConsumedRecord extends Record, TopicPartition {
  /** Of the leader that wrote it. */
  readonly leaderEpoch: LeaderEpoch;
}

export interface Assignment extends TopicPartition {
  /** Where to begin; as `auto.offset.reset` says without it. */
  readonly start?: StartPosition;
}

export interface PollOptions {
  /** How long to wait when there is nothing. */
  readonly timeoutMs: number;
  /** `max.poll.records`. */
  readonly maxRecords?: number;
}

const MAX_POLL_RECORDS = 500;

/**
 * Reads the partitions that it is assigned: fetches from their leaders while there is room, and gives the records out
 * in the order of each partition. Follows leaders that change, and goes on where the log was cut.
 */
export class Consumer {
  readonly #client: ClusterClient;
  readonly #options: ConsumerOptions;
  readonly #lane: PeerClient;
  /** By partition, in the order of their turns. */
  readonly #partitions = new Map<string, AssignedPartition>();
  /** Brokers with a fetch on its way: one each, so that memory is bounded. */
  readonly #fetching = new Set<NodeId>();
  #isLocating = false;
  #isRefreshing = false;
  #isClosed = false;
  /** Ends the wait of {@link poll}. */
  #wake: (() => void) | undefined;
  #isWoken = false;

  constructor(client: ClusterClient, options: Partial<ConsumerOptions> = {}) {
    this.#client = client;
    this.#options = { ...DEFAULT_CONSUMER_OPTIONS, ...options };
    this.#lane = client.openLane();
  }

  get assignment(): readonly TopicPartition[] {
    return Array.from(this.#partitions.values(), ({ target }) => target);
  }

  /** Reads these partitions from now on. Those that were read before go on where they are, unless told otherwise. */
  assign(assignments: readonly Assignment[]): void {
    const before = new Map(this.#partitions);
    this.#partitions.clear();
    for (const { partition, start, topic } of assignments) {
      const target = { topic, partition };
      const known = before.get(partitionKey(target));
      if (known !== undefined && start !== undefined) known.seek(start);
      const state = known ?? new AssignedPartition(target, start ?? this.#resetPosition);
      this.#partitions.set(partitionKey(target), state);
      this.#client.watchTopic(topic);
    }
    for (const [key, state] of before) if (!this.#partitions.has(key)) state.seek(this.#resetPosition);
    this.#notify();
  }

  get #resetPosition(): StartPosition {
    return this.#options.offsetReset === 'earliest' ? 'earliest' : 'latest';
  }

  seek(target: TopicPartition, start: StartPosition): void {
    this.#partitions.get(partitionKey(target))?.seek(start);
    this.#notify();
  }

  /** Fetches no more of the partition, and gives out nothing of what was fetched, until {@link resume}. */
  pause(target: TopicPartition): void {
    const state = this.#partitions.get(partitionKey(target));
    if (state !== undefined) state.isPaused = true;
  }

  resume(target: TopicPartition): void {
    const state = this.#partitions.get(partitionKey(target));
    if (state !== undefined) state.isPaused = false;
    this.#notify();
  }

  /** The offset of the next record of the partition; undefined while it is not known. */
  position(target: TopicPartition): Offset | undefined {
    return this.#partitions.get(partitionKey(target))?.position;
  }

  /** What {@link position} is for all partitions where it is known, as they are committed. */
  positions(): { readonly target: TopicPartition; readonly offset: Offset; readonly leaderEpoch: number }[] {
    const positions = [];
    for (const { epoch, position, records, target } of this.#partitions.values()) {
      if (position === undefined) continue;
      positions.push({ target, offset: position, leaderEpoch: records?.epoch ?? epoch });
    }
    return positions;
  }

  /** Where what may be consumed ends, as of the last fetch of the partition; undefined before. */
  endOffset(target: TopicPartition): Offset | undefined {
    const state = this.#partitions.get(partitionKey(target));
    if (state === undefined || state.highWatermark < 0n) return undefined;
    return this.#options.isolationLevel === 'read_committed' ? state.lastStableOffset : state.highWatermark;
  }

  /**
   * Gives out the next records, as soon as there are some.
   * @returns none when the time is over, or {@link wake} or {@link close} was called; a failure of one partition that
   *   trying again does not mend: the others go on at the next call, and the partition where it is, or from a seek
   */
  async poll({ maxRecords = MAX_POLL_RECORDS, timeoutMs }: PollOptions): Promise<ConsumedRecord[] | Failure> {
    const deadline = new Deadline(this.#client.ports.clock, timeoutMs);
    for (;;) {
      const records = this.#giveOut(maxRecords);
      const nextRetryMs = this.#startFetches();
      if (failed(records) || records.length > 0) return records;
      if (deadline.isOver || this.#isClosed || this.#isWoken || this.#client.isClosed) {
        this.#isWoken = false;
        return records;
      }
      await this.#change(Math.min(deadline.leftMs, nextRetryMs));
    }
  }

  /** Has a {@link poll} that waits return; the next one, if none waits. */
  wake(): void {
    this.#isWoken = true;
    this.#notify();
  }

  /** Stops reading. */
  close(): void {
    this.#isClosed = true;
    this.#client.closeLane(this.#lane);
    this.#partitions.clear();
    this.#notify();
  }

  #notify(): void {
    this.#wake?.();
  }

  /** Waits for {@link #notify}, or until the time is over. */
  #change(timeoutMs: number): Promise<void> {
    return new Promise(resolve => {
      let timer: Timer;
      this.#wake = () => {
        timer.cancel();
        this.#wake = undefined;
        resolve();
      };
      timer = this.#client.ports.clock.startTimer(timeoutMs, this.#wake);
    });
  }

  #giveOut(maxRecords: number): ConsumedRecord[] | Failure {
    const consumed: ConsumedRecord[] = [];
    for (const [key, state] of [...this.#partitions]) {
      if (consumed.length >= maxRecords) break;
      if (state.isPaused) continue;
      const failure = state.failure ?? this.#giveOutOf(state, maxRecords, consumed);
      if (failure !== undefined) {
        state.failure = consumed.length > 0 ? failure : undefined;
        if (consumed.length > 0) continue;
        this.#delay(state);
        return failure;
      }
      if (state.records !== undefined) continue;
      // Behind the others, so that each has its turn.
      this.#partitions.delete(key);
      this.#partitions.set(key, state);
    }
    return consumed;
  }

  #giveOutOf(state: AssignedPartition, maxRecords: number, consumed: ConsumedRecord[]): Failure | undefined {
    const { records, target } = state;
    if (records === undefined) return undefined;
    while (consumed.length < maxRecords) {
      const record = records.next();
      if (failed(record)) {
        state.finishRecords();
        return record;
      }
      if (record === undefined) {
        state.finishRecords();
        return undefined;
      }
      consumed.push({ ...target, ...record, leaderEpoch: records.epoch });
    }
    return undefined;
  }

  /** Sends a fetch to each leader that has none; in how many milliseconds to look again at the latest. */
  #startFetches(): number {
    if (this.#isClosed || this.#client.isClosed) return Infinity;
    void this.#client.refreshOldMetadata();
    const nowMs = this.#client.ports.clock.monotonicMs();
    let nextRetryMs = 2 ** 31 - 1;
    const byLeader = new Map<NodeId, AssignedPartition[]>();
    for (const state of this.#partitions.values()) {
      if (state.retryAtMs > nowMs) nextRetryMs = Math.min(nextRetryMs, state.retryAtMs - nowMs);
      if (!state.isFetchable(nowMs)) continue;
      const leader = this.#client.metadata.partition(state.target)?.leader ?? NO_NODE;
      if (!this.#client.metadata.brokers.has(leader)) {
        this.#refreshMetadata();
        continue;
      }
      const group = byLeader.get(leader);
      if (group === undefined) byLeader.set(leader, [state]);
      else group.push(state);
    }
    this.#locate(nowMs);
    for (const [leader, partitions] of byLeader) {
      if (!this.#fetching.has(leader)) void this.#fetch(leader, partitions);
    }
    return nextRetryMs;
  }

  async #fetch(leader: NodeId, partitions: readonly AssignedPartition[]): Promise<void> {
    const { metadata, timeouts } = this.#client;
    const plan = new FetchRequestPlan(partitions, metadata);
    this.#fetching.add(leader);
    for (const state of partitions) state.isBeingFetched = true;
    const response = await this.#lane.send(
      metadata.brokers.get(leader)!,
      Fetch,
      plan.request(this.#options),
      {
        timeoutMs: timeouts.requestTimeoutMs + this.#options.fetchMaxWaitMs,
        connectTimeoutMs: timeouts.connectTimeoutMs,
        ...(!plan.canGoById && { maxVersion: FIRST_FETCH_BY_ID - 1 }),
      },
    );
    this.#fetching.delete(leader);
    for (const state of partitions) state.isBeingFetched = false;
    const failure = failed(response) ? response : wholeFailure(response);
    if (failure === undefined) this.#take(plan, response as FetchResponse);
    else for (const state of partitions) this.#setBack(state, failure);
    this.#notify();
  }

  #take(plan: FetchRequestPlan, response: FetchResponse): void {
    this.#client.metadata.learnBrokers(response.nodeEndpoints);
    const unanswered = new Set(plan.partitions);
    for (const [state, answer] of plan.answers(response)) {
      unanswered.delete(state);
      if (plan.isCurrent(state)) this.#takePartition(state, answer);
    }
    for (const state of unanswered) this.#delay(state);
  }

  #takePartition(state: AssignedPartition, answer: FetchedAnswer): void {
    const code = answer.errorCode as ErrorCode;
    if (code !== Errors.NONE) {
      this.#takeError(state, code, answer);
      return;
    }
    state.failures = 0;
    const { endOffset, epoch } = answer.divergingEpoch;
    if (endOffset >= 0n) {
      this.#cutBack(state, asOffset(endOffset), epoch);
      return;
    }
    state.highWatermark = asOffset(answer.highWatermark);
    state.lastStableOffset = asOffset(answer.lastStableOffset);
    state.logStartOffset = asOffset(answer.logStartOffset);
    const bytes = answer.records?.[0];
    if (bytes === undefined || bytes.length === 0) return;
    state.records = new FetchedRecords({
      name: partitionKey(state.target),
      bytes,
      abortedTransactions: answer.abortedTransactions,
      position: state.position!,
      checksCrcs: this.#options.checksCrcs,
    });
  }

  #takeError(state: AssignedPartition, code: ErrorCode, { currentLeader }: FetchedAnswer): void {
    const name = partitionKey(state.target);
    const failure = new Failure(code, `${name} can not be read: ${errorText(code)}`);
    if (code === Errors.OFFSET_OUT_OF_RANGE) {
      this.#reset(state);
      return;
    }
    const isLeaderKnown = this.#client.metadata.learnLeader({
      ...state.target,
      leader: asNodeId(currentLeader.leaderId),
      leaderEpoch: asLeaderEpoch(currentLeader.leaderEpoch),
    });
    if (!isLeaderKnown) this.#setBack(state, failure);
  }

  /** The log does not hold the position. */
  #reset(state: AssignedPartition): void {
    const name = partitionKey(state.target);
    const { position } = state;
    if (this.#options.offsetReset === 'none') {
      state.failure = new Failure(
        Errors.OFFSET_OUT_OF_RANGE,
        `${name} has no offset ${position} any more or yet: seek to another, or set auto.offset.reset`,
      );
      return;
    }
    this.#client.ports.logger.warn('The log does not hold the position: it is set anew', {
      partition: name,
      position,
      reset: this.#options.offsetReset,
    });
    state.seek(this.#resetPosition);
  }

  /** The log was cut before the position, and something else may be there: what was read is not there any more. */
  #cutBack(state: AssignedPartition, offset: Offset, epoch: number): void {
    const name = partitionKey(state.target);
    const { position } = state;
    state.seek({ offset, leaderEpoch: asLeaderEpoch(epoch) });
    if (this.#options.offsetReset === 'none') {
      const text = `${name} was cut at offset ${offset}, before the position ${position}: what was read behind it was lost`;
      state.failure = new Failure(Errors.OFFSET_OUT_OF_RANGE, text);
      return;
    }
    this.#client.ports.logger.warn('The log was cut before the position', {
      partition: name,
      position,
      end: offset,
    });
  }

  /** A try of the partition failed: it is tried again, or the caller is told. */
  #setBack(state: AssignedPartition, failure: Failure): void {
    if (isRetriable(failure.code)) {
      this.#refreshMetadata();
      this.#delay(state);
    } else {
      state.failure = failure;
    }
  }

  #delay(state: AssignedPartition): void {
    const { clock, random } = this.#client.ports;
    state.failures++;
    state.retryAtMs = clock.monotonicMs() + backoffMs(state.failures, this.#client.timeouts, random);
  }

  /** Finds the offsets of those that begin at a time or at an end. */
  #locate(nowMs: number): void {
    if (this.#isLocating) return;
    const lost = [...this.#partitions.values()].filter(
      state => state.start !== undefined && state.failure === undefined && nowMs >= state.retryAtMs,
    );
    if (lost.length === 0) return;
    this.#isLocating = true;
    void this.#findStarts(lost).then(() => {
      this.#isLocating = false;
      this.#notify();
    });
  }

  async #findStarts(lost: readonly AssignedPartition[]): Promise<void> {
    const { isolationLevel } = this.#options;
    const { requestTimeoutMs: timeoutMs } = this.#client.timeouts;
    const generations = new Map(lost.map(state => [state, state.generation]));
    const queries = lost.map(state => ({ ...state.target, timestamp: timestampOf(state.start!) }));
    const found = await listOffsets(this.#client, queries, { isolationLevel, timeoutMs });
    const ends: AssignedPartition[] = [];
    for (const state of lost) {
      const result = found.get(partitionKey(state.target));
      if (state.generation !== generations.get(state) || result === undefined) continue;
      if (failed(result)) this.#setBack(state, result);
      else if (result.offset >= 0n) state.seek({ offset: result.offset });
      else ends.push(state);
    }
    // Nothing is as young as that: what comes next is.
    for (const state of ends) state.seek('latest');
  }

  #refreshMetadata(): void {
    this.#client.markMetadataStale();
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    void this.#client.refreshMetadata(this.#client.timeouts.requestTimeoutMs).then(() => {
      this.#isRefreshing = false;
      this.#notify();
    });
  }
}

function timestampOf(start: StartPosition): OffsetQuery['timestamp'] {
  if (start === 'earliest') return EARLIEST_TIMESTAMP;
  if (start === 'latest' || 'offset' in start) return LATEST_TIMESTAMP;
  return start.timestamp;
}

function wholeFailure({ errorCode }: FetchResponse): Failure | undefined {
  const code = errorCode as ErrorCode;
  return code === Errors.NONE ? undefined : new Failure(code, `A fetch failed: ${errorText(code)}`);
}
