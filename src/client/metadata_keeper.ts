import { Metadata, type MetadataResponse } from '../messages/03_metadata.ts';
import { type ErrorCode, Errors, errorText, isRetriable } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { MAX_WATCHED_TOPICS } from '../model/limits.ts';
import type { PeerClient } from '../peers/peer_client.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import { formatHostPort } from '../settings/address.ts';
import type { ClientPorts, ClientTimeouts } from './client_options.ts';
import { ClusterMetadata } from './cluster_metadata.ts';
import { backoffMs, Deadline, pause } from './retries.ts';

export interface MetadataKeeperOptions {
  readonly ports: ClientPorts;
  readonly timeouts: ClientTimeouts;
  readonly bootstrapServers: readonly Endpoint[];
  readonly allowAutoTopicCreation: boolean;
  readonly lane: PeerClient;
}

/** From this version on an empty list asks for no topic, and null for all; a client can't do without. */
const FIRST_VERSION_WITH_NONE = 1;

/**
 * Keeps {@link ClusterMetadata}: asks for it when it is first wanted, when it turned out wrong and when it is old.
 * One request at a time, with a wait between two that grows while they fail; who wants metadata meanwhile waits for
 * the next.
 */
export class MetadataKeeper {
  readonly metadata = new ClusterMetadata();
  readonly #options: MetadataKeeperOptions;
  /** What each request asks for; at most {@link MAX_WATCHED_TOPICS}. */
  readonly #watched = new Set<string>();
  /** When the metadata was last learned; undefined before the first time and when it turned out wrong. */
  #learnedMs: number | undefined;
  /** Not before this is the next request sent. */
  #notBeforeMs = 0;
  #failures = 0;
  #isClosed = false;
  /** The request that waits to be sent: whoever comes before it is sent shares it. */
  #next: Promise<Failure | undefined> | undefined;
  /** The request that was sent. */
  #current: Promise<unknown> = Promise.resolve();

  constructor(options: MetadataKeeperOptions) {
    this.#options = options;
  }

  watch(topic: string): void {
    if (this.#watched.has(topic) || this.#watched.size >= MAX_WATCHED_TOPICS) return;
    this.#watched.add(topic);
    this.#learnedMs = undefined;
  }

  forget(topic: string): void {
    this.#watched.delete(topic);
    this.metadata.forgetTopic(topic);
  }

  /** Nothing is asked for any more. */
  close(): void {
    this.#isClosed = true;
  }

  markStale(): void {
    this.#learnedMs = undefined;
  }

  get #isFresh(): boolean {
    const { ports, timeouts } = this.#options;
    if (this.#learnedMs === undefined) return false;
    return ports.clock.monotonicMs() - this.#learnedMs < timeouts.metadataMaxAgeMs;
  }

  /** Asks anew if what is known is older than `metadata.max.age.ms`: so partitions that come up are found. */
  async refreshIfOld(): Promise<void> {
    if (this.#learnedMs === undefined || this.#isFresh || this.#next !== undefined) return;
    const { ports, timeouts } = this.#options;
    await this.refresh(new Deadline(ports.clock, timeouts.requestTimeoutMs));
  }

  /** A broker chosen at random; where none is known, a bootstrap server. */
  async anyBroker(deadline: Deadline): Promise<Endpoint | Failure> {
    if (!this.#isFresh) {
      const failure = await this.refresh(deadline);
      if (failure !== undefined) return failure;
    }
    return this.#places()[0]!;
  }

  /** Waits until the topic is known without an error. */
  async waitForTopic(topic: string, deadline: Deadline): Promise<Failure | undefined> {
    this.watch(topic);
    for (;;) {
      const known = this.#isFresh ? this.metadata.topic(topic) : undefined;
      if (known !== undefined && known.errorCode === Errors.NONE) return undefined;
      if (known !== undefined) {
        const failure = topicFailure(topic, known.errorCode);
        if (!isRetriable(known.errorCode) || deadline.isOver) return failure;
        this.#learnedMs = undefined;
      }
      const failure = await this.refresh(deadline);
      if (failure !== undefined) return known === undefined ? failure : topicFailure(topic, known.errorCode);
    }
  }

  /** Asks anew, retrying until the deadline; shared by all that ask before it is sent. */
  async refresh(deadline: Deadline): Promise<Failure | undefined> {
    for (;;) {
      const failure = await this.#refreshSoon(deadline);
      if (failure === undefined || this.#isClosed || deadline.isOver || !isRetriable(failure.code))
        return failure;
      if (this.#options.ports.clock.monotonicMs() + deadline.leftMs <= this.#notBeforeMs) return failure;
    }
  }

  #refreshSoon(deadline: Deadline): Promise<Failure | undefined> {
    this.#next ??= this.#sendWhenDue(deadline);
    return this.#next;
  }

  async #sendWhenDue(deadline: Deadline): Promise<Failure | undefined> {
    const { clock } = this.#options.ports;
    await this.#current;
    const waitMs = this.#notBeforeMs - clock.monotonicMs();
    if (waitMs > 0) await pause(clock, waitMs);
    this.#next = undefined;
    const sent = this.refreshOnce(new Deadline(clock, Math.max(1, deadline.leftMs)));
    this.#current = sent;
    return await sent;
  }

  /** Asks the brokers that are known, or the bootstrap servers, one after the other until one answers. */
  async refreshOnce(deadline: Deadline): Promise<Failure | undefined> {
    return await this.#ask([...this.#watched], deadline);
  }

  async refreshAllTopics(deadline: Deadline): Promise<Failure | undefined> {
    return await this.#ask(null, deadline);
  }

  async #ask(topics: readonly string[] | null, deadline: Deadline): Promise<Failure | undefined> {
    const { clock, random } = this.#options.ports;
    if (this.#isClosed) return new Failure(Errors.NETWORK_EXCEPTION, 'The client was closed');
    let failure = new Failure(Errors.NETWORK_EXCEPTION, 'There is no bootstrap server to ask');
    const places = this.#places();
    for (const [index, place] of places.entries()) {
      const response = await this.#askOne(place, topics, { deadline, others: places.length - index });
      if (!failed(response)) {
        this.#learn(response);
        return undefined;
      }
      failure = response;
      if (deadline.isOver) break;
    }
    this.#failures++;
    this.#notBeforeMs = clock.monotonicMs() + backoffMs(this.#failures, this.#options.timeouts, random);
    return failure;
  }

  /** The known brokers in a random order, and behind them the bootstrap servers that are none of these. */
  #places(): Endpoint[] {
    const { bootstrapServers, ports } = this.#options;
    const known = shuffled([...this.metadata.brokers.values()], ports.random);
    const addresses = new Set(known.map(formatHostPort));
    const others = bootstrapServers.filter(each => !addresses.has(formatHostPort(each)));
    return [...known, ...(known.length === 0 ? shuffled(others, ports.random) : others)];
  }

  async #askOne(
    place: Endpoint,
    topics: readonly string[] | null,
    { deadline, others }: { readonly deadline: Deadline; readonly others: number },
  ): Promise<MetadataResponse | Failure> {
    const { allowAutoTopicCreation, lane, timeouts } = this.#options;
    // One that does not answer must not take the time of those behind it.
    const share = Math.max(deadline.leftMs / others, Math.min(deadline.leftMs, timeouts.retryBackoffMs));
    const timeoutMs = Math.max(1, Math.min(timeouts.requestTimeoutMs, share));
    const response = await lane.send(
      place,
      Metadata,
      {
        topics: topics?.map(name => ({ name })) ?? null,
        allowAutoTopicCreation,
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false,
      },
      { timeoutMs, connectTimeoutMs: timeouts.connectTimeoutMs, minVersion: FIRST_VERSION_WITH_NONE },
    );
    if (failed(response)) return response;
    const code = response.errorCode as ErrorCode;
    if (code !== Errors.NONE) {
      if (code === Errors.REBOOTSTRAP_REQUIRED) this.metadata.forgetBrokers();
      return new Failure(code, `${formatHostPort(place)} does not tell its cluster: ${errorText(code)}`);
    }
    return response;
  }

  #learn(response: MetadataResponse): void {
    const { clock } = this.#options.ports;
    this.metadata.apply(response);
    this.#learnedMs = clock.monotonicMs();
    this.#failures = 0;
    // Wrong metadata is asked for again and again until it is right: not in a hurry.
    this.#notBeforeMs = this.#learnedMs + this.#options.timeouts.retryBackoffMs;
  }
}

function topicFailure(topic: string, code: ErrorCode): Failure {
  return new Failure(code, `The topic "${topic}" can not be used: ${errorText(code)}`);
}

function shuffled<T>(items: readonly T[], random: ClientPorts['random']): T[] {
  const copy = [...items];
  for (let index = copy.length - 1; index > 0; index--) {
    const other = Math.floor(random.fraction() * (index + 1));
    [copy[index], copy[other]] = [copy[other]!, copy[index]!];
  }
  return copy;
}
