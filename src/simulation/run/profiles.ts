/** What goes wrong in a world, and how probable each is beside the others. */
export const FAULT_KINDS = [
  /** SIGKILL, and a restart after a while. */
  'kill',
  /** The power fails: what was not synced is lost in part. */
  'power cut',
  /** All machines lose their power at once. */
  'blackout',
  /** SIGSTOP, and SIGCONT after a while. */
  'pause',
  /** SIGTERM and a restart, with other settings at times. */
  'restart',
  /** The hosts are cut into two groups. */
  'partition',
  /** One host hears others no more, or is not heard. */
  'one-way partition',
  /** Links lose packets: connections stall, break, and are set up in another order. */
  'loss',
  /** Links are slow and uneven. */
  'slow links',
  /** All connections of a host are reset. */
  'resets',
  /** Some connections of a host get nothing through for a while; the others do, and what was sent arrives late. */
  'stalled connections',
  /** The brokers that are no controllers hear these no more, nor are they heard; each side goes on by itself. */
  'controllers cut off',
  /** The wall clock jumps. */
  'clock jump',
  /** Reads and syncs take long. */
  'slow disk',
  /** No space is left. */
  'full disk',
  /** Reads and writes fail. */
  'disk errors',
  /** Syncs fail. */
  'failed syncs',
  /** A machine loses its disk, and comes back with an empty one. */
  'empty disk',
  /** Bits flip where records lie on one disk. */
  'bit flips',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export type FaultWeights = Partial<Record<FaultKind, number>>;

export interface Profile {
  /** The sizes of clusters, one of them by the seed: nodes that are both, controllers alone, brokers alone. */
  readonly shapes: readonly (readonly [combined: number, controllers: number, brokers: number])[];
  /** How often each fault happens beside the others: one of these by the seed. */
  readonly weights: readonly FaultWeights[];
  /** Between two faults, on average: one of these by the seed. */
  readonly faultEveryMs: readonly number[];
  /** Simulated time in which faults happen. */
  readonly chaosMs: number;
  /** Between two records of one lane of a writer, on average. */
  readonly writeEveryMs: number;
  readonly adminEveryMs: number;
}

/** All but bits that flip. */
const ALL: FaultWeights = {
  kill: 4,
  'power cut': 4,
  blackout: 0.5,
  pause: 4,
  restart: 3,
  partition: 4,
  'one-way partition': 3,
  loss: 3,
  'slow links': 3,
  resets: 2,
  'stalled connections': 2,
  'controllers cut off': 1,
  'clock jump': 2,
  'slow disk': 2,
  'full disk': 1,
  'disk errors': 1,
  'failed syncs': 1,
  'empty disk': 1,
};

const ALL_WITH_FLIPS: FaultWeights = { ...ALL, 'bit flips': 8 };

const BASE = {
  chaosMs: 120_000,
  faultEveryMs: [1_500, 4_000, 10_000],
  writeEveryMs: 2_000,
  adminEveryMs: 5_000,
} as const;

const CLUSTERS = [
  [3, 0, 0],
  [3, 0, 0],
  [5, 0, 0],
  [3, 0, 2],
  [0, 3, 3],
  [0, 3, 4],
  [7, 0, 0],
] as const;

/** Whether a profile's clusters are of every shape, so that another can be asked for. */
export function isOfAnyShape({ shapes }: Profile): boolean {
  return shapes === CLUSTERS;
}

export const PROFILES: Readonly<Record<string, Profile>> = {
  /** Everything, in clusters of every shape: bits flip in every second one. */
  mixed: { ...BASE, shapes: CLUSTERS, weights: [ALL, ALL, ALL_WITH_FLIPS, ALL_WITH_FLIPS] },
  /** Nothing goes wrong. */
  calm: { ...BASE, shapes: CLUSTERS, weights: [{}] },
  /** Machines and processes alone. */
  crashes: {
    ...BASE,
    shapes: CLUSTERS,
    weights: [{ kill: 3, 'power cut': 3, blackout: 1, pause: 2, restart: 2, 'empty disk': 1 }],
  },
  /** The network alone. */
  network: {
    ...BASE,
    shapes: CLUSTERS,
    weights: [
      {
        partition: 3,
        'one-way partition': 3,
        'controllers cut off': 1,
        loss: 2,
        'slow links': 2,
        resets: 2,
        'stalled connections': 2,
        pause: 1,
      },
    ],
  },
  /** Disks alone. */
  disks: {
    ...BASE,
    shapes: CLUSTERS,
    weights: [
      {
        'slow disk': 2,
        'full disk': 2,
        'disk errors': 2,
        'failed syncs': 2,
        'power cut': 1,
        'empty disk': 1,
      },
    ],
  },
  /** Voters without a leader, again and again, in a network in which candidates are in each other's way. */
  elections: {
    ...BASE,
    shapes: [
      [3, 0, 0],
      [5, 0, 0],
    ],
    faultEveryMs: [1_500],
    weights: [
      { 'slow links': 4, kill: 2, restart: 2, pause: 2, partition: 3, 'one-way partition': 2, loss: 1 },
    ],
  },
  /** Replicas that join those in sync, and are gone again before the controller hears of it. */
  rejoins: {
    ...BASE,
    shapes: [[3, 0, 0]],
    faultEveryMs: [1_500],
    weights: [{ 'stalled connections': 5, kill: 4, 'power cut': 2, restart: 2 }],
  },
  /** Replicas that are moved again and again, between nodes that are started again and again. */
  moves: {
    ...BASE,
    shapes: [[3, 0, 0]],
    faultEveryMs: [1_500],
    weights: [{ restart: 6, kill: 1, pause: 1 }],
    adminEveryMs: 400,
  },
  /** Power that fails while slow disks have much to write. */
  torn: {
    ...BASE,
    shapes: [[3, 0, 0]],
    faultEveryMs: [1_500],
    weights: [{ 'slow disk': 5, 'power cut': 4 }],
    writeEveryMs: 150,
  },
  /** Brokers apart from the controllers, which lose sight of all of them at once. */
  separate: {
    ...BASE,
    shapes: [
      [0, 3, 3],
      [0, 3, 4],
    ],
    faultEveryMs: [1_500, 4_000],
    weights: [
      { 'controllers cut off': 3, blackout: 2, kill: 3, 'power cut': 2, pause: 2, restart: 2, partition: 2 },
    ],
  },
  /** Bits that flip where records lie, and what is no excuse for not mending them. */
  flips: {
    ...BASE,
    shapes: CLUSTERS,
    weights: [{ 'bit flips': 6, pause: 1, restart: 1, partition: 1, 'slow disk': 1, resets: 1 }],
  },
  /** One node, which must bring back all that it acknowledged. */
  single: {
    ...BASE,
    shapes: [[1, 0, 0]],
    weights: [
      {
        kill: 3,
        'power cut': 4,
        pause: 1,
        restart: 2,
        loss: 1,
        'slow links': 1,
        resets: 1,
        'clock jump': 1,
        'slow disk': 1,
        'full disk': 1,
        'disk errors': 1,
        'failed syncs': 1,
      },
    ],
  },
};
