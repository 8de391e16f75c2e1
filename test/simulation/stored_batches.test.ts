import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asOffset } from '../../src/model/ids.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedDisk } from '../../src/simulation/simulated_disk.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { batchesOf, findDamage } from '../../src/simulation/stored_batches.ts';
import { batchOf } from '../support/log_world.ts';

const STRICT = { mayHaveGaps: false };

/** A batch of one record, as a log has it at that offset. */
function batchAt(offset: number): Buffer {
  const batch = batchOf(`record ${offset}`);
  batch.writeBigInt64BE(asOffset(BigInt(offset)), 0);
  return batch;
}

/** A disk with a log of these segments, each of these pieces. */
function diskWith(...segments: readonly (readonly Buffer[])[]): SimulatedDisk {
  const time = new SimulatedTime();
  const device = new SimulatedDisk({ time, random: new SeededRandom(5) });
  const disk = device.mount(new SimulatedClock(time));
  disk.makeDirectory('/log');
  for (const [index, pieces] of segments.entries()) {
    const file = disk.open(`/log/${String(index).padStart(20, '0')}.log`, 'create');
    file.write(0, pieces);
    file.close();
  }
  return device;
}

test('batches one behind the other, over several segments, are no damage', () => {
  const disk = diskWith([batchAt(3), batchAt(4)], [batchAt(5)], []);
  assert.equal(findDamage(disk, '/log', STRICT), undefined);
  assert.deepEqual(
    batchesOf(disk, '/log').map(({ baseOffset, lastOffset, isIntact }) => [baseOffset, lastOffset, isIntact]),
    [
      [3n, 3n, true],
      [4n, 4n, true],
      [5n, 5n, true],
    ],
  );
});

test('a changed byte, a torn batch and bytes that are none are damage', () => {
  const changed = batchAt(4);
  changed[changed.length - 1]! ^= 1;
  const torn = batchAt(4).subarray(0, 70);
  const found = [
    diskWith([batchAt(3), changed]),
    diskWith([batchAt(3), torn], [batchAt(4)]),
    diskWith([batchAt(3), Buffer.alloc(100)]),
  ].map(disk => findDamage(disk, '/log', STRICT));
  assert.deepEqual(found, [
    'the batch at offset 4 fails its checksum',
    '70 bytes behind the batches up to offset 4 are none',
    '100 bytes behind the batches up to offset 4 are none',
  ]);
});

test('a gap is damage where nothing was compacted, and what goes back always is', () => {
  const gap = diskWith([batchAt(3)], [batchAt(6)]);
  const back = diskWith([batchAt(3), batchAt(3)]);
  assert.equal(
    findDamage(gap, '/log', STRICT),
    'a batch begins at offset 6, and the one before it ends before 4',
  );
  assert.equal(findDamage(gap, '/log', { mayHaveGaps: true }), undefined);
  assert.match(findDamage(back, '/log', { mayHaveGaps: true })!, /begins at offset 3/);
});
