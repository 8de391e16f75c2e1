import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import type { Failure } from '../../src/model/failure.ts';
import {
  type Configuration,
  type ConfigurationSources,
  loadConfiguration,
} from '../../src/settings/configuration.ts';

type Sources = Omit<ConfigurationSources, 'hostname' | 'file'> & { readonly file?: string };

function load({ file, ...sources }: Sources): Configuration | readonly Failure[] {
  const text = file === undefined ? {} : { file: { name: 'server.properties', text: file } };
  return loadConfiguration({ ...sources, ...text, hostname: 'host.example' });
}

function loaded(sources: Sources): Configuration {
  const configuration = load(sources);
  if ('settings' in configuration) return configuration;
  return assert.fail(configuration.join('\n'));
}

function refused(sources: Sources): string[] {
  const failures = load(sources);
  assert.ok(!('settings' in failures), 'was accepted');
  for (const failure of failures) assert.equal(failure.code, Errors.INVALID_CONFIG);
  return failures.map(failure => failure.message);
}

const FIXTURES = new URL('../fixtures/settings/', import.meta.url);

/** What is expected of each file that people really have. */
const FILES: Record<string, { nodeId: number; noEffect: string[]; more?: RegExp }> = {
  'kraft_combined.properties': {
    nodeId: 1,
    noEffect: ['num.network.threads', 'num.io.threads', 'socket.send.buffer.bytes'],
  },
  'kraft_broker.properties': { nodeId: 2, noEffect: [] },
  'kraft_controller.properties': { nodeId: 1, noEffect: [] },
  'zookeeper_era.properties': { nodeId: 0, noEffect: ['zookeeper.connect', 'inter.broker.protocol.version'] },
  'strimzi.properties': {
    nodeId: 5,
    noEffect: ['config.providers.strimzienv.class', 'cruise.control.metrics.topic', 'metric.reporters'],
    more: /broker.rack=\$\{strimzidir:.* is taken as it is written/,
  },
  'confluent.properties': { nodeId: 1, noEffect: ['confluent.balancer.enable'] },
  'bitnami.properties': { nodeId: 0, noEffect: ['logs.dir'] },
};

test('each sample file has its expectations', () => {
  assert.deepEqual(
    Object.keys(FILES).sort(),
    readdirSync(FIXTURES)
      .filter(name => name.endsWith('.properties'))
      .sort(),
  );
});

for (const [name, { nodeId, noEffect, more = /./ }] of Object.entries(FILES)) {
  test(`${name} is accepted`, () => {
    const { settings, warnings } = loaded({ file: readFileSync(new URL(name, FIXTURES), 'utf8') });
    assert.equal(settings.nodeId, nodeId);
    for (const key of noEffect) {
      assert.ok(
        warnings.some(warning => warning.startsWith('no effect here: ') && warning.includes(key)),
        `${key} is not in ${warnings.join('\n')}`,
      );
    }
    if (noEffect.length === 0) assert.deepEqual(warnings, []);
    else assert.match(warnings.join('\n'), more);
  });
}

test('properties files as Java reads them', () => {
  const { settings, properties } = loaded({
    file: [
      '\uFEFF# a comment',
      '! another',
      '  node.id : 7\r',
      'log.dirs = /a, \\',
      '    /b',
      'broker.rack=\\u00e4\\t#1',
      'log.retention.hours 2',
      'log.cleanup.policy=',
    ].join('\n'),
  });
  assert.equal(settings.nodeId, 7);
  assert.deepEqual(settings.logDirs, ['/a', '/b']);
  assert.equal(settings.brokerRack, 'ä\t#1');
  assert.equal(settings.logRetentionMs, 7_200_000);
  assert.deepEqual(settings.logCleanupPolicy, []);
  assert.equal(properties.get('log.dirs'), '/a, /b');
});

test('an override counts more than the environment, that more than the file, that more than the default', () => {
  const file = 'num.partitions=2\nlog.segment.bytes=2000000\nlog.index.interval.bytes=1';
  const environment = { KAFKA_NUM_PARTITIONS: '3', KAFKA_LOG_SEGMENT_BYTES: '3000000' };
  const { settings } = loaded({ file, environment, overrides: ['num.partitions=4', 'num.partitions=5'] });
  assert.equal(settings.numPartitions, 5);
  assert.equal(settings.logSegmentBytes, 3_000_000);
  assert.equal(settings.logIndexIntervalBytes, 1);
  assert.equal(settings.defaultReplicationFactor, 1);
});

test('what counts more also counts more under another name for the same thing', () => {
  const file = 'broker.id=1\nlog.retention.ms=5\nlog.dirs=/a';
  const { settings } = loaded({
    file,
    environment: { KAFKA_NODE_ID: '2', KAFKA_LOG_RETENTION_HOURS: '1' },
    overrides: ['log.dir=/b'],
  });
  assert.equal(settings.nodeId, 2);
  assert.equal(settings.logRetentionMs, 3_600_000);
  assert.deepEqual(settings.logDirs, ['/b']);
});

test('environment variables in the ways of the images', () => {
  const listeners = 'SASL_PLAINTEXT://:1,CLIENT-9092://:2,CONTROLLER://:3,A_B-C://:4,A-B_C://:5';
  const cases: [string, string][] = [
    ['KAFKA_LISTENER_NAME_SASL__PLAINTEXT_MAX_CONNECTIONS', 'listener.name.sasl_plaintext.max.connections'],
    ['KAFKA_LISTENER_NAME_SASL___PLAINTEXT_MAX_CONNECTIONS', 'listener.name.sasl_plaintext.max.connections'],
    ['KAFKA_LISTENER_NAME_CLIENT___9092_MAX_CONNECTIONS', 'listener.name.client-9092.max.connections'],
    ['KAFKA_LISTENER_NAME_CLIENT__9092_MAX_CONNECTIONS', 'listener.name.client-9092.max.connections'],
    ['KAFKA_LISTENER_NAME_A__B___C_MAX_CONNECTIONS', 'listener.name.a_b-c.max.connections'],
    [
      'KAFKA_LISTENER_NAME_SASL__PLAINTEXT_SCRAM___SHA___256_SASL_JAAS_CONFIG',
      'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config',
    ],
    [
      'KAFKA_LISTENER_NAME_SASL___PLAINTEXT_SCRAM__SHA__256_SASL_JAAS_CONFIG',
      'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config',
    ],
    ['KAFKA_CFG_MESSAGE_MAX_BYTES', 'message.max.bytes'],
    ['KAFKA_ZOOKEEPER_CONNECT', 'zookeeper.connect'],
    ['KAFKA_SSL_KEYSTORE_LOCATION', 'ssl.keystore.location'],
  ];
  const map =
    'A_B-C:PLAINTEXT,A-B_C:PLAINTEXT,SASL_PLAINTEXT:PLAINTEXT,CLIENT-9092:PLAINTEXT,CONTROLLER:PLAINTEXT';
  const overrides = [
    `listeners=${listeners}`,
    `listener.security.protocol.map=${map}`,
    'inter.broker.listener.name=CLIENT-9092',
  ];
  for (const [variable, key] of cases) {
    const environment = { [variable]: '77', KAFKA_LISTENERS: listeners };
    assert.equal(loaded({ environment, overrides }).properties.get(key), '77', variable);
  }
});

test('variables for other purposes go by in silence, misspelt ones with a word', () => {
  const foreign = [
    'HOME KAFKA_HOME KAFKA_HEAP_OPTS KAFKA_OPTS KAFKA_LOG4J_OPTS KAFKA_LOG4J_LOGGERS KAFKA_LOG4J_ROOT_LOGLEVEL',
    'KAFKA_TOOLS_LOG4J_LOGLEVEL KAFKA_JMX_PORT KAFKA_JMX_HOSTNAME KAFKA_JMX_OPTS KAFKA_JVM_PERFORMANCE_OPTS',
    'KAFKA_GC_LOG_OPTS KAFKA_DEBUG KAFKA_VERSION KAFKA_USER KAFKA_CLUSTER_ID KAFKA_PORT KAFKA_SERVICE_HOST',
    'KAFKA_SERVICE_PORT KAFKA_PORT_9092_TCP KAFKA_PORT_9092_TCP_ADDR KAFKA_PORT_9092_TCP_PROTO',
    'KAFKA_KRAFT_CLUSTER_ID KAFKA_ENABLE_KRAFT KAFKA_VOLUME_DIR KAFKA_MOUNTED_CONF_DIR KAFKA_BASE_DIR',
    'KAFKA_CONF_DIR KAFKA_DAEMON_USER KAFKA_CLIENT_USERS KAFKA_CLIENT_PASSWORDS KAFKA_TLS_TYPE',
    'KAFKA_SSL_KEYSTORE_FILENAME KAFKA_SSL_KEYSTORE_CREDENTIALS KAFKA_SSL_KEY_CREDENTIALS',
  ].flatMap(line => line.split(' '));
  const environment = Object.fromEntries(foreign.map(name => [name, 'x']));
  assert.deepEqual(loaded({ environment }).warnings, []);
  const [warning] = loaded({ environment: { KAFKA_LOG_RETENTION_HOUR: '3' } }).warnings;
  assert.match(String(warning), /KAFKA_LOG_RETENTION_HOUR .* did you mean KAFKA_LOG_RETENTION_HOURS\?/);
});

test('all that is wrong is said at once, with where it was set', () => {
  const messages = refused({
    file: '# x\nnum.partitions=0\nlog.retention.hour=3\nlog.roll.ms=0',
    environment: { KAFKA_MESSAGE_MAX_BYTES: 'big' },
    overrides: ['log.segment.bytes=1', 'nonsense', 'node.id=1', 'broker.id=2'],
  });
  assert.deepEqual(messages, [
    '--override nonsense: it must be key=value',
    'server.properties, line 2: num.partitions=0 is not allowed: it must be a whole number from 1 to 2147483647',
    'environment variable KAFKA_MESSAGE_MAX_BYTES: message.max.bytes=big is not allowed: it must be a whole number from 0 to 2147483647',
    '--override: log.segment.bytes=1 is not allowed: it must be a whole number from 1048576 to 2147483647',
    'server.properties, line 4: log.roll.ms=0 must be 1 or more',
    '--override: node.id=1 and broker.id=2 name the same thing: set only node.id, or both to the same number',
    'server.properties, line 3: log.retention.hour=3: no such setting: did you mean log.retention.hours?',
  ]);
});

test('an unknown key gets advice', () => {
  const cases: [string, RegExp][] = [
    ['log.rention.ms=1', /did you mean log.retention.ms\?/],
    ['log_dirs=/a', /did you mean log.dirs\?/],
    ['num.partition=1', /did you mean num.partitions\?/],
    ['retention.ms=1', /it is a setting of topics, whose default is log.retention.ms/],
    ['port=9092', /use listeners, as PLAINTEXT:\/\/host:port/],
    ['frobnicate=1', /there is no setting of a name like it/],
    ['constructor=1', /there is no setting of a name like it/],
  ];
  for (const [override, expected] of cases) assert.match(refused({ overrides: [override] })[0]!, expected);
});

test('a listener alone may have only values that are allowed', () => {
  const [message] = refused({ overrides: ['listener.name.plaintext.max.connections=-1'] });
  assert.match(message!, /^--override: listener.name.plaintext.max.connections=-1 is not allowed/);
  const { warnings } = loaded({ overrides: ['listener.name.plaintext.num.partitions=2'] });
  assert.match(warnings[0]!, /it is the same for all listeners: set num.partitions/);
});

test('secrets are not shown', () => {
  const shown = [
    ...refused({ overrides: ['my.reporter.password=hunter2', 'node.id=x', 'a.jaas.config=hunter2'] }),
    ...loaded({ overrides: ['ssl.key.password=hunter2', 'sasl.jaas.config=hunter2'] }).warnings,
  ];
  assert.equal(shown.length, 5);
  assert.doesNotMatch(shown.join('\n'), /hunter2/);
});

test('a value that is very long is cut where it is shown', () => {
  assert.ok(refused({ overrides: [`node.id=${'9'.repeat(10_000)}`] })[0]!.length < 400);
});

test('what is set twice, or hardly as it was meant, is pointed out', () => {
  const { settings, warnings } = loaded({
    file: 'num.partitions=2\nnum.partitions=3',
    overrides: ['broker.heartbeat.interval.ms=1500'],
  });
  assert.equal(settings.numPartitions, 3);
  assert.deepEqual(warnings, [
    'server.properties, line 2: num.partitions was set on line 1 already; this line counts',
    'broker.heartbeat.interval.ms=1500 is more than half of broker.session.timeout.ms=2000: one late heartbeat fences the broker',
  ]);
});
