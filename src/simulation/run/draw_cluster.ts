import type { SeededRandom } from '../seeded_random.ts';
import type { WorldOptions } from '../world/world.ts';
import type { Profile } from './profiles.ts';

export interface DrawnCluster {
  /** For people: `3 combined`. */
  readonly shape: string;
  readonly world: Omit<WorldOptions, 'seed'>;
  readonly defaultMinIsr: number;
  /** Settings that a restarted node comes back with. */
  readonly rollingProperties: (random: SeededRandom) => readonly string[];
}

const GIGABYTE = 1_000_000_000;

/** The size, the settings and the speed of a cluster, by the seed. */
export function drawCluster(profile: Profile, random: SeededRandom): DrawnCluster {
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!;
  const [combined, controllers, brokers] = pick(profile.shapes);
  const replicationFactor = Math.min(3, combined + brokers);
  const defaultMinIsr = Math.min(2, replicationFactor);
  const parts = [
    [combined, 'combined'],
    [controllers, 'controllers'],
    [brokers, 'brokers'],
  ] as const;
  return {
    shape: parts
      .filter(([count]) => count > 0)
      .map(([count, name]) => `${count} ${name}`)
      .join(' + '),
    world: {
      combined,
      controllers,
      brokers,
      properties: [
        `default.replication.factor=${replicationFactor}`,
        `min.insync.replicas=${defaultMinIsr}`,
        `offsets.topic.replication.factor=${replicationFactor}`,
        'offsets.topic.num.partitions=3',
        `metadata.log.max.record.bytes.between.snapshots=${pick([5_000, 50_000, 20_000_000])}`,
        'internal.metadata.log.segment.bytes=20000',
        `metadata.max.idle.interval.ms=${pick([500, 5_000])}`,
        // Sooner than in a real cluster: a simulated one lives for minutes.
        'replica.lag.time.max.ms=4000',
        `replica.fetch.wait.max.ms=${pick([500, 1_500])}`,
        'log.segment.delete.delay.ms=5000',
        'log.scrub.interval.ms=15000',
      ],
      latencyMs: pick([0.2, 0.5, 2]),
      diskSyncMs: pick([0.2, 1, 5]),
      diskReadMs: pick([0.1, 0.5]),
      diskCapacityBytes: GIGABYTE,
    },
    defaultMinIsr,
    rollingProperties,
  };
}

/** A rolling upgrade changes how nodes work, and nothing of what they promise. */
function rollingProperties(random: SeededRandom): string[] {
  const choices = [
    [],
    ['num.replica.fetchers=2'],
    ['replica.fetch.wait.max.ms=100'],
    ['broker.heartbeat.interval.ms=200'],
    ['log.index.interval.bytes=1024'],
    ['max.incremental.fetch.session.cache.slots=2'],
    ['metadata.log.max.record.bytes.between.snapshots=2000'],
  ];
  return choices[random.below(choices.length)]!;
}
