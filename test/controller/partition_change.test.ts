import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type PartitionFields,
  PartitionRegistration,
} from '../../src/controller/image/partition_registration.ts';
import { metadataVersionOf } from '../../src/controller/metadata_version.ts';
import {
  asNodes,
  type Election,
  type PartitionChangeInput,
  type PartitionTarget,
  partitionChange,
} from '../../src/controller/partition_change.ts';
import {
  asLeaderEpoch,
  asNodeId,
  asPartitionIndex,
  asUuid,
  type NodeId,
  type Uuid,
} from '../../src/model/ids.ts';
import { UNASSIGNED_DIRECTORY } from '../../src/model/uuid.ts';

const TOPIC = asUuid('AAECAwQFBgcICQoLDA0ODw');
const directoryOf = (broker: number): Uuid => asUuid(Buffer.alloc(16, broker + 100).toString('base64url'));

interface State {
  replicas?: number[];
  isr?: number[];
  elr?: number[];
  lastKnownElr?: number[];
  removing?: number[];
  adding?: number[];
  leader?: number;
  recovering?: boolean;
}

interface Situation {
  readonly target?: { readonly [Key in keyof PartitionTarget]: unknown };
  readonly election?: Election;
  /** The brokers that are up; 1 to 9 without it. */
  readonly up?: number[];
  readonly minIsr?: number;
  readonly elr?: boolean;
  readonly unclean?: number[];
  readonly empty?: number[];
  readonly version?: number;
}

function partitionOf(state: State): PartitionRegistration {
  const replicas = state.replicas ?? [1, 2, 3];
  const fields: PartitionFields = {
    replicas: asNodes(replicas),
    directories: replicas.map(directoryOf),
    isr: asNodes(state.isr ?? replicas),
    elr: asNodes(state.elr ?? []),
    lastKnownElr: asNodes(state.lastKnownElr ?? []),
    removingReplicas: asNodes(state.removing ?? []),
    addingReplicas: asNodes(state.adding ?? []),
    leader: asNodeId(state.leader ?? 1),
    leaderRecoveryState: state.recovering ? 1 : 0,
    leaderEpoch: asLeaderEpoch(10),
    partitionEpoch: 20,
  };
  return new PartitionRegistration(fields);
}

function inputOf(partition: PartitionRegistration, situation: Situation): PartitionChangeInput {
  const up = situation.up ?? [1, 2, 3, 4, 5, 6, 7, 8, 9];
  return {
    topicId: TOPIC,
    index: asPartitionIndex(0),
    partition,
    target: (situation.target ?? {}) as PartitionTarget,
    election: situation.election ?? 'online',
    canLead: replica => up.includes(replica),
    defaultDirectory: () => UNASSIGNED_DIRECTORY,
    minIsr: situation.minIsr ?? 2,
    elrEnabled: situation.elr ?? true,
    uncleanReplicas: asNodes(situation.unclean ?? []),
    emptyReplicas: asNodes(situation.empty ?? []),
    metadataVersion: metadataVersionOf(situation.version ?? 30)!,
  };
}

/** The partition afterwards; the same when nothing changes. */
function apply(partition: PartitionRegistration, situation: Situation): PartitionRegistration {
  const record = partitionChange(inputOf(partition, situation));
  if (record === undefined) return partition;
  assert.equal(record.type, 'PartitionChangeRecord');
  return partition.merge(record.value);
}

function stateOf(partition: PartitionRegistration): State {
  const state: State = { isr: [...partition.isr], leader: partition.leader };
  if (partition.elr.length > 0) state.elr = [...partition.elr];
  if (partition.lastKnownElr.length > 0) state.lastKnownElr = [...partition.lastKnownElr];
  if (partition.removingReplicas.length > 0) state.removing = [...partition.removingReplicas];
  if (partition.addingReplicas.length > 0) state.adding = [...partition.addingReplicas];
  if (partition.leaderRecoveryState === 1) state.recovering = true;
  return state;
}

type Row = readonly [
  what: string,
  before: State,
  situation: Situation,
  after: State | 'the same',
  /** By how much the leader epoch and the partition epoch rise. */
  epochs?: readonly [number, number],
];

function check(rows: readonly Row[]): void {
  for (const [what, before, situation, after, [leaderEpochs, partitionEpochs] = [0, 1]] of rows) {
    test(what, () => {
      const partition = partitionOf(before);
      const changed = apply(partition, situation);
      if (after === 'the same') {
        assert.equal(changed, partition);
        return;
      }
      assert.deepEqual(stateOf(changed), { ...after });
      const rise = [
        changed.leaderEpoch - partition.leaderEpoch,
        changed.partitionEpoch - partition.partitionEpoch,
      ];
      assert.deepEqual(rise, [leaderEpochs, partitionEpochs]);
    });
  }
}

const isr = (...nodes: number[]) => ({ target: { isr: nodes } });
const ELECTED = [1, 1] as const;

check([
  ['nothing to do', {}, {}, 'the same'],
  ['the ISR shrinks: the leader epoch stays', {}, isr(1, 2), { isr: [1, 2], leader: 1 }],
  [
    'the ISR shrinks before 3.6: a new leader epoch',
    {},
    { ...isr(1, 2), version: 11, elr: false },
    { isr: [1, 2], leader: 1 },
    ELECTED,
  ],
  ['the ISR grows', { isr: [1] }, isr(1, 2), { isr: [1, 2], leader: 1 }],
  [
    'the leader leaves the ISR: the first replica in sync leads',
    {},
    { ...isr(2, 3), up: [2, 3] },
    { isr: [2, 3], leader: 2 },
    ELECTED,
  ],
  [
    'the order of the replicas decides, not that of the ISR',
    { replicas: [3, 1, 2], leader: 1 },
    { ...isr(2, 3), up: [2, 3] },
    { isr: [2, 3], leader: 3 },
    ELECTED,
  ],
  [
    'a replica in sync that is down does not lead',
    {},
    { ...isr(2, 3), up: [3] },
    { isr: [2, 3], leader: 3 },
    ELECTED,
  ],
]);

check([
  [
    'preferred: the first replica takes over',
    { leader: 2 },
    { election: 'preferred' },
    { isr: [1, 2, 3], leader: 1 },
    ELECTED,
  ],
  ['preferred: not while it is down', { leader: 2 }, { election: 'preferred', up: [2, 3] }, 'the same'],
  [
    'preferred: not while it is out of sync',
    { isr: [2, 3], leader: 2 },
    { election: 'preferred' },
    'the same',
  ],
  [
    'preferred: another one when the leader is down',
    { isr: [2, 3], leader: 2 },
    { election: 'preferred', up: [1, 3] },
    { isr: [2, 3], leader: 3 },
    ELECTED,
  ],
  ['online: a leader that can go on goes on', { leader: 2 }, {}, 'the same'],
]);

check([
  [
    'below min.insync.replicas, who leaves the ISR stays eligible',
    { isr: [1, 2] },
    { ...isr(1), up: [1] },
    { isr: [1], leader: 1, elr: [2] },
  ],
  [
    'at min.insync.replicas nobody needs to be eligible',
    { isr: [1], elr: [2] },
    isr(1, 3),
    { isr: [1, 3], leader: 1 },
  ],
  [
    'who returns to the ISR is not eligible besides',
    { isr: [1], elr: [2, 3], minIsr: 3 } as State,
    { ...isr(1, 2), minIsr: 3 },
    { isr: [1, 2], leader: 1, elr: [3] },
  ],
  [
    'the last in sync goes: no leader, and it is known who led',
    { isr: [1] },
    { ...isr(), up: [] },
    { isr: [], leader: -1, elr: [1], lastKnownElr: [1] },
    ELECTED,
  ],
  [
    'an eligible replica leads when nobody is in sync',
    { isr: [1], elr: [2, 3], leader: 1 },
    { ...isr(), up: [3] },
    { isr: [3], leader: 3, elr: [1, 2] },
    ELECTED,
  ],
  [
    'an eligible replica that leads alone, which is enough: the others lack what it will commit',
    { isr: [], elr: [2, 3], leader: -1, lastKnownElr: [1] },
    { up: [2], minIsr: 1 },
    { isr: [2], leader: 2 },
    ELECTED,
  ],
  [
    'an eligible replica that comes back leads',
    { isr: [], elr: [2, 3], leader: -1, lastKnownElr: [1] },
    { up: [2] },
    { isr: [2], leader: 2, elr: [3] },
    ELECTED,
  ],
  [
    'with min.insync.replicas 1, whoever led last is eligible',
    { isr: [1] },
    { ...isr(), up: [2, 3], minIsr: 1 },
    { isr: [], leader: -1, elr: [1], lastKnownElr: [1] },
    ELECTED,
  ],
  [
    'an unclean stop takes the last one out of the ISR and out of the eligible',
    { isr: [1] },
    { ...isr(), up: [2, 3], unclean: [1] },
    { isr: [], leader: -1, lastKnownElr: [1] },
    ELECTED,
  ],
  [
    'an unclean stop takes an eligible one out',
    { isr: [1], elr: [2, 3] },
    { unclean: [3] },
    { isr: [1], leader: 1, elr: [2] },
  ],
  [
    'nobody has all the data: the last known leader leads, and recovers',
    { isr: [], leader: -1, lastKnownElr: [2] },
    {},
    { isr: [2], leader: 2, recovering: true },
    ELECTED,
  ],
  ['not while it is down', { isr: [], leader: -1, lastKnownElr: [2] }, { up: [1, 3] }, 'the same'],
  [
    'not while anybody is eligible',
    { isr: [], elr: [3], leader: -1, lastKnownElr: [2] },
    { up: [1, 2] },
    'the same',
  ],
  [
    'the last known leader has lost its disk: it is not known any more',
    { isr: [], leader: -1, lastKnownElr: [2] },
    { up: [1, 3], unclean: [2], empty: [2] },
    { isr: [], leader: -1 },
  ],
  [
    'another one has lost its disk: the last known leader stays known',
    { isr: [], leader: -1, lastKnownElr: [2] },
    { up: [1], unclean: [3], empty: [3] },
    'the same',
  ],
  [
    'who leads last and has lost its disk is not noted',
    { isr: [1] },
    { ...isr(), up: [2, 3], unclean: [1], empty: [1] },
    { isr: [], leader: -1 },
    ELECTED,
  ],
  [
    'not when several are known, as older controllers wrote',
    { isr: [], leader: -1, lastKnownElr: [2, 3] },
    {},
    'the same',
  ],
]);

check([
  [
    'without ELR the last in sync stays in the ISR',
    { isr: [1] },
    { ...isr(), up: [], elr: false },
    { isr: [1], leader: -1 },
    ELECTED,
  ],
  [
    'without ELR the last in sync leads again',
    { isr: [1], leader: -1 },
    { elr: false, up: [1] },
    { isr: [1], leader: 1 },
    ELECTED,
  ],
  [
    'without ELR what is left of it goes',
    { isr: [1], elr: [2] },
    { ...isr(1), elr: false },
    { isr: [1], leader: 1 },
  ],
  [
    'unclean: any replica that is up, alone, and it recovers',
    { isr: [1] },
    { ...isr(), election: 'unclean', up: [3], elr: false },
    { isr: [3], leader: 3, recovering: true },
    ELECTED,
  ],
  [
    'unclean with ELR: nobody is eligible afterwards',
    { isr: [1], elr: [2] },
    { ...isr(), election: 'unclean', up: [3] },
    { isr: [3], leader: 3, recovering: true },
    ELECTED,
  ],
  [
    'unclean: a clean leader comes first',
    { isr: [2, 3], leader: 1 },
    { election: 'unclean', up: [1, 3] },
    { isr: [2, 3], leader: 3 },
    ELECTED,
  ],
  [
    'unclean: an eligible leader comes first',
    { isr: [], elr: [3], leader: -1, lastKnownElr: [1] },
    { election: 'unclean' },
    { isr: [3], leader: 3 },
    ELECTED,
  ],
  [
    'the recovery ends',
    { isr: [3], leader: 3, recovering: true },
    { target: { isr: [3], leaderRecoveryState: 0 } },
    { isr: [3], leader: 3 },
  ],
  [
    'one who recovers is replaced uncleanly: the next recovers too',
    { isr: [3], leader: 3, recovering: true },
    { ...isr(), election: 'unclean', up: [2], elr: false },
    { isr: [2], leader: 2, recovering: true },
    ELECTED,
  ],
]);

const reassign = (
  replicas: number[],
  removingReplicas: number[],
  addingReplicas: number[],
  rest: Situation = {},
) => ({
  ...rest,
  target: { replicas, removingReplicas, addingReplicas },
});

check([
  [
    'a reassignment begins',
    {},
    reassign([4, 2, 3, 1], [1], [4]),
    { isr: [1, 2, 3], leader: 1, removing: [1], adding: [4] },
  ],
  [
    'it goes on while one that it adds is out of sync',
    { replicas: [4, 5, 1, 2], isr: [1, 2], removing: [1, 2], adding: [4, 5] },
    isr(1, 2, 4),
    { isr: [1, 2, 4], leader: 1, removing: [1, 2], adding: [4, 5] },
  ],
  [
    'it completes: what it removes is gone, and the leader with it',
    { replicas: [4, 5, 1, 2], isr: [1, 2, 4], removing: [1, 2], adding: [4, 5] },
    isr(1, 2, 4, 5),
    { isr: [4, 5], leader: 4 },
    ELECTED,
  ],
  [
    'it completes: the leader stays, with a new epoch, because a replica left',
    { replicas: [1, 4, 2], isr: [1, 2], removing: [2], adding: [4] },
    isr(1, 2, 4),
    { isr: [1, 4], leader: 1 },
    ELECTED,
  ],
  [
    'adding alone completes without a new epoch',
    { replicas: [1, 2, 4], isr: [1, 2], adding: [4] },
    isr(1, 2, 4),
    { isr: [1, 2, 4], leader: 1 },
  ],
  [
    'who leaves the assignment is not eligible any more',
    { isr: [1, 2], elr: [3] },
    { ...reassign([1, 2, 3], [3], []), minIsr: 3 },
    { isr: [1, 2], leader: 1 },
    ELECTED,
  ],
  ['another order is at once', {}, reassign([2, 3, 1], [], []), { isr: [1, 2, 3], leader: 1 }],
  ['removing alone completes at once', {}, reassign([1, 2, 3], [3], []), { isr: [1, 2], leader: 1 }, ELECTED],
  [
    'a reassignment is given up',
    { replicas: [4, 2, 3, 1], isr: [1, 2, 3], removing: [1], adding: [4] },
    { target: { replicas: [2, 3, 1], isr: [1, 2, 3], removingReplicas: [], addingReplicas: [] } },
    { isr: [1, 2, 3], leader: 1 },
    ELECTED,
  ],
]);

test('replicas keep their directories, new ones get the default', () => {
  const changed = apply(partitionOf({}), reassign([4, 2, 3, 1], [1], [4]));
  assert.deepEqual(changed.directories, [
    UNASSIGNED_DIRECTORY,
    directoryOf(2),
    directoryOf(3),
    directoryOf(1),
  ]);
});

test('a replica moves to another directory', () => {
  const target = { directory: { replica: asNodeId(2), directory: directoryOf(9) } };
  const changed = apply(partitionOf({}), { target });
  assert.deepEqual(changed.directories, [directoryOf(1), directoryOf(9), directoryOf(3)]);
  assert.deepEqual([changed.leaderEpoch, changed.partitionEpoch], [10, 21]);
});

test('the version of the record follows the metadata.version', () => {
  for (const [metadataVersion, version] of [
    [16, 0],
    [17, 1],
    [22, 1],
    [23, 2],
    [33, 2],
  ] as const) {
    const record = partitionChange(
      inputOf(partitionOf({}), { ...isr(1, 2), version: metadataVersion, elr: false }),
    );
    assert.equal(record?.version, version);
  }
});

/** What can happen to a partition from outside. */
const event = fc.oneof(
  fc.record({
    type: fc.constant('down' as const),
    broker: fc.integer({ min: 1, max: 4 }),
    unclean: fc.boolean(),
  }),
  fc.record({ type: fc.constant('up' as const), broker: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ type: fc.constant('grow' as const), broker: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ type: fc.constant('shrink' as const), broker: fc.integer({ min: 1, max: 4 }) }),
);

test('whatever happens: ISR, ELR and leader fit together, and no acknowledged record is lost', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), (events, minIsr) => {
      const up = new Set([1, 2, 3, 4]);
      let partition = partitionOf({ replicas: [1, 2, 3, 4] });
      // Who has every acknowledged record: those that were in sync when the last one was, and kept their logs since.
      let complete = new Set<NodeId>(partition.isr);
      const change = (situation: Situation) => {
        partition = apply(partition, { minIsr, up: [...up], ...situation });
      };
      for (const { type, broker, ...rest } of events) {
        const id = asNodeId(broker);
        const without = () => ({ isr: partition.isr.filter(member => member !== id) });
        if (type === 'down' && up.delete(broker)) {
          change({ target: without() });
          if ('unclean' in rest && rest.unclean) {
            complete.delete(id);
            change({ target: without(), unclean: [broker] });
          }
        } else if (type === 'up') {
          up.add(broker);
          change({});
        } else if (type === 'grow' && partition.hasLeader && up.has(broker) && !partition.isr.includes(id)) {
          complete.add(id);
          change({ target: { isr: [...partition.isr, broker] } });
        } else if (type === 'shrink' && partition.hasLeader && id !== partition.leader) {
          change({ target: without() });
        }
        // With enough in sync something is acknowledged now, and those out of sync lack it.
        if (partition.isr.length >= minIsr && partition.hasLeader) complete = new Set(partition.isr);
        assert.ok(
          partition.isr.length >= minIsr ? partition.elr.length === 0 : true,
          'no ELR with enough in sync',
        );
        assert.ok(!partition.elr.some(member => partition.isr.includes(member)), 'ELR and ISR are apart');
        assert.ok(
          partition.isr.every(member => up.has(member)),
          'who is in sync is up',
        );
        assert.ok(
          partition.hasLeader ? partition.isr.includes(partition.leader) : partition.isr.length === 0,
        );
        if (partition.leaderRecoveryState === 1) return;
        for (const member of [...partition.isr, ...partition.elr]) {
          assert.ok(complete.has(member), `${member} is eligible and lacks records`);
        }
      }
    }),
    { numRuns: 500 },
  );
});
