import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HealthFacts, judgeHealth } from '../../src/cli/health_verdict.ts';
import { planMoves } from '../../src/cli/plan_moves.ts';
import { asPartitionIndex } from '../../src/model/ids.ts';

const placed = (index: number, replicas: readonly number[]) => ({
  topic: 'events',
  partition: asPartitionIndex(index),
  replicas,
});
const brokers = (...ids: readonly number[]) => ids.map(nodeId => ({ nodeId, rack: null }));
const shown = (moves: ReturnType<typeof planMoves>) =>
  Object.fromEntries(moves.map(({ partition, replicas }) => [partition, replicas]));

test('replicas that may stay do, the others go where there is least', () => {
  const partitions = [placed(0, [1, 2]), placed(1, [2, 3]), placed(2, [3, 1])];
  assert.deepEqual(planMoves(partitions, { brokers: brokers(1, 2, 3) }), []);
  assert.deepEqual(shown(planMoves(partitions, { brokers: brokers(1, 2, 4) })), {
    1: [2, 4],
    2: [4, 1],
  });
});

test('more and fewer replicas', () => {
  const partitions = [placed(0, [1]), placed(1, [2]), placed(2, [3])];
  const more = planMoves(partitions, { brokers: brokers(1, 2, 3), replicationFactor: 3 });
  for (const { before, replicas } of more) {
    assert.equal(replicas[0], before[0], 'the leader stays');
    assert.deepEqual([...replicas].sort(), [1, 2, 3]);
  }
  const fewer = planMoves([placed(0, [2, 1, 3])], { brokers: brokers(1, 2, 3), replicationFactor: 2 });
  assert.deepEqual(shown(fewer), { 0: [2, 1] });
});

test('a broker that goes leaves its leaders and replicas to all the others evenly', () => {
  const partitions = Array.from({ length: 12 }, (_, index) => placed(index, [1, 2 + (index % 3)]));
  const moves = planMoves(partitions, { brokers: brokers(2, 3, 4) });
  assert.equal(moves.length, 12);
  const leaders = [2, 3, 4].map(id => moves.filter(({ replicas }) => replicas[0] === id).length);
  const replicas = [2, 3, 4].map(id => moves.filter(move => move.replicas.includes(id)).length);
  assert.deepEqual(leaders, [4, 4, 4]);
  assert.ok(Math.max(...replicas) - Math.min(...replicas) <= 1, `replicas ${replicas}`);
  for (const move of moves) assert.equal(new Set(move.replicas).size, 2);
});

test('replicas go to other racks as far as there are some', () => {
  const racked = [
    { nodeId: 1, rack: 'a' },
    { nodeId: 2, rack: 'a' },
    { nodeId: 3, rack: 'b' },
  ];
  const moves = planMoves([placed(0, [1]), placed(1, [2])], { brokers: racked, replicationFactor: 2 });
  assert.deepEqual(shown(moves), { 0: [1, 3], 1: [2, 3] });
});

const WELL: HealthFacts = {
  brokers: [1, 2, 3].map(nodeId => ({ nodeId, isFenced: false, isReachable: true })),
  topics: [
    {
      name: 'events',
      minInSyncReplicas: 2,
      partitions: [0, 1].map(partition => ({ partition, leader: 1, replicas: [1, 2, 3], isr: [1, 2, 3] })),
    },
  ],
  quorum: { leaderId: 1, voters: [1, 2, 3].map(nodeId => ({ nodeId, lag: 0n, isCurrent: true })) },
  offlineLogDirs: [],
};

function withPartition(change: object): HealthFacts {
  const [topic] = WELL.topics;
  const [first, second] = topic!.partitions;
  return { ...WELL, topics: [{ ...topic!, partitions: [{ ...first!, ...change }, second!] }] };
}

test('the verdict on a cluster, and why', () => {
  const cases: readonly [string, HealthFacts, string, RegExp?][] = [
    ['all is well', WELL, 'green'],
    [
      'a fenced broker',
      { ...WELL, brokers: [...WELL.brokers.slice(1), { nodeId: 1, isFenced: true, isReachable: false }] },
      'yellow',
      /Broker 1 is fenced/,
    ],
    ['under-replicated', withPartition({ isr: [1, 2] }), 'yellow', /events-0 is under-replicated: .*on 3\./],
    [
      'under min.insync.replicas',
      withPartition({ isr: [1] }),
      'red',
      /events-0 has fewer replicas in sync.*2, 3\./,
    ],
    [
      'leaderless, with a broker that is gone',
      withPartition({ leader: -1, isr: [4], replicas: [1, 2, 4] }),
      'red',
      /events-0 is without a leader.*Start the brokers/,
    ],
    [
      'leaderless, with all brokers up',
      withPartition({ leader: -1, isr: [] }),
      'red',
      /events-0 is without a leader.*brokers are up.*cluster elect --unclean/,
    ],
    ['not preferred', withPartition({ leader: 2 }), 'yellow', /odradek cluster elect/],
    ['no quorum', { ...WELL, quorum: { leaderId: -1, voters: [] } }, 'red', /quorum has no leader/],
    [
      'a voter behind',
      { ...WELL, quorum: { leaderId: 1, voters: [{ nodeId: 2, lag: 90n, isCurrent: false }] } },
      'yellow',
      /controller 2 is behind the quorum by 90/,
    ],
    [
      'a lost disk',
      { ...WELL, offlineLogDirs: [{ nodeId: 2, path: '/data', error: 'KAFKA_STORAGE_ERROR' }] },
      'yellow',
      /\/data of broker 2 is offline/,
    ],
    ['nothing known of the quorum', { ...WELL, quorum: undefined }, 'green'],
  ];
  for (const [name, facts, verdict, text] of cases) {
    const health = judgeHealth(facts);
    assert.equal(health.verdict, verdict, name);
    assert.equal(health.reasons.length, text === undefined ? 0 : 1, name);
    if (text !== undefined) assert.match(health.reasons[0]!.text, text, name);
  }
});
