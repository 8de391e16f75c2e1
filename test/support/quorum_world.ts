import assert from 'node:assert/strict';
import { IndexCache } from '../../src/log/index_cache.ts';
import { OpenFiles } from '../../src/log/open_files.ts';
import { TailCache } from '../../src/log/tail_cache.ts';
import { Fetch } from '../../src/messages/01_fetch.ts';
import { ApiVersions } from '../../src/messages/18_api_versions.ts';
import { Vote } from '../../src/messages/52_vote.ts';
import { BeginQuorumEpoch } from '../../src/messages/53_begin_quorum_epoch.ts';
import { EndQuorumEpoch } from '../../src/messages/54_end_quorum_epoch.ts';
import { FetchSnapshot } from '../../src/messages/59_fetch_snapshot.ts';
import { DescribeCluster } from '../../src/messages/60_describe_cluster.ts';
import { AddRaftVoter } from '../../src/messages/80_add_raft_voter.ts';
import { RemoveRaftVoter } from '../../src/messages/81_remove_raft_voter.ts';
import { UpdateRaftVoter } from '../../src/messages/82_update_raft_voter.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { asNodeId, type Uuid } from '../../src/model/ids.ts';
import type { Logger } from '../../src/model/ports.ts';
import { randomUuid } from '../../src/model/uuid.ts';
import type { Endpoint, PeerSender, ProbeResult, SendOptions } from '../../src/peers/peer_sender.ts';
import { decode, encodeToBuffer } from '../../src/protocol/codec.ts';
import type { Api, MessageInput, MessageOf } from '../../src/protocol/schema.ts';
import { parseVersions } from '../../src/protocol/versions.ts';
import { KraftNode, type KraftNodeOptions } from '../../src/raft/kraft_node.ts';
import type {
  CommittedBatch,
  LeaderAndEpoch,
  QuorumListener,
  SnapshotId,
} from '../../src/raft/metadata_quorum.ts';
import { PartitionMetadataLog } from '../../src/raft/partition_metadata_log.ts';
import { DEFAULT_QUORUM_SETTINGS, type QuorumSettings } from '../../src/raft/quorum_settings.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedDisk } from '../../src/simulation/simulated_disk.ts';
import type { SimulatedMount } from '../../src/simulation/simulated_mount.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { MemoryLogDisk, MemoryMetadataLog } from './memory_metadata_log.ts';
import { MirroredMetadataLog } from './mirrored_metadata_log.ts';
import { QuorumChecker } from './quorum_checker.ts';

const LISTENER = 'CONTROLLER';
const PORT = 9093;
const DIRECTORY = '/data/__cluster_metadata-0';

export interface WorldOptions {
  readonly seed?: number;
  /** Nodes 1 to so many are the voters of controller.quorum.voters. */
  readonly voters: number;
  /** Nodes from 101 on. */
  readonly observers?: number;
  /** Whether observers have the controller role, and ask to become voters. */
  readonly autoJoin?: boolean;
  /** The cluster id that Kafka's formatter gave all directories (and static voters, kraft.version 0). */
  readonly formattedAs?: string;
  readonly settings?: Partial<QuorumSettings>;
  readonly syncMs?: number;
  readonly latencyMs?: number;
  /** The share of reads of the log that give one batch only. */
  readonly shortReads?: number;
  /** Whether the log is in Kafka's files on the simulated disk, and not in memory. */
  readonly hasFiles?: boolean;
}

/** Timeouts that make much happen in little time. */
const QUICK: QuorumSettings = {
  ...DEFAULT_QUORUM_SETTINGS,
  electionTimeoutMs: 100,
  electionBackoffMaxMs: 100,
  fetchTimeoutMs: 200,
  requestTimeoutMs: 200,
  retryBackoffMs: 5,
  retention: { maxBytes: 0, maxAgeMs: -1 },
};

/** A message that goes from one node to another, for transcripts. */
export interface Sent {
  readonly from: number;
  readonly to: number;
  readonly api: Api;
  readonly request: unknown;
}

/** Machines with a quorum's nodes, the network between them, and everything that can go wrong with both. */
export class QuorumWorld {
  readonly time = new SimulatedTime();
  readonly random: SeededRandom;
  readonly checker = new QuorumChecker();
  readonly options: WorldOptions;
  readonly settings: QuorumSettings;
  readonly members = new Map<number, QuorumMember>();
  /** Directions in which nothing gets through: `from>to`. */
  readonly blocked = new Set<string>();
  /** Directions in which connections are refused, as by a firewall: `from>to`. */
  readonly refused = new Set<string>();
  /** The share of messages that get lost. */
  loss = 0;
  /** The share of messages that come much later than those behind them. */
  delayed = 0;
  /** Told of every request that is sent. */
  onSend: ((sent: Sent) => void) | undefined;
  #error: unknown;
  /** Told of every log line. */
  onLog:
    | ((member: QuorumMember, message: string, fields: Readonly<Record<string, unknown>>) => void)
    | undefined;

  constructor(options: WorldOptions) {
    this.options = options;
    this.random = new SeededRandom(options.seed ?? 1);
    this.settings = { ...QUICK, autoJoin: options.autoJoin === true, ...options.settings };
    for (let id = 1; id <= options.voters; id++) this.members.set(id, new QuorumMember(this, id));
    for (let id = 101; id <= 100 + (options.observers ?? 0); id++)
      this.members.set(id, new QuorumMember(this, id));
  }

  get all(): readonly QuorumMember[] {
    return [...this.members.values()];
  }

  get running(): readonly QuorumMember[] {
    return this.all.filter(member => member.isRunning);
  }

  member(id: number): QuorumMember {
    const member = this.members.get(id);
    assert(member !== undefined);
    return member;
  }

  async startAll(): Promise<void> {
    const launches = this.all.filter(member => !member.isRunning).map(member => member.launch());
    await this.time.run(Promise.all(launches));
  }

  /** The member that leads in the highest epoch, if its state machine knows that it does. */
  get leader(): QuorumMember | undefined {
    const leaders = this.running.filter(member => member.leads);
    return leaders.sort((left, right) => right.node.leaderAndEpoch.epoch - left.node.leaderAndEpoch.epoch)[0];
  }

  async untilLeader(limitMs = 10_000): Promise<QuorumMember> {
    await this.until(() => this.leader !== undefined, limitMs);
    return this.leader!;
  }

  /** Proposes values by the leader and waits until everybody that runs was told; returns the last offset. */
  async commit(...values: string[]): Promise<bigint> {
    const leader = await this.untilLeader();
    const offset = leader.node.propose(
      leader.node.leaderAndEpoch.epoch,
      values.map(value => Buffer.from(value)),
    );
    assert(!failed(offset), String(offset));
    await this.until(() => this.running.every(member => member.listener.end > offset));
    return offset;
  }

  /** Runs until the condition holds, checking after every event. */
  async until(condition: () => boolean, limitMs = 10_000): Promise<void> {
    await this.time.runUntil(
      () => {
        this.#check();
        return condition();
      },
      { limitMs },
    );
  }

  async advance(ms: number): Promise<void> {
    const endMs = this.time.nowMs + ms;
    let isOver = false;
    this.time.schedule(ms, () => {
      isOver = true;
    });
    await this.until(() => isOver, ms + 1);
    assert(this.time.nowMs >= endMs);
  }

  /** Remembers what went wrong where nobody waits for it. */
  failed(error: unknown): void {
    this.#error ??= error;
  }

  /** After every event. */
  #check(): void {
    if (this.#error !== undefined) throw this.#error;
    for (const member of this.members.values()) if (member.isRunning) member.check();
  }

  /** Cuts the groups off from each other; who is in none goes on with all. */
  partition(...groups: readonly (readonly number[])[]): void {
    for (const left of groups) {
      for (const right of groups) {
        if (left !== right)
          for (const from of left) for (const to of right) this.blocked.add(`${from}>${to}`);
      }
    }
  }

  heal(): void {
    this.blocked.clear();
    this.refused.clear();
    this.loss = 0;
    this.delayed = 0;
  }

  passes(from: number, to: number): boolean {
    return !this.blocked.has(`${from}>${to}`) && !(this.loss > 0 && this.random.chance(this.loss));
  }

  latencyMs(): number {
    const latencyMs = (this.options.latencyMs ?? 1) * (0.5 + this.random.fraction());
    return this.delayed > 0 && this.random.chance(this.delayed)
      ? latencyMs + 200 * this.random.fraction()
      : latencyMs;
  }

  memberAt(endpoint: Endpoint): QuorumMember | undefined {
    return this.members.get(Number(endpoint.host.slice(1)));
  }
}

/** Another implementation of the same. */
export type HandlerOf<A extends Api> = (
  request: MessageOf<A['request']>,
  version: number,
) => MessageInput<A['response']> | Promise<MessageInput<A['response']>>;

interface Process {
  readonly clock: SimulatedClock;
  readonly disk: SimulatedMount;
  readonly node: KraftNode;
  readonly listener: MemberListener;
  /** Called when the process dies: connections to it break. */
  readonly deaths: Set<() => void>;
}

/** One machine: its disk, and the process that runs on it if one does. */
export class QuorumMember {
  readonly id: number;
  readonly world: QuorumWorld;
  readonly #random: SeededRandom;
  readonly endpoint: Endpoint;
  device: SimulatedDisk;
  readonly log = new MemoryLogDisk();
  directoryId: Uuid;
  clusterId: string | undefined;
  process: Process | undefined;
  #launching: Pick<Process, 'clock' | 'disk'> | undefined;
  /** Whether the power is off: nothing answers, not even with a refusal. */
  isDark = false;
  failure: Failure | undefined;
  /** Other settings than the world's. */
  overrides: Partial<KraftNodeOptions> = {};
  #highWatermark = -1n;
  #epoch = -1;

  constructor(world: QuorumWorld, id: number) {
    this.world = world;
    this.id = id;
    this.#random = world.random.fork();
    this.endpoint = { host: `n${id}`, port: PORT };
    this.device = this.#newDevice();
    this.directoryId = randomUuid(this.#random);
    this.clusterId = world.options.formattedAs;
  }

  #newDevice(): SimulatedDisk {
    const { time, options } = this.world;
    return new SimulatedDisk({ time, random: this.#random.fork(), syncMs: options.syncMs ?? 1 });
  }

  get isRunning(): boolean {
    return this.process !== undefined;
  }

  /** Whether a process runs, or is about to. */
  get isUp(): boolean {
    return this.process !== undefined || this.#launching !== undefined;
  }

  get node(): KraftNode {
    assert(this.process !== undefined, `node ${this.id} is not running`);
    return this.process.node;
  }

  get listener(): MemberListener {
    assert(this.process !== undefined, `node ${this.id} is not running`);
    return this.process.listener;
  }

  get leads(): boolean {
    return this.process !== undefined && this.process.listener.leader?.leaderId === this.id;
  }

  get replica(): string {
    return `${this.id}@${this.directoryId}`;
  }

  async start(): Promise<void> {
    await this.world.time.run(this.launch());
  }

  /** Begins to start a process; resolves when it runs, and never if it dies before. */
  async launch(): Promise<void> {
    assert(this.process === undefined && this.#launching === undefined, `node ${this.id} is running`);
    this.isDark = false;
    this.failure = undefined;
    const clock = new SimulatedClock(this.world.time);
    const disk = this.device.mount(clock);
    this.#launching = { clock, disk };
    disk.makeDirectory(DIRECTORY);
    await disk.syncDirectory('/');
    const deaths = new Set<() => void>();
    const random = this.#random.fork();
    const peers = new WorldPeers(this, clock);
    const { syncMs = 1, shortReads = 0 } = this.world.options;
    const checker = this.world.checker;
    const log =
      this.world.options.hasFiles === true
        ? await this.#openFiles({ clock, disk, random })
        : new CheckedMetadataLog(this.log, { clock, random, syncMs, shortReads }, checker);
    const node = await KraftNode.open({
      identity: {
        nodeId: asNodeId(this.id),
        directoryId: this.directoryId,
        clusterId: this.clusterId,
        adoptClusterId: clusterId =>
          new Promise(resolve => {
            clock.startTimer(syncMs * random.fraction(), () => {
              this.clusterId = clusterId;
              resolve(undefined);
            });
          }),
      },
      isController: this.id <= 100 || this.world.options.autoJoin === true,
      staticVoters: Array.from({ length: this.world.options.voters }, (_, index) => ({
        id: asNodeId(index + 1),
        endpoint: this.world.member(index + 1).endpoint,
      })),
      bootstrapServers: [],
      listenerName: LISTENER,
      endpoints: [{ name: LISTENER, ...this.endpoint }],
      settings: this.world.settings,
      log,
      directory: DIRECTORY,
      ports: { clock, random, logger: this.#logger(), disk, peers, fetchPeers: peers },
      fatal: failure => {
        this.failure = failure;
      },
      ...this.overrides,
    });
    assert(!failed(node), String(node));
    const listener = new MemberListener(this);
    this.#launching = undefined;
    this.process = { clock, disk, node, listener, deaths };
    this.#highWatermark = -1n;
    this.#epoch = -1;
    node.start();
    node.register(listener);
  }

  async #openFiles(ports: { clock: SimulatedClock; disk: SimulatedMount; random: SeededRandom }) {
    const shared = {
      files: new OpenFiles(ports.disk),
      indexCache: new IndexCache(),
      tailCache: new TailCache(),
    };
    const log = await PartitionMetadataLog.open(
      { ...ports, logger: this.#logger(), ...shared },
      {
        directory: '/data',
        settings: { segmentBytes: 2048, segmentMs: 604_800_000 },
        owner: { diskFailed: error => this.world.failed(error) },
      },
    );
    assert(!failed(log), String(log));
    return await MirroredMetadataLog.over(log, this.log, this.world.checker);
  }

  #logger(): Logger {
    const log = (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      this.world.onLog?.(this, message, fields);
      if (message !== 'quorum role changed' || fields['to'] !== 'leader') return;
      this.world.checker.leads(this.replica, fields['epoch'] as number, this.log);
    };
    const logger: Logger = { debug() {}, info: log, warn: log, error: log, with: () => logger };
    return logger;
  }

  /** What holds of a running process after every event. */
  check(): void {
    const { node } = this.process!;
    const { epoch } = node.leaderAndEpoch;
    assert(epoch >= this.#epoch, `the epoch of node ${this.id} went back from ${this.#epoch} to ${epoch}`);
    const highWatermark = node.highWatermark ?? -1n;
    const isNewLeader = epoch > this.#epoch;
    assert(
      highWatermark >= this.#highWatermark || isNewLeader || highWatermark === -1n,
      `the high watermark of node ${this.id} went back from ${this.#highWatermark} to ${highWatermark}`,
    );
    this.#epoch = epoch;
    this.#highWatermark = highWatermark;
    if (this.failure !== undefined) assert.fail(`node ${this.id} failed: ${this.failure}`);
  }

  /** The process dies; the machine goes on, and tells those who were connected. */
  kill(): void {
    const { process } = this;
    this.#end();
    for (const death of process?.deaths ?? []) death();
  }

  #end(): void {
    const ending = this.process ?? this.#launching;
    this.process = undefined;
    this.#launching = undefined;
    ending?.clock.stop();
    ending?.disk.kill();
  }

  /** The power goes: what was not synced is lost, or not, and nobody is told. */
  crash(): void {
    this.isDark = true;
    this.#end();
    this.device.crash({ random: this.#random });
    this.log.crash(this.#random);
  }

  /** The disk is lost, and replaced by an empty one. */
  wipe(): void {
    this.kill();
    this.device = this.#newDevice();
    this.log.wipe();
    this.directoryId = randomUuid(this.#random);
    this.clusterId = undefined;
  }

  /** Answers a request, as a server would. */
  async handle(api: Api, request: never, version: number): Promise<unknown> {
    const { node } = this.process!;
    const context = { version };
    switch (api) {
      case Fetch:
        return await node.handleFetch(request, context);
      case Vote:
        return await node.handleVote(request, context);
      case BeginQuorumEpoch:
        return await node.handleBeginQuorumEpoch(request, context);
      case EndQuorumEpoch:
        return await node.handleEndQuorumEpoch(request, context);
      case FetchSnapshot:
        return await node.handleFetchSnapshot(request, context);
      case AddRaftVoter:
        return await node.handleAddRaftVoter(request);
      case RemoveRaftVoter:
        return await node.handleRemoveRaftVoter(request);
      case UpdateRaftVoter:
        return node.handleUpdateRaftVoter(request, context);
      case ApiVersions:
        return {
          errorCode: 0,
          apiKeys: [],
          supportedFeatures: [{ name: 'kraft.version', minVersion: 0, maxVersion: 1 }],
        };
      case DescribeCluster: {
        const { clusterId } = node;
        const errorCode = clusterId === undefined ? Errors.BROKER_NOT_AVAILABLE : Errors.NONE;
        return { throttleTimeMs: 0, errorCode, clusterId: clusterId ?? '', brokers: [] };
      }
      default:
        assert.fail(`no node is asked ${api.name}`);
    }
  }
}

/** The state machine of a member: a list of values. */
export class MemberListener implements QuorumListener {
  readonly #member: QuorumMember;
  values: Buffer[] = [];
  end = 0n;
  leader: LeaderAndEpoch | undefined;

  constructor(member: QuorumMember) {
    this.#member = member;
  }

  committed(batches: readonly CommittedBatch[]): void {
    const { checker } = this.#member.world;
    for (const batch of batches) {
      assert.equal(batch.baseOffset, this.end, `node ${this.#member.id} was told what is behind a hole`);
      const own = this.#member.log.batches.find(each => each.baseOffset === batch.baseOffset);
      checker.told(this.#member.replica, batch, own?.crc);
      this.values.push(...batch.values);
      this.end = batch.lastOffset + 1n;
    }
  }

  loadSnapshot(id: SnapshotId, values: readonly Buffer[]): void {
    assert(id.endOffset > this.end, 'a snapshot leads forward');
    this.#member.world.checker.loaded(this.#member.replica, id, values);
    this.values = [...values];
    this.end = id.endOffset;
  }

  leaderChanged(leader: LeaderAndEpoch): void {
    const before = this.leader;
    assert(before === undefined || leader.epoch >= before.epoch, 'the epoch goes back');
    this.leader = leader;
  }
}

/** A log whose appends the checker sees. */
class CheckedMetadataLog extends MemoryMetadataLog {
  readonly #disk: MemoryLogDisk;
  readonly #checker: QuorumChecker;

  constructor(
    disk: MemoryLogDisk,
    options: ConstructorParameters<typeof MemoryMetadataLog>[1],
    checker: QuorumChecker,
  ) {
    super(disk, options);
    this.#disk = disk;
    this.#checker = checker;
  }

  override append(...args: Parameters<MemoryMetadataLog['append']>): ReturnType<MemoryMetadataLog['append']> {
    const count = this.#disk.batches.length;
    const failure = super.append(...args);
    for (let index = count; index < this.#disk.batches.length; index++) {
      this.#checker.appended(this.#disk.batches[index]!, this.#disk.batches[index - 1]);
    }
    return failure;
  }
}

/** The network as one process sees it: every message is encoded, delayed, perhaps lost, and decoded. */
class WorldPeers implements PeerSender {
  readonly #member: QuorumMember;
  readonly #clock: SimulatedClock;

  constructor(member: QuorumMember, clock: SimulatedClock) {
    this.#member = member;
    this.#clock = clock;
  }

  send<A extends Api>(
    endpoint: Endpoint,
    api: A,
    request: MessageInput<A['request']>,
    { timeoutMs }: SendOptions,
  ): Promise<MessageOf<A['response']> | Failure> {
    const { world } = this.#member;
    const target = world.memberAt(endpoint);
    assert(target !== undefined, `nobody is at ${endpoint.host}`);
    const version = parseVersions(api.request.versions).highest;
    this.#checkSent(api, request as never);
    world.onSend?.({ from: this.#member.id, to: target.id, api, request });
    const bytes = encodeToBuffer(api.request, version, request);
    return new Promise(resolve => {
      const finish = (answer: MessageOf<A['response']> | Failure) => {
        timer.cancel();
        resolve(answer);
      };
      const timer = this.#clock.startTimer(timeoutMs, () => {
        resolve(new Failure(Errors.REQUEST_TIMED_OUT, 'no answer came'));
      });
      const broken = () =>
        this.#back(target, () => finish(new Failure(Errors.NETWORK_EXCEPTION, 'it broke')));
      world.time.schedule(world.latencyMs(), () => {
        if (target.isDark || !world.passes(this.#member.id, target.id)) return;
        const { process } = target;
        if (process === undefined || world.refused.has(`${this.#member.id}>${target.id}`)) return broken();
        process.deaths.add(broken);
        process.clock.deliver(() => {
          const decoded = decode(api.request, version, bytes);
          assert(!failed(decoded), String(decoded));
          const handled = target.handle(api, decoded as never, version).then(answer => {
            process.deaths.delete(broken);
            if (target.process !== process) return;
            this.#checkAnswer(target, api, decoded as never, answer as never);
            const response = encodeToBuffer(api.response, version, answer as never);
            this.#back(target, () => {
              const read = decode(api.response, version, response);
              assert(!failed(read), String(read));
              finish(read as MessageOf<A['response']>);
            });
          });
          handled.catch(error => world.failed(error));
        });
      });
    });
  }

  #back(target: QuorumMember, deliver: () => void): void {
    const { world, id } = this.#member;
    world.time.schedule(world.latencyMs(), () => {
      if (world.passes(target.id, id)) this.#clock.deliver(deliver);
    });
  }

  probe(endpoint: Endpoint, timeoutMs: number): Promise<ProbeResult> {
    const { world, id } = this.#member;
    const target = world.memberAt(endpoint)!;
    return new Promise(resolve => {
      const timer = this.#clock.startTimer(timeoutMs, () => resolve('unknown'));
      world.time.schedule(world.latencyMs(), () => {
        if (target.isDark || !world.passes(id, target.id)) return;
        const isOpen = target.isRunning && !world.refused.has(`${id}>${target.id}`);
        const found = isOpen ? 'listening' : 'refused';
        this.#back(target, () => {
          timer.cancel();
          resolve(found);
        });
      });
    });
  }

  /** What a message promises must be durable, and no promise contradicts another. */
  #checkSent(api: Api, request: MessageOf<typeof Vote.request> & MessageOf<typeof Fetch.request>): void {
    const member = this.#member;
    if (api === Vote) {
      const partition = request.topics[0]!.partitions[0] as never as MessageOf<
        typeof Vote.request
      >['topics'][0]['partitions'][0];
      if (partition.preVote) return;
      member.world.checker.votes(member.replica, partition.replicaEpoch, member.replica);
    }
    if (api === Fetch && request.replicaState.replicaId >= 0) {
      const { fetchOffset } = request.topics[0]!.partitions[0]!;
      const { stable } = member.log;
      assert(
        fetchOffset <= stable.endOffset,
        `node ${member.id} fetches at ${fetchOffset}, durable is ${stable.endOffset}`,
      );
    }
  }

  #checkAnswer(
    target: QuorumMember,
    api: Api,
    request: MessageOf<typeof Vote.request>,
    answer: MessageInput<typeof Vote.response>,
  ): void {
    if (api !== Vote || answer.topics[0]?.partitions[0]?.voteGranted !== true) return;
    const partition = request.topics[0]!.partitions[0]!;
    if (partition.preVote) return;
    const candidate = `${partition.replicaId}@${partition.replicaDirectoryId}`;
    target.world.checker.votes(target.replica, partition.replicaEpoch, candidate);
  }
}
