/* What is done to a node, and found again under the next one. */
import assert from 'node:assert/strict';
import kafkajs from 'kafkajs';
import { readAll, toMessage, withAdmin, withProducer } from '../kafkajs/client.ts';
import '../kafkajs/codecs.ts';
import { driver } from '../kafkajs/driver.ts';
import { Ledger } from '../support/ledger.ts';
import type { Scenario } from '../support/program.ts';
import { assertSame, makeRows, type Row } from '../support/rows.ts';
import { until } from '../support/wait.ts';

const { CompressionTypes } = kafkajs;
const CODECS = [
  CompressionTypes.None,
  CompressionTypes.GZIP,
  CompressionTypes.Snappy,
  CompressionTypes.LZ4,
  CompressionTypes.ZSTD,
];
const PARTITIONS = 2;
const ROWS_PER_CODEC = 60;

export interface Work {
  readonly topic: string;
  readonly group: string;
  /** In the order of the partitions' offsets. */
  readonly rows: readonly Row[];
  /** By partition: the offset of the next record. */
  readonly ends: ReadonlyMap<number, number>;
}

/** Records of every shape in every codec, a group that has committed all of them, and a topic's own config. */
export async function doWork(scenario: Scenario): Promise<Work> {
  const [topic, group] = [scenario.name('topic'), scenario.name('group')];
  await withAdmin(scenario, admin =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic,
          numPartitions: PARTITIONS,
          replicationFactor: 1,
          configEntries: [
            { name: 'retention.ms', value: '-1' },
            { name: 'segment.bytes', value: '1048576' },
            { name: 'index.interval.bytes', value: '1024' },
          ],
        },
      ],
    }),
  );
  const rows = makeRows(ROWS_PER_CODEC * CODECS.length, PARTITIONS);
  await withProducer(scenario, { idempotent: true }, async producer => {
    for (const [index, compression] of CODECS.entries()) {
      const part = rows.slice(index * ROWS_PER_CODEC, (index + 1) * ROWS_PER_CODEC);
      await producer.send({ topic, acks: -1, compression, messages: part.map(toMessage) });
    }
  });
  const ends = await driver.endOffsets(scenario, topic);
  const ledger = new Ledger();
  const member = await driver.startMember(scenario, { group, topic, name: 'member', ledger });
  await until('everything is committed', () => ledger.committedCount === rows.length);
  await member.stop();
  return { topic, group, rows, ends };
}

/** Waits until the groups' coordinators have loaded: kafkajs's consumers get lost when they have not. */
async function coordinatorsAnswer(scenario: Scenario, groups: readonly string[]): Promise<void> {
  let last = '';
  const answer = async (): Promise<boolean> => {
    await withAdmin(scenario, admin => admin.describeGroups([...groups]));
    return true;
  };
  const failed = (error: Error): boolean => {
    last = error.message;
    return false;
  };
  await until('the groups are loaded', () => answer().catch(failed), { detail: () => last });
}

/** All of it is there still. */
export async function checkWork(scenario: Scenario, { topic, group, rows, ends }: Work): Promise<void> {
  await coordinatorsAnswer(scenario, [group, `${topic}-reader`]);
  const reader = { ...scenario, name: (suffix: string) => scenario.name(`${topic}-${suffix}`) };
  assertSame(await readAll(reader, topic, rows.length), rows);
  assert.deepEqual(await driver.endOffsets(scenario, topic), ends);
  assert.deepEqual(await driver.committedOffsets(scenario, group, topic), ends, 'the offsets of the group');
  const { resources } = await withAdmin(scenario, admin =>
    admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['segment.bytes'] }],
    }),
  );
  assert.equal(resources[0]!.configEntries[0]!.configValue, '1048576');
}
