import { Fetch, type FetchRequest } from '../messages/01_fetch.ts';
import type { Clock } from '../model/ports.ts';
import { RecentHistogram } from '../model/recent_histogram.ts';
import type { Api } from '../protocol/schema.ts';
import { errorCounter } from './response_errors.ts';

/** How long a request was where, in milliseconds; they follow each other. */
export interface RequestTimes {
  /** Behind earlier requests of its connection, or until there was memory. */
  readonly queueMs: number;
  /** In this node's own work. */
  readonly localMs: number;
  /** Waiting: for other replicas, for the disk, for records to come. */
  readonly remoteMs: number;
  /** Done, behind the responses before it. */
  readonly responseQueueMs: number;
  /** Being handed to the network. */
  readonly sendMs: number;
}

export interface RequestSizes {
  readonly requestBytes: number;
  readonly responseBytes: number;
}

const STAGES = ['queue', 'local', 'remote', 'responseQueue', 'send', 'total'] as const;
export type Stage = (typeof STAGES)[number];

const MICROSECONDS_A_MS = 1000;

/** What became of the requests of one name. */
export class RequestKind {
  /** Requests by version. */
  readonly versions = new Map<number, number>();
  /** Error codes in responses; 0 for successes. At most as many as there are codes. */
  readonly errors = new Map<number, number>();
  /** Times in microseconds. */
  readonly stages: Readonly<Record<Stage, RecentHistogram>>;
  readonly requestBytes: RecentHistogram;
  readonly responseBytes: RecentHistogram;

  constructor(nowMs: number) {
    const histogram = () => new RecentHistogram(nowMs);
    this.stages = {
      queue: histogram(),
      local: histogram(),
      remote: histogram(),
      responseQueue: histogram(),
      send: histogram(),
      total: histogram(),
    };
    this.requestBytes = histogram();
    this.responseBytes = histogram();
  }

  begun(version: number): void {
    this.versions.set(version, (this.versions.get(version) ?? 0) + 1);
  }

  readonly countError = (code: number): void => {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  };

  done(times: RequestTimes, sizes: RequestSizes, nowMs: number): void {
    const { queueMs, localMs, remoteMs, responseQueueMs, sendMs } = times;
    const { stages } = this;
    stages.queue.record(queueMs * MICROSECONDS_A_MS, nowMs);
    stages.local.record(localMs * MICROSECONDS_A_MS, nowMs);
    stages.remote.record(remoteMs * MICROSECONDS_A_MS, nowMs);
    stages.responseQueue.record(responseQueueMs * MICROSECONDS_A_MS, nowMs);
    stages.send.record(sendMs * MICROSECONDS_A_MS, nowMs);
    const totalMs = queueMs + localMs + remoteMs + responseQueueMs + sendMs;
    stages.total.record(totalMs * MICROSECONDS_A_MS, nowMs);
    this.requestBytes.record(sizes.requestBytes, nowMs);
    this.responseBytes.record(sizes.responseBytes, nowMs);
  }
}

/** How requests fared, by the names under which Kafka counts them. What only readers see is bounded by the table of APIs. */
export class RequestStatistics {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, RequestKind>();
  /** By API key; Fetch has two, of consumers and of followers. */
  readonly #byApi = new Map<number, readonly RequestKind[]>();
  #followerFetches: readonly RequestKind[] | undefined;
  readonly #errorCounters = new Map<number, ReturnType<typeof errorCounter>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** By name: `Produce`, and for a fetch both `Fetch` and `FetchConsumer` or `FetchFollower`. */
  get kinds(): ReadonlyMap<string, RequestKind> {
    return this.#kinds;
  }

  /** Counts a request that was read. @returns where its end is to be counted */
  begun(api: Api, version: number, body: unknown): readonly RequestKind[] {
    const kinds = this.#kindsOf(api, body);
    for (const kind of kinds) kind.begun(version);
    return kinds;
  }

  answered(api: Api, kinds: readonly RequestKind[], response: unknown): void {
    let errorsOf = this.#errorCounters.get(api.key);
    if (errorsOf === undefined) {
      errorsOf = errorCounter(api);
      this.#errorCounters.set(api.key, errorsOf);
    }
    for (const kind of kinds) errorsOf(response, kind.countError);
  }

  #kindsOf(api: Api, body: unknown): readonly RequestKind[] {
    if (api.key === Fetch.key && isFollowers(body as FetchRequest)) {
      this.#followerFetches ??= [this.#kind(api.name), this.#kind('FetchFollower')];
      return this.#followerFetches;
    }
    let kinds = this.#byApi.get(api.key);
    if (kinds === undefined) {
      const own = this.#kind(api.name);
      kinds = api.key === Fetch.key ? [own, this.#kind('FetchConsumer')] : [own];
      this.#byApi.set(api.key, kinds);
    }
    return kinds;
  }

  #kind(name: string): RequestKind {
    let kind = this.#kinds.get(name);
    if (kind === undefined) {
      kind = new RequestKind(this.#clock.monotonicMs());
      this.#kinds.set(name, kind);
    }
    return kind;
  }
}

function isFollowers({ replicaId, replicaState }: FetchRequest): boolean {
  return replicaId >= 0 || replicaState.replicaId >= 0;
}
