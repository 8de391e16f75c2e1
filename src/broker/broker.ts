import type { ListenerEndpoint } from '../controller/image/broker_registration.ts';
import type { MetadataDelta } from '../controller/image/metadata_delta.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import { MetadataPublisher } from '../controller/metadata_publisher.ts';
import { GroupCoordinator } from '../group/group_coordinator.ts';
import { API_TABLE } from '../handlers/api_table.ts';
import { AutoTopics } from '../handlers/auto_topics.ts';
import type { BrokerServices } from '../handlers/broker_services.ts';
import { ProducerIds } from '../handlers/producer_ids.ts';
import { ClientQuotas } from '../handlers/quotas/client_quotas.ts';
import { LogDirectories } from '../log/directories/log_directories.ts';
import { IndexCache } from '../log/index_cache.ts';
import type { LogServices } from '../log/log_types.ts';
import { OpenFiles } from '../log/open_files.ts';
import { TailCache } from '../log/tail_cache.ts';
import { AlterPartition } from '../messages/56_alter_partition.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asBrokerEpoch, type PartitionIndex, type Uuid } from '../model/ids.ts';
import type { Clock, Disk, Logger, Network, Random } from '../model/ports.ts';
import { GROUP_OFFSETS_TOPIC } from '../model/topic_name.ts';
import { randomUuid } from '../model/uuid.ts';
import { PeerClient } from '../peers/peer_client.ts';
import type { NodeIdentity } from '../raft/cluster_formation.ts';
import { KraftNode } from '../raft/kraft_node.ts';
import { FetchSessions } from '../replica/fetch_sessions.ts';
import type { Partition } from '../replica/partition.ts';
import { PartitionCoordinatorLog } from '../replica/partition_coordinator_log.ts';
import { ReplicaManager } from '../replica/replica_manager.ts';
import { ReplicaScrub } from '../replica/replica_scrub.ts';
import type { Configuration } from '../settings/configuration.ts';
import { DynamicSettings } from '../settings/dynamic_settings.ts';
import type { AdvertisedListener } from '../settings/listeners.ts';
import { SECURITY_PROTOCOLS } from '../settings/parsers.ts';
import { ActiveControllerChannel } from './active_controller_channel.ts';
import { BrokerLifecycle } from './broker_lifecycle.ts';
import type { BrokerParts } from './broker_parts.ts';
import { ControllerHost } from './controller_host.ts';
import { DirectoryReports } from './directory_reports.ts';
import { Listeners } from './listeners.ts';
import { MetadataApplier } from './metadata_applier.ts';
import { MetadataCluster } from './metadata_cluster.ts';
import { NeighbourWatch } from './neighbour_watch.ts';
import { QuorumLoss } from './quorum_loss.ts';
import { quorumOptions } from './quorum_options.ts';
import { RemoteController } from './remote_controller.ts';
import { RequestDispatcher } from './request_dispatcher.ts';
import { RequestStatistics } from './request_statistics.ts';

export interface BrokerPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly disk: Disk;
  readonly logger: Logger;
}

export interface BrokerOptions {
  readonly configuration: Configuration;
  readonly ports: BrokerPorts;
  /** The node can't go on: the host ends the process once {@link Broker.stop} is done. */
  readonly fatal: (failure: Failure) => void;
  /** Is given the rooms of the node before anything happens in them: for hosts that watch it. */
  readonly watch?: (services: BrokerServices) => void;
}

/** A listener that the node serves. */
export interface ServedListener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Fetch sessions that were not used for so long may be replaced (Kafka's fixed value). */
const SESSION_EVICTION_MS = 120_000;
/** How long a controlled shutdown may take until the node goes without it. */
const CONTROLLED_SHUTDOWN_MS = 10_000;
/** What is in flight gets so long to be answered before what only waits is told that the node goes. */
const GRACE_MS = 100;
const DRAIN_MS = 5_000;
const QUORUM_SHUTDOWN_MS = 2_000;
/** How long a change of in-sync replicas may take to be answered until it is sent again. */
const ALTER_PARTITION_TIMEOUT_MS = 5_000;
const NO_EPOCH = asBrokerEpoch(-1n);

/**
 * A node: broker, controller, or both. Puts the rooms together, starts them in the order of what each needs, and ends
 * them in the opposite one.
 *
 *     starting → running → stopping → stopped
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #node: DynamicSettings;
  readonly #listeners: Listeners;
  readonly #peers: PeerClient;
  readonly #fetchPeers: PeerClient;
  readonly #channel: ActiveControllerChannel;
  readonly #served: ServedListener[] = [];
  /** Of this run. */
  readonly #incarnationId: Uuid;
  #clusterKnown!: Promise<string>;
  #directories!: LogDirectories;
  #quorum!: KraftNode;
  #metadata!: MetadataPublisher;
  #cluster!: MetadataCluster;
  #replicas!: ReplicaManager;
  #reports!: DirectoryReports;
  #neighbours!: NeighbourWatch;
  #scrub: ReplicaScrub | undefined;
  #groups!: GroupCoordinator;
  #controllerHost: ControllerHost | undefined;
  #lifecycle: BrokerLifecycle | undefined;
  #services!: BrokerServices;
  #started: Promise<Failure | undefined> | undefined;
  readonly #requests: RequestStatistics;
  #isServing = false;
  #stopped: Promise<void> | undefined;
  /** Resolves when {@link stop} is called: what waits for other nodes waits no longer. */
  readonly #stopAsked: Promise<void>;
  #askToStop = () => {};

  constructor(options: BrokerOptions) {
    const { configuration, ports } = options;
    const { clock, logger, network, random } = ports;
    this.#options = options;
    this.#incarnationId = randomUuid(random);
    this.#requests = new RequestStatistics(clock);
    this.#stopAsked = new Promise(resolve => {
      this.#askToStop = resolve;
    });
    this.#node = new DynamicSettings(configuration);
    this.#listeners = new Listeners({
      network,
      clock,
      logger,
      settings: () => this.#node.current,
      // The ports are taken before the metadata is read: nobody has a quota until then.
      connected: host => this.#services?.quotas.connected(host) ?? 0,
      closed: connectionId => this.#controllerHost?.watch.connectionClosed(connectionId),
    });
    const clientId = `node-${this.nodeId}`;
    this.#peers = new PeerClient({ network, clock, clientId });
    this.#fetchPeers = new PeerClient({ network, clock, clientId });
    this.#channel = new ActiveControllerChannel({
      quorum: () => this.#quorum,
      controller: () => this.#controllerHost?.controller,
      remote: new RemoteController({ network, clock, clientId }),
      clock,
      handlers: API_TABLE,
      services: () => this.#services,
      metadataOffset: () => this.#metadata.image.lastOffset,
    });
  }

  /**
   * Starts a node; when it resolves, the node serves its clients.
   * @returns why it can't start
   */
  static async start(options: BrokerOptions): Promise<Broker | Failure> {
    const broker = new Broker(options);
    const failure = await broker.start();
    if (failure === undefined) return broker;
    await broker.stop();
    return failure;
  }

  get nodeId() {
    return this.#node.current.nodeId;
  }

  get clusterId(): string {
    return this.#directories.identity.clusterId ?? '';
  }

  /** Whether this node's controller decides for the cluster. */
  get isActiveController(): boolean {
    return this.#controllerHost?.controller.isActive === true;
  }

  /** What the cluster has decided, as far as this node knows. */
  get image(): MetadataImage {
    return this.#metadata.image;
  }

  /** Where the node listens. */
  get listeners(): readonly ServedListener[] {
    return this.#served;
  }

  /**
   * Starts the node; when it resolves, the node serves its clients. That takes until the quorum has a leader, so perhaps
   * for ever: {@link stop} ends it at any time.
   * @returns why it can't start
   */
  start(): Promise<Failure | undefined> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** The rooms of the node, for those who watch it; complete once it has started. */
  get parts(): BrokerParts {
    return {
      nodeId: this.nodeId,
      clusterId: this.clusterId,
      state: this.#stopped !== undefined ? 'stopping' : this.#isServing ? 'running' : 'starting',
      node: this.#node,
      metadata: this.#metadata,
      quorum: this.#quorum,
      controller: this.#controllerHost?.controller,
      channel: this.#channel,
      lifecycle: this.#lifecycle,
      replicas: this.#replicas,
      directories: this.#directories,
      listeners: this.#listeners,
      requests: this.#requests,
      peers: this.#peers,
      quorumPeers: this.#fetchPeers,
    };
  }

  async #start(): Promise<Failure | undefined> {
    let logServices: LogServices | undefined;
    const steps: readonly (() => Promise<Failure | undefined>)[] = [
      async () => {
        logServices = this.#makeLogServices();
        return await this.#openDirectories(logServices);
      },
      () => this.#listen(),
      () => this.#openQuorum(logServices!),
      () => this.#openController(),
      () => this.#join(),
    ];
    for (const step of steps) {
      const failure = await step();
      if (failure !== undefined) return failure;
      if (this.#stopped !== undefined)
        return new Failure(Errors.BROKER_NOT_AVAILABLE, 'The node was stopped');
    }
    this.#isServing = true;
    return undefined;
  }

  #makeLogServices(): LogServices {
    const { disk, clock, random, logger } = this.#options.ports;
    const files = new OpenFiles(disk);
    return { disk, clock, random, logger, files, indexCache: new IndexCache(), tailCache: new TailCache() };
  }

  async #openDirectories(logServices: LogServices): Promise<Failure | undefined> {
    const directories = await LogDirectories.open(logServices, {
      settings: this.#node,
      directoryFailed: (directory, failure) => this.#replicas?.directoryFailed(directory, failure),
      fatal: failure => this.#options.fatal(failure),
    });
    if (failed(directories)) return directories;
    this.#directories = directories;
    return undefined;
  }

  /** Who the node is, for the quorum; the node learns of its cluster at the same time. */
  #identity(): NodeIdentity {
    const { identity } = this.#directories;
    let known = (_clusterId: string) => {};
    this.#clusterKnown = new Promise(resolve => {
      known = resolve;
    });
    if (identity.clusterId !== undefined) known(identity.clusterId);
    return {
      nodeId: identity.nodeId,
      directoryId: identity.directoryId,
      clusterId: identity.clusterId,
      adoptClusterId: async clusterId => {
        const failure = await identity.adoptClusterId(clusterId);
        if (failure === undefined) known(clusterId);
        return failure;
      },
    };
  }

  /** Takes the ports; connections wait until the node can answer them. */
  async #listen(): Promise<Failure | undefined> {
    const { logger } = this.#options.ports;
    const services = () => this.#services;
    const dispatcher = new RequestDispatcher({
      handlers: API_TABLE,
      services,
      logger,
      clock: this.#options.ports.clock,
      statistics: this.#requests,
    });
    const { listeners, controllerListenerNames } = this.#node.current;
    for (const { name, host, port } of listeners) {
      const kind = controllerListenerNames.includes(name) ? 'controller' : 'broker';
      const opened = await this.#listeners.open({ name, kind, host, port }, dispatcher);
      if (failed(opened)) return opened;
      this.#served.push({ name, host, port: opened });
    }
    return undefined;
  }

  /** Opens the quorum's part of the node and what makes the metadata of it. */
  async #openQuorum(logServices: LogServices): Promise<Failure | undefined> {
    const { ports, fatal } = this.#options;
    const { metadataDirectory } = this.#directories;
    const options = await quorumOptions({
      settings: this.#node.current,
      identity: this.#identity(),
      directory: metadataDirectory,
      logServices,
      ports,
      peers: this.#peers,
      fetchPeers: this.#fetchPeers,
      listenerPorts: new Map(this.#served.map(({ name, port }) => [name, port])),
      diskFailed: error => this.#directories.diskFailed(metadataDirectory, error),
      fatal,
    });
    if (failed(options)) return options;
    const quorum = await KraftNode.open(options);
    if (failed(quorum)) return quorum;
    this.#quorum = quorum;
    const { clock, logger } = ports;
    this.#metadata = new MetadataPublisher({
      quorum,
      clock,
      logger,
      settings: {
        maxBytesBetweenSnapshots: this.#node.current.metadataLogMaxRecordBytesBetweenSnapshots,
        maxSnapshotIntervalMs: this.#node.current.metadataLogMaxSnapshotIntervalMs,
      },
      stop: fatal,
    });
    const settings = () => this.#node.current;
    this.#cluster = new MetadataCluster({
      cluster: () => this.#metadata.image.cluster,
      listenerName: () => settings().interBrokerListenerName,
    });
    this.#reports = new DirectoryReports({
      nodeId: this.nodeId,
      brokerEpoch: () => this.#lifecycle?.brokerEpoch ?? NO_EPOCH,
      image: () => this.#metadata.image,
      directoryIdOf: log => this.#directories.directoryIdOf(log),
      controller: this.#channel,
      clock,
      logger,
    });
    this.#replicas = new ReplicaManager({
      nodeId: this.nodeId,
      logs: this.#directories,
      clock,
      network: ports.network,
      logger,
      settings,
      cluster: this.#cluster,
      brokerEpoch: () => this.#lifecycle?.brokerEpoch ?? NO_EPOCH,
      isControllerSilent: () => (this.#lifecycle?.silentMs ?? 0) > this.#node.current.brokerSessionTimeoutMs,
      alterPartition: request => this.#channel.send(AlterPartition, request, ALTER_PARTITION_TIMEOUT_MS),
      opened: partition => this.#reports.opened(partition),
      leadershipChanged: partition => this.#leadershipChanged(partition),
      leadershipDoubted: ({ topic, index }) => {
        if (topic === GROUP_OFFSETS_TOPIC) this.#groups.doubted(index);
      },
    });
    this.#neighbours = new NeighbourWatch({
      nodeId: this.nodeId,
      listenerName: () => settings().interBrokerListenerName,
      network: ports.network,
      clock,
      clientId: `node-${this.nodeId}`,
      traffic: this.#peers.traffic,
    });
    this.#groups = this.#makeGroups();
    this.#services = this.#makeServices();
    this.#options.watch?.(this.#services);
    this.#metadata.subscribe(
      new MetadataApplier({
        nodeId: this.nodeId,
        incarnationId: this.#incarnationId,
        node: this.#node,
        replicas: this.#replicas,
        logger,
        topicsDeleted: topics => this.#groups.topicsDeleted(topics),
      }),
    );
    if (this.#node.current.roles.includes('broker')) this.#metadata.subscribe(this.#neighbours);
    this.#metadata.start();
    quorum.start();
    this.#listeners.serve('controller');
    return undefined;
  }

  /** Waits for the node to belong to a cluster, and has its controller take part. */
  async #openController(): Promise<Failure | undefined> {
    const clusterId = await Promise.race([this.#clusterKnown, this.#stopAsked]);
    if (clusterId === undefined) return undefined;
    const failure = this.#node.current.roles.includes('controller')
      ? await this.#makeController(clusterId)
      : undefined;
    // Behind those who act on the metadata, so that who waits for a change finds that this node has made it.
    this.#metadata.subscribe({
      metadataChanged: delta => {
        this.#channel.metadataChanged();
        if (this.#isFencedBy(delta)) this.#lifecycle?.showUp();
      },
      leaderChanged: () => {
        this.#channel.leaderChanged();
        this.#lifecycle?.showUp();
      },
    });
    return failure;
  }

  /** Whether the cluster takes this broker for gone, as of this change. */
  #isFencedBy({ brokers }: MetadataDelta): boolean {
    const change = brokers.get(this.nodeId);
    return change?.after?.fenced === true && change.before?.fenced !== true;
  }

  async #makeController(clusterId: string): Promise<Failure | undefined> {
    const host = await ControllerHost.open({
      ports: this.#options.ports,
      clusterId,
      incarnationId: this.#incarnationId,
      node: this.#node,
      quorum: this.#quorum,
      metadata: this.#metadata,
      metadataDirectory: this.#directories.metadataDirectory,
      listeners: this.#reachableAt(this.#node.current.advertisedControllerListeners),
      channel: this.#channel,
      peers: this.#peers,
    });
    if (failed(host)) return host;
    this.#controllerHost = host;
    return undefined;
  }

  /** Registers the broker, opens its logs, and waits until it may serve. */
  async #join(): Promise<Failure | undefined> {
    this.#directories.start();
    if (!this.#node.current.roles.includes('broker')) return undefined;
    const { clock, logger } = this.#options.ports;
    const { advertisedListeners, brokerRack } = this.#node.current;
    const lifecycle = new BrokerLifecycle({
      nodeId: this.nodeId,
      clusterId: this.clusterId,
      incarnationId: this.#incarnationId,
      listeners: this.#reachableAt(advertisedListeners),
      rack: brokerRack ?? null,
      directories: this.#directories.onlineDirectoryIds,
      previousBrokerEpoch: () => this.#directories.previousBrokerEpoch,
      wholeLogs: () => this.#directories.wholeLogs(),
      controller: this.#channel,
      clock,
      logger,
      heartbeatIntervalMs: () => this.#node.current.brokerHeartbeatIntervalMs,
      metadataOffset: () => this.#metadata.image.lastOffset,
      offlineDirectories: () => this.#directories.offlineDirectoryIds,
    });
    this.#lifecycle = lifecycle;
    await Promise.race([this.#serveWhenRegistered(lifecycle), this.#stopAsked]);
    return undefined;
  }

  async #serveWhenRegistered(lifecycle: BrokerLifecycle): Promise<void> {
    // The registration says which logs are whole: they are open by then, and a log is as soon as the metadata has it.
    await this.#metadataKnown(() => true);
    await this.#replicas.settled();
    await this.#directories.setAsideStrays((topic, index) => this.#assignedTopicId(topic, index));
    await lifecycle.start();
    if (lifecycle.brokerEpoch < 0n) return;
    void this.#directories.registered();
    // What it knows may be older, and have it lead, with a disk that is another by now: clients would take its word.
    await this.#metadataKnown(
      ({ cluster }) => cluster.brokers.get(this.nodeId)?.incarnationId === this.#incarnationId,
    );
    this.#reports.registered();
    this.#startScrub();
    await this.#replicas.settled();
    this.#listeners.serve('broker');
    lifecycle.ready();
    await lifecycle.running();
  }

  /** The id of the topic, if the metadata has a replica of the partition here. */
  #assignedTopicId(topic: string, index: PartitionIndex): Uuid | undefined {
    const known = this.#metadata.image.topics.byName(topic);
    return known?.partitions[index]?.replicas.includes(this.nodeId) === true ? known.id : undefined;
  }

  /** Resolves when this node has acted on metadata of which the condition holds. */
  #metadataKnown(condition: (image: MetadataImage) => boolean): Promise<void> {
    return new Promise(resolve => {
      let isKnown = false;
      this.#metadata.subscribe({
        metadataChanged: (_, image) => {
          isKnown ||= condition(image);
          if (isKnown) resolve();
        },
      });
    });
  }

  #startScrub(): void {
    const { clock, logger } = this.#options.ports;
    this.#scrub = new ReplicaScrub({
      nodeId: this.nodeId,
      partitions: () => this.#replicas.partitions(),
      cluster: this.#cluster,
      peers: this.#peers,
      clock,
      logger,
      settings: () => this.#node.current,
    });
    this.#scrub.start();
  }

  /** Listeners as other nodes are told of them. */
  #reachableAt(listeners: readonly AdvertisedListener[]): ListenerEndpoint[] {
    return listeners.map(({ name, host, port, securityProtocol }) => ({
      name,
      host,
      port: port === 0 ? (this.#served.find(each => each.name === name)?.port ?? 0) : port,
      securityProtocol: SECURITY_PROTOCOLS.indexOf(securityProtocol),
    }));
  }

  #makeGroups(): GroupCoordinator {
    const { clock, random, logger } = this.#options.ports;
    const topics = () => this.#metadata.image.topics;
    return new GroupCoordinator({
      log: new PartitionCoordinatorLog(GROUP_OFFSETS_TOPIC, this.#replicas, {
        loadBufferBytes: this.#node.current.offsetsLoadBufferSize,
        mend: partition => void this.#scrub?.scrub(partition),
      }),
      clock,
      random,
      logger,
      settings: () => this.#node.current,
      partitionCount: () => topics().byName(GROUP_OFFSETS_TOPIC)?.partitions.length ?? 0,
      topicIdOf: topic => topics().byName(topic)?.id,
    });
  }

  /** What this broker coordinates follows from what it leads. */
  #leadershipChanged({ topic, index, isLeader, leaderEpoch }: Partition): void {
    if (topic !== GROUP_OFFSETS_TOPIC) return;
    if (isLeader) this.#groups.lead(index, leaderEpoch);
    else this.#groups.resign(index);
  }

  #makeServices(): BrokerServices {
    const { clock, random, logger } = this.#options.ports;
    const broker = this;
    const controller = this.#channel;
    return {
      nodeId: this.nodeId,
      get clusterId() {
        return broker.clusterId;
      },
      get settings() {
        return broker.#node.current;
      },
      node: this.#node,
      clock,
      random,
      logger,
      metadata: this.#metadata,
      directories: this.#directories,
      cluster: this.#cluster,
      replicas: this.#replicas,
      groups: this.#groups,
      fetchSessions: new FetchSessions({
        random,
        maxSessions: this.#node.current.maxIncrementalFetchSessionCacheSlots,
        evictionMs: SESSION_EVICTION_MS,
      }),
      controller,
      neighbours: this.#neighbours,
      get heartbeats() {
        return broker.#controllerHost?.watch;
      },
      autoTopics: new AutoTopics({
        controller,
        settings: () => this.#node.current,
        brokerCount: () =>
          Math.max(this.#metadata.image.cluster.brokers.size, this.#quorum.status.voters.voters.length),
        settled: async () => {
          await controller.caughtUp();
          await this.#replicas.settled();
        },
        isKnown: topic => this.#metadata.image.topics.byName(topic) !== undefined,
      }),
      producerIds: new ProducerIds({
        nodeId: this.nodeId,
        brokerEpoch: () => this.#lifecycle!.brokerEpoch,
        controller,
      }),
      quotas: new ClientQuotas({
        clock,
        image: () => this.#metadata.image.clientQuotas,
        windows: () => this.#node.current,
      }),
      quorum: this.#quorum,
      handlers: API_TABLE,
    };
  }

  /** Ends the node in order: nothing that was acknowledged is in memory alone afterwards. May be called twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    this.#askToStop();
    return this.#stopped;
  }

  /** Has others lead what this node leads: partitions first, then the quorum. */
  async #handOver(): Promise<void> {
    const quorum = this.#quorum;
    if (quorum === undefined) return;
    const { clock } = this.#options.ports;
    const loss = new QuorumLoss({ quorum, peers: this.#peers, clock });
    const lost = loss.happens();
    await Promise.race([this.#lifecycle?.drain(CONTROLLED_SHUTDOWN_MS), lost]);
    this.#lifecycle?.stop();
    // The cluster has its next controller before this node stops to answer.
    await Promise.race([quorum.shutdown(QUORUM_SHUTDOWN_MS), lost]);
    loss.stop();
    await quorum.close();
    this.#controllerHost?.stop();
  }

  async #stop(): Promise<void> {
    await this.#started;
    const { clock, logger } = this.#options.ports;
    const brokerEpoch = this.#lifecycle?.brokerEpoch;
    await this.#handOver();
    await this.#listeners.stopAccepting();
    const drained = this.#listeners.drain(DRAIN_MS);
    const grace = new Promise<void>(resolve => {
      clock.startTimer(GRACE_MS, resolve);
    });
    await Promise.race([drained, grace]);
    this.#replicas?.close();
    await drained;
    this.#reports?.stop();
    this.#scrub?.stop();
    this.#channel.close();
    this.#neighbours?.close();
    this.#peers.close();
    this.#fetchPeers.close();
    const report = await this.#directories?.close({ brokerEpoch: brokerEpoch ?? NO_EPOCH });
    for (const { name, failure } of report?.unclosed ?? []) {
      logger.error('A log could not be closed in order: it is checked at the next start', {
        log: name,
        error: failure.toString(),
      });
    }
  }
}
