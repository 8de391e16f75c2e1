import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlterConfigsRequest, AlterConfigsResponse } from '../../src/messages/33_alter_configs.ts';
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../src/messages/44_incremental_alter_configs.ts';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import { ConfigResourceType } from '../../src/settings/config_resource.ts';
import { answered, Harness, request } from './harness.ts';

const { TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP } = ConfigResourceType;
const nameOf = (code: number | undefined): string => ERROR_NAMES.get(code ?? -2) ?? String(code);

type Operation = readonly [name: string, value: string | null, operation?: number];

async function cluster(): Promise<Harness> {
  const harness = await new Harness({ voterIds: [1, 8] }).lead();
  await harness.start([1, 2]);
  await harness.createAssigned('a', [[1, 2]]);
  return harness;
}

async function alter(
  harness: Harness,
  resourceType: number,
  resourceName: string,
  operations: readonly Operation[],
  validateOnly = false,
): Promise<string> {
  const configs = operations.map(([name, value, configOperation = 0]) => ({ name, value, configOperation }));
  const input = { resources: [{ resourceType, resourceName, configs }], validateOnly };
  const answer = await harness.controller.incrementalAlterConfigs(
    request(IncrementalAlterConfigsRequest, input),
  );
  return nameOf(answered(IncrementalAlterConfigsResponse, answer).responses[0]?.errorCode);
}

const configsOf = (harness: Harness, type: number, name: string) =>
  Object.fromEntries(harness.image.configs.of({ type, name }));

test('what becomes of changes of settings', async () => {
  const table: readonly (readonly [number, string, Operation, string])[] = [
    [TOPIC, 'a', ['retention.ms', '5'], 'NONE'],
    [TOPIC, 'a', ['retention.ms', null, 1], 'NONE'],
    [TOPIC, 'a', ['cleanup.policy', 'compact', 2], 'NONE'],
    [TOPIC, 'a', ['retention.ms', '5', 2], 'INVALID_CONFIG'],
    [TOPIC, 'a', ['retention.ms', 'x'], 'INVALID_CONFIG'],
    [TOPIC, 'a', ['nope', '5'], 'INVALID_CONFIG'],
    [TOPIC, 'nope', ['retention.ms', '5'], 'UNKNOWN_TOPIC_OR_PARTITION'],
    [TOPIC, '', ['retention.ms', '5'], 'INVALID_REQUEST'],
    [BROKER, '1', ['log.cleaner.threads', '2'], 'NONE'],
    [BROKER, '', ['log.cleaner.threads', '2'], 'NONE'],
    [BROKER, '8', ['log.cleaner.threads', '2'], 'NONE'],
    [BROKER, '9', ['log.cleaner.threads', '2'], 'BROKER_ID_NOT_REGISTERED'],
    [BROKER, 'x', ['log.cleaner.threads', '2'], 'INVALID_REQUEST'],
    [BROKER, '1', ['node.id', '2'], 'INVALID_REQUEST'],
    [BROKER, '1', ['min.insync.replicas', '2'], 'INVALID_CONFIG'],
    [BROKER, '', ['min.insync.replicas', null, 1], 'INVALID_CONFIG'],
    [BROKER, '', ['min.insync.replicas', '2'], 'NONE'],
    [GROUP, 'g', ['consumer.session.timeout.ms', '50000'], 'NONE'],
    [GROUP, 'g', ['consumer.session.timeout.ms', '1'], 'INVALID_CONFIG'],
    [CLIENT_METRICS, 'm', ['interval.ms', '60000'], 'NONE'],
    [BROKER_LOGGER, '1', ['x', 'DEBUG'], 'INVALID_REQUEST'],
    [99, '1', ['x', '1'], 'INVALID_REQUEST'],
  ];
  const harness = await cluster();
  const before = harness.quorum.log.length;
  for (const [type, name, operation, expected] of table) {
    const result = await alter(harness, type, name, [operation], true);
    assert.equal(result, expected, `${type} ${name} ${operation.join(' ').slice(0, 60)}`);
  }
  assert.equal(harness.quorum.log.length, before, 'validateOnly changes nothing');
});

test('settings are set, added to, taken from and deleted', async () => {
  const harness = await cluster();
  await alter(harness, TOPIC, 'a', [
    ['retention.ms', '5'],
    ['cleanup.policy', 'delete'],
  ]);
  await alter(harness, TOPIC, 'a', [['cleanup.policy', 'compact', 2]]);
  assert.deepEqual(configsOf(harness, TOPIC, 'a'), {
    'retention.ms': '5',
    'cleanup.policy': 'delete,compact',
  });
  await alter(harness, TOPIC, 'a', [
    ['cleanup.policy', 'delete', 3],
    ['retention.ms', null, 1],
  ]);
  assert.deepEqual(configsOf(harness, TOPIC, 'a'), { 'cleanup.policy': 'compact' });
});

test('what does not change a topic leaves no record, what stays of a broker does', async () => {
  const harness = await cluster();
  await alter(harness, TOPIC, 'a', [['retention.ms', '5']]);
  await alter(harness, BROKER, '1', [['log.cleaner.threads', '2']]);
  const before = harness.quorum.log.length;
  await alter(harness, TOPIC, 'a', [['retention.ms', '5']]);
  assert.equal(harness.quorum.log.length, before);
  await alter(harness, BROKER, '1', [['log.cleaner.threads', '2']]);
  assert.equal(harness.quorum.log.length, before + 1);
});

test('the older request replaces all settings of a resource', async () => {
  const harness = await cluster();
  await alter(harness, TOPIC, 'a', [
    ['retention.ms', '5'],
    ['cleanup.policy', 'compact'],
  ]);
  const resource = { resourceType: TOPIC, resourceName: 'a', configs: [{ name: 'segment.ms', value: '7' }] };
  const input = { resources: [resource, { ...resource, resourceName: 'nope' }], validateOnly: false };
  const answer = await harness.controller.alterConfigs(request(AlterConfigsRequest, input));
  const { responses } = answered(AlterConfigsResponse, answer);
  assert.deepEqual(
    responses.map(response => nameOf(response.errorCode)),
    ['NONE', 'UNKNOWN_TOPIC_OR_PARTITION'],
  );
  assert.deepEqual(configsOf(harness, TOPIC, 'a'), { 'segment.ms': '7' });
});

test('a resource that is named twice is refused, the others are not', async () => {
  const harness = await cluster();
  const entry = { resourceType: TOPIC, resourceName: 'a', configs: [] };
  const resources = [entry, entry, { resourceType: BROKER, resourceName: '1', configs: [] }];
  const input = { resources, validateOnly: false };
  const answer = await harness.controller.incrementalAlterConfigs(
    request(IncrementalAlterConfigsRequest, input),
  );
  const { responses } = answered(IncrementalAlterConfigsResponse, answer);
  assert.deepEqual(
    responses.map(response => [response.resourceName, nameOf(response.errorCode)]),
    [
      ['a', 'INVALID_REQUEST'],
      ['1', 'NONE'],
    ],
  );
});

test('another min.insync.replicas forgets who was eligible by the old one', async () => {
  const table = [
    [TOPIC, 'a', []],
    [TOPIC, 'b', [1]],
    [BROKER, '', []],
  ] as const;
  for (const [type, name, elr] of table) {
    const harness = await cluster();
    await harness.createAssigned('b', [[2, 1]]);
    await alter(harness, BROKER, '', [['min.insync.replicas', '2']]);
    harness.kill(1);
    await harness.pass(2400);
    assert.deepEqual(harness.partition('a').elr, [1]);
    await alter(harness, type, name, [['min.insync.replicas', '1']]);
    assert.deepEqual(harness.partition('a').elr, elr, `${type} ${name}`);
  }
});

test('a topic that allows unclean elections gets its leader soon', async () => {
  const harness = await cluster();
  await alter(harness, BROKER, '', [['min.insync.replicas', '1']]);
  await harness.heartbeat(2, { wantFence: true });
  harness.kill(1);
  await harness.pass(2400);
  harness.kill(2);
  assert.equal(harness.broker(1).fenced, true);
  await harness.heartbeat(2);
  assert.deepEqual([harness.partition('a').leader, harness.partition('a').elr], [-1, [1]]);
  await alter(harness, TOPIC, 'a', [['unclean.leader.election.enable', 'true']]);
  await harness.pass(10);
  assert.deepEqual([harness.partition('a').leader, harness.partition('a').leaderRecoveryState], [2, 1]);
});
