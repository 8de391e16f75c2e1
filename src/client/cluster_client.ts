import { FindCoordinator, type FindCoordinatorResponse } from '../messages/10_find_coordinator.ts';
import { type ErrorCode, Errors, errorText, isRetriable } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { NO_NODE, type NodeId } from '../model/ids.ts';
import { PeerClient } from '../peers/peer_client.ts';
import type { RequestOf } from '../peers/peer_connection.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import type { Api, MessageOf } from '../protocol/schema.ts';
import { type ClientTimeouts, type ClusterClientOptions, DEFAULT_TIMEOUTS } from './client_options.ts';
import type { ClusterMetadata } from './cluster_metadata.ts';
import { MetadataKeeper } from './metadata_keeper.ts';
import { backoffMs, Deadline, pause } from './retries.ts';
import { partitionKey, type TopicPartition } from './topic_partition.ts';

/** What a coordinator coordinates. */
export interface CoordinatorKey {
  readonly type: 'group' | 'transaction';
  readonly key: string;
}

/** Which node a request is for. */
export type Target =
  /** Any broker. */
  | 'any'
  /** The broker that passes on what is for the controller. */
  | 'controller'
  | { readonly node: NodeId }
  | { readonly leaderOf: TopicPartition }
  | { readonly coordinatorOf: CoordinatorKey };

export interface RequestOptions<A extends Api> {
  /** All tries together; `default.api.timeout.ms` without it. */
  readonly timeoutMs?: number;
  /** One try, where a node may park the request: longer than `request.timeout.ms`. */
  readonly attemptTimeoutMs?: number;
  readonly minVersion?: number;
  readonly maxVersion?: number;
  /**
   * The error of the whole response, if it has one: it makes the request fail, after retries when they can help.
   * Without it the response comes back whatever it says.
   */
  readonly errorOf?: (response: MessageOf<A['response']>) => Failure | undefined;
  /** Asked before each retry: whether somebody still wants the response. */
  readonly isWanted?: () => boolean;
  /** Over which connections; those of the client without it. */
  readonly lane?: PeerClient;
}

const COORDINATOR_TYPES = { group: 0, transaction: 1 } as const;
/** From this version on FindCoordinator asks for several keys. */
const FIRST_VERSION_WITH_KEYS = 4;

/**
 * A client of a cluster: knows who its brokers are and who leads what, and brings requests to the right one, again
 * when that helps. Speaks with each broker in the newest version that both know.
 */
export class ClusterClient {
  readonly timeouts: ClientTimeouts;
  readonly ports: ClusterClientOptions['ports'];
  readonly #options: ClusterClientOptions;
  readonly #lane: PeerClient;
  readonly #lanes = new Set<PeerClient>();
  readonly #keeper: MetadataKeeper;
  /** Of the keys that were asked for; as many as the program has groups and transactional ids. */
  readonly #coordinators = new Map<string, NodeId>();
  #isClosed = false;

  constructor(options: ClusterClientOptions) {
    this.#options = options;
    this.ports = options.ports;
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
    this.#lane = this.openLane();
    this.#keeper = new MetadataKeeper({
      ports: options.ports,
      timeouts: this.timeouts,
      bootstrapServers: options.bootstrapServers,
      allowAutoTopicCreation: options.allowAutoTopicCreation ?? false,
      lane: this.#lane,
    });
  }

  get clientId(): string {
    return this.#options.clientId;
  }

  /** What is known now; changes in place. */
  get metadata(): ClusterMetadata {
    return this.#keeper.metadata;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Connections of one's own, closed with the client: for requests that are parked long, since a node answers those
   * of one connection in order.
   */
  openLane(): PeerClient {
    const { clock, network } = this.ports;
    const lane = new PeerClient({ clock, network, clientId: this.#options.clientId });
    this.#lanes.add(lane);
    return lane;
  }

  closeLane(lane: PeerClient): void {
    lane.close();
    this.#lanes.delete(lane);
  }

  /** Closes every connection; what is under way fails, and nothing is tried again. */
  close(): void {
    this.#isClosed = true;
    this.#keeper.close();
    for (const lane of this.#lanes) lane.close();
    this.#lanes.clear();
  }

  /**
   * Asks the bootstrap servers for the cluster, each once: for programs that want to tell their user at once when
   * there is none.
   */
  async connect(timeoutMs: number): Promise<Failure | undefined> {
    return await this.#keeper.refreshOnce(new Deadline(this.ports.clock, timeoutMs));
  }

  /** Asks for what is known anew, as soon as the wait between two such requests allows. */
  async refreshMetadata(timeoutMs = this.timeouts.apiTimeoutMs): Promise<Failure | undefined> {
    return await this.#keeper.refresh(new Deadline(this.ports.clock, timeoutMs));
  }

  /** For what goes on long: asks anew where what is known is old (`metadata.max.age.ms`). */
  async refreshOldMetadata(): Promise<void> {
    await this.#keeper.refreshIfOld();
  }

  /** Asks for all topics. */
  async refreshAllTopics(timeoutMs = this.timeouts.apiTimeoutMs): Promise<Failure | undefined> {
    return await this.#keeper.refreshAllTopics(new Deadline(this.ports.clock, timeoutMs));
  }

  /** Has metadata of the topic from now on, until {@link forgetTopic}. */
  watchTopic(topic: string): void {
    this.#keeper.watch(topic);
  }

  forgetTopic(topic: string): void {
    this.#keeper.forget(topic);
  }

  /**
   * Waits until the topic is known with its partitions.
   * @returns why it is not: UNKNOWN_TOPIC_OR_PARTITION when it was not there until the time was over
   */
  async waitForTopic(topic: string, timeoutMs = this.timeouts.apiTimeoutMs): Promise<Failure | undefined> {
    return await this.#keeper.waitForTopic(topic, new Deadline(this.ports.clock, timeoutMs));
  }

  /** Sends a request to its node and waits for the response; again while that can help and the time lasts. */
  async request<A extends Api>(
    target: Target,
    api: A,
    request: RequestOf<A>,
    options: RequestOptions<A> = {},
  ): Promise<MessageOf<A['response']> | Failure> {
    const { clock, random } = this.ports;
    const deadline = new Deadline(clock, options.timeoutMs ?? this.timeouts.apiTimeoutMs);
    for (let failures = 1; ; failures++) {
      const response = await this.#attempt(target, api, request, { ...options, deadline });
      const failure = failed(response) ? response : options.errorOf?.(response);
      if (failure === undefined) return response;
      if (this.#isClosed || deadline.isOver || !this.#mayHelp(target, failure.code)) return failure;
      if (options.isWanted?.() === false) return failure;
      this.#distrust(target);
      const waitMs = backoffMs(failures, this.timeouts, random);
      // The last answer says more than that the time is over.
      if (waitMs >= deadline.leftMs) return failure;
      await pause(clock, waitMs);
    }
  }

  async #attempt<A extends Api>(
    target: Target,
    api: A,
    request: RequestOf<A>,
    options: RequestOptions<A> & { readonly deadline: Deadline },
  ): Promise<MessageOf<A['response']> | Failure> {
    const { deadline, attemptTimeoutMs, lane = this.#lane, maxVersion, minVersion } = options;
    const endpoint = await this.locate(target, deadline);
    if (failed(endpoint)) return endpoint;
    const { connectTimeoutMs, requestTimeoutMs } = this.timeouts;
    return await lane.send(endpoint, api, request, {
      timeoutMs: Math.max(1, Math.min(attemptTimeoutMs ?? requestTimeoutMs, deadline.leftMs)),
      connectTimeoutMs,
      ...(minVersion !== undefined && { minVersion }),
      ...(maxVersion !== undefined && { maxVersion }),
    });
  }

  /** Sends a request once to a place that {@link locate} found. */
  async requestOnce<A extends Api>(
    endpoint: Endpoint,
    api: A,
    request: RequestOf<A>,
    timeoutMs: number,
  ): Promise<MessageOf<A['response']> | Failure> {
    const { connectTimeoutMs } = this.timeouts;
    return await this.#lane.send(endpoint, api, request, { timeoutMs, connectTimeoutMs });
  }

  /** Finds out where a request has to go. */
  async locate(target: Target, deadline: Deadline): Promise<Endpoint | Failure> {
    if (target === 'any') return await this.#keeper.anyBroker(deadline);
    if (target === 'controller') return await this.#controller(deadline);
    if ('node' in target) return await this.#node(target.node, deadline);
    if ('leaderOf' in target) return await this.#leader(target.leaderOf, deadline);
    return await this.#coordinator(target.coordinatorOf, deadline);
  }

  async #node(nodeId: NodeId, deadline: Deadline): Promise<Endpoint | Failure> {
    const known = this.metadata.brokers.get(nodeId);
    if (known !== undefined) return known;
    const failure = await this.#keeper.refresh(deadline);
    if (failure !== undefined) return failure;
    return (
      this.metadata.brokers.get(nodeId) ??
      new Failure(
        Errors.BROKER_NOT_AVAILABLE,
        `There is no broker ${nodeId}: the cluster has ${[...this.metadata.brokers.keys()].join(', ')}`,
      )
    );
  }

  async #controller(deadline: Deadline): Promise<Endpoint | Failure> {
    const known = this.metadata.brokers.get(this.metadata.controllerId);
    if (known !== undefined) return known;
    const failure = await this.#keeper.refresh(deadline);
    if (failure !== undefined) return failure;
    // Any broker passes it on.
    return this.metadata.brokers.get(this.metadata.controllerId) ?? (await this.#keeper.anyBroker(deadline));
  }

  async #leader(partition: TopicPartition, deadline: Deadline): Promise<Endpoint | Failure> {
    this.#keeper.watch(partition.topic);
    const known = this.#leaderNode(partition);
    if (known !== undefined) return known;
    const failure =
      (await this.#keeper.waitForTopic(partition.topic, deadline)) ??
      (this.#leaderNode(partition) === undefined ? await this.#keeper.refresh(deadline) : undefined);
    if (failure !== undefined) return failure;
    return (
      this.#leaderNode(partition) ??
      new Failure(
        this.metadata.partition(partition) === undefined
          ? Errors.UNKNOWN_TOPIC_OR_PARTITION
          : Errors.LEADER_NOT_AVAILABLE,
        this.metadata.partition(partition) === undefined
          ? `There is no partition ${partitionKey(partition)}: the topic has ${this.metadata.topic(partition.topic)?.partitions.length ?? 0}`
          : `The partition ${partitionKey(partition)} has no leader at the moment`,
      )
    );
  }

  #leaderNode(partition: TopicPartition): Endpoint | undefined {
    const leader = this.metadata.partition(partition)?.leader;
    return leader === undefined ? undefined : this.metadata.brokers.get(leader);
  }

  /** The broker that coordinates a group or a transactional id. */
  async findCoordinator(
    { type, key }: CoordinatorKey,
    deadline = new Deadline(this.ports.clock, this.timeouts.requestTimeoutMs),
  ): Promise<NodeId | Failure> {
    const known = this.#coordinators.get(`${type}:${key}`);
    if (known !== undefined) return known;
    const keyType = COORDINATOR_TYPES[type];
    const response = await this.#attempt(
      'any',
      FindCoordinator,
      version =>
        version >= FIRST_VERSION_WITH_KEYS
          ? { key: '', keyType, coordinatorKeys: [key] }
          : { key, keyType, coordinatorKeys: [] },
      { deadline },
    );
    if (failed(response)) return response;
    const found = coordinatorIn(response, { type, key });
    if (failed(found)) return found;
    this.metadata.learnBrokers([{ ...found, rack: this.metadata.brokers.get(found.nodeId)?.rack ?? null }]);
    this.#coordinators.set(`${type}:${key}`, found.nodeId);
    return found.nodeId;
  }

  async #coordinator(key: CoordinatorKey, deadline: Deadline): Promise<Endpoint | Failure> {
    const nodeId = await this.findCoordinator(key, deadline);
    return failed(nodeId) ? nodeId : await this.#node(nodeId, deadline);
  }

  /** Whether a try after this failure may go better. */
  #mayHelp(target: Target, code: ErrorCode): boolean {
    // A broker that is not registered now may come back; a request to it is for it alone.
    if (code === Errors.BROKER_NOT_AVAILABLE) return typeof target === 'object' && !('node' in target);
    return isRetriable(code);
  }

  /** What was known of the target may be why the request failed. */
  #distrust(target: Target): void {
    if (typeof target === 'object' && 'coordinatorOf' in target) this.forgetCoordinator(target.coordinatorOf);
    this.#keeper.markStale();
  }

  forgetCoordinator({ type, key }: CoordinatorKey): void {
    this.#coordinators.delete(`${type}:${key}`);
  }

  /** Has the metadata asked for anew before it is used for the next decision. */
  markMetadataStale(): void {
    this.#keeper.markStale();
  }
}

function coordinatorIn(
  response: FindCoordinatorResponse,
  { type, key }: CoordinatorKey,
): { nodeId: NodeId; host: string; port: number } | Failure {
  const found = response.coordinators.find(each => each.key === key) ?? response;
  const code = found.errorCode as ErrorCode;
  if (code !== Errors.NONE) {
    const why = found.errorMessage ?? errorText(code);
    return new Failure(code, `There is no coordinator of the ${type} "${key}": ${why}`);
  }
  const { host, nodeId, port } = found;
  if (nodeId === NO_NODE) {
    return new Failure(Errors.COORDINATOR_NOT_AVAILABLE, `There is no coordinator of the ${type} "${key}"`);
  }
  return { nodeId: nodeId as NodeId, host, port };
}
