import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asNodeId } from '../../src/model/ids.ts';
import { clusterHealth } from '../../src/monitor/health.ts';
import { ImageBuilder } from '../support/image_builder.ts';

interface Case {
  readonly what: string;
  readonly build: (image: ImageBuilder) => ImageBuilder;
  readonly leaderId?: number | undefined;
  readonly directories?: readonly string[];
  readonly status: string;
  /** What each reason is, and what its text matches. */
  readonly reasons: readonly (readonly [what: string, text: RegExp])[];
}

const three = (image: ImageBuilder) => image.broker(1).broker(2).broker(3);

const TABLE: readonly Case[] = [
  {
    what: 'all is well',
    build: image => three(image).partition('orders', 0, { replicas: [1, 2, 3] }),
    leaderId: 1,
    status: 'green',
    reasons: [],
  },
  {
    what: 'a broker is down, and its replicas are missed',
    build: image =>
      image
        .broker(1)
        .broker(2)
        .broker(3, { fenced: true })
        .partition('orders', 0, { replicas: [1, 2, 3], isr: [1, 2] }),
    leaderId: 1,
    status: 'yellow',
    reasons: [
      ['BrokerDown', /^Broker 3 is not alive: start it again/],
      [
        'UnderReplicatedPartitions',
        /^1 partition with replicas that are not in sync: orders-0\. To mend it, bring/,
      ],
    ],
  },
  {
    what: 'fewer are in sync than the topic wants',
    build: image =>
      three(image)
        .topicSetting('orders', 'min.insync.replicas', '2')
        .partition('orders', 0, { replicas: [1, 2, 3], isr: [1] })
        .partition('plain', 0, { replicas: [1, 2, 3], isr: [1] }),
    leaderId: 1,
    status: 'red',
    reasons: [
      ['UnderMinIsr', /refused: orders-0\./],
      ['UnderReplicatedPartitions', /in sync: plain-0\./],
    ],
  },
  {
    what: 'partitions have no leader: the first are named',
    build: image => {
      three(image);
      for (let index = 0; index < 12; index++)
        image.partition('orders', index, { replicas: [1, 2, 3], isr: [1], leader: -1 });
      return image;
    },
    leaderId: 1,
    status: 'red',
    reasons: [['OfflinePartitions', /^12 partitions without a leader.*orders-9 and 2 more\. To mend it/]],
  },
  {
    what: 'no broker is left',
    build: image => image.broker(1, { fenced: true }).broker(2, { fenced: true }),
    leaderId: 1,
    status: 'red',
    reasons: [['BrokersDown', /^Brokers 1, 2 are not alive/]],
  },
  {
    what: 'nobody leads the quorum',
    build: three,
    leaderId: undefined,
    status: 'red',
    reasons: [['NoActiveController', /start voters until a majority/]],
  },
  {
    what: 'a disk of this node failed',
    build: three,
    leaderId: 1,
    directories: ['/data2'],
    status: 'yellow',
    reasons: [['OfflineLogDirectory', /failed: \/data2\./]],
  },
];

for (const { what, build, leaderId, directories, status, reasons } of TABLE) {
  test(`${status}: ${what}`, () => {
    const health = clusterHealth({
      image: build(new ImageBuilder()).image,
      leaderId: leaderId === undefined ? undefined : asNodeId(leaderId),
      defaultMinIsr: 1,
      offlineDirectories: directories ?? [],
    });
    assert.equal(health.status, status);
    assert.deepEqual(
      health.reasons.map(each => each.what),
      reasons.map(([each]) => each),
    );
    for (const [index, [, text]] of reasons.entries()) {
      assert.match(health.reasons[index]!.text, text);
      assert.match(health.reasons[index]!.command, /^odradek /);
    }
  });
}
