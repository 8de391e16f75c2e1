import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { resolveBrokerSettings } from '../../src/settings/broker_settings.ts';
import { checkChanges, checkMinInsyncReplicas, newTopicConfigs } from '../../src/settings/check_changes.ts';
import {
  AlterOperation,
  type ConfigChange,
  incrementalChanges,
  replacingChanges,
} from '../../src/settings/config_changes.ts';
import { ConfigResourceType } from '../../src/settings/config_resource.ts';

type ResourceType = keyof typeof ConfigResourceType;
type Operation = keyof typeof AlterOperation;

const BROKER = resolveBrokerSettings(new Map(), 'host');

/** What incremental operations come to, with the checks of what comes out: OK or the name of the code. */
function alter(resource: string, operation: Operation, name: string, value: string | null): string {
  const [type, resourceName] = resource.split(':') as [ResourceType | 'UNKNOWN', string];
  const of = { type: type === 'UNKNOWN' ? 0 : ConfigResourceType[type], name: resourceName };
  const configOperation = AlterOperation[operation];
  const current = new Map();
  const changes = incrementalChanges(of, [{ name, configOperation, value }], current);
  const refused =
    changes instanceof Failure
      ? changes
      : (checkChanges({ resource: of, changes, current, broker: BROKER }) ??
        checkMinInsyncReplicas(of, changes));
  return refused === undefined ? 'OK' : String(refused);
}

/** Resource, operation, setting, value, and what is answered: the codes are those of Kafka 4.3.1, unless noted. */
const CASES: [string, Operation, string, string | null, RegExp][] = [
  ['TOPIC:t', 'SET', 'retention.ms', '5', /^OK$/],
  ['TOPIC:t', 'SET', 'preallocate', ' TRUE ', /^OK$/],
  ['TOPIC:t', 'SET', 'cleanup.policy', '', /^OK$/],
  ['TOPIC:t', 'SET', 'cleanup.policy', 'delete,delete', /^OK$/],
  ['TOPIC:t', 'SET', 'leader.replication.throttled.replicas', '*', /^OK$/],
  ['TOPIC:t', 'SET', 'internal.segment.bytes', '1000', /^OK$/],
  ['TOPIC:t', 'SET', 'min.compaction.lag.ms', '9223372036854775807', /^OK$/],
  ['TOPIC:t', 'SET', 'local.retention.ms', '5', /^OK$/],
  ['TOPIC:t', 'APPEND', 'cleanup.policy', 'compact', /^OK$/],
  ['TOPIC:t', 'SUBTRACT', 'cleanup.policy', 'delete', /^OK$/],
  ['TOPIC:t', 'DELETE', 'foo', null, /^OK$/],
  ['TOPIC:t', 'SET', 'foo', '1', /^INVALID_CONFIG: topics have no setting foo: they have write.caching, /],
  ['TOPIC:t', 'SET', 'retention', '1', /^INVALID_CONFIG: .* retention: they have|did you mean/],
  ['TOPIC:t', 'SET', 'retention.m', '1', /^INVALID_CONFIG: .* did you mean retention.ms\?$/],
  [
    'TOPIC:t',
    'SET',
    'message.max.bytes',
    '1',
    /^INVALID_CONFIG: .* setting of brokers, and the default of max.message.bytes$/,
  ],
  ['TOPIC:t', 'SET', 'constructor', '1', /^INVALID_CONFIG: /],
  ['TOPIC:t', 'SET', 'segment.bytes', '5', /^INVALID_CONFIG: segment.bytes=5 .* from 1048576 to 2147483647$/],
  ['TOPIC:t', 'SET', 'segment.bytes', 'abc', /^INVALID_CONFIG/],
  ['TOPIC:t', 'SET', 'segment.bytes', '', /^INVALID_CONFIG/],
  ['TOPIC:t', 'SET', 'retention.ms', '-5', /^INVALID_CONFIG: .* of -1 or more$/],
  ['TOPIC:t', 'SET', 'retention.ms', '99999999999999999999', /^INVALID_CONFIG/],
  ['TOPIC:t', 'SET', 'retention.ms', null, /^INVALID_REQUEST: retention.ms has no value/],
  ['TOPIC:t', 'SET', 'cleanup.policy', 'foo', /^INVALID_CONFIG: .* a list of compact, delete/],
  ['TOPIC:t', 'SET', 'compression.type', 'foo', /^INVALID_CONFIG/],
  ['TOPIC:t', 'SET', 'compression.gzip.level', '0', /^INVALID_CONFIG: .* from 1 to 9, or -1$/],
  ['TOPIC:t', 'SET', 'min.cleanable.dirty.ratio', '2', /^INVALID_CONFIG: .* a number from 0 to 1$/],
  ['TOPIC:t', 'SET', 'message.timestamp.type', 'createtime', /^INVALID_CONFIG/],
  [
    'TOPIC:t',
    'SET',
    'leader.replication.throttled.replicas',
    'a',
    /^INVALID_CONFIG: .* \* or a list of partition:broker/,
  ],
  ['TOPIC:t', 'SET', 'remote.storage.enable', 'true', /^INVALID_CONFIG: .* there is no tiered storage$/],
  [
    'TOPIC:t',
    'SET',
    'retention.ms',
    '1'.repeat(32_768),
    /^INVALID_CONFIG: .* has 32768 characters: 32767 are allowed$/,
  ],
  ['TOPIC:t', 'APPEND', 'segment.bytes', '1', /^INVALID_CONFIG: .* it is no list but of type int$/],
  ['TOPIC:t', 'APPEND', 'foo', '1', /^INVALID_CONFIG: .* there is no such setting$/],
  ['TOPIC:', 'SET', 'retention.ms', '1', /^INVALID_REQUEST: settings belong to single topics/],

  ['BROKER:1', 'SET', 'log.retention.ms', '5', /^OK$/],
  ['BROKER:', 'SET', 'log.retention.ms', '5', /^OK$/],
  ['BROKER:1', 'SET', 'leader.replication.throttled.rate', '10', /^OK$/],
  ['BROKER:1', 'SET', 'listener.name.plaintext.max.connections', '10', /^OK$/],
  ['BROKER:', 'SET', 'listener.name.plaintext.max.connections', '10', /^OK$/],
  ['BROKER:1', 'SET', 'confluent.anything', '10', /^OK$/],
  ['BROKER:1', 'DELETE', 'node.id', null, /^OK$/],
  ['BROKER:1', 'APPEND', 'log.cleanup.policy', 'compact', /^OK$/],
  // Kafka takes any name here, in case that it is a plugin's.
  [
    'BROKER:1',
    'SET',
    'log.retention.m',
    '3',
    /^INVALID_CONFIG: brokers have no setting log.retention.m: did you mean log.retention.ms\?$/,
  ],
  ['BROKER:1', 'SET', 'node.id', '3', /^INVALID_REQUEST: node.id can not be changed while the broker runs/],
  ['BROKER:1', 'SET', 'log.retention.hours', '3', /^INVALID_REQUEST/],
  ['BROKER:1', 'SET', 'num.io.threads', '0', /^INVALID_REQUEST: .* from 1 to 2147483647$/],
  ['BROKER:1', 'SET', 'message.max.bytes', '', /^INVALID_REQUEST/],
  ['BROKER:1', 'SET', 'leader.replication.throttled.rate', '-1', /^INVALID_REQUEST/],
  ['BROKER:1', 'SET', 'max.connections.per.ip.overrides', 'foo', /^INVALID_REQUEST/],
  [
    'BROKER:1',
    'SET',
    'ssl.keystore.location',
    '/x',
    /^INVALID_REQUEST: .* as listener.name.<listener>.ssl.keystore.location$/,
  ],
  [
    'BROKER:',
    'SET',
    'listener.name.plaintext.ssl.keystore.type',
    'JKS',
    /^INVALID_REQUEST: .* single brokers only/,
  ],
  ['BROKER:', 'SET', 'listeners', 'PLAINTEXT://:1', /^INVALID_REQUEST: .* single brokers only/],
  ['BROKER:', 'SET', 'cordoned.log.dirs', '/x', /^INVALID_REQUEST: .* single brokers only/],
  ['BROKER:1', 'APPEND', 'num.io.threads', '3', /^INVALID_CONFIG/],
  ['BROKER:1', 'SET', 'min.insync.replicas', '2', /^INVALID_CONFIG: .* can not differ between brokers/],
  ['BROKER:', 'DELETE', 'min.insync.replicas', null, /^INVALID_CONFIG: .* changed but not removed$/],
  ['BROKER:', 'SET', 'min.insync.replicas', '2', /^OK$/],
  ['BROKER:x', 'SET', 'log.retention.ms', '5', /^INVALID_REQUEST: a broker's id is a whole number, not "x"$/],

  ['GROUP:g', 'SET', 'consumer.session.timeout.ms', '50000', /^OK$/],
  ['GROUP:g', 'SET', 'share.auto.offset.reset', 'by_duration:PT1H', /^OK$/],
  ['GROUP:g', 'SET', 'share.auto.offset.reset', 'by_duration:P1DT2H3M4.5S', /^OK$/],
  ['GROUP:g', 'SET', 'share.auto.offset.reset', 'by_duration:P', /^INVALID_CONFIG/],
  ['GROUP:g', 'SET', 'share.auto.offset.reset', 'by_duration:-PT1H', /^INVALID_CONFIG/],
  [
    'GROUP:g',
    'SET',
    'share.auto.offset.reset',
    'foo',
    /^INVALID_CONFIG: .* earliest, latest, or by_duration:/,
  ],
  ['GROUP:g', 'SET', 'foo', '1', /^INVALID_CONFIG: groups have no setting foo/],
  ['GROUP:g', 'SET', 'consumer.session.timeout.ms', '0', /^INVALID_CONFIG/],
  [
    'GROUP:g',
    'SET',
    'consumer.session.timeout.ms',
    '1',
    /^INVALID_CONFIG: .* at least group.consumer.min.session.timeout.ms=45000$/,
  ],
  [
    'GROUP:g',
    'SET',
    'consumer.heartbeat.interval.ms',
    '50000',
    /^INVALID_CONFIG: .* at most group.consumer.max.heartbeat/,
  ],
  [
    'GROUP:g',
    'SET',
    'share.record.lock.duration.ms',
    '1000',
    /^INVALID_CONFIG: .* at least group.share.min.record.lock.duration.ms=15000$/,
  ],
  [
    'GROUP:g',
    'SET',
    'share.partition.max.record.locks',
    '5000',
    /^INVALID_CONFIG: .* at most group.share.max.partition.max.record.locks=4000$/,
  ],
  [
    'GROUP:g',
    'SET',
    'streams.num.standby.replicas',
    '10',
    /^INVALID_CONFIG: .* at most group.streams.max.standby.replicas=2$/,
  ],
  ['GROUP:g', 'APPEND', 'share.auto.offset.reset', 'x', /^INVALID_CONFIG/],
  [
    'GROUP:',
    'SET',
    'consumer.session.timeout.ms',
    '50000',
    /^INVALID_REQUEST: settings belong to single groups/,
  ],

  ['CLIENT_METRICS:m', 'SET', 'metrics', 'a,b', /^OK$/],
  ['CLIENT_METRICS:m', 'SET', 'match', 'client_id=app-.*', /^OK$/],
  // Kafka has no appending here, though it is a list.
  ['CLIENT_METRICS:m', 'APPEND', 'match', 'client_id=a', /^OK$/],
  [
    'CLIENT_METRICS:m',
    'SET',
    'foo',
    '1',
    /^INVALID_REQUEST: client-metrics subscriptions have no setting foo/,
  ],
  ['CLIENT_METRICS:m', 'SET', 'interval.ms', '1', /^INVALID_REQUEST: .* from 100 to 3600000$/],
  ['CLIENT_METRICS:m', 'SET', 'interval.ms', 'x', /^INVALID_CONFIG/],
  ['CLIENT_METRICS:m', 'SET', 'match', 'foo=bar', /^INVALID_CONFIG/],
  ['CLIENT_METRICS:m', 'SET', 'match', 'client_id=[', /^INVALID_CONFIG/],
  [
    'CLIENT_METRICS:',
    'SET',
    'interval.ms',
    '1000',
    /^INVALID_REQUEST: a client-metrics subscription needs a name$/,
  ],

  ['BROKER_LOGGER:1', 'SET', 'kafka.server', 'INFO', /^INVALID_REQUEST: the levels of a broker's loggers/],
  ['UNKNOWN:1', 'SET', 'a', 'b', /^INVALID_REQUEST: there are no settings of resources of type 0$/],
];

for (const [resource, operation, name, value, expected] of CASES) {
  const shown = value === null ? 'null' : value.slice(0, 40);
  test(`${resource} ${operation} ${name}=${shown}`, () =>
    assert.match(alter(resource, operation, name, value), expected));
}

const TOPIC = { type: ConfigResourceType.TOPIC, name: 't' };

test('settings of a topic are checked together, with those that it has and the defaults of the broker', () => {
  const check = (current: Record<string, string>, changes: ConfigChange[]) =>
    String(
      checkChanges({ resource: TOPIC, changes, current: new Map(Object.entries(current)), broker: BROKER }),
    );
  assert.match(
    check({ 'max.compaction.lag.ms': '10' }, [{ name: 'min.compaction.lag.ms', value: '11' }]),
    /^INVALID_CONFIG: min.compaction.lag.ms=11 must not be above max.compaction.lag.ms=10$/,
  );
  assert.equal(
    check({ 'max.compaction.lag.ms': '10' }, [{ name: 'min.compaction.lag.ms', value: '10' }]),
    'undefined',
  );
  assert.equal(
    check({ 'max.compaction.lag.ms': '10', 'min.compaction.lag.ms': '11' }, [
      { name: 'min.compaction.lag.ms', value: null },
    ]),
    'undefined',
  );
});

test("a group's session must be longer than its heartbeat", () => {
  const broker = resolveBrokerSettings(
    new Map([
      ['group.consumer.max.heartbeat.interval.ms', '60000'],
      ['group.consumer.min.session.timeout.ms', '1'],
    ]),
    'host',
  );
  const resource = { type: ConfigResourceType.GROUP, name: 'g' };
  const changes = [{ name: 'consumer.heartbeat.interval.ms', value: '45000' }];
  assert.match(
    String(checkChanges({ resource, changes, current: new Map(), broker })),
    /consumer.session.timeout.ms=45000 must be above consumer.heartbeat.interval.ms=45000/,
  );
});

test('operations change single settings of those that there are', () => {
  const current = new Map([
    ['cleanup.policy', 'compact'],
    ['retention.ms', '5'],
  ]);
  const operation = (name: string, which: Operation, value: string | null = null) => ({
    name,
    configOperation: AlterOperation[which],
    value,
  });
  const cases: [ReturnType<typeof operation>[], ConfigChange[]][] = [
    [[operation('retention.ms', 'SET', '6')], [{ name: 'retention.ms', value: '6' }]],
    [[operation('retention.ms', 'SET', '5')], []],
    [[operation('retention.ms', 'DELETE')], [{ name: 'retention.ms', value: null }]],
    [[operation('retention.ms', 'DELETE', 'x')], [{ name: 'retention.ms', value: null }]],
    [[operation('segment.ms', 'DELETE')], []],
    [
      [operation('cleanup.policy', 'APPEND', 'delete,compact')],
      [{ name: 'cleanup.policy', value: 'compact,delete' }],
    ],
    [[operation('cleanup.policy', 'SUBTRACT', 'compact')], [{ name: 'cleanup.policy', value: '' }]],
    [[operation('cleanup.policy', 'SUBTRACT', 'delete')], []],
    [
      [operation('leader.replication.throttled.replicas', 'APPEND', '0:1')],
      [{ name: 'leader.replication.throttled.replicas', value: '0:1' }],
    ],
  ];
  for (const [operations, expected] of cases) {
    assert.deepEqual(incrementalChanges(TOPIC, operations, current), expected);
  }
  const fromDefault = incrementalChanges(
    TOPIC,
    [operation('cleanup.policy', 'APPEND', 'compact')],
    new Map(),
  );
  assert.deepEqual(fromDefault, [{ name: 'cleanup.policy', value: 'delete,compact' }]);
});

test('a broker is told again of what stays as it is: files may have changed', () => {
  const resource = { type: ConfigResourceType.BROKER, name: '1' };
  const change = { name: 'log.retention.ms', configOperation: AlterOperation.SET, value: '5' };
  const current = new Map([['log.retention.ms', '5']]);
  assert.deepEqual(incrementalChanges(resource, [change], current), [
    { name: 'log.retention.ms', value: '5' },
  ]);
});

test('entries take the place of all settings that there are', () => {
  const current = new Map([
    ['retention.ms', '5'],
    ['segment.ms', '6'],
    ['flush.ms', '7'],
  ]);
  const entries = [
    { name: 'retention.ms', value: '5' },
    { name: 'segment.ms', value: '8' },
    { name: 'index.interval.bytes', value: '9' },
  ];
  assert.deepEqual(replacingChanges(TOPIC, entries, current), [
    { name: 'segment.ms', value: '8' },
    { name: 'index.interval.bytes', value: '9' },
    { name: 'flush.ms', value: null },
  ]);
});

test('a request that contradicts itself', () => {
  const twice = [
    { name: 'retention.ms', configOperation: 0, value: '5' },
    { name: 'retention.ms', configOperation: 1, value: null },
  ];
  const cases: [unknown, RegExp][] = [
    [incrementalChanges(TOPIC, twice, new Map()), /^INVALID_REQUEST: retention.ms is in the request twice$/],
    [
      incrementalChanges(TOPIC, [{ name: 'a', configOperation: 9, value: '5' }], new Map()),
      /^INVALID_REQUEST: a: there is no operation 9$/,
    ],
    [replacingChanges(TOPIC, [{ name: 'a', value: null }], new Map()), /^INVALID_REQUEST: a has no value/],
    [replacingChanges(TOPIC, twice, new Map()), /^INVALID_REQUEST/],
  ];
  for (const [result, expected] of cases) assert.match(String(result), expected);
});

test('a long name is not repeated in full', () => {
  const [change] = [{ name: 'x'.repeat(30_000), value: '1' }];
  const refused = checkChanges({ resource: TOPIC, changes: [change!], current: new Map(), broker: BROKER });
  assert.ok(refused!.message.length < 2000);
});

test('the settings of a new topic', () => {
  const make = (entries: Record<string, string | null>) =>
    newTopicConfigs(
      Object.entries(entries).map(([name, value]) => ({ name, value })),
      BROKER,
    );
  assert.deepEqual(make({ 'retention.ms': '5' }), new Map([['retention.ms', '5']]));
  const code = (result: unknown) => (result instanceof Failure ? ERROR_NAMES.get(result.code) : result);
  assert.equal(code(make({ foo: 'bar' })), 'INVALID_CONFIG');
  assert.equal(code(make({ 'segment.bytes': '1' })), 'INVALID_CONFIG');
  assert.equal(code(make({ 'retention.ms': null })), 'INVALID_CONFIG');
  assert.equal(code(make({ 'min.compaction.lag.ms': '9', 'max.compaction.lag.ms': '3' })), 'INVALID_CONFIG');
  const twice = [
    { name: 'retention.ms', value: '5' },
    { name: 'retention.ms', value: '6' },
  ];
  assert.equal(code(newTopicConfigs(twice, BROKER)), 'INVALID_REQUEST');
});
