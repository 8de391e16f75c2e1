import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadConfiguration } from '../../src/settings/configuration.ts';
import {
  type DescribedConfig,
  describeBroker,
  describeClientMetrics,
  describeCluster,
  describeGroup,
  describeTopic,
} from '../../src/settings/describe_configs.ts';
import { DynamicSettings } from '../../src/settings/dynamic_settings.ts';
import { BROKER_SETTINGS, TOPIC_SETTINGS } from '../../src/settings/tables.ts';

type Texts = Readonly<Record<string, string>>;
const SOURCES = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
];
const TYPES = ['UNKNOWN', 'BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD'];

function nodeWith(properties: readonly string[], layers: { broker?: Texts; cluster?: Texts } = {}) {
  const file = { name: 'server.properties', text: properties.join('\n') };
  const configuration = loadConfiguration({ file, hostname: 'host' });
  if (!('settings' in configuration)) return assert.fail(configuration.join('\n'));
  const node = new DynamicSettings(configuration);
  const { broker = {}, cluster = {} } = layers;
  assert.deepEqual(node.replace({ broker: mapOf(broker), cluster: mapOf(cluster) }), []);
  return node;
}

const mapOf = (texts: Texts) => new Map(Object.entries(texts));

/** As the fixture has it: value, source, sensitive, read-only, type, synonyms. */
function facts(entry: DescribedConfig): unknown[] {
  return [
    entry.value,
    SOURCES[entry.configSource],
    entry.isSensitive,
    entry.readOnly,
    TYPES[entry.configType],
    entry.synonyms.map(({ name, value, source }) => [name, value, SOURCES[source]]),
  ];
}

/**
 * Where the description differs from that of Kafka 4.3.1, on purpose: defaults of ours; what Kafka demands and has no
 * default for; rates that have none as long as they are not set; and a static value that a dynamic one of another
 * setting hides in Kafka though it is in force.
 */
const DELIBERATE = [
  'broker.heartbeat.interval.ms',
  'broker.session.timeout.ms',
  'controller.quorum.fetch.timeout.ms',
  'listeners',
  'log.dir',
  'controller.listener.names',
  'node.id',
  'process.roles',
  'follower.replication.throttled.rate',
  'leader.replication.throttled.rate',
  'log.flush.scheduler.interval.ms',
];

const EXTRA_OF_TOPICS = [
  'max.decompressed.message.bytes',
  'remote.copy.lag.ms',
  'remote.copy.lag.bytes',
  'errors.deadletterqueue.group.enable',
];
/** What Kafka 4.3.1 does not have: ours, and what came with 4.4. */
const EXTRA: Record<string, string[]> = {
  'BROKER:1': [
    'max.decompressed.message.bytes',
    'log.remote.copy.lag.ms',
    'log.remote.copy.lag.bytes',
    'errors.deadletterqueue.auto.create.topics.enable',
    'errors.deadletterqueue.topic.name.prefix',
    'group.streams.assignors',
    'group.streams.rack.aware.assignment.tags',
    'group.streams.topology.description.plugin.class',
    'sasl.oauthbearer.allow.unverified.audience',
    'sasl.oauthbearer.allow.unverified.issuer',
  ],
  'TOPIC:t0': EXTRA_OF_TOPICS,
  'TOPIC:t1': EXTRA_OF_TOPICS,
  'GROUP:g': [
    'streams.rack.aware.assignment.tags',
    'streams.assignor.name',
    'errors.deadletterqueue.topic.name',
    'errors.deadletterqueue.copy.record.enable',
  ],
};

const isOurs = (name: string) =>
  Object.values({ ...BROKER_SETTINGS, ...TOPIC_SETTINGS }).some(
    setting => setting.name === name && setting.ours,
  );

test('brokers, topics, groups and client metrics are described as Kafka 4.3.1 describes them', () => {
  const path = new URL('../fixtures/settings/kafka_4_3_1_describe.json', import.meta.url);
  const fixture = JSON.parse(readFileSync(path, 'utf8')) as {
    properties: string[];
    layers: Record<string, Texts>;
    described: Record<string, Record<string, unknown[]>>;
  };
  const { broker, cluster } = fixture.layers as { broker: Texts; cluster: Texts };
  const node = nodeWith(fixture.properties, { broker, cluster });
  const options = { includeSynonyms: true };
  const own = (resource: string) => mapOf(fixture.layers[resource] ?? {});
  const described: Record<string, DescribedConfig[]> = {
    'BROKER:1': describeBroker(node, options),
    'BROKER:': describeCluster(node, options),
    'TOPIC:t0': describeTopic(node, own('TOPIC:t0'), options),
    'TOPIC:t1': describeTopic(node, own('TOPIC:t1'), options),
    'GROUP:g': describeGroup(node, own('GROUP:g'), options),
    'CLIENT_METRICS:m': describeClientMetrics(own('CLIENT_METRICS:m'), options),
  };
  assert.deepEqual(Object.keys(described).sort(), Object.keys(fixture.described).sort());
  for (const [resource, kafkas] of Object.entries(fixture.described)) {
    const ours = Object.fromEntries(described[resource]!.map(entry => [entry.name, facts(entry)]));
    const extra = Object.keys(ours).filter(name => !(name in kafkas) && !isOurs(name));
    assert.deepEqual(extra.sort(), [...(EXTRA[resource] ?? [])].sort(), resource);
    for (const [name, expected] of Object.entries(kafkas)) {
      if (resource === 'BROKER:1' && DELIBERATE.includes(name))
        assert.notDeepEqual(ours[name], expected, name);
      else assert.deepEqual(ours[name], expected, `${resource} ${name}`);
    }
  }
});

test('what follows from other settings is described as the default', () => {
  const [voters] = describeBroker(nodeWith(['node.id=4']), { keys: ['controller.quorum.voters'] });
  assert.equal(voters?.value, '4@127.0.0.1:9093');
  assert.equal(SOURCES[voters!.configSource], 'DEFAULT_CONFIG');
});

/** All but the internal one. */
const ALL_OF_TOPICS = Object.keys(TOPIC_SETTINGS).length - 1;

test('only what is asked for', () => {
  const node = nodeWith([]);
  const names = (entries: DescribedConfig[]) => entries.map(entry => entry.name);
  assert.deepEqual(names(describeTopic(node, new Map(), { keys: ['retention.ms', 'nonsense'] })), [
    'retention.ms',
  ]);
  assert.deepEqual(names(describeBroker(node, { keys: ['num.partitions'] })), ['num.partitions']);
  assert.equal(describeTopic(node, new Map(), { keys: [] }).length, ALL_OF_TOPICS);
  assert.equal(describeTopic(node, new Map(), { keys: null }).length, ALL_OF_TOPICS);
  const [bare] = describeTopic(node, new Map(), { keys: ['retention.ms'] });
  assert.deepEqual(bare?.synonyms, []);
  assert.equal(bare?.documentation, null);
});

test('documentation says what has no effect', () => {
  const options = { keys: ['preallocate', 'retention.ms'], includeDocumentation: true };
  const [retention, preallocate] = describeTopic(nodeWith([]), new Map(), options);
  assert.match(retention!.documentation!, /^Age at which closed segments are deleted; -1 for never\.$/);
  assert.match(preallocate!.documentation!, /Without effect here: files grow as they are written\.$/);
});

test('secrets have no value anywhere', () => {
  const properties = ['ssl.key.password=hunter2', 'listener.name.plaintext.plain.sasl.jaas.config=hunter2'];
  const described = describeBroker(nodeWith([...properties, 'confluent.license=hunter2']), {
    includeSynonyms: true,
  });
  assert.doesNotMatch(JSON.stringify(described), /hunter2/);
  const set = described.filter(entry => SOURCES[entry.configSource] === 'STATIC_BROKER_CONFIG');
  assert.deepEqual(
    set.map(({ name, isSensitive }) => [name, isSensitive]),
    [
      ['ssl.key.password', true],
      ['listener.name.plaintext.plain.sasl.jaas.config', true],
      ['confluent.license', true],
    ],
  );
});

test('internal settings are described where they are set', () => {
  const options = { keys: ['internal.segment.bytes'] };
  assert.deepEqual(describeTopic(nodeWith([]), new Map(), options), []);
  assert.equal(describeTopic(nodeWith([]), mapOf({ 'internal.segment.bytes': '5' }), options)[0]?.value, '5');
});

test("a topic's default follows the broker's in whatever unit that is set", () => {
  const cases: [string[], string, string][] = [
    [['log.retention.hours=1'], 'retention.ms', '3600000'],
    [['log.retention.minutes=1'], 'retention.ms', '60000'],
    [['log.retention.ms=9007199254740993'], 'retention.ms', '9007199254740993'],
    [['log.retention.ms=-7'], 'retention.ms', '-1'],
    [['log.roll.hours=2'], 'segment.ms', '7200000'],
    [['log.roll.jitter.hours=2'], 'segment.jitter.ms', '7200000'],
    [['log.flush.scheduler.interval.ms=7'], 'flush.ms', '7'],
    [[], 'flush.ms', '9223372036854775807'],
    [['log.cleaner.min.cleanable.ratio=.5'], 'min.cleanable.dirty.ratio', '0.5'],
    [['log.write.caching=TRUE'], 'write.caching', 'true'],
  ];
  for (const [properties, key, expected] of cases) {
    assert.equal(describeTopic(nodeWith(properties), new Map(), { keys: [key] })[0]?.value, expected);
  }
});
