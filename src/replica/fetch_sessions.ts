import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { PartitionIndex, Uuid } from '../model/ids.ts';
import { MAX_FETCH_SESSION_PARTITIONS } from '../model/limits.ts';
import type { Random } from '../model/ports.ts';

/*
 * Incremental fetch sessions (KIP-227): a client names its partitions once, then only what changed of them, and is
 * answered only with what changed of theirs. The broker keeps the partitions of each session.
 *
 * A request carries a session id and an epoch:
 *     epoch -1            no session wanted; one that is named ends
 *     epoch 0             a new session wanted; one that is named ends
 *     epoch n of id       the session's next request; n must be the one expected
 */

export const NO_SESSION = 0;
const FINAL_EPOCH = -1;
const INITIAL_EPOCH = 0;

/** What a fetch wants of one partition. */
export interface FetchPartition {
  /** The topic's name, where the request names topics; else empty. */
  readonly topic: string;
  /** The topic's id, where the request has ids; else all zero. */
  readonly topicId: Uuid;
  readonly index: PartitionIndex;
  readonly fetchOffset: bigint;
  readonly maxBytes: number;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
  readonly logStartOffset: bigint;
}

/** What a session compares of a partition's answer. */
export interface FetchAnswer {
  readonly errorCode: number;
  readonly highWatermark: bigint;
  readonly logStartOffset: bigint;
  readonly recordsBytes: number;
  /** The answer says something else that must be told: a diverging epoch, a preferred read replica. */
  readonly mustBeTold: boolean;
}

export interface FetchSessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly partitions: readonly FetchPartition[];
  readonly forgotten: readonly Pick<FetchPartition, 'topic' | 'topicId' | 'index'>[];
  readonly usesTopicIds: boolean;
  /** Whether a follower asks: its session may take the place of a consumer's. */
  readonly isFollower: boolean;
}

interface CachedPartition {
  want: FetchPartition;
  /** As last told to the client; -1 before, and after an error, so that the next answer is told. */
  highWatermark: bigint;
  logStartOffset: bigint;
}

interface Session {
  readonly id: number;
  readonly usesTopicIds: boolean;
  readonly isFollower: boolean;
  readonly createdMs: number;
  /** In the order in which they are served: those that had records go to the end, so that none starves. */
  readonly partitions: Map<string, CachedPartition>;
  /** Of the request that is expected next: 1 and up, then 1 again. */
  nextEpoch: number;
  lastUsedMs: number;
}

/** The partitions that one fetch request is about, and what becomes of their answers. */
export interface FetchContext {
  /** The id that the response carries; {@link NO_SESSION} without one. */
  readonly sessionId: number;
  readonly partitions: readonly FetchPartition[];
  /**
   * Whether the answer belongs into the response; notes what the client will then know.
   * @param at the partition's place in {@link partitions}
   */
  include(at: number, answer: FetchAnswer): boolean;
}

export interface FetchSessionsOptions {
  readonly random: Random;
  /** `max.incremental.fetch.session.cache.slots`. */
  readonly maxSessions: number;
  /** After this long without use a session may be replaced (Kafka's fixed value is 2 minutes). */
  readonly evictionMs: number;
}

export class FetchSessions {
  readonly #options: FetchSessionsOptions;
  /** The least recently used first. */
  readonly #sessions = new Map<number, Session>();
  /** Over all sessions; never above {@link MAX_FETCH_SESSION_PARTITIONS} after a request. */
  #partitionCount = 0;

  constructor(options: FetchSessionsOptions) {
    this.#options = options;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  /** What the request is about. `nowMs` is monotonic. */
  open(request: FetchSessionRequest, nowMs: number): FetchContext | Failure {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch === FINAL_EPOCH || sessionEpoch === INITIAL_EPOCH) {
      this.#remove(sessionId);
      const session = sessionEpoch === INITIAL_EPOCH ? this.#create(request, nowMs) : undefined;
      return fullContext(request.partitions, session);
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) {
      return new Failure(
        Errors.FETCH_SESSION_ID_NOT_FOUND,
        `There is no fetch session ${sessionId}: start a new one with epoch 0`,
      );
    }
    if (session.nextEpoch !== sessionEpoch) {
      return new Failure(
        Errors.INVALID_FETCH_SESSION_EPOCH,
        `Fetch session ${sessionId} expects epoch ${session.nextEpoch}, not ${sessionEpoch}`,
      );
    }
    if (session.usesTopicIds !== request.usesTopicIds) {
      return new Failure(
        Errors.FETCH_SESSION_TOPIC_ID_ERROR,
        `Fetch session ${sessionId} was started ${session.usesTopicIds ? 'with topic ids' : 'with topic names'}: start a new one`,
      );
    }
    this.#update(session, request, nowMs);
    return session.partitions.size === 0 ? this.#emptied(session) : incrementalContext(session);
  }

  #update(session: Session, request: FetchSessionRequest, nowMs: number): void {
    const before = session.partitions.size;
    for (const want of request.partitions) {
      const cached = session.partitions.get(keyOf(want));
      if (cached === undefined) session.partitions.set(keyOf(want), newCached(want));
      else cached.want = want;
    }
    for (const forgotten of request.forgotten) session.partitions.delete(keyOf(forgotten));
    this.#partitionCount += session.partitions.size - before;
    session.nextEpoch = session.nextEpoch === 0x7fffffff ? 1 : session.nextEpoch + 1;
    session.lastUsedMs = nowMs;
    this.#sessions.delete(session.id);
    if (this.#partitionCount <= MAX_FETCH_SESSION_PARTITIONS) this.#sessions.set(session.id, session);
    else this.#partitionCount -= session.partitions.size;
  }

  #emptied(session: Session): FetchContext {
    this.#remove(session.id);
    return fullContext([], undefined);
  }

  #remove(sessionId: number): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    this.#partitionCount -= session.partitions.size;
  }

  #create(request: FetchSessionRequest, nowMs: number): Session | undefined {
    const { partitions, usesTopicIds, isFollower } = request;
    if (partitions.length === 0 || !this.#makeRoom(request, nowMs)) return undefined;
    const session: Session = {
      id: this.#newId(),
      usesTopicIds,
      isFollower,
      createdMs: nowMs,
      partitions: new Map(partitions.map(want => [keyOf(want), newCached(want)])),
      nextEpoch: 1,
      lastUsedMs: nowMs,
    };
    this.#sessions.set(session.id, session);
    this.#partitionCount += session.partitions.size;
    return session;
  }

  /** Whether a session can be added, if need be in place of a less valuable one. */
  #makeRoom(request: FetchSessionRequest, nowMs: number): boolean {
    if (this.#partitionCount + request.partitions.length > MAX_FETCH_SESSION_PARTITIONS) return false;
    if (this.#sessions.size < this.#options.maxSessions) return true;
    const [oldest] = this.#sessions.values();
    if (oldest === undefined) return false;
    const isStale = nowMs - oldest.lastUsedMs > this.#options.evictionMs;
    const evicted = isStale ? oldest : this.#lessValuable(request, nowMs);
    if (evicted === undefined) return false;
    this.#remove(evicted.id);
    return true;
  }

  /** The session that is worth least, if the new one is worth more: followers' first, then large before small. */
  #lessValuable(request: FetchSessionRequest, nowMs: number): Session | undefined {
    let least: Session | undefined;
    for (const session of this.#sessions.values()) {
      const isYoung = nowMs - session.createdMs <= this.#options.evictionMs;
      const mayReplace = session.isFollower ? request.isFollower && !isYoung : request.isFollower || !isYoung;
      if (mayReplace && (least === undefined || isWorthLess(session, least))) least = session;
    }
    if (least === undefined) return undefined;
    const isOutranked = request.isFollower && !least.isFollower;
    return isOutranked || least.partitions.size < request.partitions.length ? least : undefined;
  }

  #newId(): number {
    for (;;) {
      const id = 1 + Math.floor(this.#options.random.fraction() * 0x7ffffffe);
      if (!this.#sessions.has(id)) return id;
    }
  }
}

function isWorthLess(left: Session, right: Session): boolean {
  if (left.isFollower !== right.isFollower) return right.isFollower;
  return left.partitions.size < right.partitions.size;
}

function keyOf({ topic, topicId, index }: Pick<FetchPartition, 'topic' | 'topicId' | 'index'>): string {
  return topic === '' ? `${topicId}:${index}` : `${topic}:${index}`;
}

function newCached(want: FetchPartition): CachedPartition {
  return { want, highWatermark: -1n, logStartOffset: -1n };
}

/** The first request of a session, or one without: every answer is told. */
function fullContext(partitions: readonly FetchPartition[], session: Session | undefined): FetchContext {
  return {
    sessionId: session?.id ?? NO_SESSION,
    partitions,
    include(at, answer) {
      const cached = session?.partitions.get(keyOf(partitions[at]!));
      if (cached !== undefined) noteAnswer(cached, answer);
      return true;
    },
  };
}

function incrementalContext(session: Session): FetchContext {
  const all = [...session.partitions.values()];
  return {
    sessionId: session.id,
    partitions: all.map(({ want }) => want),
    include(at, answer) {
      const cached = all[at]!;
      const isChanged = noteAnswer(cached, answer);
      if (answer.recordsBytes > 0) moveToEnd(session, cached);
      return isChanged;
    },
  };
}

/** Others are served before it the next time. */
function moveToEnd({ partitions }: Session, cached: CachedPartition): void {
  const key = keyOf(cached.want);
  // The client may have forgotten it, or started over, while this answer was waited for.
  if (partitions.get(key) !== cached) return;
  partitions.delete(key);
  partitions.set(key, cached);
}

/** Remembers what the client learns; whether there is anything new in it. */
function noteAnswer(cached: CachedPartition, answer: FetchAnswer): boolean {
  const isError = answer.errorCode !== Errors.NONE;
  const isChanged =
    answer.recordsBytes > 0 ||
    answer.mustBeTold ||
    isError ||
    cached.highWatermark !== answer.highWatermark ||
    cached.logStartOffset !== answer.logStartOffset;
  cached.highWatermark = isError ? -1n : answer.highWatermark;
  cached.logStartOffset = answer.logStartOffset;
  return isChanged;
}
