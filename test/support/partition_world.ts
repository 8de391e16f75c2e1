import type { PartitionLog } from '../../src/log/partition_log.ts';
import { failed } from '../../src/model/failure.ts';
import {
  asBrokerEpoch,
  asLeaderEpoch,
  asNodeId,
  asPartitionIndex,
  asUuid,
  type BrokerEpoch,
  type NodeId,
} from '../../src/model/ids.ts';
import { RecordBatch } from '../../src/records/record_batch.ts';
import type { IsrChange } from '../../src/replica/isr_change.ts';
import { Partition } from '../../src/replica/partition.ts';
import type { PartitionState } from '../../src/replica/partition_state.ts';
import type { ReplicaCluster } from '../../src/replica/replica_cluster.ts';
import { loadConfiguration } from '../../src/settings/configuration.ts';
import { type TopicSettings, topicSettings } from '../../src/settings/topic_settings.ts';
import { batchOf, LogWorld, type OpenOverrides, type TestBatch } from './log_world.ts';

export const NODE = asNodeId(1);

/** The settings of a topic on a broker with Kafka's defaults. */
export function settingsOf(own: Readonly<Record<string, string>> = {}): TopicSettings {
  const configuration = loadConfiguration({ hostname: 'localhost' });
  if (!('settings' in configuration)) throw new Error('the defaults do not load');
  return topicSettings(configuration.settings, new Map(Object.entries(own)));
}

export function stateOf(change: Partial<PartitionState> = {}): PartitionState {
  return {
    leader: NODE,
    leaderEpoch: asLeaderEpoch(0),
    partitionEpoch: 0,
    replicas: [NODE],
    isr: [NODE],
    ...change,
  };
}

/** Brokers as a test wants them: all registered under epoch 7 and active, unless told otherwise. */
export class FakeCluster implements ReplicaCluster {
  readonly epochs = new Map<number, bigint>();
  readonly inactive = new Set<number>();
  readonly fenced = new Set<number>();
  readonly racks = new Map<number, string>();

  brokerEpoch(id: NodeId): BrokerEpoch {
    return asBrokerEpoch(this.epochs.get(id) ?? 7n);
  }

  isActive(id: NodeId): boolean {
    return !this.inactive.has(id) && !this.fenced.has(id);
  }

  isAlive(id: NodeId): boolean {
    return !this.fenced.has(id);
  }

  endpoint(): undefined {
    return undefined;
  }

  rack(id: NodeId): string | null {
    return this.racks.get(id) ?? null;
  }
}

export const SESSION_TIMEOUT_MS = 2000;

/** One partition of a broker, with its log on a simulated disk. */
export class PartitionWorld extends LogWorld {
  log!: PartitionLog;

  readonly cluster = new FakeCluster();
  maxLagMs = 30_000;
  isControllerSilent = false;
  /** Changes of the in-sync replicas that the partition proposed. */
  readonly isrChanges: IsrChange[] = [];

  newPartition(own: Readonly<Record<string, string>> = {}): Partition {
    const options = {
      topic: 'events',
      topicId: asUuid('AAAAAAAAAAAAAAAAAAAAZA'),
      index: asPartitionIndex(0),
      config: settingsOf(own),
    };
    return new Partition(options, {
      nodeId: NODE,
      clock: this.clock,
      cluster: this.cluster,
      maxLagMs: () => this.maxLagMs,
      sessionTimeoutMs: () => SESSION_TIMEOUT_MS,
      isControllerSilent: () => this.isControllerSilent,
      roleChanged: () => {},
      changeIsr: (_partition, change) => this.isrChanges.push(change),
    });
  }

  /** A partition that this broker leads. */
  async leading(own: Readonly<Record<string, string>> = {}, options: OpenOverrides = {}): Promise<Partition> {
    const partition = this.newPartition(own);
    const { writeCaching } = partition.config;
    this.log = await this.open({ ...options, config: { ...options.config, writeCaching } });
    partition.apply(stateOf());
    partition.opened(this.log);
    return partition;
  }
}

/** A commit that is waited for: `undefined` while it is, else what it came to. */
export function commitOf(partition: Partition, offset: bigint): { result: string | undefined } {
  const commit: { result: string | undefined } = { result: undefined };
  partition.whenCommitted(offset as never, failure => {
    commit.result = failed(failure) ? failure.toString() : 'committed';
  });
  return commit;
}

/** A batch as a producer sends it, of small records. */
export function producerBatch(options: TestBatch = {}): RecordBatch {
  return new RecordBatch(batchOf('value', options));
}
