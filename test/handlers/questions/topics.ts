import { Metadata } from '../../../src/messages/03_metadata.ts';
import { CreateTopics } from '../../../src/messages/19_create_topics.ts';
import { DeleteTopics } from '../../../src/messages/20_delete_topics.ts';
import { CreatePartitions } from '../../../src/messages/37_create_partitions.ts';
import { DescribeTopicPartitions } from '../../../src/messages/75_describe_topic_partitions.ts';
import { ZERO_UUID } from '../../../src/model/uuid.ts';
import type { MessageInput } from '../../../src/protocol/schema.ts';
import { ask, type Question } from './question.ts';

const UNKNOWN_ID = 'BBBBBBBBBBBBBBBBBBBBBA';
const NAMES = ['', '.', '..', 'a b', 'a/b', 'x'.repeat(250), 'ok_name.-1', 'a,b', 'ä'];

type TopicInput = MessageInput<(typeof CreateTopics)['request']>['topics'][number];

const topic = (name: string, more: Partial<TopicInput> = {}): TopicInput => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...more,
});
const config = (name: string, value: string | null) => ({ name, value });
const createTopics = (topics: TopicInput[], more: { validateOnly?: boolean } = {}, version = 7) =>
  ask(CreateTopics, version, { topics, timeoutMs: 5000, ...more });
const named = (name: string | null, topicId: string = ZERO_UUID) => ({ name, topicId });
const metadata = (
  topics: ReturnType<typeof named>[] | null,
  version = 12,
  more: Partial<MessageInput<(typeof Metadata)['request']>> = {},
) =>
  ask(Metadata, version, {
    topics,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: true,
    ...more,
  });

export const topicsQuestions: Readonly<Record<string, Question>> = {
  'data topic': createTopics([
    topic('data', { numPartitions: 3 }),
    topic('other'),
    topic('compacted', { configs: [config('cleanup.policy', 'compact')] }),
    topic('noacc', { configs: [config('message.timestamp.type', 'LogAppendTime')] }),
  ]),
  ...Object.fromEntries(
    NAMES.map(name => [`create ${name.slice(0, 20)} of ${name.length}`, createTopics([topic(name)])]),
  ),
  'create dup in request': createTopics([topic('dup'), topic('dup')]),
  'create exists': createTopics([topic('data')]),
  'create collision': createTopics([topic('ok.name.-1')]),
  'create internal name': createTopics([topic('__cluster_metadata')]),
  'create rf 2': createTopics([topic('rf2', { replicationFactor: 2 })]),
  'create rf 0': createTopics([topic('rf0', { replicationFactor: 0 })]),
  'create rf -2': createTopics([topic('rf-2', { replicationFactor: -2 })]),
  'create rf -1': createTopics([topic('rfdef', { replicationFactor: -1, numPartitions: -1 })]),
  'create p 0': createTopics([topic('p0', { numPartitions: 0 })]),
  'create p -2': createTopics([topic('p-2', { numPartitions: -2 })]),
  'create unknown config': createTopics([topic('uc', { configs: [config('no.such', '1')] })]),
  'create bad value': createTopics([topic('bv', { configs: [config('retention.ms', 'abc')] })]),
  'create null value': createTopics([topic('nv', { configs: [config('retention.ms', null)] })]),
  'create out of range': createTopics([topic('oor', { configs: [config('segment.bytes', '1')] })]),
  'create two bad': createTopics([
    topic('two', { configs: [config('segment.bytes', '1'), config('no.such', 'x')] }),
  ]),
  'create bad policy': createTopics([topic('bp', { configs: [config('cleanup.policy', 'foo')] })]),
  'create empty policy': createTopics([topic('ep', { configs: [config('cleanup.policy', '')] })]),
  'create assignment': createTopics([
    topic('as', {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [
        { partitionIndex: 0, brokerIds: [1] },
        { partitionIndex: 1, brokerIds: [1] },
      ],
    }),
  ]),
  'create assignment + partitions': createTopics([
    topic('as2', {
      numPartitions: 2,
      replicationFactor: -1,
      assignments: [{ partitionIndex: 0, brokerIds: [1] }],
    }),
  ]),
  'create assignment + rf': createTopics([
    topic('as2b', {
      numPartitions: -1,
      replicationFactor: 1,
      assignments: [{ partitionIndex: 0, brokerIds: [1] }],
    }),
  ]),
  'create assignment unknown broker': createTopics([
    topic('as3', {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [{ partitionIndex: 0, brokerIds: [9] }],
    }),
  ]),
  'create assignment dup broker': createTopics([
    topic('as4', {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [{ partitionIndex: 0, brokerIds: [1, 1] }],
    }),
  ]),
  'create assignment gap': createTopics([
    topic('as5', {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [{ partitionIndex: 1, brokerIds: [1] }],
    }),
  ]),
  'create assignment empty': createTopics([
    topic('as6', {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [{ partitionIndex: 0, brokerIds: [] }],
    }),
  ]),
  'create assignment dup partition': createTopics([
    topic('as7', {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [
        { partitionIndex: 0, brokerIds: [1] },
        { partitionIndex: 0, brokerIds: [1] },
      ],
    }),
  ]),
  'create validate': createTopics([topic('val', { configs: [config('retention.ms', '5')] })], {
    validateOnly: true,
  }),
  'create v2': createTopics([topic('v2')], {}, 2),
  'create v4 default': createTopics([topic('v4', { numPartitions: -1, replicationFactor: -1 })], {}, 4),
  'create v3 default': createTopics([topic('v3', { numPartitions: -1, replicationFactor: -1 })], {}, 3),
  'create none': createTopics([]),
  'create many partitions': createTopics([topic('mp', { numPartitions: 10001 })]),
  'create min isr': createTopics([topic('mi', { configs: [config('min.insync.replicas', '3')] })]),
  'create compression': createTopics([
    topic('cmp', { configs: [config('compression.type', 'gzip'), config('compression.gzip.level', '77')] }),
  ]),
  'create local retention': createTopics([
    topic('lr', { configs: [config('local.retention.ms', '100'), config('retention.ms', '10')] }),
  ]),
  'delete unknown': ask(DeleteTopics, 5, { topicNames: ['nope', 'v2'], timeoutMs: 5000 }),
  'delete v1': ask(DeleteTopics, 1, { topicNames: ['v3'], timeoutMs: 5000 }),
  'delete v6 none': ask(DeleteTopics, 6, { topics: [{ name: null, topicId: ZERO_UUID }], timeoutMs: 5000 }),
  'delete v6 unknown id': ask(DeleteTopics, 6, {
    topics: [{ name: null, topicId: UNKNOWN_ID }],
    timeoutMs: 5000,
  }),
  'delete v6 dup': ask(DeleteTopics, 6, {
    topics: [
      { name: 'v4', topicId: ZERO_UUID },
      { name: 'v4', topicId: ZERO_UUID },
    ],
    timeoutMs: 5000,
  }),
  'delete v6 both': ask(DeleteTopics, 6, { topics: [{ name: 'v4', topicId: UNKNOWN_ID }], timeoutMs: 5000 }),
  'delete bad name': ask(DeleteTopics, 6, {
    topics: [
      { name: 'a b', topicId: ZERO_UUID },
      { name: '', topicId: ZERO_UUID },
    ],
    timeoutMs: 5000,
  }),
  'cp ok': ask(CreatePartitions, 3, {
    topics: [{ name: 'other', count: 2, assignments: null }],
    timeoutMs: 5000,
    validateOnly: false,
  }),
  'cp same': ask(CreatePartitions, 3, {
    topics: [{ name: 'other', count: 2, assignments: null }],
    timeoutMs: 5000,
    validateOnly: false,
  }),
  'cp less': ask(CreatePartitions, 3, {
    topics: [{ name: 'other', count: 1, assignments: null }],
    timeoutMs: 5000,
    validateOnly: false,
  }),
  'cp 0': ask(CreatePartitions, 3, {
    topics: [{ name: 'other', count: 0, assignments: null }],
    timeoutMs: 5000,
    validateOnly: false,
  }),
  'cp unknown': ask(CreatePartitions, 3, {
    topics: [{ name: 'nope', count: 5, assignments: null }],
    timeoutMs: 5000,
    validateOnly: false,
  }),
  'cp dup': ask(CreatePartitions, 3, {
    topics: [
      { name: 'other', count: 5, assignments: null },
      { name: 'other', count: 6, assignments: null },
    ],
    timeoutMs: 5000,
    validateOnly: false,
  }),
  'cp assign count': ask(CreatePartitions, 3, {
    topics: [{ name: 'other', count: 5, assignments: [{ brokerIds: [1] }] }],
    timeoutMs: 5000,
    validateOnly: false,
  }),
  'cp assign broker': ask(CreatePartitions, 3, {
    topics: [{ name: 'other', count: 3, assignments: [{ brokerIds: [8] }] }],
    timeoutMs: 5000,
    validateOnly: false,
  }),
  'cp assign rf': ask(CreatePartitions, 3, {
    topics: [{ name: 'other', count: 3, assignments: [{ brokerIds: [1, 2] }] }],
    timeoutMs: 5000,
    validateOnly: false,
  }),
  'cp validate': ask(CreatePartitions, 3, {
    topics: [{ name: 'other', count: 3, assignments: null }],
    timeoutMs: 5000,
    validateOnly: true,
  }),
  'dtp all': ask(DescribeTopicPartitions, 0, { topics: [], responsePartitionLimit: 3, cursor: null }),
  'dtp names': ask(DescribeTopicPartitions, 0, {
    topics: [{ name: 'data' }, { name: 'nope' }, { name: 'a b' }, { name: 'other' }],
    responsePartitionLimit: 2000,
    cursor: null,
  }),
  'dtp limit 2': ask(DescribeTopicPartitions, 0, {
    topics: [{ name: 'data' }, { name: 'other' }],
    responsePartitionLimit: 2,
    cursor: null,
  }),
  'dtp cursor': ask(DescribeTopicPartitions, 0, {
    topics: [{ name: 'data' }, { name: 'other' }],
    responsePartitionLimit: 2,
    cursor: { topicName: 'data', partitionIndex: 2 },
  }),
  'dtp cursor beyond': ask(DescribeTopicPartitions, 0, {
    topics: [{ name: 'data' }],
    responsePartitionLimit: 2,
    cursor: { topicName: 'data', partitionIndex: 20 },
  }),
  'dtp cursor neg': ask(DescribeTopicPartitions, 0, {
    topics: [{ name: 'data' }],
    responsePartitionLimit: 2,
    cursor: { topicName: 'data', partitionIndex: -1 },
  }),
  'dtp limit 0': ask(DescribeTopicPartitions, 0, {
    topics: [{ name: 'data' }],
    responsePartitionLimit: 0,
    cursor: null,
  }),
  'dtp cursor missing topic': ask(DescribeTopicPartitions, 0, {
    topics: [{ name: 'data' }, { name: 'other' }],
    responsePartitionLimit: 2,
    cursor: { topicName: 'dzz', partitionIndex: 0 },
  }),
  'dtp dup': ask(DescribeTopicPartitions, 0, {
    topics: [{ name: 'data' }, { name: 'data' }],
    responsePartitionLimit: 9,
    cursor: null,
  }),
  'md all': metadata(null),
  'md none': metadata([]),
  'md unknown': metadata([named('nope')]),
  'md bad name': metadata([named('a b'), named('')]),
  'md dup': metadata([named('data'), named('data')]),
  'md by unknown id': metadata([named(null, UNKNOWN_ID)]),
  'md v0 empty': ask(Metadata, 0, { topics: [] }),
  'md v1': ask(Metadata, 1, { topics: [named('data')] }),
  'md v8': metadata([named('data')], 8, { includeClusterAuthorizedOperations: true }),
  'md auto': metadata([named('autoo')], 12, { allowAutoTopicCreation: true }),
};
