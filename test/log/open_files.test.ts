import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionLog } from '../../src/log/partition_log.ts';
import { append, batchOf, LogWorld, ok } from '../support/log_world.ts';

async function logs(world: LogWorld, count: number, config = {}): Promise<PartitionLog[]> {
  const opened: PartitionLog[] = [];
  for (let index = 0; index < count; index++) {
    opened.push(await world.open({ directory: `/data/many-${index}`, config }));
  }
  return opened;
}

test('logs that are not used keep no file open, and used ones no more than the limit', async () => {
  const world = new LogWorld({ maxOpenFiles: 5, tailCacheBytes: 0 });
  const all = await logs(world, 20);
  assert.equal(world.services.files.openCount, 0);
  for (const log of all) append(log, batchOf('a'));
  for (const log of all) await world.durable(log);
  assert.ok(world.services.files.openCount <= 5);
  for (const log of all) assert.ok((await world.batches(log)).length > 0);
  assert.ok(world.services.files.openCount <= 5);
});

test('unsynced files stay open above the limit, and are synced to be closed', async () => {
  const world = new LogWorld({ maxOpenFiles: 3, tailCacheBytes: 0 });
  const all = await logs(world, 10, { writeCaching: true });
  const syncs = new Set<string>();
  world.device.faults = operation => {
    if (operation.kind === 'sync') syncs.add(operation.path);
    return undefined;
  };
  for (const log of all) append(log, batchOf('a'));
  assert.equal(world.services.files.openCount, 10);
  await world.time.advance(10);
  assert.ok(syncs.size >= 7);
  assert.equal(world.services.files.openCount, 3);
  for (const log of all) assert.equal((await world.batches(log)).length, 1);
});

test('a closed log keeps nothing', async () => {
  const world = new LogWorld();
  const all = await logs(world, 3);
  for (const log of all) append(log, batchOf('a', { valueBytes: 20_000 }));
  for (const log of all) ok(await world.run(log.close()));
  assert.equal(world.services.files.openCount, 0);
  assert.equal(world.services.tailCache.sizeBytes, 0);
  assert.equal(world.services.indexCache.sizeBytes, 0);
});
