import { Produce, type ProduceResponse } from '../../messages/00_produce.ts';
import { assert } from '../../model/assert.ts';
import { type ErrorCode, Errors, errorText, isRetriable } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { asLeaderEpoch, asNodeId, NO_NODE, type NodeId } from '../../model/ids.ts';
import type { Timer } from '../../model/ports.ts';
import { ZERO_UUID } from '../../model/uuid.ts';
import { NotSent } from '../../peers/not_sent.ts';
import type { PeerClient } from '../../peers/peer_client.ts';
import type { MessageInput } from '../../protocol/schema.ts';
import type { ClusterClient } from '../cluster_client.ts';
import type { TopicMetadata } from '../cluster_metadata.ts';
import { backoffMs } from '../retries.ts';
import { groupByTopic, partitionKey } from '../topic_partition.ts';
import { type Delivered, DeliveryFailure, isRefusal, type ProducerRecord } from './delivery.ts';
import { MemoryBudget } from './memory_budget.ts';
import { PartitionQueue } from './partition_queue.ts';
import { partitionOfKey, StickyPartitioner } from './partitioner.ts';
import { type PendingRecord, type ProducerBatch, recordSizeBytes } from './producer_batch.ts';
import { ProducerIdentity } from './producer_identity.ts';
import { DEFAULT_PRODUCER_OPTIONS, type ProducerOptions } from './producer_options.ts';

type PartitionResponse = ProduceResponse['responses'][number]['partitionResponses'][number];

/** A batch that is on its way, with its queue. */
interface Sent {
  readonly queue: PartitionQueue;
  readonly batch: ProducerBatch;
  /** As the request names it; all zero where it is not known. */
  readonly topicId: string;
}

/** Idempotent producers: a broker remembers so many batches of a partition. */
const MAX_IDEMPOTENT_IN_FLIGHT = 5;
/** Times are fractions, and their sums are rounded: a timer of nothing could find again and again that it is early. */
const MIN_TIMER_MS = 1;
/** From this version on a Produce names topics by id. */
const FIRST_VERSION_BY_ID = 13;
/** The errors that say that the broker misses batches, or knows the producer no more. */
const SEQUENCE_ERRORS: ReadonlySet<ErrorCode> = new Set([
  Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
  Errors.UNKNOWN_PRODUCER_ID,
  Errors.INVALID_PRODUCER_EPOCH,
]);

/**
 * Sends records: collects them in batches, sends the batches to the leaders of their partitions, and again where that
 * can help, until they are acknowledged or too old. Records of a partition are written in the order of their calls;
 * an idempotent producer has each written once.
 */
export class Producer {
  readonly #client: ClusterClient;
  readonly #options: ProducerOptions;
  readonly #lane: PeerClient;
  readonly #budget: MemoryBudget;
  readonly #partitioner: StickyPartitioner;
  readonly #identity: ProducerIdentity | undefined;
  /** By partition: as many as are produced to. */
  readonly #queues = new Map<string, PartitionQueue>();
  /** Those with batches. */
  readonly #active = new Set<PartitionQueue>();
  /** Records whose topic is not known yet, in the order of their calls; they are in the budget. */
  readonly #unplaced = new Map<string, PendingRecord[]>();
  /** Requests on their way, by broker. */
  readonly #inFlight = new Map<NodeId, number>();
  /** Records that were not settled. */
  #unsettled = 0;
  #whenSettled: (() => void)[] = [];
  #isRefreshing = false;
  #isScheduled = false;
  #timer: Timer | undefined;
  #isClosed = false;
  /** Nothing is sent again. */
  #isAbandoned = false;

  constructor(client: ClusterClient, options: Partial<ProducerOptions> = {}) {
    const wanted = { ...DEFAULT_PRODUCER_OPTIONS, ...options };
    const isIdempotent = options.isIdempotent ?? wanted.acks === -1;
    assert(!isIdempotent || wanted.acks === -1, 'an idempotent producer has acks -1');
    this.#options = {
      ...wanted,
      isIdempotent,
      maxInFlightRequests: isIdempotent
        ? Math.min(MAX_IDEMPOTENT_IN_FLIGHT, wanted.maxInFlightRequests)
        : wanted.maxInFlightRequests,
    };
    const { clock, random } = client.ports;
    this.#client = client;
    this.#lane = client.openLane();
    this.#budget = new MemoryBudget(clock, {
      limitBytes: wanted.bufferMemoryBytes,
      maxBlockMs: wanted.maxBlockMs,
    });
    this.#partitioner = new StickyPartitioner(random, wanted.batchSizeBytes);
    this.#identity = isIdempotent ? new ProducerIdentity(client) : undefined;
  }

  /** Bytes of records that were sent and not settled. */
  get bufferedBytes(): number {
    return this.#budget.usedBytes;
  }

  /** Sends a record. Resolves when it is acknowledged, or with why it is not; never rejects. */
  send(record: ProducerRecord): Promise<Delivered | DeliveryFailure> {
    return new Promise(resolve => {
      const sizeBytes = recordSizeBytes(record);
      const refusal = this.#refusal(sizeBytes);
      if (refusal !== undefined) {
        resolve(new DeliveryFailure(refusal, false, record.partition));
        return;
      }
      this.#unsettled++;
      let isInBudget = false;
      const pending: PendingRecord = {
        record,
        sizeBytes,
        timestamp: record.timestamp ?? BigInt(this.#client.ports.clock.nowMs()),
        settle: outcome => {
          resolve(outcome);
          if (isInBudget) this.#budget.giveBack(sizeBytes);
          this.#unsettled--;
          if (this.#unsettled === 0) this.#tellSettled();
        },
      };
      this.#budget.take(sizeBytes, failure => {
        if (failure !== undefined) {
          pending.settle(new DeliveryFailure(failure, false, record.partition));
          return;
        }
        isInBudget = true;
        this.#place(pending);
      });
      if (this.#budget.isExhausted) this.#schedule();
    });
  }

  #refusal(sizeBytes: number): Failure | undefined {
    if (this.#isClosed) return new Failure(Errors.INVALID_REQUEST, 'The producer was closed');
    const { maxRequestSizeBytes } = this.#options;
    if (sizeBytes <= maxRequestSizeBytes) return undefined;
    return new Failure(
      Errors.MESSAGE_TOO_LARGE,
      `The record takes ${sizeBytes} bytes, more than the ${maxRequestSizeBytes} that the producer allows (max.request.size)`,
    );
  }

  /** Waits until all records that were given to {@link send} are settled; batches do not linger meanwhile. */
  async flush(): Promise<void> {
    if (this.#unsettled === 0) return;
    const settled = new Promise<void>(resolve => this.#whenSettled.push(resolve));
    this.#schedule();
    await settled;
  }

  get #isFlushing(): boolean {
    return this.#whenSettled.length > 0;
  }

  #tellSettled(): void {
    const waiting = this.#whenSettled;
    this.#whenSettled = [];
    for (const tell of waiting) tell();
  }

  /**
   * Sends what is there and closes; what is not settled within `timeoutMs` fails. Without it all records have the
   * time that they have anyhow.
   */
  async close(timeoutMs?: number): Promise<void> {
    this.#isClosed = true;
    const { clock } = this.#client.ports;
    const timer = timeoutMs === undefined ? undefined : clock.startTimer(timeoutMs, () => this.#abandon());
    await this.flush();
    timer?.cancel();
    this.#timer?.cancel();
    this.#client.closeLane(this.#lane);
  }

  /** Gives up everything: what is on its way may be written. */
  #abandon(): void {
    this.#isAbandoned = true;
    const failure = new Failure(
      Errors.REQUEST_TIMED_OUT,
      'The producer was closed before the acknowledgement',
    );
    this.#budget.close(failure);
    for (const [topic] of this.#unplaced) this.#failUnplaced(topic, failure);
    // Requests on their way end with their connections.
    this.#client.closeLane(this.#lane);
    this.#expire(Infinity, failure);
  }

  #place(pending: PendingRecord): void {
    const { topic } = pending.record;
    const known = this.#client.metadata.topic(topic);
    const waiting = this.#unplaced.get(topic);
    if (waiting !== undefined) {
      waiting.push(pending);
    } else if (known !== undefined && known.partitions.length > 0) {
      this.#append(pending, known);
    } else {
      this.#unplaced.set(topic, [pending]);
      void this.#learnTopic(topic);
    }
  }

  async #learnTopic(topic: string): Promise<void> {
    const failure = await this.#client.waitForTopic(topic, this.#options.maxBlockMs);
    const known = this.#client.metadata.topic(topic);
    if (failure !== undefined || known === undefined) {
      this.#failUnplaced(topic, failure ?? new Failure(Errors.UNKNOWN_TOPIC_OR_PARTITION, topic));
      return;
    }
    const waiting = this.#unplaced.get(topic) ?? [];
    this.#unplaced.delete(topic);
    for (const pending of waiting) this.#append(pending, known);
  }

  #failUnplaced(topic: string, failure: Failure): void {
    const waiting = this.#unplaced.get(topic) ?? [];
    this.#unplaced.delete(topic);
    for (const { record, settle } of waiting) settle(new DeliveryFailure(failure, false, record.partition));
  }

  #append(pending: PendingRecord, topic: TopicMetadata): void {
    const { key, partition: wanted } = pending.record;
    const partitionCount = topic.partitions.length;
    if (wanted !== undefined && topic.partitions[wanted] === undefined) {
      const text = `There is no partition ${topic.name}-${wanted}: the topic has ${partitionCount}`;
      const failure = new Failure(Errors.UNKNOWN_TOPIC_OR_PARTITION, text);
      pending.settle(new DeliveryFailure(failure, false, wanted));
      return;
    }
    const partition =
      wanted ??
      (key === null
        ? this.#partitioner.choose(topic, pending.sizeBytes)
        : partitionOfKey(key, partitionCount));
    const queue = this.#queueOf({ topic: topic.name, partition });
    const { batchSizeBytes } = this.#options;
    const isNewBatch = queue.add(pending, { batchSizeBytes, nowMs: this.#client.ports.clock.monotonicMs() });
    this.#active.add(queue);
    if (isNewBatch || queue.head!.sizeBytes >= batchSizeBytes) this.#schedule();
  }

  #queueOf(target: PartitionQueue['target']): PartitionQueue {
    const key = partitionKey(target);
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new PartitionQueue(target);
      this.#queues.set(key, queue);
    }
    return queue;
  }

  /** Has what is due sent, once for all calls of this turn. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void Promise.resolve().then(() => {
      this.#isScheduled = false;
      this.#sendDue();
    });
  }

  #sendDue(): void {
    if (this.#client.isClosed) this.#abandon();
    const { clock } = this.#client.ports;
    const nowMs = clock.monotonicMs();
    this.#timer?.cancel();
    this.#expire(nowMs - this.#options.deliveryTimeoutMs, undefined);
    if (this.#active.size === 0) return;
    void this.#client.refreshOldMetadata();
    this.#identity?.ask(failure => this.#gotIdentity(failure));
    let wakeMs = Infinity;
    const byNode = new Map<NodeId, Sent['queue'][]>();
    for (const queue of this.#active) {
      const dueMs = this.#dueMs(queue);
      if (queue.head !== undefined) {
        wakeMs = Math.min(wakeMs, queue.head.createdMs + this.#options.deliveryTimeoutMs);
      }
      if (dueMs > nowMs) {
        wakeMs = Math.min(wakeMs, dueMs);
        continue;
      }
      const leader = this.#client.metadata.partition(queue.target)?.leader ?? NO_NODE;
      if (leader === NO_NODE || !this.#client.metadata.brokers.has(leader)) {
        this.#refreshMetadata();
        continue;
      }
      const queues = byNode.get(leader);
      if (queues === undefined) byNode.set(leader, [queue]);
      else queues.push(queue);
    }
    for (const [nodeId, queues] of byNode) this.#sendTo(nodeId, queues);
    if (wakeMs < Infinity) {
      this.#timer = clock.startTimer(Math.max(MIN_TIMER_MS, wakeMs - nowMs), () => this.#schedule());
    }
  }

  /** When the queue's head is to be sent; never, as long as nothing that will be told happens. */
  #dueMs(queue: PartitionQueue): number {
    const { head } = queue;
    const { lingerMs, batchSizeBytes, maxInFlightRequests } = this.#options;
    if (head === undefined) return Infinity;
    if (queue.inFlightCount >= (queue.isRetrying ? 1 : maxInFlightRequests)) return Infinity;
    if (this.#identity !== undefined && head.identity === undefined && this.#identity.usable === undefined) {
      return Infinity;
    }
    if (head.failures > 0) return head.retryAtMs;
    const isHurried = this.#isFlushing || this.#isClosed || this.#budget.isExhausted;
    if (isHurried || queue.isHeadComplete || head.sizeBytes >= batchSizeBytes) return 0;
    return head.createdMs + lingerMs;
  }

  #sendTo(nodeId: NodeId, queues: readonly PartitionQueue[]): void {
    const { maxInFlightRequests, maxRequestSizeBytes } = this.#options;
    let left = [...queues];
    while (left.length > 0 && (this.#inFlight.get(nodeId) ?? 0) < maxInFlightRequests) {
      const sent: Sent[] = [];
      let sizeBytes = 0;
      for (const queue of left) {
        const headBytes = queue.head!.sizeBytes;
        if (sent.length > 0 && sizeBytes + headBytes > maxRequestSizeBytes) break;
        sizeBytes += headBytes;
        sent.push({ queue, batch: this.#take(queue), topicId: this.#topicId(queue) });
      }
      left = left.slice(sent.length);
      this.#inFlight.set(nodeId, (this.#inFlight.get(nodeId) ?? 0) + 1);
      void this.#exchange(nodeId, sent).then(() => {
        this.#inFlight.set(nodeId, this.#inFlight.get(nodeId)! - 1);
        this.#schedule();
      });
    }
  }

  #take(queue: PartitionQueue): ProducerBatch {
    const batch = queue.take();
    // Behind the others, so that each has its turn.
    this.#active.delete(queue);
    this.#active.add(queue);
    const { compression, compressionLevel } = this.#options;
    const options = { compression, ...(compressionLevel !== undefined && { compressionLevel }) };
    const identity = this.#identity?.usable;
    if (batch.identity !== undefined || identity === undefined) {
      batch.encode(undefined, options);
    } else {
      this.#identity!.carried();
      batch.encode({ ...identity, baseSequence: queue.takeSequence(batch) }, options);
    }
    return batch;
  }

  /** Sends batches in one request, and settles each by its answer. */
  async #exchange(nodeId: NodeId, sent: readonly Sent[]): Promise<void> {
    const { connectTimeoutMs, requestTimeoutMs } = this.#client.timeouts;
    const endpoint = this.#client.metadata.brokers.get(nodeId)!;
    const isById = sent.every(({ topicId }) => topicId !== ZERO_UUID);
    const options = {
      timeoutMs: requestTimeoutMs,
      connectTimeoutMs,
      ...(!isById && { maxVersion: FIRST_VERSION_BY_ID - 1 }),
    };
    const request = this.#request(sent);
    if (this.#options.acks === 0) {
      const failure = await this.#lane.post(endpoint, Produce, request, options);
      for (const each of sent) {
        if (failure === undefined) this.#deliver(each, { baseOffset: -1n, logAppendTimeMs: -1n });
        else this.#settleFailure(each, failure, !(failure instanceof NotSent));
      }
      return;
    }
    const response = await this.#lane.send(endpoint, Produce, request, options);
    if (failed(response)) {
      for (const each of sent) this.#settleFailure(each, response, !(response instanceof NotSent));
      return;
    }
    this.#client.metadata.learnBrokers(response.nodeEndpoints);
    const answers = new Map<string, PartitionResponse>();
    for (const { name, partitionResponses, topicId } of response.responses) {
      for (const answer of partitionResponses) answers.set(`${name || topicId}-${answer.index}`, answer);
    }
    for (const each of sent) {
      const { topic, partition } = each.queue.target;
      const answer = answers.get(`${topic}-${partition}`) ?? answers.get(`${each.topicId}-${partition}`);
      this.#settle(each, answer);
    }
  }

  #topicId({ target }: PartitionQueue): string {
    return this.#client.metadata.topic(target.topic)?.topicId ?? ZERO_UUID;
  }

  #request(sent: readonly Sent[]): MessageInput<typeof Produce.request> {
    const items = sent.map(({ batch, queue, topicId }) => ({ ...queue.target, batch, topicId }));
    return {
      transactionalId: null,
      acks: this.#options.acks,
      timeoutMs: this.#client.timeouts.requestTimeoutMs,
      topicData: Array.from(groupByTopic(items), ([name, partitions]) => ({
        name,
        topicId: partitions[0]!.topicId,
        partitionData: partitions.map(({ batch, partition }) => ({
          index: partition,
          records: [batch.encode(undefined, {})],
        })),
      })),
    };
  }

  #settle(sent: Sent, answer: PartitionResponse | undefined): void {
    const code = (answer?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR) as ErrorCode;
    // Taken long before, so long that the broker remembers no offset.
    const isDuplicate = code === Errors.DUPLICATE_SEQUENCE_NUMBER;
    if (answer !== undefined && (code === Errors.NONE || isDuplicate)) {
      this.#deliver(sent, isDuplicate ? { baseOffset: -1n, logAppendTimeMs: -1n } : answer);
      return;
    }
    const name = partitionKey(sent.queue.target);
    const text = `${name} did not take ${sent.batch.records.length} records: ${answer?.errorMessage ?? errorText(code)}`;
    const { leaderEpoch, leaderId } = answer?.currentLeader ?? { leaderEpoch: -1, leaderId: -1 };
    const isLeaderKnown = this.#client.metadata.learnLeader({
      ...sent.queue.target,
      leader: asNodeId(leaderId),
      leaderEpoch: asLeaderEpoch(leaderEpoch),
    });
    this.#settleFailure(sent, new Failure(code, text), !isRefusal(code), isLeaderKnown);
  }

  #deliver({ batch, queue }: Sent, answer: { baseOffset: bigint; logAppendTimeMs: bigint }): void {
    queue.landed(batch);
    this.#forgetBatch(queue, batch);
    batch.deliver(queue.target.partition, answer.baseOffset, answer.logAppendTimeMs);
  }

  /** The try failed: the batch is sent again, or fails. */
  #settleFailure(sent: Sent, failure: Failure, mayBeWritten: boolean, isLeaderKnown = false): void {
    const { batch, queue } = sent;
    queue.landed(batch);
    if (mayBeWritten) batch.mayBeWritten = true;
    const { code } = failure;
    const isSequenceError = batch.identity !== undefined && SEQUENCE_ERRORS.has(code);
    if (code === Errors.MESSAGE_TOO_LARGE && batch.records.length > 1 && !batch.mayBeWritten) {
      this.#split(sent);
    } else if (isSequenceError && queue.hasEarlier(batch)) {
      this.#putBack(sent, isLeaderKnown);
    } else if (isSequenceError && !batch.mayBeWritten) {
      // Nothing that is before it is missing any more, so the hole stays: it goes on under another id.
      batch.forgetIdentity();
      this.#putBack(sent, isLeaderKnown);
      this.#identity!.giveUp();
      this.#drop();
    } else if (isRetriable(code) && !this.#isAbandoned && !this.#isTooOld(batch)) {
      if (!isLeaderKnown) this.#refreshMetadata();
      this.#putBack(sent, isLeaderKnown);
    } else {
      this.#fail(sent, failure);
    }
  }

  #isTooOld({ createdMs }: ProducerBatch): boolean {
    return this.#client.ports.clock.monotonicMs() >= createdMs + this.#options.deliveryTimeoutMs;
  }

  #putBack({ batch, queue }: Sent, isLeaderKnown: boolean): void {
    const { clock, random } = this.#client.ports;
    batch.failures++;
    const waitMs = isLeaderKnown ? 0 : backoffMs(batch.failures, this.#client.timeouts, random);
    batch.retryAtMs = clock.monotonicMs() + waitMs;
    queue.putBack(batch);
  }

  #split({ batch, queue }: Sent): void {
    if (batch.identity !== undefined) this.#identity!.carried();
    for (const half of batch.split()) queue.putBack(half);
  }

  #fail({ batch, queue }: Omit<Sent, 'topicId'>, failure: Failure): void {
    if (batch.identity !== undefined) this.#identity!.giveUp();
    this.#forgetBatch(queue, batch);
    batch.fail(new DeliveryFailure(failure, batch.mayBeWritten, queue.target.partition));
  }

  #forgetBatch(queue: PartitionQueue, batch: ProducerBatch): void {
    if (queue.isEmpty) this.#active.delete(queue);
    if (batch.identity !== undefined) this.#drop();
  }

  /** A batch carries the producer's id no more; the next id begins with the first sequence in every partition. */
  #drop(): void {
    if (!this.#identity!.dropped()) return;
    for (const queue of this.#queues.values()) queue.nextSequence = 0;
  }

  #gotIdentity(failure: Failure | undefined): void {
    // Retriable failures were tried again as long as an operation may take.
    if (failure !== undefined && (this.#client.isClosed || !isRetriable(failure.code)))
      this.#expire(Infinity, failure);
    this.#schedule();
  }

  /** Fails what waits since before a time. */
  #expire(createdBeforeMs: number, reason: Failure | undefined): void {
    for (const queue of [...this.#active]) {
      for (const batch of queue.takeExpired(createdBeforeMs)) {
        const text = `${partitionKey(queue.target)} did not acknowledge the record within ${this.#options.deliveryTimeoutMs} ms (delivery.timeout.ms), after ${batch.failures} tries that failed`;
        this.#fail({ batch, queue }, reason ?? new Failure(Errors.REQUEST_TIMED_OUT, text));
      }
    }
  }

  #refreshMetadata(): void {
    this.#client.markMetadataStale();
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    void this.#client.refreshMetadata(this.#client.timeouts.requestTimeoutMs).then(() => {
      this.#isRefreshing = false;
      this.#schedule();
    });
  }
}
