import { Fetch, type FetchResponse } from '../messages/01_fetch.ts';
import { ListOffsets } from '../messages/02_list_offsets.ts';
import { type ErrorCode, Errors, errorText } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asOffset, type BrokerEpoch, type NodeId, type Offset } from '../model/ids.ts';
import type { Clock, Logger, Timer } from '../model/ports.ts';
import type { PeerClient } from '../peers/peer_client.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import type { MessageOf } from '../protocol/schema.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import { FollowedPartition, sameWanted, type Wanted } from './followed_partition.ts';
import { FollowerSession } from './follower_session.ts';
import type { Partition } from './partition.ts';
import type { ReplicationThrottle } from './replication_throttle.ts';
import type { TopicStatistics } from './topic_statistics.ts';

export interface ReplicaFetcherOptions {
  readonly nodeId: NodeId;
  /** Of this broker's registration; -1 while it has none. */
  readonly brokerEpoch: () => BrokerEpoch;
  readonly leader: NodeId;
  /** Where the leader is; undefined while that is not known. */
  readonly endpoint: () => Endpoint | undefined;
  /** This fetcher's own: a fetch may be parked long, and is cut off when there is news. */
  readonly peers: PeerClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: () => BrokerSettings;
  readonly throttle: ReplicationThrottle;
  readonly topicStatistics: TopicStatistics;
}

type PartitionData = MessageOf<typeof FetchResponse>['responses'][number]['partitions'][number];

/** The first version that carries the follower's broker epoch (KIP-903); topic ids and divergence are older. */
const MIN_FETCH_VERSION = 15;
/** The first version that tells where the leader's own log starts, whatever is tiered. */
const MIN_LIST_OFFSETS_VERSION = 8;
const LATEST = -1n;
const EARLIEST_LOCAL = -4n;
const NO_RECORDS = Buffer.alloc(0);
/** Partitions that are synced or cut for longer than this are left out of the next fetch: others go on. */
const STRAGGLER_MS = 25;
/** How long a fetch may be parked while partitions wait to join the next one. */
const HURRIED_WAIT_MS = 20;
/** The same while replication is throttled: so often its rate is looked at. */
const THROTTLED_WAIT_MS = 100;
/** A fetch that is parked for longer than this after partitions came is cut off, so that they are fetched at once. */
const INTERRUPT_MS = 10;
/** Between two such cuts: a broker that starts opens its logs one after the other, and each cut costs a whole request. */
const INTERRUPT_PAUSE_MS = 100;
/** Before the first retry; it doubles from one to the next, up to `replica.fetch.backoff.ms`. */
const FIRST_RETRY_MS = 10;

/**
 * Follows one leader: fetches all partitions of which this broker is a follower of it, one request after the other.
 * A request tells the leader what is durable here: the next one is sent when what the last one brought is on the disk,
 * for all partitions together, unless some are much slower.
 *
 *     idle → fetching       a partition is ready
 *     fetching → settling   the answer is appended, and is being synced
 *     settling → idle       all are synced, or the slow ones are left out
 *     fetching → pausing → idle   the leader can't be reached, or refuses
 */
export class ReplicaFetcher {
  readonly #options: ReplicaFetcherOptions;
  readonly #session = new FollowerSession();
  readonly #followed = new Map<Partition, FollowedPartition>();
  /** By topic id, then index. */
  readonly #byId = new Map<string, Map<number, FollowedPartition>>();
  /** Ready ones whose fetch may be another than the leader knows. */
  readonly #changed = new Set<FollowedPartition>();
  /** Those that the leader's session has, and that are not to be fetched (for now). */
  readonly #left = new Map<Partition, FollowedPartition>();
  readonly #delayed = new Set<FollowedPartition>();
  readonly #throttled = new Set<FollowedPartition>();
  #readyCount = 0;
  #busyCount = 0;
  #delayTimer: Timer | undefined;
  #interruptTimer: Timer | undefined;
  /** When the fetch under way may be answered at the latest; undefined without one. */
  #parkedUntilMs: number | undefined;
  /** The fetch under way was cut off by this side. */
  #isInterrupted = false;
  /** When this side last cut a fetch off. */
  #interruptedMs = Number.NEGATIVE_INFINITY;
  /** Requests one after the other that failed altogether. */
  #failures = 0;
  #wake: (() => void) | undefined;
  #isClosed = false;

  constructor(options: ReplicaFetcherOptions) {
    this.#options = options;
    void this.#run();
  }

  get size(): number {
    return this.#followed.size;
  }

  /** Follows the partition in its present role, from where its log ends. */
  add(partition: Partition): void {
    this.remove(partition);
    const followed = new FollowedPartition(partition);
    this.#followed.set(partition, followed);
    const before = this.#left.get(partition);
    if (before !== undefined) {
      followed.told = before.told;
      this.#left.set(partition, followed);
    }
    let topic = this.#byId.get(partition.topicId);
    if (topic === undefined) {
      topic = new Map();
      this.#byId.set(partition.topicId, topic);
    }
    topic.set(partition.index, followed);
    this.#busyCount++;
    this.#whileBusy(followed, followed.begin());
  }

  /** Follows the partition no more. */
  remove(partition: Partition): void {
    const followed = this.#followed.get(partition);
    if (followed === undefined) return;
    this.#followed.delete(partition);
    const topic = this.#byId.get(partition.topicId);
    topic?.delete(partition.index);
    if (topic?.size === 0) this.#byId.delete(partition.topicId);
    this.#leave(followed);
    if (followed.status === 'busy') this.#notBusy();
  }

  /** Ends for good. */
  close(): void {
    this.#isClosed = true;
    this.#delayTimer?.cancel();
    this.#interruptTimer?.cancel();
    this.#options.peers.close();
    this.#wake?.();
  }

  #isCurrent(followed: FollowedPartition): boolean {
    return this.#followed.get(followed.partition) === followed;
  }

  /** Takes it out of what is fetched. */
  #leave(followed: FollowedPartition): void {
    if (followed.status === 'ready') this.#readyCount--;
    this.#changed.delete(followed);
    this.#delayed.delete(followed);
    this.#throttled.delete(followed);
    if (followed.told !== undefined) this.#left.set(followed.partition, followed);
  }

  #setReady(followed: FollowedPartition): void {
    this.#delayed.delete(followed);
    this.#throttled.delete(followed);
    this.#left.delete(followed.partition);
    followed.status = 'ready';
    this.#readyCount++;
    this.#changed.add(followed);
    this.#wake?.();
    this.#interruptSoon();
  }

  /** Does something with the log of a partition meanwhile; it is counted as busy already. */
  #whileBusy(followed: FollowedPartition, task: Promise<Failure | undefined>): void {
    void task.then(failure => {
      if (!this.#isCurrent(followed)) return;
      if (failure === undefined) {
        this.#setReady(followed);
        this.#notBusy();
        return;
      }
      this.#notBusy();
      this.#delay(followed, failure);
    });
  }

  #busy(followed: FollowedPartition, task: Promise<Failure | undefined>): void {
    this.#leave(followed);
    followed.status = 'busy';
    this.#busyCount++;
    this.#whileBusy(followed, task);
  }

  #notBusy(): void {
    this.#busyCount--;
    if (this.#busyCount === 0) this.#wake?.();
  }

  /** The partition can't be fetched at the moment. */
  #delay(followed: FollowedPartition, reason: Failure): void {
    const { logger, leader } = this.#options;
    this.#leave(followed);
    followed.status = 'delayed';
    followed.dueMs = this.#nowMs + this.#retryMs(followed.refusals);
    followed.refusals++;
    this.#delayed.add(followed);
    this.#scheduleDelayed();
    // A leader that has not heard of its new role yet is nothing to tell of.
    if (followed.refusals !== SPOKEN_REFUSALS) return;
    logger.warn('Cannot follow a partition: trying again', {
      partition: followed.partition.name,
      leader,
      error: reason.toString(),
    });
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #retryMs(failures: number): number {
    const { replicaFetchBackoffMs } = this.#options.settings();
    return Math.min(replicaFetchBackoffMs, FIRST_RETRY_MS * 2 ** Math.min(failures, 10));
  }

  #scheduleDelayed(): void {
    this.#delayTimer?.cancel();
    this.#delayTimer = undefined;
    if (this.#delayed.size === 0 || this.#isClosed) return;
    const delayMs = Math.max(0, this.#earliestDueMs() - this.#nowMs);
    this.#delayTimer = this.#options.clock.startTimer(delayMs, () => {
      const nowMs = this.#nowMs;
      for (const followed of [...this.#delayed]) if (followed.dueMs <= nowMs) this.#setReady(followed);
      this.#scheduleDelayed();
    });
  }

  #earliestDueMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#delayed) earliest = Math.min(earliest, dueMs);
    return earliest;
  }

  /** A fetch that is parked for long does not ask for what has come since: it is cut off. */
  #interruptSoon(): void {
    if (this.#parkedUntilMs === undefined || this.#interruptTimer !== undefined) return;
    if (this.#parkedUntilMs - this.#nowMs <= HURRIED_WAIT_MS) return;
    const delayMs = Math.max(INTERRUPT_MS, this.#interruptedMs + INTERRUPT_PAUSE_MS - this.#nowMs);
    this.#interruptTimer = this.#options.clock.startTimer(delayMs, () => {
      this.#interruptTimer = undefined;
      this.#isInterrupted = true;
      this.#interruptedMs = this.#nowMs;
      this.#options.peers.close();
    });
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      this.#reviewThrottled();
      if (this.#readyCount === 0) await this.#pause(this.#throttled.size > 0 ? THROTTLED_WAIT_MS : undefined);
      else if (await this.#fetch()) await this.#settle();
      else await this.#pause(this.#retryMs(this.#failures++), { isFixed: true });
    }
  }

  /** Waits for something to be ready, or for the time to be over. */
  async #pause(timeoutMs: number | undefined, { isFixed = false } = {}): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>(resolve => {
      let timer: Timer | undefined;
      const wake = () => {
        if (isFixed && !this.#isClosed) return;
        timer?.cancel();
        resolve();
      };
      if (timeoutMs !== undefined) timer = this.#options.clock.startTimer(timeoutMs, resolve);
      this.#wake = wake;
    });
    this.#wake = undefined;
  }

  /** Waits for what the last fetch brought to be synced; not long for those that are slow. */
  async #settle(): Promise<void> {
    if (this.#busyCount === 0 || this.#isClosed) return;
    await new Promise<void>(resolve => {
      const timer = this.#options.clock.startTimer(STRAGGLER_MS, resolve);
      this.#wake = () => {
        if (this.#busyCount > 0 && !this.#isClosed) return;
        timer.cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** @returns whether the leader answered; false when it is to be left alone for a while */
  async #fetch(): Promise<boolean> {
    const { peers, endpoint, settings, logger, leader } = this.#options;
    const place = endpoint();
    if (place === undefined) return false;
    const { replicaSocketTimeoutMs } = settings();
    const maxWaitMs = this.#maxWaitMs();
    const request = this.#request(maxWaitMs);
    this.#parkedUntilMs = this.#nowMs + maxWaitMs;
    this.#isInterrupted = false;
    const response = await peers.send(place, Fetch, request, {
      timeoutMs: Math.max(replicaSocketTimeoutMs, maxWaitMs),
      minVersion: MIN_FETCH_VERSION,
    });
    this.#parkedUntilMs = undefined;
    this.#interruptTimer?.cancel();
    this.#interruptTimer = undefined;
    if (this.#isClosed) return true;
    const failure = failed(response) ? response : failureIn(response);
    if (!failed(response) && failure === undefined) {
      if (this.#failures > 0) logger.info('Replicas are fetched again', { leader });
      this.#failures = 0;
      this.#heedAll(response);
      this.#session.answered(response.sessionId);
      if (!this.#session.isOpen) this.#forgetSession();
      return true;
    }
    this.#session.failed();
    this.#forgetSession();
    if (this.#isInterrupted) return true;
    if (this.#failures === 0 && this.#isWorthTelling(failure!)) {
      logger.warn('Cannot fetch replicas: trying again', { leader, error: failure!.toString() });
    }
    return false;
  }

  /** A leader that has dropped a session, to have room for others, is asked for a new one. */
  #isWorthTelling({ code }: Failure): boolean {
    return code !== Errors.FETCH_SESSION_ID_NOT_FOUND;
  }

  /** The leader keeps nothing: the next request names every partition. */
  #forgetSession(): void {
    this.#left.clear();
    for (const followed of this.#followed.values()) followed.told = undefined;
  }

  #maxWaitMs(): number {
    const { replicaFetchWaitMaxMs } = this.#options.settings();
    let waitMs = replicaFetchWaitMaxMs;
    if (this.#busyCount > 0) waitMs = Math.min(waitMs, HURRIED_WAIT_MS);
    if (this.#throttled.size > 0) waitMs = Math.min(waitMs, THROTTLED_WAIT_MS);
    if (this.#delayed.size > 0) waitMs = Math.min(waitMs, Math.max(1, this.#earliestDueMs() - this.#nowMs));
    return Math.ceil(waitMs);
  }

  #request(maxWaitMs: number) {
    const { nodeId, brokerEpoch, settings } = this.#options;
    const { replicaFetchMinBytes, replicaFetchResponseMaxBytes, replicaFetchMaxBytes } = settings();
    const session = this.#session.request(this.#wanted(), this.#left.values(), replicaFetchMaxBytes);
    this.#changed.clear();
    this.#left.clear();
    return {
      replicaState: { replicaId: nodeId, replicaEpoch: brokerEpoch() },
      maxWaitMs,
      minBytes: replicaFetchMinBytes,
      maxBytes: replicaFetchResponseMaxBytes,
      ...session,
    };
  }

  *#wanted(): Iterable<[FollowedPartition, Wanted]> {
    const { isOpen } = this.#session;
    for (const followed of isOpen ? this.#changed : this.#followed.values()) {
      if (followed.status !== 'ready') continue;
      const wanted = followed.wanted();
      if (!isOpen || !sameWanted(followed.told, wanted)) yield [followed, wanted];
    }
  }

  /** What is above its rate is not fetched for a while (KIP-73): except what is in sync, which keeps up anyway. */
  #reviewThrottled(): void {
    const { throttle, nodeId } = this.#options;
    if (!throttle.isLimited && this.#throttled.size === 0) return;
    const isExceeded = throttle.isExceeded();
    for (const followed of [...this.#throttled]) if (!isExceeded) this.#setReady(followed);
    if (!isExceeded) return;
    for (const followed of this.#followed.values()) {
      const { partition, status } = followed;
      if (status !== 'ready' || partition.isr.includes(nodeId) || !throttle.concerns(partition, nodeId))
        continue;
      this.#leave(followed);
      followed.status = 'throttled';
      this.#throttled.add(followed);
    }
  }

  #heedAll({ responses }: MessageOf<typeof FetchResponse>): void {
    for (const { topicId, partitions } of responses) {
      const topic = this.#byId.get(topicId);
      for (const data of partitions) {
        const followed = topic?.get(data.partitionIndex);
        if (followed !== undefined && isAnswerTo(followed)) this.#heed(followed, data);
      }
    }
  }

  #heed(followed: FollowedPartition, data: PartitionData): void {
    if (data.errorCode !== Errors.NONE) {
      this.#refused(followed, data.errorCode as ErrorCode);
      return;
    }
    const { partition, log } = followed;
    followed.refusals = 0;
    if (data.divergingEpoch.epoch >= 0 && data.divergingEpoch.endOffset >= 0n) {
      this.#diverged(followed, data.divergingEpoch);
      return;
    }
    const records = data.records?.[0] ?? NO_RECORDS;
    const failure = partition.appendFetched(followed.role, {
      records,
      highWatermark: asOffset(data.highWatermark),
      logStartOffset: asOffset(data.logStartOffset),
    });
    if (failure !== undefined) {
      this.#delay(followed, failure);
      return;
    }
    const { throttle, nodeId, topicStatistics } = this.#options;
    if (records.length > 0) topicStatistics.add(partition.topic, 'replicationBytesIn', records.length);
    if (throttle.isLimited && throttle.concerns(partition, nodeId)) throttle.record(records.length);
    if (log.durableOffset < log.endOffset) this.#busy(followed, log.awaitDurable(log.endOffset));
    else this.#changed.add(followed);
  }

  #diverged(followed: FollowedPartition, divergence: { epoch: number; endOffset: bigint }): void {
    const { log, partition } = followed;
    this.#options.logger.info('The log of a follower parts ways with that of its leader, and is cut', {
      partition: partition.name,
      endOffset: log.endOffset,
      highWatermark: log.highWatermark,
      leaderEpoch: divergence.epoch,
      leaderEndOffset: divergence.endOffset,
    });
    this.#busy(followed, followed.truncateToDivergence(divergence));
  }

  #refused(followed: FollowedPartition, errorCode: ErrorCode): void {
    if (errorCode === Errors.OFFSET_OUT_OF_RANGE && followed.refusals < MAX_PLACE_SEARCHES) {
      followed.refusals++;
      this.#busy(followed, this.#findPlace(followed));
      return;
    }
    this.#delay(followed, new Failure(errorCode, errorText(errorCode)));
  }

  /** The leader's log does not reach to the end of this one, or begins behind it. */
  async #findPlace(followed: FollowedPartition): Promise<Failure | undefined> {
    const { log, partition } = followed;
    const latest = await this.#leaderOffset(followed, LATEST);
    if (failed(latest)) return latest;
    const facts = { partition: partition.name, endOffset: log.endOffset, highWatermark: log.highWatermark };
    if (latest < log.endOffset) {
      this.#options.logger.warn('The leader has less than this follower, whose log is cut', {
        ...facts,
        latest,
      });
      return await followed.truncateTo(latest);
    }
    const earliest = await this.#leaderOffset(followed, EARLIEST_LOCAL);
    if (failed(earliest)) return earliest;
    if (earliest <= log.endOffset) return undefined;
    this.#options.logger.warn('The leader begins behind the end of this follower, which begins anew there', {
      ...facts,
      earliest,
    });
    return await followed.startOverAt(earliest);
  }

  async #leaderOffset({ partition, role }: FollowedPartition, timestamp: bigint): Promise<Offset | Failure> {
    const { peers, endpoint, nodeId, settings } = this.#options;
    const place = endpoint();
    if (place === undefined || role.kind !== 'following') {
      return new Failure(Errors.NOT_LEADER_OR_FOLLOWER, `The leader of ${partition.name} is not known`);
    }
    const { topic: name, index: partitionIndex } = partition;
    const response = await peers.send(
      place,
      ListOffsets,
      {
        replicaId: nodeId,
        isolationLevel: 0,
        topics: [{ name, partitions: [{ partitionIndex, currentLeaderEpoch: role.epoch, timestamp }] }],
      },
      { timeoutMs: settings().replicaSocketTimeoutMs, minVersion: MIN_LIST_OFFSETS_VERSION },
    );
    if (failed(response)) return response;
    const answer = response.topics[0]?.partitions[0];
    if (answer === undefined || answer.errorCode !== Errors.NONE) {
      const errorCode = (answer?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR) as ErrorCode;
      return new Failure(
        errorCode,
        `The leader of ${partition.name} does not tell its offsets: ${errorText(errorCode)}`,
      );
    }
    return asOffset(answer.offset);
  }
}

/** Whether it is fetched as it was when the request was made: it may be followed in another role since, or not at all. */
function isAnswerTo({ status, told, role, isOver, log }: FollowedPartition): boolean {
  if (status !== 'ready' || told === undefined || isOver || role.kind !== 'following') return false;
  return told.currentLeaderEpoch === role.epoch && told.fetchOffset === log.endOffset;
}

/** How often in a row a follower looks for its place in the leader's log at once. */
const MAX_PLACE_SEARCHES = 3;
/** The refusal of a partition that is told of, in a row: those before it may be over with the next metadata. */
const SPOKEN_REFUSALS = 5;

function failureIn({ errorCode }: MessageOf<typeof FetchResponse>): Failure | undefined {
  if (errorCode === Errors.NONE) return undefined;
  return new Failure(errorCode as ErrorCode, errorText(errorCode as ErrorCode));
}
