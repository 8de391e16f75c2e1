import assert from 'node:assert/strict';
import { Listeners } from '../../src/broker/listeners.ts';
import { MetadataApplier } from '../../src/broker/metadata_applier.ts';
import { MetadataCluster } from '../../src/broker/metadata_cluster.ts';
import { RequestDispatcher } from '../../src/broker/request_dispatcher.ts';
import { RequestStatistics } from '../../src/broker/request_statistics.ts';
import { MetadataImage } from '../../src/controller/image/metadata_image.ts';
import { API_TABLE } from '../../src/handlers/api_table.ts';
import type { BrokerServices } from '../../src/handlers/broker_services.ts';
import { ClientQuotas } from '../../src/handlers/quotas/client_quotas.ts';
import { LogDirectories } from '../../src/log/directories/log_directories.ts';
import { IndexCache } from '../../src/log/index_cache.ts';
import { OpenFiles } from '../../src/log/open_files.ts';
import type { PartitionLog } from '../../src/log/partition_log.ts';
import { TailCache } from '../../src/log/tail_cache.ts';
import { Fetch } from '../../src/messages/01_fetch.ts';
import { ListOffsets } from '../../src/messages/02_list_offsets.ts';
import { ApiVersions } from '../../src/messages/18_api_versions.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { type Failure, failed } from '../../src/model/failure.ts';
import {
  asBrokerEpoch,
  asPartitionIndex,
  type BrokerEpoch,
  type NodeId,
  type Offset,
} from '../../src/model/ids.ts';
import { RecordBatch } from '../../src/records/record_batch.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import { FetchSessions } from '../../src/replica/fetch_sessions.ts';
import type { Partition } from '../../src/replica/partition.ts';
import { ReplicaManager } from '../../src/replica/replica_manager.ts';
import { DynamicSettings } from '../../src/settings/dynamic_settings.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedDisk } from '../../src/simulation/simulated_disk.ts';
import type { CrashMode } from '../../src/simulation/simulated_file.ts';
import type { SimulatedSockets } from '../../src/simulation/simulated_host.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import type { SimulatedMount } from '../../src/simulation/simulated_mount.ts';
import { batchOf } from './log_world.ts';
import { incarnationOf, type ReplicaWorld, TOPIC } from './replica_world.ts';

const SERVED = new Set<number>([Fetch.key, ListOffsets.key, ApiVersions.key]);
const UNKNOWN_EPOCH = asBrokerEpoch(-1n);
/** From the controller's decision to a broker that can talk with it. */
const METADATA_LATENCY_MS = 1;

/** A record that was produced, and what became of it. */
export interface Sent {
  readonly value: string;
  readonly offset: Offset | undefined;
  /** `acknowledged` when every replica in sync had it. */
  outcome: 'waiting' | 'acknowledged' | Failure;
}

/** The machine of one broker, with one process after the other. */
export class ReplicaMachine {
  readonly #world: ReplicaWorld;
  readonly id: NodeId;
  readonly disk: SimulatedDisk;
  #mount!: SimulatedMount;
  #sockets!: SimulatedSockets;
  clock!: SimulatedClock;
  logger!: SimulatedLogger;
  replicas!: ReplicaManager;
  services!: BrokerServices;
  directories!: LogDirectories;
  image!: MetadataImage;
  brokerEpoch: BrokerEpoch = UNKNOWN_EPOCH;
  #applier!: MetadataApplier;
  /** Records of the metadata that the process has acted on. */
  #read = 0;
  #isTelling = false;
  #runs = 0;
  isUp = false;
  isPaused = false;
  /** A process opens its directories, and is not up yet. */
  isStarting = false;

  constructor(world: ReplicaWorld, id: NodeId) {
    this.#world = world;
    this.id = id;
    const { time, random, options } = world;
    this.disk = new SimulatedDisk({ time, random: random.fork(), syncMs: options.syncMs ?? 1, readMs: 0.2 });
  }

  get isRunning(): boolean {
    return this.isUp && !this.isPaused;
  }

  /** Starts a process. */
  async start(): Promise<void> {
    assert.ok(!this.isUp && !this.isStarting, 'it is down');
    this.isStarting = true;
    this.#runs++;
    const world = this.#world;
    this.clock = new SimulatedClock(world.time);
    this.#mount = this.disk.mount(this.clock);
    this.#sockets = world.network.host(`host${this.id}`).open(this.clock);
    this.logger = new SimulatedLogger(this.clock);
    this.image = new MetadataImage();
    this.#read = 0;
    this.brokerEpoch = UNKNOWN_EPOCH;
    const { clock, logger } = this;
    const disk = this.#mount;
    const random = world.random.fork();
    const node = new DynamicSettings(world.configuration(this.id));
    const logServices = {
      disk,
      clock,
      random,
      logger,
      files: new OpenFiles(disk),
      indexCache: new IndexCache(),
      tailCache: new TailCache(),
    };
    const directories = await LogDirectories.open(logServices, {
      settings: node,
      directoryFailed: (directory, failure) => this.replicas.directoryFailed(directory, failure),
      fatal: () => {},
    });
    assert.ok(!failed(directories), String(directories));
    this.directories = directories;
    directories.start();
    const cluster = new MetadataCluster({
      cluster: () => this.image.cluster,
      listenerName: () => 'PLAINTEXT',
    });
    this.replicas = new ReplicaManager({
      nodeId: this.id,
      logs: directories,
      clock,
      network: this.#sockets,
      logger,
      settings: () => node.current,
      cluster,
      brokerEpoch: () => this.brokerEpoch,
      isControllerSilent: () => false,
      alterPartition: request => world.alterPartition(this.id, request),
      opened: () => {},
      leadershipChanged: () => {},
      leadershipDoubted: () => {},
    });
    const machine = this;
    const handlers = API_TABLE.filter(({ api }) => SERVED.has(api.key));
    this.services = {
      nodeId: this.id,
      settings: node.current,
      node,
      clock,
      random,
      logger,
      metadata: {
        get image() {
          return machine.image;
        },
      },
      directories,
      cluster,
      replicas: this.replicas,
      fetchSessions: new FetchSessions({ random, maxSessions: 1000, evictionMs: 120_000 }),
      quotas: new ClientQuotas({ clock, image: () => this.image.clientQuotas, windows: () => node.current }),
      handlers,
    } as unknown as BrokerServices;
    this.#applier = new MetadataApplier({
      nodeId: this.id,
      incarnationId: incarnationOf(this.id, this.#runs),
      node,
      replicas: this.replicas,
      logger,
      topicsDeleted: () => {},
    });
    const listeners = new Listeners({
      network: this.#sockets,
      clock,
      logger,
      settings: () => node.current,
      connected: () => 0,
      closed: () => {},
    });
    const dispatcher = new RequestDispatcher({
      handlers,
      services: () => this.services,
      logger,
      clock,
      statistics: new RequestStatistics(clock),
    });
    const place = { name: 'PLAINTEXT', kind: 'broker', host: `host${this.id}`, port: 9092 } as const;
    const port = await listeners.open(place, dispatcher);
    assert.ok(!failed(port), String(port));
    listeners.serve('broker');
    this.isUp = true;
    this.isStarting = false;
    while (!world.isHeard(this.id)) {
      await new Promise<void>(resolve => {
        clock.startTimer(20, resolve);
      });
    }
    this.brokerEpoch = world.register(this.id, this.#runs, directories.previousBrokerEpoch);
    this.wake();
  }

  /** There may be news of the controller. */
  wake(): void {
    if (this.#isTelling || !this.isUp) return;
    this.#isTelling = true;
    const { clock } = this;
    // Independent of the process: it may be paused or dead by then.
    this.#world.time.schedule(METADATA_LATENCY_MS, () => {
      this.#isTelling = false;
      if (clock !== this.clock || !this.isUp) return;
      if (!this.#world.isHeard(this.id)) this.#wakeLater();
      else this.#apply();
    });
  }

  #wakeLater(): void {
    this.#isTelling = true;
    this.#world.time.schedule(20, () => {
      this.#isTelling = false;
      this.wake();
    });
  }

  #apply(): void {
    const delta = this.#world.deltaSince(this.#read, this.image);
    this.#read = this.#world.records.length;
    this.#applier.metadataChanged(delta, this.image);
  }

  hasRead(offset: bigint): boolean {
    return this.isUp && BigInt(this.#read) > offset;
  }

  get hasOpened(): boolean {
    const partitions = [...this.replicas.partitions()];
    return partitions.length > 0 && partitions.every(partition => partition.log !== undefined);
  }

  /** The process dies; what it wrote stays in the system's cache. */
  kill(): void {
    this.clock.stop();
    this.#mount.kill();
    this.#sockets.kill();
    this.isUp = false;
    this.isPaused = false;
  }

  /** The power goes, and what was not synced with it; nobody is told. */
  crash(mode: CrashMode = 'drop-unsynced'): void {
    this.clock.stop();
    this.#mount.kill();
    this.disk.crash(mode);
    this.#world.network.host(`host${this.id}`).powerOff();
    this.isUp = false;
    this.isPaused = false;
  }

  /** Ends the process in order. */
  async shutDown(): Promise<void> {
    this.replicas.close();
    await this.directories.close({ brokerEpoch: this.brokerEpoch });
    this.kill();
  }

  /** The process hangs, its sockets stay open. */
  pause(): void {
    this.isPaused = true;
    this.clock.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.clock.resume();
    this.wake();
  }

  partition(index = 0): Partition {
    const partition = this.replicas.partition(TOPIC, asPartitionIndex(index));
    assert.ok(!failed(partition), String(partition));
    return partition;
  }

  partitionExists(index = 0): boolean {
    return !failed(this.replicas.partition(TOPIC, asPartitionIndex(index)));
  }

  log(index = 0): PartitionLog {
    const { log } = this.partition(index);
    assert.ok(log !== undefined, 'the log is open');
    return log;
  }

  /** Produces one record with acks=all. */
  produce(value: string, index = 0): Sent {
    const partition = this.partition(index);
    const batch = new RecordBatch(batchOf(value));
    const appended = partition.append(batch, { requiredAcks: -1, origin: 'client' });
    if (failed(appended)) return { value, offset: undefined, outcome: appended };
    const sent: Sent = { value, offset: appended.lastOffset, outcome: 'waiting' };
    partition.whenCommitted((appended.lastOffset + 1n) as Offset, failure => {
      // What a dead process says nobody hears.
      if (this.isRunning) sent.outcome = failure ?? 'acknowledged';
    });
    return sent;
  }

  /** The values in the log, by offset. */
  async values(index = 0, upTo?: bigint): Promise<Map<bigint, string>> {
    const log = this.log(index);
    const values = new Map<bigint, string>();
    const end = (upTo ?? log.endOffset) as Offset;
    let next = log.logStartOffset;
    while (next < end) {
      const read = await this.#world.time.run(
        Promise.resolve(log.read(next, { maxBytes: 1_000_000, upTo: end, minOneBatch: true })),
      );
      // It is being cut, or the process has died since.
      if (failed(read) && (read.code === Errors.REPLICA_NOT_AVAILABLE || !this.isRunning)) break;
      assert.ok(!failed(read), String(read));
      if (read.sizeBytes === 0) break;
      for (const chunk of read.chunks) {
        for (const batch of splitBatches(chunk).batches) values.set(batch.baseOffset, valueIn(batch));
      }
      next = read.nextOffset;
    }
    return values;
  }

  describe(index: number): string {
    if (!this.isUp) return `${this.id}: down`;
    const partition = this.replicas.partition(TOPIC, asPartitionIndex(index));
    if (failed(partition) || partition.log === undefined) return `${this.id}: no log`;
    const { log, role, leadership } = partition;
    const epochs = log.leaderEpochs.map(each => `${each.leaderEpoch}@${each.startOffset}`).join(' ');
    const facts = `${role.kind} in ${partition.leaderEpoch}, ${log.logStartOffset} to ${log.endOffset}, committed ${log.highWatermark}, durable ${log.durableOffset}, epochs ${epochs}`;
    const followers = leadership?.followers.map(each => `${each.id} at ${each.endOffset}`).join(', ');
    const known = leadership === undefined ? '' : `; in sync ${leadership.maximalIsr}; ${followers}`;
    return `${this.id}: ${this.isPaused ? 'paused, ' : ''}${facts}${known}`;
  }
}

/** The value of a batch of one record, as `batchOf` makes them: `value/0`. */
function valueIn(batch: RecordBatch): string {
  const text = batch.payload.toString('latin1');
  const found = /([\w-]+)\/0/.exec(text);
  assert.ok(found !== null, 'a record of the tests');
  // The key is one letter in front of the value's length.
  return found[1]!;
}
