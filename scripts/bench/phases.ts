import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchCluster } from './bench_cluster.ts';
import type { Load, LoadTarget, ProducePlan } from './load.ts';
import { createTopic, deleteTopic } from './own_client.ts';

/** Something that was measured: what, of which unit, and whether less is better. */
export interface Measure {
  readonly what: string;
  readonly unit: 's' | 'MB' | 'MB/s' | 'CPU s/GB' | 'ms' | 'µs' | '1/s' | '% of a core';
}

/** Takes down what was measured. */
export type Note = (measure: Measure, value: number) => void;

/** One piece of work, done against each cluster in turn. */
export interface Phase {
  readonly name: string;
  run(target: LoadTarget, cluster: BenchCluster, note: Note): Promise<void>;
}

const PARTITIONS = 6;
const IDLE_MS = 3_000;
const MIB = 2 ** 20;

export interface PhaseOptions {
  readonly load: Load;
  /** How much each phase moves. */
  readonly megabytes: number;
}

/** Everything that the bench does with a cluster that runs, in order: the topic is filled before it is read. */
export function makePhases({ load, megabytes }: PhaseOptions): Phase[] {
  const producedRecords = new Map<BenchCluster, number>();
  const produce = (name: string, plan: Omit<ProducePlan, 'records'>): Phase => ({
    name,
    async run(target, cluster, note) {
      const records = Math.ceil((megabytes * MIB) / plan.recordBytes);
      const before = cluster.cost();
      const { megabytesPerSecond } = await load.produce(target, { ...plan, records });
      noteCost({ name, cluster, note, megabytes }, before.cpuSeconds);
      note({ what: `${name}: rate`, unit: 'MB/s' }, megabytesPerSecond);
      producedRecords.set(cluster, producedRecords.get(cluster)! + records);
    },
  });
  const warmUp: Phase = {
    name: 'warm up',
    async run(target, cluster) {
      const records = Math.ceil((megabytes * MIB) / 1000 / 2);
      await load.produce(target, { acks: 'all', records, recordBytes: 1000 });
      producedRecords.set(cluster, records);
    },
  };
  return [
    idle,
    warmUp,
    produce('produce 1 KB, acks=all', { acks: 'all', recordBytes: 1000 }),
    produce('produce 100 B, acks=all', { acks: 'all', recordBytes: 100 }),
    produce('produce 1 KB, acks=1', { acks: '1', recordBytes: 1000 }),
    produce('produce 1 KB, lz4, acks=all', { acks: 'all', recordBytes: 1000, compression: 'lz4' }),
    {
      name: 'consume',
      async run(target, cluster, note) {
        const before = cluster.cost();
        const read = await load.consume(target, producedRecords.get(cluster)!);
        noteCost({ name: 'consume', cluster, note, megabytes: read.megabytes }, before.cpuSeconds);
        note({ what: 'consume: rate', unit: 'MB/s' }, read.megabytesPerSecond);
      },
    },
    {
      name: 'end to end',
      async run(target, _cluster, note) {
        const { p50Ms, p99Ms } = await load.endToEnd(target, Math.max(500, Math.min(10_000, 10 * megabytes)));
        note({ what: 'end to end, 200 B, acks=all: p50', unit: 'ms' }, p50Ms);
        note({ what: 'end to end, 200 B, acks=all: p99', unit: 'ms' }, p99Ms);
      },
    },
    cached(load, megabytes),
    {
      name: 'memory',
      async run(_target, cluster, note) {
        note({ what: 'memory afterwards', unit: 'MB' }, cluster.cost().residentMb / cluster.nodeCount);
      },
    },
  ];
}

const idle: Phase = {
  name: 'idle',
  async run(_target, cluster, note) {
    await sleep(IDLE_MS);
    note({ what: 'memory when idle, a node', unit: 'MB' }, cluster.cost().residentMb / cluster.nodeCount);
  },
};

/** What acknowledges from the system's cache: what Kafka does always. */
function cached(load: Load, megabytes: number): Phase {
  const name = 'produce 1 KB, acks=all, write.caching=true';
  return {
    name,
    async run({ bootstrap, topic }, cluster, note) {
      // Kafka knows no such setting, and needs none.
      const configs = cluster.engine.name === 'Kafka' ? {} : { 'write.caching': 'true' };
      const target = { bootstrap, topic: `${topic}-cached` };
      await makeTopic(cluster, target.topic, configs);
      const before = cluster.cost();
      const records = Math.ceil((megabytes * MIB) / 1000);
      const { megabytesPerSecond } = await load.produce(target, { acks: 'all', records, recordBytes: 1000 });
      noteCost({ name, cluster, note, megabytes }, before.cpuSeconds);
      note({ what: `${name}: rate`, unit: 'MB/s' }, megabytesPerSecond);
      await deleteTopic(bootstrap[0]!, target.topic);
    },
  };
}

export async function makeTopic(
  cluster: BenchCluster,
  name: string,
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { bootstrap, replicationFactor } = cluster;
  // What is deleted goes at once: the bench writes more than it needs at any time.
  const kept = { 'file.delete.delay.ms': '1000', ...configs };
  await createTopic(bootstrap, name, { partitions: PARTITIONS, replicationFactor, configs: kept });
}

interface Costing {
  readonly name: string;
  readonly cluster: BenchCluster;
  readonly note: Note;
  readonly megabytes: number;
}

function noteCost({ name, cluster, note, megabytes }: Costing, before: number): void {
  const used = cluster.cost().cpuSeconds - before;
  note({ what: `${name}: brokers' CPU`, unit: 'CPU s/GB' }, used / (megabytes / 1024));
}
