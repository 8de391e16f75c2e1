import type { FetchRequest, FetchResponse } from '../messages/01_fetch.ts';
import { assert } from '../model/assert.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import { asLeaderEpoch, asOffset, type Offset } from '../model/ids.ts';
import { MAX_PARKED_QUORUM_FETCHES, MAX_QUORUM_FETCH_BYTES } from '../model/limits.ts';
import type { Timer } from '../model/ports.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { leaderEndpoint, type RequestContext } from './metadata_partition.ts';
import type { OffsetAndEpoch } from './offset_and_epoch.ts';
import type { QuorumCore } from './quorum_core.ts';
import { METADATA_PARTITION, METADATA_TOPIC, METADATA_TOPIC_ID } from './quorum_settings.ts';
import { type ReplicaKey, replicaKey, replicaText } from './replica_key.ts';

type Response = MessageInput<typeof FetchResponse>;
type RequestPartition = FetchRequest['topics'][number]['partitions'][number];

const TOPIC_IDS_VERSION = 13;
const REPLICA_STATE_VERSION = 15;
const NODE_ENDPOINTS_VERSION = 16;
const NO_OFFSET = asOffset(-1n);

/** A fetch that is being answered. */
interface FetchAsked {
  readonly replica: ReplicaKey;
  readonly leaderEpoch: number;
  readonly position: OffsetAndEpoch;
  readonly maxBytes: number;
  /** What the follower knows; as high as can be from one that does not say. */
  readonly highWatermark: Offset;
  readonly context: RequestContext;
}

/** What there is to answer. */
type Finding =
  | { readonly kind: 'error'; readonly errorCode: ErrorCode }
  | { readonly kind: 'diverging'; readonly end: OffsetAndEpoch }
  | { readonly kind: 'snapshot'; readonly id: OffsetAndEpoch }
  | { readonly kind: 'records' }
  | { readonly kind: 'news' }
  | { readonly kind: 'nothing' };

interface Parked {
  readonly asked: FetchAsked;
  readonly timer: Timer;
  release(): void;
}

/**
 * Answers fetches of the metadata log (KIP-595): with records, durable or not, with where the logs differ, or with
 * the snapshot to start from. What a fetch asks from on is what the replica has, so fetches are also the
 * acknowledgements. A fetch that there is nothing new for waits.
 */
export class FetchServer {
  readonly #core: QuorumCore;
  /** A fetch moved the high watermark. */
  readonly #highWatermarkMoved: () => void;
  /** By the replica; consumers by an own key. */
  readonly #parked = new Map<unknown, Parked>();

  constructor(core: QuorumCore, highWatermarkMoved: () => void) {
    this.#core = core;
    this.#highWatermarkMoved = highWatermarkMoved;
  }

  async handle(request: FetchRequest, context: RequestContext): Promise<Response> {
    const partition = metadataPartition(request, context.version);
    if (partition === undefined) return topLevel(Errors.INVALID_REQUEST);
    const { fetchOffset, lastFetchedEpoch, currentLeaderEpoch } = partition;
    const isValid =
      request.maxWaitMs >= 0 &&
      fetchOffset >= 0n &&
      lastFetchedEpoch >= 0 &&
      lastFetchedEpoch <= currentLeaderEpoch;
    if (!isValid) return this.#response({ errorCode: Errors.INVALID_REQUEST }, context);
    if (!(await this.#core.store.whenDurable())) return topLevel(Errors.BROKER_NOT_AVAILABLE);
    const { replicaId } = context.version >= REPLICA_STATE_VERSION ? request.replicaState : request;
    const asked: FetchAsked = {
      replica: replicaKey(replicaId, partition.replicaDirectoryId),
      leaderEpoch: currentLeaderEpoch,
      position: { offset: asOffset(fetchOffset), epoch: asLeaderEpoch(lastFetchedEpoch) },
      maxBytes: Math.min(request.maxBytes, partition.partitionMaxBytes, MAX_QUORUM_FETCH_BYTES),
      highWatermark: asOffset(partition.highWatermark),
      context,
    };
    let finding = this.#find(asked);
    this.#acknowledge(asked, finding);
    // The acknowledgement may have moved what the follower waits for.
    if (finding.kind === 'nothing') finding = this.#find(asked);
    if (finding.kind === 'nothing' && request.maxWaitMs > 0) {
      await this.#park(asked, request.maxWaitMs);
      finding = this.#find(asked);
    }
    return await this.#answer(asked, finding);
  }

  #find(asked: FetchAsked): Finding {
    const errorCode = this.#leaderOnlyError(asked.leaderEpoch);
    if (errorCode !== undefined) return { kind: 'error', errorCode };
    const { log } = this.#core;
    const fit = log.fit(asked.position);
    if (fit.kind !== 'valid') return fit;
    if (asked.position.offset < log.endOffset) return { kind: 'records' };
    return this.#highWatermark > asked.highWatermark ? { kind: 'news' } : { kind: 'nothing' };
  }

  /** Why this node can't answer a request that is for the leader of `epoch`; undefined when it can. */
  #leaderOnlyError(epoch: number): ErrorCode | undefined {
    const { quorum } = this.#core;
    if (epoch < quorum.epoch) return Errors.FENCED_LEADER_EPOCH;
    if (epoch > quorum.epoch) return Errors.UNKNOWN_LEADER_EPOCH;
    return quorum.role === 'leader' ? undefined : Errors.NOT_LEADER_OR_FOLLOWER;
  }

  get #highWatermark(): Offset {
    const { state } = this.#core.quorum;
    return (state.role === 'leader' ? state.leader.highWatermark : undefined) ?? NO_OFFSET;
  }

  /** The replica has everything up to where it fetches from, if its log is the same as this one up to there. */
  #acknowledge(asked: FetchAsked, finding: Finding): void {
    const { quorum, log } = this.#core;
    const isSame = finding.kind === 'records' || finding.kind === 'news' || finding.kind === 'nothing';
    if (!isSame || quorum.state.role !== 'leader' || asked.replica.id < 0) return;
    if (asked.replica.id === quorum.local.id) return;
    const at = { leaderEnd: log.endOffset, nowMs: this.#core.now() };
    const isMoved = quorum.state.leader.updateFollower(asked.replica, asked.position.offset, at);
    if (!isMoved) return;
    this.#highWatermarkMoved();
    this.#core.wake();
  }

  #park(asked: FetchAsked, maxWaitMs: number): Promise<void> {
    const key = asked.replica.id < 0 ? {} : replicaText(asked.replica);
    this.#parked.get(key)?.release();
    if (this.#parked.size >= MAX_PARKED_QUORUM_FETCHES) this.#parked.values().next().value?.release();
    return new Promise(resolve => {
      const release = () => {
        if (this.#parked.get(key) === parked) this.#parked.delete(key);
        parked.timer.cancel();
        resolve();
      };
      const parked = { asked, timer: this.#core.clock.startTimer(maxWaitMs, release), release };
      this.#parked.set(key, parked);
    });
  }

  /** Answers the fetches that there is something for now. */
  release(): void {
    for (const parked of [...this.#parked.values()]) {
      if (this.#find(parked.asked).kind !== 'nothing') parked.release();
    }
  }

  async #answer(asked: FetchAsked, finding: Finding): Promise<Response> {
    const { context } = asked;
    switch (finding.kind) {
      case 'error':
        return this.#response({ errorCode: finding.errorCode }, context);
      case 'diverging': {
        const divergingEpoch = { epoch: finding.end.epoch, endOffset: finding.end.offset };
        return this.#response({ errorCode: Errors.NONE, divergingEpoch }, context);
      }
      case 'snapshot': {
        const snapshotId = { epoch: finding.id.epoch, endOffset: finding.id.offset };
        return this.#response({ errorCode: Errors.NONE, snapshotId }, context);
      }
      case 'records':
        return await this.#readRecords(asked);
      default:
        return this.#response({ errorCode: Errors.NONE }, context);
    }
  }

  async #readRecords(asked: FetchAsked): Promise<Response> {
    const { quorum, log } = this.#core;
    const { state } = quorum;
    const records = await log.read(asked.position.offset, asked.maxBytes);
    // A leader never truncates, so what was read is the leader's log if it led all the time.
    const errorCode = this.#leaderOnlyError(asked.leaderEpoch);
    if (errorCode !== undefined || quorum.state !== state) {
      return this.#response({ errorCode: errorCode ?? Errors.NOT_LEADER_OR_FOLLOWER }, asked.context);
    }
    if (failed(records)) {
      const isGone = asked.position.offset < log.startOffset;
      if (!isGone) this.#core.fatal(records);
      const error = isGone ? Errors.OFFSET_OUT_OF_RANGE : Errors.UNKNOWN_SERVER_ERROR;
      return this.#response({ errorCode: error }, asked.context);
    }
    return this.#response({ errorCode: Errors.NONE, records }, asked.context);
  }

  #response(
    part: {
      readonly errorCode: ErrorCode;
      readonly records?: readonly Buffer[];
      readonly divergingEpoch?: { readonly epoch: number; readonly endOffset: bigint };
      readonly snapshotId?: { readonly epoch: number; readonly endOffset: bigint };
    },
    context: RequestContext,
  ): Response {
    const { quorum, log } = this.#core;
    const endpoint = leaderEndpoint(quorum, context);
    return {
      errorCode: Errors.NONE,
      sessionId: 0,
      responses: [
        {
          topic: METADATA_TOPIC,
          topicId: METADATA_TOPIC_ID,
          partitions: [
            {
              partitionIndex: METADATA_PARTITION,
              highWatermark: this.#highWatermark,
              logStartOffset: log.startOffset,
              currentLeader: { leaderId: quorum.leaderId ?? -1, leaderEpoch: quorum.epoch },
              abortedTransactions: null,
              ...part,
              records: part.records ?? [],
            },
          ],
        },
      ],
      ...(endpoint === undefined || context.version < NODE_ENDPOINTS_VERSION
        ? {}
        : { nodeEndpoints: [endpoint] }),
    };
  }

  /** Answers all that wait: the node is not the leader any more, or ends. */
  releaseAll(): void {
    for (const parked of [...this.#parked.values()]) parked.release();
    assert(this.#parked.size === 0, 'released fetches wait no more');
  }
}

function topLevel(errorCode: ErrorCode): Response {
  return { errorCode, sessionId: 0, responses: [] };
}

function metadataPartition(request: FetchRequest, version: number): RequestPartition | undefined {
  const [topic] = request.topics;
  if (request.topics.length !== 1 || topic === undefined || topic.partitions.length !== 1) return undefined;
  const isNamed =
    version >= TOPIC_IDS_VERSION ? topic.topicId === METADATA_TOPIC_ID : topic.topic === METADATA_TOPIC;
  const [partition] = topic.partitions;
  return isNamed && partition?.partition === METADATA_PARTITION ? partition : undefined;
}
