import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handleDescribeClientQuotas } from '../../src/handlers/48_describe_client_quotas.ts';
import type { BrokerServices } from '../../src/handlers/broker_services.ts';
import type { RequestContext } from '../../src/handlers/request_context.ts';
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from '../../src/messages/48_describe_client_quotas.ts';
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../../src/messages/49_alter_client_quotas.ts';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import type { MessageInput } from '../../src/protocol/schema.ts';
import { answered, Harness, request } from './harness.ts';

type Entry = MessageInput<typeof AlterClientQuotasRequest>['entries'][number];
type Component = MessageInput<typeof DescribeClientQuotasRequest>['components'][number];

const nameOf = (code: number) => ERROR_NAMES.get(code as never);
const on = (...parts: readonly (readonly [string, string | null])[]) =>
  parts.map(([entityType, entityName]) => ({ entityType, entityName }));
const op = (key: string, value: number | undefined) => ({
  key,
  value: value ?? 0,
  remove: value === undefined,
});

async function alter(
  harness: Harness,
  entries: readonly Entry[],
  validateOnly = false,
): Promise<(string | undefined)[]> {
  const asked = request(AlterClientQuotasRequest, { entries, validateOnly });
  const answer = answered(AlterClientQuotasResponse, await harness.controller.alterClientQuotas(asked));
  await harness.settle();
  return answer.entries.map(({ errorCode }) => nameOf(errorCode));
}

function describe(harness: Harness, components: readonly Component[], strict = false) {
  const asked = request(DescribeClientQuotasRequest, { components, strict });
  const services = { metadata: harness.publisher } as unknown as BrokerServices;
  const answer = answered(
    DescribeClientQuotasResponse,
    handleDescribeClientQuotas(asked, {} as RequestContext, services),
  );
  if (answer.errorCode !== 0) return nameOf(answer.errorCode);
  return answer.entries!.map(({ entity, values }) => [
    entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`).join(),
    values.map(({ key, value }) => `${key}=${value}`).join(),
  ]);
}

test('quotas are set, changed, taken away, and listed by what a filter asks for', async () => {
  const harness = await new Harness().lead();
  const entries = [
    { entity: on(['user', 'ann']), ops: [op('producer_byte_rate', 1000), op('request_percentage', 12.5)] },
    { entity: on(['user', 'ann'], ['client-id', 'app']), ops: [op('consumer_byte_rate', 5)] },
    { entity: on(['client-id', null]), ops: [op('controller_mutation_rate', 0.5)] },
    { entity: on(['ip', '10.0.0.1']), ops: [op('connection_creation_rate', 3)] },
  ];
  assert.deepEqual(await alter(harness, entries, true), ['NONE', 'NONE', 'NONE', 'NONE']);
  assert.deepEqual(describe(harness, []), []);
  assert.deepEqual(await alter(harness, entries), ['NONE', 'NONE', 'NONE', 'NONE']);
  const ann = { entityType: 'user', matchType: 0, match: 'ann' };
  const annAlone = ['user=ann', 'producer_byte_rate=1000,request_percentage=12.5'];
  const annApp = ['user=ann,client-id=app', 'consumer_byte_rate=5'];
  assert.deepEqual(describe(harness, [ann]), [annAlone, annApp]);
  assert.deepEqual(describe(harness, [ann], true), [annAlone]);
  const anyClient = { entityType: 'client-id', matchType: 2, match: null };
  assert.deepEqual(describe(harness, [anyClient]), [
    annApp,
    ['client-id=null', 'controller_mutation_rate=0.5'],
  ]);
  const defaultClient = { entityType: 'client-id', matchType: 1, match: null };
  assert.deepEqual(describe(harness, [defaultClient]), [['client-id=null', 'controller_mutation_rate=0.5']]);
  const remove = {
    entity: on(['user', 'ann']),
    ops: [op('producer_byte_rate', undefined), op('request_percentage', 7)],
  };
  assert.deepEqual(await alter(harness, [remove]), ['NONE']);
  assert.deepEqual(describe(harness, [ann], true), [['user=ann', 'request_percentage=7']]);
});

test('what can not be a quota is refused, the rest is done', async () => {
  const harness = await new Harness().lead();
  const rate = [op('producer_byte_rate', 1)];
  const refused: readonly Entry[] = [
    { entity: [], ops: rate },
    { entity: on(['group', 'g']), ops: rate },
    { entity: on(['user', '']), ops: rate },
    { entity: on(['user', 'a'], ['user', 'b']), ops: rate },
    { entity: on(['user', 'a'], ['ip', '1.2.3.4']), ops: rate },
    { entity: on(['ip', '1.2.3.4']), ops: rate },
    { entity: on(['user', 'a']), ops: [op('connection_creation_rate', 1)] },
    { entity: on(['user', 'c']), ops: [op('producer_byte_rate', 0)] },
    { entity: on(['user', 'd']), ops: [op('producer_byte_rate', Number.NaN)] },
    { entity: on(['user', 'e']), ops: [op('producer_byte_rate', 1.5)] },
    { entity: on(['user', 'f']), ops: [op('consumer_byte_rate', Number.POSITIVE_INFINITY)] },
    { entity: on(['user', 'g']), ops: [...rate, ...rate] },
  ];
  for (const entry of refused) {
    const codes = await alter(harness, [entry, { entity: on(['user', 'good']), ops: rate }]);
    assert.deepEqual(codes, ['INVALID_REQUEST', 'NONE'], JSON.stringify(entry));
  }
  assert.deepEqual(describe(harness, []), [['user=good', 'producer_byte_rate=1']]);
});

test('a filter that makes no sense is refused', async () => {
  const harness = await new Harness().lead();
  const exact = (entityType: string, match: string | null = 'x') => ({ entityType, matchType: 0, match });
  const cases: readonly (readonly [readonly Component[], string])[] = [
    [[exact('')], 'INVALID_REQUEST'],
    [[exact('group')], 'UNSUPPORTED_VERSION'],
    [[exact('user'), exact('user')], 'INVALID_REQUEST'],
    [[exact('user'), exact('ip')], 'INVALID_REQUEST'],
    [[exact('user', null)], 'INVALID_REQUEST'],
    [[{ entityType: 'user', matchType: 1, match: 'x' }], 'INVALID_REQUEST'],
    [[{ entityType: 'user', matchType: 3, match: null }], 'INVALID_REQUEST'],
  ];
  for (const [components, code] of cases)
    assert.equal(describe(harness, components), code, JSON.stringify(components));
});
