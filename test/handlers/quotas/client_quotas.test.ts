import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ClientQuotasImage, type QuotaEntity } from '../../../src/controller/image/client_quotas_image.ts';
import { ClientQuotas, type QuotaClient } from '../../../src/handlers/quotas/client_quotas.ts';
import { type QuotaKey, quotaOf } from '../../../src/handlers/quotas/quota_lookup.ts';
import type { ClientInfo } from '../../../src/handlers/request_context.ts';
import { MAX_QUOTA_CLIENTS } from '../../../src/model/limits.ts';
import { SimulatedClock } from '../../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../../src/simulation/simulated_time.ts';

type Parts = Readonly<Record<string, string | null>>;

let image: ClientQuotasImage;
let time: SimulatedTime;
let quotas: ClientQuotas;

beforeEach(() => {
  image = new ClientQuotasImage();
  time = new SimulatedTime();
  quotas = new ClientQuotas({
    clock: new SimulatedClock(time),
    image: () => image,
    windows: () => ({
      quotaWindowNum: 11,
      quotaWindowSizeSeconds: 1,
      controllerQuotaWindowNum: 11,
      controllerQuotaWindowSizeSeconds: 1,
    }),
  });
});

function set(parts: Parts, key: QuotaKey, value: number | undefined): void {
  const entity = Object.entries(parts).map(([entityType, entityName]) => ({ entityType, entityName }));
  image.change({ entity, key, value: value ?? 0, remove: value === undefined });
}

const client = (clientId: string, user = 'ann'): QuotaClient => ({
  clientId,
  client: { principal: `User:${user}` } as ClientInfo,
});

test('the closest quota binds, and tells who shares it', () => {
  // From the farthest to the closest: each takes the place of those before it.
  const levels: readonly (readonly [Parts, number])[] = [
    [{ 'client-id': null }, 8],
    [{ 'client-id': 'app' }, 7],
    [{ user: null }, 6],
    [{ user: null, 'client-id': null }, 5],
    [{ user: null, 'client-id': 'app' }, 4],
    [{ user: 'ann' }, 3],
    [{ user: 'ann', 'client-id': null }, 2],
    [{ 'client-id': 'app', user: 'ann' }, 1],
  ];
  const sharedBy: string[] = [];
  for (const [parts, value] of levels) {
    set(parts, 'producer_byte_rate', value);
    const quota = quotaOf(image, 'producer_byte_rate', { user: 'ann', clientId: 'app' });
    assert.equal(quota?.perSecond, value);
    sharedBy.push((JSON.parse(quota!.sharedBy) as string[]).join(' '));
  }
  const both = 'both ann app';
  assert.deepEqual(sharedBy, ['client app', 'client app', 'user ann', both, both, 'user ann', both, both]);
  assert.equal(quotaOf(image, 'consumer_byte_rate', { user: 'ann', clientId: 'app' }), undefined);
});

test('a producer above its quota has to wait, others and other quotas are free', () => {
  set({ 'client-id': 'app' }, 'producer_byte_rate', 1000);
  assert.equal(quotas.produced(10_000, client('app')), 0);
  assert.equal(quotas.produced(5_000, client('app', 'bob')), 5000);
  assert.equal(quotas.produced(1e9, client('other')), 0);
  assert.equal(quotas.fetched(1e9, client('app')), 0);
});

test('a fetch that has to wait is not counted, and one alone is no larger than the window allows', async () => {
  set({ user: 'ann' }, 'consumer_byte_rate', 1000);
  assert.equal(quotas.maxFetchBytes(client('app')), 11_000);
  assert.equal(quotas.fetched(10_000, client('app')), 0);
  assert.equal(quotas.fetched(10_000, client('app')), 10_000);
  await time.advance(11_000);
  assert.equal(quotas.fetched(1_000, client('app')), 0);
});

test('time at work is counted in percent, and nobody waits for more than a sample', () => {
  set({ user: 'ann' }, 'request_percentage', 10);
  assert.ok(quotas.has('request_percentage', client('app')));
  assert.ok(!quotas.has('request_percentage', client('app', 'bob')));
  // A second in ten is 10 %.
  assert.equal(quotas.worked(1000, client('app')), 0);
  assert.equal(quotas.worked(50, client('app')), 500);
  assert.equal(quotas.worked(60_000, client('app')), 1000);
});

test('partitions may be made in a burst, and then at the rate', async () => {
  set({ user: 'ann' }, 'controller_mutation_rate', 1);
  assert.equal(quotas.mutated(11, client('app')), 0);
  assert.equal(quotas.mutated(2, client('app')), 2000);
  assert.equal(quotas.mutationDebtMs(client('other')), 2000);
  await time.advance(2000);
  assert.equal(quotas.mutationDebtMs(client('app')), 0);
});

test('an address opens connections at its rate', async () => {
  set({ ip: null }, 'connection_creation_rate', 1);
  set({ ip: '10.0.0.9' }, 'connection_creation_rate', 2);
  const opened = (ip: string) =>
    Array.from({ length: 30 }, () => quotas.connected(ip)).filter(ms => ms === 0).length;
  assert.equal(opened('10.0.0.1'), 10);
  assert.equal(opened('10.0.0.9'), 20);
  await time.advance(11_000);
  assert.equal(opened('10.0.0.1'), 10);
});

test('a quota that changes binds from then on, one that is taken away no longer', () => {
  set({ user: 'ann' }, 'producer_byte_rate', 1000);
  assert.equal(quotas.produced(20_000, client('app')), 10_000);
  set({ user: 'ann' }, 'producer_byte_rate', 4000);
  assert.equal(quotas.produced(0, client('app')), 0);
  set({ user: 'ann' }, 'producer_byte_rate', undefined);
  assert.equal(quotas.produced(1e9, client('app')), 0);
  assert.equal(image.size, 0);
});

test('no more clients are remembered than the limit', () => {
  set({ 'client-id': null }, 'producer_byte_rate', 1000);
  quotas.produced(1e6, client('first'));
  for (let at = 0; at < MAX_QUOTA_CLIENTS; at++) quotas.produced(1, client(`c${at}`));
  assert.equal(quotas.produced(1, client('first')), 0);
});

test('an entity is the same in whatever order its parts come', () => {
  set({ user: 'ann', 'client-id': 'app' }, 'producer_byte_rate', 1);
  const turned: QuotaEntity = new Map([
    ['client-id', 'app'],
    ['user', 'ann'],
  ]);
  assert.equal(image.of(turned)?.values.get('producer_byte_rate'), 1);
});
