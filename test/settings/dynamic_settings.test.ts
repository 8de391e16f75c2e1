import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrokerSettings } from '../../src/settings/broker_settings.ts';
import { loadConfiguration } from '../../src/settings/configuration.ts';
import { DynamicSettings } from '../../src/settings/dynamic_settings.ts';
import { topicSettings } from '../../src/settings/topic_settings.ts';

function nodeWith(...overrides: string[]): DynamicSettings {
  const configuration = loadConfiguration({ overrides, hostname: 'host' });
  if (!('settings' in configuration)) return assert.fail(configuration.join('\n'));
  return new DynamicSettings(configuration);
}

const layer = (entries: Record<string, string>) => new Map(Object.entries(entries));

test('a value for this broker counts more than one for all, that more than the configured one', () => {
  const node = nodeWith('message.max.bytes=1');
  assert.equal(node.current.messageMaxBytes, 1);
  assert.deepEqual(node.replace({ cluster: layer({ 'message.max.bytes': '2' }) }), []);
  assert.equal(node.current.messageMaxBytes, 2);
  node.replace({ broker: layer({ 'message.max.bytes': '3' }) });
  assert.equal(node.current.messageMaxBytes, 3);
  assert.equal(topicSettings(node.current, new Map()).maxMessageBytes, 3);
  node.replace({ broker: new Map() });
  assert.equal(node.current.messageMaxBytes, 2);
  node.replace({ cluster: new Map() });
  assert.equal(node.current.messageMaxBytes, 1);
});

test('a value in one unit takes the place of one in another', () => {
  const node = nodeWith('log.retention.minutes=1', 'log.retention.hours=2');
  node.replace({ cluster: layer({ 'log.retention.ms': '7' }) });
  assert.equal(node.current.logRetentionMs, 7);
  node.replace({ cluster: new Map() });
  assert.equal(node.current.logRetentionMs, 60_000);
});

test('subscribers hear of their settings alone', () => {
  const node = nodeWith();
  const heard: [BrokerSettings, BrokerSettings][] = [];
  const unsubscribe = node.subscribe(
    ['messageMaxBytes', 'logCleanupPolicy', 'maxConnectionsPerIpOverrides'],
    (...both) => heard.push(both),
  );
  const before = node.current;
  node.replace({ broker: layer({ 'log.index.interval.bytes': '5', 'log.cleanup.policy': 'delete' }) });
  assert.equal(heard.length, 0);
  node.replace({ broker: layer({ 'log.cleanup.policy': 'compact' }) });
  assert.equal(heard.length, 1);
  assert.deepEqual(
    heard[0]?.map(settings => settings.logCleanupPolicy),
    [['compact'], ['delete']],
  );
  node.replace({
    broker: layer({ 'log.cleanup.policy': 'compact', 'max.connections.per.ip.overrides': 'a:1' }),
  });
  assert.equal(heard.length, 2);
  node.replace({
    broker: layer({ 'log.cleanup.policy': 'compact', 'max.connections.per.ip.overrides': 'a:1' }),
  });
  assert.equal(heard.length, 2);
  unsubscribe();
  node.replace({ broker: new Map() });
  assert.equal(heard.length, 2);
  assert.deepEqual(node.current, before);
});

test('a subscriber that leaves or comes while others are told', () => {
  const node = nodeWith();
  const heard: string[] = [];
  const leave = node.subscribe(['messageMaxBytes'], () => {
    heard.push('first');
    leave();
    node.subscribe(['messageMaxBytes'], () => heard.push('late'));
  });
  node.replace({ broker: layer({ 'message.max.bytes': '3' }) });
  node.replace({ broker: layer({ 'message.max.bytes': '4' }) });
  assert.deepEqual(heard, ['first', 'late']);
});

test('listeners change with the broker', () => {
  const node = nodeWith();
  const listeners = 'PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093,INSIDE://127.0.0.1:9094';
  const protocols = 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT';
  assert.deepEqual(
    node.replace({ broker: layer({ listeners, 'listener.security.protocol.map': protocols }) }),
    [],
  );
  assert.deepEqual(
    node.current.advertisedListeners.map(listener => listener.name),
    ['PLAINTEXT', 'INSIDE'],
  );
});

test('what may not be set at run time is left out', () => {
  const node = nodeWith();
  const leftOut = node.replace({
    cluster: layer({ 'node.id': '3', 'message.max.bytes': 'x', listeners: 'PLAINTEXT://:1', nonsense: '1' }),
    broker: layer({ 'log.index.interval.bytes': '5' }),
  });
  assert.equal(leftOut.length, 4);
  assert.match(leftOut[0]!, /node.id can not be changed/);
  assert.match(leftOut[3]!, /no setting nonsense/);
  assert.deepEqual([...node.layers.cluster], []);
  assert.equal(node.current.logIndexIntervalBytes, 5);
});

test('what does not go together is left out', () => {
  const node = nodeWith();
  const leftOut = node.replace({
    broker: layer({ 'max.connections.per.ip': '0', 'message.max.bytes': '5' }),
    cluster: layer({ 'log.cleaner.min.compaction.lag.ms': '5', 'log.cleaner.max.compaction.lag.ms': '4' }),
  });
  assert.deepEqual(leftOut, [
    'log.cleaner.min.compaction.lag.ms=5 must not be above log.cleaner.max.compaction.lag.ms=4',
    'max.connections.per.ip=0 lets nobody in: set max.connections.per.ip.overrides too',
  ]);
  assert.equal(node.current.messageMaxBytes, 5);
  assert.equal(node.current.maxConnectionsPerIp, 2_147_483_647);
  assert.deepEqual(node.resolved.problems, []);
});

test('a check sees the other layers and changes nothing', () => {
  const node = nodeWith();
  node.replace({ cluster: layer({ 'log.cleaner.max.compaction.lag.ms': '4' }) });
  const before = node.current;
  const refused = node.check('broker', layer({ 'log.cleaner.min.compaction.lag.ms': '5' }));
  assert.match(String(refused), /^INVALID_REQUEST: log.cleaner.min.compaction.lag.ms=5 must not be above/);
  assert.equal(node.check('cluster', layer({ 'log.cleaner.min.compaction.lag.ms': '5' })), undefined);
  assert.match(
    String(node.check('broker', layer({ listeners: 'PLAINTEXT://:1' }))),
    /CONTROLLER, which is no listener/,
  );
  assert.equal(node.current, before);
});
