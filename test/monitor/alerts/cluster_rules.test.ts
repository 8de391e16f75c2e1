import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../../src/monitor/alerts/alert.ts';
import { CLUSTER_RULES, type ClusterAlertView } from '../../../src/monitor/alerts/cluster_rules.ts';
import { ImageBuilder } from '../../support/image_builder.ts';

/** A cluster of three brokers in which all is well. */
function view(
  build: (image: ImageBuilder) => unknown,
  more: Partial<ClusterAlertView> = {},
): ClusterAlertView {
  const builder = new ImageBuilder();
  build(builder);
  return {
    image: builder.image,
    defaultMinIsr: 1,
    uncleanElections: [],
    isrChanges: [],
    controllerChanges: [],
    groups: () => [],
    voters: [],
    ...more,
  };
}

const three = (image: ImageBuilder) => image.broker(1).broker(2).broker(3);
const all = [1, 2, 3];

interface Case {
  readonly rule: string;
  readonly what: string;
  readonly view: ClusterAlertView;
  readonly threshold?: number;
  /** Labels, summary and command of each finding. */
  readonly findings: readonly (readonly [
    labels: object,
    summary: RegExp,
    command: string,
    causes?: number[],
  ])[];
}

const judged = (group: string, verdict: 'stop' | 'stall' | 'rewind' | 'warn' | 'ok') => ({
  group,
  topic: 'orders',
  partition: 3,
  lag: 42n,
  verdict,
});
const verdicts = view(three, {
  groups: () => [
    judged('a', 'stop'),
    judged('b', 'stall'),
    judged('c', 'rewind'),
    judged('d', 'warn'),
    judged('e', 'ok'),
  ],
});

const TABLE: readonly Case[] = [
  {
    rule: 'OfflinePartitions',
    what: 'a partition without a leader',
    view: view(image =>
      three(image)
        .partition('orders', 0, { replicas: all, isr: [2], leader: -1 })
        .partition('orders', 1, { replicas: all }),
    ),
    findings: [
      [
        { topic: 'orders', partition: '0' },
        /^Partition orders-0 has no leader: nobody can read or write it\. Start broker 2 again\.$/,
        'odradek topic describe orders',
      ],
    ],
  },
  {
    rule: 'UnderMinIsr',
    what: 'fewer in sync than the topic wants; without a leader it is another alert',
    view: view(image =>
      three(image)
        .topicSetting('orders', 'min.insync.replicas', '2')
        .partition('orders', 0, { replicas: all, isr: [1] })
        .partition('orders', 1, { replicas: all, isr: [1, 2] })
        .partition('orders', 2, { replicas: all, isr: [1], leader: -1 }),
    ),
    findings: [
      [
        { topic: 'orders', partition: '0' },
        /has 1 in-sync replicas and min\.insync\.replicas wants 2.*Out of sync: brokers 2, 3\.$/,
        'odradek topic describe orders',
        [2, 3],
      ],
    ],
  },
  {
    rule: 'UnderReplicatedPartitions',
    what: 'a replica out of sync',
    view: view(image => three(image).partition('a.b', 0, { replicas: all, isr: [1, 3] })),
    findings: [
      [
        { topic: 'a.b', partition: '0' },
        /^Partition a\.b-0 has 2 of 3 replicas in sync\. Out of sync: broker 2\.$/,
        'odradek topic describe a.b',
        [2],
      ],
    ],
  },
  {
    rule: 'UncleanLeaderElection',
    what: 'each partition once',
    view: view(three, { uncleanElections: ['my-topic-0', 'my-topic-0', 'x-1'] }),
    findings: [
      [
        { topic: 'my-topic', partition: '0' },
        /may lack acknowledged records/,
        'odradek topic describe my-topic',
      ],
      [{ topic: 'x', partition: '1' }, /may lack acknowledged records/, 'odradek topic describe x'],
    ],
  },
  {
    rule: 'BrokerDown',
    what: 'a fenced broker, with where it was',
    view: view(image => image.broker(1).broker(2, { fenced: true })),
    findings: [[{ broker: '2' }, /^Broker 2 \(host2:9092\) is not alive\./, 'odradek broker describe 2']],
  },
  {
    rule: 'BrokersDown',
    what: 'all of them',
    view: view(image => image.broker(1, { fenced: true }).broker(2, { fenced: true })),
    findings: [[{}, /^None of the 2 brokers is alive/, 'odradek broker list']],
  },
  {
    rule: 'BrokersDown',
    what: 'not when one is left',
    view: view(image => image.broker(1).broker(2, { fenced: true })),
    findings: [],
  },
  { rule: 'BrokersDown', what: 'not when there never was one', view: view(() => {}), findings: [] },
  {
    rule: 'IsrChurn',
    what: 'those that change most',
    view: view(three, { isrChanges: ['a-0', 'b-0', 'b-0', 'c-0', 'd-0'] }),
    findings: [[{}, /5 changes in the last minute, most of b-0, a-0, c-0\./, 'odradek topic describe b']],
  },
  {
    rule: 'PreferredReplicaImbalance',
    what: 'leaders that are not the first replicas',
    view: view(image =>
      three(image)
        .partition('a', 0, { replicas: all, leader: 2 })
        .partition('a', 1, { replicas: all, leader: 3 })
        .partition('a', 2, { replicas: all, leader: -1 }),
    ),
    threshold: 1,
    findings: [[{}, /^2 partitions are led by another/, 'odradek cluster elect']],
  },
  {
    rule: 'PreferredReplicaImbalance',
    what: 'no more than may be',
    view: view(image => three(image).partition('a', 0, { replicas: all, leader: 2 })),
    threshold: 1,
    findings: [],
  },
  ...(
    [
      ['ConsumerGroupStopped', 'a', /^Group a no longer commits in orders-3, and is 42 records behind\.$/],
      ['ConsumerGroupStalled', 'b', /^Group b commits the same offset again and again/],
      ['ConsumerGroupRewound', 'c', /^Group c went back to an earlier offset/],
      ['ConsumerGroupLagging', 'd', /^Group d falls further behind/],
    ] as const
  ).map(
    ([rule, group, summary]): Case => ({
      rule,
      what: 'by the verdict',
      view: verdicts,
      threshold: 0,
      findings: [
        [
          { consumergroup: group, topic: 'orders', partition: '3' },
          summary,
          `odradek group describe ${group}`,
        ],
      ],
    }),
  ),
  {
    rule: 'QuorumVoterLagging',
    what: 'a voter that is behind for too long',
    view: view(three, {
      voters: [
        { id: 1, behindMs: 0 },
        { id: 2, behindMs: 10_000 },
        { id: 3, behindMs: 12_400 },
      ],
    }),
    threshold: 10_000,
    findings: [
      [{ voter: '3' }, /^Voter 3 of the quorum has been behind for 12 s/, 'odradek cluster quorum', [3]],
    ],
  },
  {
    rule: 'ControllerElectionsTooMany',
    what: 'more than may be',
    view: view(three, { controllerChanges: ['1', '2', '1', '2'] }),
    threshold: 3,
    findings: [[{}, /^The quorum had 4 new leaders in ten minutes/, 'odradek cluster quorum']],
  },
];

for (const { rule, what, view: looked, threshold = Number.NaN, findings } of TABLE) {
  test(`${rule}: ${what}`, () => {
    const found = findingsOf(rule, looked, threshold)!;
    assert.deepEqual(
      found.map(({ labels, command, causes }) => ({ labels, command, causes })),
      findings.map(([labels, , command, causes]) => ({ labels, command, causes })),
    );
    for (const [index, [, summary]] of findings.entries()) assert.match(found[index]!.summary, summary);
  });
}

test('nothing is found where all is well', () => {
  const well = view(image => three(image).partition('a', 0, { replicas: all }));
  for (const { name } of CLUSTER_RULES) assert.deepEqual(findingsOf(name, well, 0), [], name);
});

test('what can not be told is not told as well', () => {
  const unknown = view(three, { groups: () => undefined, voters: undefined });
  for (const rule of ['ConsumerGroupStopped', 'ConsumerGroupLagging', 'QuorumVoterLagging'])
    assert.equal(findingsOf(rule, unknown, 0), undefined, rule);
});

function findingsOf(
  rule: string,
  looked: ClusterAlertView,
  threshold: number,
): readonly Finding[] | undefined {
  return CLUSTER_RULES.find(({ name }) => name === rule)!.find(looked, threshold);
}
