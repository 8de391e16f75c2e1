import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/log/checkpoint_file.ts';
import {
  OFFSET_FORMAT,
  OffsetCheckpoint,
  type PartitionOffsets,
} from '../../../src/log/directories/offset_checkpoint.ts';
import { asOffset, type Offset } from '../../../src/model/ids.ts';
import { LogWorld } from '../../support/log_world.ts';

const PATH = '/data/recovery-point-offset-checkpoint';

test('a line has topic, partition and offset, as in Kafka', () => {
  const entries = [
    ['a.b-c-0', asOffset(0n)],
    ['t-12', asOffset(9_007_199_254_740_993n)],
  ] as const;
  const text = '0\n2\na.b-c 0 0\nt 12 9007199254740993\n';
  assert.equal(encodeCheckpoint(OFFSET_FORMAT, entries), text);
  assert.deepEqual(decodeCheckpoint(OFFSET_FORMAT, text, 'x'), entries);
});

function checkpointIn(world: LogWorld) {
  const wanted = new Map<string, Offset>();
  const make = () => new OffsetCheckpoint(world.services, PATH, () => new Map(wanted));
  world.disk.makeDirectory('/data');
  return { wanted, make };
}

test('what is stored is there after a crash; nothing is written when nothing has changed', async () => {
  const world = new LogWorld();
  const { wanted, make } = checkpointIn(world);
  await world.run(world.disk.syncDirectory('/'));
  const checkpoint = make();
  wanted.set('t-0', asOffset(5n));
  await world.run(checkpoint.store());
  let writes = 0;
  world.device.faults = ({ kind }) => {
    if (kind === 'write') writes++;
    return undefined;
  };
  await world.run(checkpoint.store());
  assert.equal(writes, 0);
  world.device.faults = undefined;
  world.crash();
  assert.equal(make().get('t-0'), 5n);
  assert.equal(make().get('t-1'), undefined);
});

test('those who ask while a write is under way share the next one, which has what holds then', async () => {
  const world = new LogWorld({ syncMs: 10 });
  const { wanted, make } = checkpointIn(world);
  const checkpoint = make();
  let renames = 0;
  world.device.faults = ({ kind }) => {
    if (kind === 'rename') renames++;
    return undefined;
  };
  wanted.set('t-0', asOffset(1n));
  const first = checkpoint.store();
  const later: Promise<void>[] = [];
  for (let offset = 2n; offset < 10n; offset++) {
    wanted.set('t-0', asOffset(offset));
    later.push(checkpoint.store());
  }
  await world.run(first);
  assert.equal(checkpoint.get('t-0'), 1n);
  await world.run(Promise.all(later));
  assert.equal(checkpoint.get('t-0'), 9n);
  assert.equal(renames, 2);
});

test('what is being written counts among what may be stored', async () => {
  const world = new LogWorld();
  const { wanted, make } = checkpointIn(world);
  const checkpoint = make();
  wanted.set('t-0', asOffset(7n));
  const storing = checkpoint.store();
  assert.equal(checkpoint.get('t-0'), undefined);
  assert.equal(checkpoint.largest('t-0'), 7n);
  await world.run(storing);
  wanted.set('t-0', asOffset(3n));
  const again = checkpoint.store();
  assert.equal(checkpoint.largest('t-0'), 7n);
  await world.run(again);
  assert.equal(checkpoint.largest('t-0'), 3n);
});

test('a file that can not be read counts as empty, and is told of', () => {
  const world = new LogWorld();
  const { make } = checkpointIn(world);
  for (const text of ['1\n0\n', '0\n2\nt 0 5\n', '0\n1\nt 0\n', 'garbage']) {
    const file = world.disk.open(PATH, 'create');
    file.truncate(0);
    file.write(0, [Buffer.from(text)]);
    file.close();
    assert.equal(make().get('t-0'), undefined);
  }
  assert.equal(world.logger.lines.filter(({ level }) => level === 'error').length, 4);
});

test('entries that are not collected any more go', async () => {
  const world = new LogWorld();
  world.disk.makeDirectory('/data');
  let offsets: PartitionOffsets = new Map([
    ['a-0', asOffset(1n)],
    ['b-0', asOffset(2n)],
  ]);
  const checkpoint = new OffsetCheckpoint(world.services, PATH, () => offsets);
  await world.run(checkpoint.store());
  offsets = new Map([['a-0', asOffset(1n)]]);
  await world.run(checkpoint.store());
  assert.deepEqual([checkpoint.get('a-0'), checkpoint.get('b-0')], [1n, undefined]);
});
