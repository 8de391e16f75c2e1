import type { SeededRandom } from '../seeded_random.ts';

/** A topic that the workload writes to and reads, and what its records are promised. */
export interface WorkloadTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly minIsr: number;
  readonly configs: Readonly<Record<string, string>>;
  /** How it is written. */
  readonly acks: -1 | 0 | 1;
  readonly isIdempotent: boolean;
  /** Whether it is read, and what was read is held against what was told. */
  readonly isRead: boolean;
}

/** Small segments, so that logs roll, and indexes and producer snapshots are made. */
const SMALL_SEGMENTS = { 'internal.segment.bytes': '16384', 'index.interval.bytes': '512' };
/** So small that a power cut finds several that were not synced. */
const TINY_SEGMENTS = { 'internal.segment.bytes': '2048', 'index.interval.bytes': '256' };

/**
 * `strict` is promised everything. What is sent to `loose` may be lost, or written twice, but must never be seen
 * and then vanish. `cached` is acknowledged before it is synced, so that a power cut tears the ends of its logs: a
 * replica that comes back from one may not lead before it has caught up, unless nobody else can. When all have lost
 * power nothing is promised, so nobody reads it; what must hold of replicas must hold of these, too. It has fewer
 * replicas than brokers, where there are more than two, so that reassignments move them.
 */
export function workloadTopics(brokerCount: number, random: SeededRandom): readonly WorkloadTopic[] {
  const replicationFactor = Math.min(3, brokerCount);
  const minIsr = Math.min(2, replicationFactor);
  return [
    {
      name: 'strict',
      partitions: 2 + random.below(3),
      replicationFactor,
      minIsr,
      configs: { 'min.insync.replicas': String(minIsr), ...SMALL_SEGMENTS },
      acks: -1,
      isIdempotent: true,
      isRead: true,
    },
    {
      name: 'loose',
      partitions: 1 + random.below(2),
      replicationFactor,
      minIsr: 1,
      configs: { 'min.insync.replicas': '1', ...SMALL_SEGMENTS },
      acks: random.chance(0.7) ? 1 : 0,
      isIdempotent: false,
      isRead: true,
    },
    {
      name: 'cached',
      partitions: 2,
      replicationFactor: minIsr,
      minIsr,
      configs: {
        'min.insync.replicas': String(minIsr),
        'write.caching': 'true',
        'unclean.leader.election.enable': 'true',
        ...TINY_SEGMENTS,
      },
      acks: -1,
      isIdempotent: true,
      isRead: false,
    },
  ];
}
