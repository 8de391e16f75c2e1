import assert from 'node:assert/strict';
import { IndexCache } from '../../src/log/index_cache.ts';
import { OpenFiles } from '../../src/log/open_files.ts';
import { TailCache } from '../../src/log/tail_cache.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { asNodeId, type LeaderEpoch, type Offset, type Uuid } from '../../src/model/ids.ts';
import { randomUuid } from '../../src/model/uuid.ts';
import type { PeerSender } from '../../src/peers/peer_sender.ts';
import { KraftNode } from '../../src/raft/kraft_node.ts';
import type { CommittedBatch, LeaderAndEpoch, QuorumListener } from '../../src/raft/metadata_quorum.ts';
import { metadataLogDirectory, PartitionMetadataLog } from '../../src/raft/partition_metadata_log.ts';
import { DEFAULT_QUORUM_SETTINGS } from '../../src/raft/quorum_settings.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedDisk } from '../../src/simulation/simulated_disk.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import type { SimulatedMount } from '../../src/simulation/simulated_mount.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

export const MACHINE_DIRECTORY = '/data';

/** Nobody is there to be reached. */
const ALONE: PeerSender = {
  send: () => Promise.resolve(new Failure(Errors.NETWORK_EXCEPTION, 'there is nobody')),
  probe: () => Promise.resolve('unknown'),
};

/** A machine with one disk, on which one process after the other is the only voter of its quorum. */
export class QuorumMachine {
  readonly time = new SimulatedTime();
  readonly random = new SeededRandom(7);
  readonly device = new SimulatedDisk({ time: this.time, random: this.random.fork(), syncMs: 1 });
  directoryId: Uuid = randomUuid(this.random);
  /** As meta.properties has it. */
  clusterId: string | undefined;
  segmentBytes = 1024 * 1024;
  retentionBytes = 100 * 1024 * 1024;
  node!: KraftNode;
  clock!: SimulatedClock;
  logger!: SimulatedLogger;
  disk!: SimulatedMount;
  readonly failures: Failure[] = [];

  /** A new process gets the disk. */
  async boot(): Promise<void> {
    this.clock = new SimulatedClock(this.time);
    this.disk = this.device.mount(this.clock);
    this.logger = new SimulatedLogger(this.clock);
    this.disk.makeDirectory(MACHINE_DIRECTORY);
    await this.time.run(this.disk.syncDirectory('/'));
  }

  /** Puts files where the log is. */
  async install(files: Readonly<Record<string, Buffer>>): Promise<void> {
    await this.boot();
    const directory = metadataLogDirectory(MACHINE_DIRECTORY);
    this.disk.makeDirectory(directory);
    for (const [name, bytes] of Object.entries(files)) {
      const file = this.disk.open(`${directory}/${name}`, 'create');
      file.write(0, [bytes]);
      file.close();
    }
    this.kill();
  }

  async open(): Promise<KraftNode | Failure> {
    await this.boot();
    const { clock, disk, logger, failures } = this;
    const random = this.random.fork();
    const shared = { files: new OpenFiles(disk), indexCache: new IndexCache(), tailCache: new TailCache() };
    const log = await this.time.run(
      PartitionMetadataLog.open(
        { disk, clock, random, logger, ...shared },
        {
          directory: MACHINE_DIRECTORY,
          settings: { segmentBytes: this.segmentBytes, segmentMs: 604_800_000 },
          owner: { diskFailed: () => {} },
        },
      ),
    );
    assert(!failed(log), String(log));
    return await this.time.run(
      KraftNode.open({
        identity: {
          nodeId: asNodeId(1),
          directoryId: this.directoryId,
          clusterId: this.clusterId,
          adoptClusterId: async clusterId => {
            this.clusterId = clusterId;
            return undefined;
          },
        },
        isController: true,
        staticVoters: [{ id: asNodeId(1), endpoint: { host: 'one', port: 9093 } }],
        bootstrapServers: [],
        listenerName: 'CONTROLLER',
        endpoints: [{ name: 'CONTROLLER', host: 'one', port: 9093 }],
        settings: {
          ...DEFAULT_QUORUM_SETTINGS,
          retention: { maxBytes: this.retentionBytes, maxAgeMs: -1 },
        },
        log,
        directory: metadataLogDirectory(MACHINE_DIRECTORY),
        ports: { clock, random, logger, disk, peers: ALONE, fetchPeers: ALONE },
        fatal: failure => failures.push(failure),
      }),
    );
  }

  /** Opens and starts the node, and waits until it leads. */
  async start(): Promise<QuorumRecorder> {
    const node = await this.open();
    assert(!failed(node), String(node));
    this.node = node;
    node.start();
    const recorder = new QuorumRecorder();
    node.register(recorder);
    await this.time.runUntil(() => recorder.leads(1));
    return recorder;
  }

  /** The process dies. */
  kill(): void {
    this.clock.stop();
    this.disk.kill();
  }

  /** The power goes. */
  crash(): void {
    this.kill();
    this.device.crash('drop-unsynced');
  }
}

/** Keeps what it is told. */
export class QuorumRecorder implements QuorumListener {
  values: string[] = [];
  leaders: LeaderAndEpoch[] = [];
  snapshots: { endOffset: Offset; epoch: LeaderEpoch }[] = [];
  /** The offset behind what it was told. */
  end = 0n as Offset;

  committed(batches: readonly CommittedBatch[]): void {
    for (const batch of batches) {
      assert.equal(batch.baseOffset, this.end, 'what is told has no holes');
      this.end = (batch.lastOffset + 1n) as Offset;
      for (const value of batch.values) this.values.push(value.toString());
    }
  }

  loadSnapshot(id: { endOffset: Offset; epoch: LeaderEpoch }, values: readonly Buffer[]): void {
    assert(id.endOffset > this.end, 'a snapshot leads forward');
    this.end = id.endOffset;
    this.snapshots.push(id);
    this.values = values.map(String);
  }

  leaderChanged(leader: LeaderAndEpoch): void {
    this.leaders.push(leader);
  }

  leads(nodeId: number): boolean {
    return this.leaders.at(-1)?.leaderId === nodeId;
  }
}
