import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { asOffset, asPartitionIndex } from '../../src/model/ids.ts';
import type { Partition } from '../../src/replica/partition.ts';
import { PartitionCoordinatorLog } from '../../src/replica/partition_coordinator_log.ts';
import { LOG_DIRECTORY, ok, refused } from '../support/log_world.ts';
import { PartitionWorld, producerBatch } from '../support/partition_world.ts';

const INDEX = asPartitionIndex(0);
const ALL = { requiredAcks: -1, origin: 'client' } as const;
const BATCHES = 3;

/** A partition with some batches, of which nothing is in memory, and what coordinators see of it. */
async function written() {
  const world = new PartitionWorld({ tailCacheBytes: 0 });
  const partition = await world.leading();
  for (let batch = 0; batch < BATCHES; batch++) ok(partition.append(producerBatch(), ALL));
  await world.durable(world.log);
  const mended: Partition[] = [];
  const log = new PartitionCoordinatorLog(
    'events',
    { partition: () => partition },
    { loadBufferBytes: 1_000_000, mend: damaged => mended.push(damaged) },
  );
  const read = (start: bigint) => world.run(log.read(INDEX, asOffset(start)));
  return { world, partition, mended, read };
}

test('batches are read up to the end of the log', async () => {
  const { read, mended } = await written();
  const batches = ok(await read(0n));
  assert.deepEqual(
    batches.map(batch => batch.baseOffset),
    [0n, 1n, 2n],
  );
  assert.deepEqual(ok(await read(3n)), []);
  assert.deepEqual(mended, []);
});

test('whichever bit of a batch the disk changes, it is not read, and is asked to be mended', async () => {
  const sizeBytes = producerBatch().buffer.length;
  // Behind the base offset and the leader epoch, which no checksum covers.
  const checked = Array.from({ length: sizeBytes }, (_, at) => at).filter(
    at => at >= 16 || (at >= 8 && at < 12),
  );
  for (const at of checked) {
    const { world, partition, mended, read } = await written();
    world.device.flipBit(`${LOG_DIRECTORY}/00000000000000000000.log`, sizeBytes + at, at % 8);
    const failure = refused(await read(1n));
    assert.equal(failure.code, Errors.CORRUPT_MESSAGE, `byte ${at}`);
    assert.match(failure.message, /^events-0 can not be read at offset 1: /);
    assert.deepEqual(mended, [partition], `byte ${at}`);
  }
});
