import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/messages/19_create_topics.ts';
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../src/messages/20_delete_topics.ts';
import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../src/messages/37_create_partitions.ts';
import { ERROR_NAMES, Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { ZERO_UUID } from '../../src/model/uuid.ts';
import type { MessageInput } from '../../src/protocol/schema.ts';
import { answered, Harness, request } from './harness.ts';

type TopicInput = Partial<MessageInput<typeof CreateTopicsRequest>['topics'][number]>;

async function three(settings: string[] = []): Promise<Harness> {
  const harness = await new Harness({ settings }).lead();
  await harness.start([1, 2, 3]);
  return harness;
}

const nameOf = (code: number | undefined): string => ERROR_NAMES.get(code ?? -2) ?? String(code);
const replicas = (...lists: number[][]) =>
  lists.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }));

test('what becomes of topics that are asked for', async () => {
  const config = (name: string, value: string | null) => ({ configs: [{ name, value }] });
  const table: readonly (readonly [string, TopicInput, string])[] = [
    ['by default', { name: 'new' }, 'NONE'],
    ['a name of 249 characters', { name: 'x'.repeat(249) }, 'NONE'],
    ['a name of 250', { name: 'x'.repeat(250) }, 'INVALID_TOPIC_EXCEPTION'],
    ['no name', { name: '' }, 'INVALID_TOPIC_EXCEPTION'],
    ['.', { name: '.' }, 'INVALID_TOPIC_EXCEPTION'],
    ['..', { name: '..' }, 'INVALID_TOPIC_EXCEPTION'],
    ['a name with a space', { name: 'a b' }, 'INVALID_TOPIC_EXCEPTION'],
    ['a name with an umlaut', { name: 'ä' }, 'INVALID_TOPIC_EXCEPTION'],
    ['a name that exists', { name: 'old.one' }, 'TOPIC_ALREADY_EXISTS'],
    ['a name like one that exists', { name: 'old_one' }, 'INVALID_TOPIC_EXCEPTION'],
    ['the log of the metadata', { name: '__cluster_metadata' }, 'INVALID_REQUEST'],
    ['an internal topic', { name: '__consumer_offsets', numPartitions: 50 }, 'NONE'],
    ['no partitions', { numPartitions: 0 }, 'INVALID_PARTITIONS'],
    ['fewer than none', { numPartitions: -2 }, 'INVALID_PARTITIONS'],
    ['no replicas', { replicationFactor: 0 }, 'INVALID_REPLICATION_FACTOR'],
    ['more replicas than brokers', { replicationFactor: 4 }, 'INVALID_REPLICATION_FACTOR'],
    ['an unknown setting', config('retention.s', '1'), 'INVALID_CONFIG'],
    ['a bad value', config('retention.ms', 'soon'), 'INVALID_CONFIG'],
    ['no value', config('retention.ms', null), 'INVALID_CONFIG'],
    ['replicas of my own', { assignments: replicas([1, 2], [2, 3]) }, 'NONE'],
    ['replicas and their number', { assignments: replicas([1]), replicationFactor: 1 }, 'INVALID_REQUEST'],
    [
      'replicas and the number of partitions',
      { assignments: replicas([1]), numPartitions: 1 },
      'INVALID_REQUEST',
    ],
    ['an unknown broker', { assignments: replicas([1, 9]) }, 'INVALID_REPLICA_ASSIGNMENT'],
    ['a broker twice', { assignments: replicas([1, 1]) }, 'INVALID_REPLICA_ASSIGNMENT'],
    ['a partition without replicas', { assignments: replicas([]) }, 'INVALID_REPLICA_ASSIGNMENT'],
    ['different numbers of replicas', { assignments: replicas([1], [1, 2]) }, 'INVALID_REPLICA_ASSIGNMENT'],
    ['a gap', { assignments: [{ partitionIndex: 1, brokerIds: [1] }] }, 'INVALID_REPLICA_ASSIGNMENT'],
    [
      'a negative partition',
      { assignments: [{ partitionIndex: -1, brokerIds: [1] }] },
      'INVALID_REPLICA_ASSIGNMENT',
    ],
    [
      'a partition twice',
      {
        assignments: [
          { partitionIndex: 0, brokerIds: [1] },
          { partitionIndex: 0, brokerIds: [2] },
        ],
      },
      'INVALID_REPLICA_ASSIGNMENT',
    ],
  ];
  const harness = await three();
  await harness.createTopics([{ name: 'old.one' }]);
  for (const [what, topic, expected] of table) {
    const [result] = await harness.createTopics([topic], true);
    assert.equal(nameOf(result?.errorCode), expected, `${what}: ${result?.errorMessage}`);
    if (expected !== 'NONE') assert.ok(result?.errorMessage, what);
  }
  assert.equal(harness.image.topics.size, 1, 'validateOnly creates nothing');
});

test('a topic gets what was asked for, and the answer says so', async () => {
  const harness = await three(['num.partitions=4', 'default.replication.factor=2', 'log.retention.ms=1000']);
  const [result] = await harness.createTopics([
    { name: 'a', configs: [{ name: 'cleanup.policy', value: 'compact' }] },
  ]);
  assert.deepEqual(
    [result?.numPartitions, result?.replicationFactor, result?.topicConfigErrorCode ?? 0],
    [4, 2, 0],
  );
  const configs = new Map(result?.configs?.map(config => [config.name, [config.value, config.configSource]]));
  assert.deepEqual(configs.get('cleanup.policy'), ['compact', 1]);
  assert.deepEqual(configs.get('retention.ms'), ['1000', 4]);
  assert.deepEqual(configs.get('segment.bytes'), ['1073741824', 5]);
  const topic = harness.topic('a');
  assert.equal(result?.topicId, topic.id);
  assert.equal(topic.partitions.length, 4);
  for (const partition of topic.partitions) {
    assert.equal(new Set(partition.replicas).size, 2);
    assert.deepEqual(partition.isr, partition.replicas);
    assert.equal(partition.leader, partition.replicas[0]);
    assert.ok(partition.directories.every(directory => directory !== ZERO_UUID));
  }
  assert.deepEqual([...harness.image.configs.of({ type: 2, name: 'a' })], [['cleanup.policy', 'compact']]);
  answered(CreateTopicsResponse, { throttleTimeMs: 0, topics: [result!] });
});

test('each topic of a request is created or refused by itself', async () => {
  const harness = await three();
  const results = await harness.createTopics([
    { name: 'good' },
    { name: 'bad/name' },
    { name: 'two' },
    { name: 'two' },
    { name: 'x.y' },
    { name: 'x_y' },
  ]);
  assert.deepEqual(
    results.map(result => [result.name, nameOf(result.errorCode)]),
    [
      ['good', 'NONE'],
      ['bad/name', 'INVALID_TOPIC_EXCEPTION'],
      ['two', 'INVALID_REQUEST'],
      ['x.y', 'NONE'],
      ['x_y', 'INVALID_TOPIC_EXCEPTION'],
    ],
  );
  assert.deepEqual(
    [...harness.image.topics.all()].map(topic => topic.name),
    ['good', 'x.y'],
  );
});

test('replicas of brokers that are down begin out of sync', async () => {
  const harness = await three();
  harness.kill(1);
  await harness.pass(2400);
  await harness.createAssigned('a', [[1, 2, 3]]);
  const { leader, isr } = harness.partition('a');
  assert.deepEqual([leader, isr], [2, [2, 3]]);
  const [result] = await harness.createTopics([{ name: 'b', assignments: replicas([1]) }]);
  assert.equal(nameOf(result?.errorCode), 'INVALID_REPLICA_ASSIGNMENT');
});

test('without any broker that is up nothing is created', async () => {
  const harness = await new Harness().lead();
  const [result] = await harness.createTopics([{ name: 'a' }]);
  assert.equal(nameOf(result?.errorCode), 'INVALID_REPLICATION_FACTOR');
  assert.match(result?.errorMessage ?? '', /none of the 0 registered brokers is up/);
});

test('too many partitions at once are refused as a whole', async () => {
  const harness = await three();
  const create = request(CreateTopicsRequest, {
    topics: [5000, 5001].map((numPartitions, index) => ({
      name: `t${index}`,
      numPartitions,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    })),
  });
  const answer = await harness.controller.createTopics(create);
  assert.ok(answer instanceof Failure);
  assert.equal(nameOf(answer.code), 'POLICY_VIOLATION');
});

test('topics are deleted by name and by id', async () => {
  const harness = await three();
  await harness.createTopics(['a', 'b', 'c', 'd'].map(name => ({ name })));
  const id = (name: string) => harness.topic(name).id;
  const unknown = 'AAECAwQFBgcICQoLDA0ODw';
  const topics = [
    { name: 'a', topicId: ZERO_UUID },
    { name: null, topicId: id('b') },
    { name: 'nope', topicId: ZERO_UUID },
    { name: null, topicId: unknown },
    { name: null, topicId: ZERO_UUID },
    { name: 'c', topicId: id('c') },
    { name: 'd', topicId: ZERO_UUID },
    { name: null, topicId: id('d') },
    { name: 'twice', topicId: ZERO_UUID },
    { name: 'twice', topicId: ZERO_UUID },
  ];
  const answer = await harness.controller.deleteTopics(
    request(DeleteTopicsRequest, { topics, timeoutMs: 1000 }),
    { version: 6 },
  );
  const { responses } = answered(DeleteTopicsResponse, answer);
  assert.deepEqual(
    responses.map(({ name, errorCode }) => [name, nameOf(errorCode)]),
    [
      ['a', 'NONE'],
      ['b', 'NONE'],
      ['nope', 'UNKNOWN_TOPIC_OR_PARTITION'],
      [null, 'UNKNOWN_TOPIC_ID'],
      [null, 'INVALID_REQUEST'],
      ['c', 'INVALID_REQUEST'],
      ['d', 'NONE'],
      [null, 'INVALID_REQUEST'],
      ['twice', 'INVALID_REQUEST'],
    ],
  );
  assert.deepEqual(
    [...harness.image.topics.all()].map(topic => topic.name),
    ['c'],
  );
});

test('an older request deletes by names, and a cluster may forbid it', async () => {
  const deleteA = request(DeleteTopicsRequest, { topics: [], topicNames: ['a'], timeoutMs: 1000 }, 5);
  const harness = await three();
  await harness.createTopics([{ name: 'a' }]);
  answered(DeleteTopicsResponse, await harness.controller.deleteTopics(deleteA, { version: 5 }));
  assert.equal(harness.image.topics.size, 0);
  const forbidding = await three(['delete.topic.enable=false']);
  for (const [version, code] of [
    [2, Errors.INVALID_REQUEST],
    [5, Errors.TOPIC_DELETION_DISABLED],
  ] as const) {
    const answer = await forbidding.controller.deleteTopics(deleteA, { version });
    assert.ok(answer instanceof Failure);
    assert.equal(answer.code, code);
  }
});

test('partitions are added', async () => {
  const harness = await three();
  await harness.createTopics([{ name: 'a', numPartitions: 2, replicationFactor: 2 }, { name: 'b' }]);
  const table = [
    [{ name: 'a', count: 5, assignments: null }, 'NONE'],
    [{ name: 'b', count: 3, assignments: [{ brokerIds: [2] }, { brokerIds: [3] }] }, 'NONE'],
    [{ name: 'nope', count: 5, assignments: null }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ name: 'a', count: 5, assignments: null }, 'INVALID_PARTITIONS'],
    [{ name: 'a', count: 4, assignments: null }, 'INVALID_PARTITIONS'],
    [{ name: 'a', count: -1, assignments: null }, 'INVALID_PARTITIONS'],
    [{ name: 'a', count: 2_000_000_000, assignments: null }, 'POLICY_VIOLATION'],
    [{ name: 'a', count: 7, assignments: [{ brokerIds: [1, 2] }] }, 'INVALID_REPLICA_ASSIGNMENT'],
    [{ name: 'a', count: 6, assignments: [{ brokerIds: [1] }] }, 'INVALID_REPLICA_ASSIGNMENT'],
    [{ name: 'a', count: 6, assignments: [{ brokerIds: [1, 9] }] }, 'INVALID_REPLICA_ASSIGNMENT'],
  ] as const;
  for (const [topic, expected] of table) {
    const input = { topics: [topic], timeoutMs: 1000, validateOnly: false };
    const answer = await harness.controller.createPartitions(request(CreatePartitionsRequest, input));
    const { results } = answered(CreatePartitionsResponse, answer);
    assert.equal(nameOf(results[0]?.errorCode), expected, JSON.stringify(topic));
  }
  assert.equal(harness.topic('a').partitions.length, 5);
  assert.deepEqual(
    harness
      .topic('b')
      .partitions.slice(1)
      .map(partition => partition.replicas),
    [[2], [3]],
  );
});

test('partitions are not added for show, nor for a topic that is named twice', async () => {
  const harness = await three();
  await harness.createTopics([{ name: 'a' }]);
  const topic = { name: 'a', count: 2, assignments: null };
  const add = async (topics: (typeof topic)[], validateOnly: boolean) => {
    const create = request(CreatePartitionsRequest, { topics, timeoutMs: 1000, validateOnly });
    return answered(CreatePartitionsResponse, await harness.controller.createPartitions(create)).results;
  };
  assert.deepEqual(
    (await add([topic], true)).map(result => nameOf(result.errorCode)),
    ['NONE'],
  );
  assert.deepEqual(
    (await add([topic, topic], false)).map(result => nameOf(result.errorCode)),
    ['INVALID_REQUEST'],
  );
  assert.equal(harness.topic('a').partitions.length, 1);
});

test('what a client may not have yet by its quota is refused, each topic by itself', async () => {
  const harness = await three();
  await harness.createTopics([{ name: 'old', numPartitions: 4 }]);
  let left = 5;
  const charge = (partitions: number) => {
    if (left <= 0) return new Failure(Errors.THROTTLING_QUOTA_EXCEEDED, 'later');
    left -= partitions;
    return undefined;
  };
  const topics = ['a', 'b', 'c'].map(name => ({
    name,
    numPartitions: 3,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  }));
  const created = answered(
    CreateTopicsResponse,
    await harness.controller.createTopics(request(CreateTopicsRequest, { topics, timeoutMs: 1000 }), charge),
  );
  assert.deepEqual(
    created.topics.map(({ name, errorCode }) => [name, nameOf(errorCode)]),
    [
      ['a', 'NONE'],
      ['b', 'NONE'],
      ['c', 'THROTTLING_QUOTA_EXCEEDED'],
    ],
  );
  const named = ['old', 'a'].map(name => ({ name, topicId: ZERO_UUID }));
  left = 1;
  const deleted = answered(
    DeleteTopicsResponse,
    await harness.controller.deleteTopics(request(DeleteTopicsRequest, { topics: named, timeoutMs: 1000 }), {
      version: 6,
      charge,
    }),
  );
  assert.deepEqual(
    deleted.responses.map(({ errorCode }) => nameOf(errorCode)),
    ['NONE', 'THROTTLING_QUOTA_EXCEEDED'],
  );
  assert.equal(harness.image.topics.byName('old'), undefined);
  assert.ok(harness.image.topics.byName('a') !== undefined);
});
