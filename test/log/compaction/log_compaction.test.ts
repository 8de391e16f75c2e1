import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../../src/model/error_codes.ts';
import { asOffset } from '../../../src/model/ids.ts';
import { readRecords } from '../../../src/records/read_records.ts';
import { CompressionType } from '../../../src/records/record_batch.ts';
import { append, DAY_MS, from, LOG_DIRECTORY, markerOf, ok, refused } from '../../support/log_world.ts';
import { CompactionWorld } from './compaction_world.ts';

test('of each key the last record stays, at its offset, and the active segment as it is', async () => {
  const world = await CompactionWorld.start();
  world.write([
    ['a', '1'],
    ['b', '1'],
  ]);
  world.write([['a', '2']]);
  await world.roll();
  world.write([
    ['b', '2'],
    ['c', '1'],
  ]);
  await world.roll();
  world.write([['a', '3']]);
  await world.durable(world.log);
  const report = await world.compact();
  assert.deepEqual([report.cleanedUpTo, report.removedRecords], [5n, 2]);
  assert.deepEqual(await world.contents(), ['2 a=2', '3 b=2', '4 c=1', '5 a=3']);
  await world.roll();
  await world.compact();
  assert.deepEqual(await world.contents(), ['3 b=2', '4 c=1', '5 a=3']);
});

test('small segments become one, and the log reads on from every offset', async () => {
  const world = await CompactionWorld.start();
  for (let round = 0; round < 20; round++) {
    world.write([
      [`key ${round % 4}`, `${round}`],
      ['always', `${round}`],
    ]);
    await world.roll();
  }
  assert.equal(world.log.segmentCount, 21);
  await world.compact();
  assert.equal(world.log.segmentCount, 2);
  const expected = ['32 key 0=16', '34 key 1=17', '36 key 2=18', '38 key 3=19', '39 always=19'];
  assert.deepEqual(await world.contents(), expected);
  for (let offset = 0n; offset <= 40n; offset++) {
    const batches = await world.batches(world.log, asOffset(offset));
    assert.ok(batches.every(batch => batch.lastOffset >= offset));
  }
  world.log = await world.reopen(world.log, { config: world.log.config });
  assert.deepEqual(await world.contents(), expected);
  assert.equal(world.log.endOffset, 40n);
});

test('no segment grows beyond segment.bytes by that', async () => {
  const world = await CompactionWorld.start({ segmentBytes: 1_000 });
  for (let key = 0; key < 40; key++) world.write([[`key ${key}`, 'x'.repeat(50)]]);
  await world.roll();
  const before = await world.contents();
  const { segmentCount } = world.log;
  await world.compact();
  assert.deepEqual(await world.contents(), before);
  assert.equal(world.log.segmentCount, segmentCount);
});

test('a tombstone stays for delete.retention.ms from its first compaction on', async () => {
  const world = await CompactionWorld.start();
  world.write([['a', '1']]);
  const timestamp = BigInt(world.clock.nowMs() - 5);
  const deletion = [['a', null] as const, ['b', '1'] as const];
  world.write(deletion, { timestamp });
  await world.roll();
  const beforeMs = world.clock.nowMs();
  await world.compact();
  assert.deepEqual(await world.contents(), ['1 a=-', '2 b=1']);
  const [batch] = (await world.batches(world.log)).filter(each => each.hasDeleteHorizon);
  const horizonMs = Number(batch!.baseTimestamp);
  assert.ok(horizonMs >= beforeMs + DAY_MS && horizonMs <= world.clock.nowMs() + DAY_MS);
  assert.ok(batch!.isCrcValid());
  const times = ok(readRecords(batch!, 1_000)).map(record => record.timestamp);
  assert.deepEqual(times, [timestamp, timestamp]);

  await world.time.advance(horizonMs - world.clock.nowMs() - 1_000);
  world.write([['c', '1']]);
  await world.roll();
  await world.compact();
  assert.deepEqual(await world.contents(), ['1 a=-', '2 b=1', '3 c=1']);
  await world.time.advance(1_000);
  world.write([['d', '1']]);
  await world.roll();
  await world.compact();
  assert.deepEqual(await world.contents(), ['2 b=1', '3 c=1', '4 d=1']);
});

test('records without a key go: no reader of a compacted log could ask for them', async () => {
  const world = await CompactionWorld.start({ cleanupPolicy: { delete: true, compact: false } });
  world.write([
    [null, '1'],
    ['a', '1'],
  ]);
  await world.roll();
  world.log.updateConfig({ ...world.log.config, cleanupPolicy: { delete: false, compact: true } });
  await world.compact();
  assert.deepEqual(await world.contents(), ['1 a=1']);
});

test('batches keep their codec, their producer and their leader epoch', async () => {
  const world = await CompactionWorld.start();
  const options = { ...from(7n, 0), compression: CompressionType.gzip };
  world.write(
    [
      ['a', '1'],
      ['b', '1'],
      ['a', '2'],
    ],
    options,
  );
  world.write([['z', '1']], from(7n, 3));
  await world.roll();
  await world.compact();
  const [first] = await world.batches(world.log);
  assert.deepEqual(
    [first!.baseOffset, first!.lastOffset, first!.recordCount, first!.compression, first!.producerId],
    [0n, 2n, 2, CompressionType.gzip, 7n],
  );
  assert.deepEqual([first!.baseSequence, first!.lastSequence, first!.partitionLeaderEpoch], [0, 2, 3]);
  assert.ok(first!.isCrcValid());
});

test('a producer is remembered by the header of its last batch, also after a recovery', async () => {
  const world = await CompactionWorld.start();
  world.write([['a', '1']], from(7n, 0));
  world.write([['a', '2']]);
  world.write([['b', '1']]);
  await world.roll();
  await world.compact();
  assert.deepEqual(await world.contents(), ['1 a=2', '2 b=1']);
  const [header] = await world.batches(world.log);
  assert.deepEqual([header!.recordCount, header!.producerId, header!.lastSequence], [0, 7n, 0]);
  const duplicate = append(world.log, await duplicateOf(7n));
  assert.equal(duplicate.isDuplicate, true);
});

async function duplicateOf(producer: bigint): Promise<Buffer> {
  const world = await CompactionWorld.start();
  world.write([['a', '1']], from(producer, 0));
  const [batch] = await world.batches(world.log);
  const copy = Buffer.from(batch!.buffer);
  copy.writeBigInt64BE(0n, 0);
  return copy;
}

test('the records of aborted transactions go; markers when nothing of theirs is left, after a while', async () => {
  const world = await CompactionWorld.start();
  const transaction = (producer: bigint, sequence: number) => ({
    ...from(producer, sequence),
    isTransactional: true,
  });
  world.write([['a', 'kept']]);
  world.write([['a', 'aborted']], transaction(1n, 0));
  world.write([['b', 'committed']], transaction(2n, 0));
  append2(world, markerOf('ABORT', 1n));
  append2(world, markerOf('COMMIT', 2n));
  // Later batches of the same producers, so that the first ones are not kept for their sequences.
  world.write([['x', '1']], from(1n, 1));
  world.write([['y', '1']], from(2n, 1));
  await world.roll();
  await world.compact();
  const expected = ['0 a=kept', '2 b=committed', '5 x=1', '6 y=1'];
  assert.deepEqual(await world.contents(), expected);
  const markers = async () => (await world.batches(world.log)).filter(each => each.isControl);
  assert.deepEqual(
    (await markers()).map(({ baseOffset, hasDeleteHorizon }) => [baseOffset, hasDeleteHorizon]),
    [
      [3n, false],
      [4n, false],
    ],
  );
  // The aborted batch is gone: in the next round its marker is found to be of nothing.
  await world.time.advance(10);
  world.write([['p', '1']]);
  await world.roll();
  await world.compact();
  assert.deepEqual(
    (await markers()).map(({ baseOffset, hasDeleteHorizon }) => [baseOffset, hasDeleteHorizon]),
    [
      [3n, true],
      [4n, false],
    ],
  );
  await world.time.advance(DAY_MS);
  world.write([['q', '1']]);
  await world.roll();
  await world.compact();
  assert.deepEqual(
    (await markers()).map(({ baseOffset }) => baseOffset),
    [4n],
  );
  assert.deepEqual(await world.contents(), [...expected, '7 p=1', '8 q=1']);
});

function append2(world: CompactionWorld, marker: Buffer): void {
  ok(world.log.appendAsLeader(marker, { leaderEpoch: 3 as never, origin: 'coordinator' }));
}

test('an open transaction is not touched, nor what comes behind it', async () => {
  const world = await CompactionWorld.start();
  world.write([['a', '1']]);
  world.write([['a', '2']]);
  await world.roll();
  world.write([['b', '1']], { ...from(1n, 0), isTransactional: true });
  world.write([['a', '3']]);
  await world.roll();
  world.write([['a', '4']]);
  await world.roll();
  const report = await world.compact();
  assert.equal(report.cleanedUpTo, 2n);
  assert.deepEqual(await world.contents(), ['1 a=2', '2 b=1', '3 a=3', '4 a=4']);
});

test('records that are younger than min.compaction.lag.ms are left alone', async () => {
  const world = await CompactionWorld.start({ minCompactionLagMs: 10_000 });
  world.write([['a', '1']]);
  world.write([['a', '2']]);
  await world.roll();
  assert.equal(await world.tryCompact(), undefined);
  await world.time.advance(6_000);
  world.write([['a', '3']]);
  await world.roll();
  await world.time.advance(6_000);
  await world.compact();
  assert.deepEqual(await world.contents(), ['1 a=2', '2 a=3']);
});

test('with memory for few keys it takes several rounds', async () => {
  const world = await CompactionWorld.start();
  for (let round = 0; round < 3; round++) {
    for (let key = 0; key < 50; key++) world.write([[`key ${key}`, `${round}`]]);
    await world.roll();
  }
  const expected = Array.from({ length: 50 }, (_, key) => `${100 + key} key ${key}=2`);
  // 24 keys fit.
  for (let rounds = 0; world.cleanedUpTo !== 150n; rounds++) {
    assert.ok(rounds < 20, `${world.cleanedUpTo}`);
    await world.compact({ mapBytes: 24 * 32 });
  }
  assert.deepEqual(await world.contents(), expected);
});

test('a batch with more keys than there is memory for is an error that says so', async () => {
  const world = await CompactionWorld.start();
  world.write(Array.from({ length: 50 }, (_, key) => [`key ${key}`, '1'] as const));
  await world.roll();
  const { message } = refused(await world.tryCompact({ mapBytes: 24 * 32 }));
  assert.match(message, /log\.cleaner\.dedupe\.buffer\.size/);
});

test('a corrupt batch is found, and nothing is changed', async () => {
  const world = await CompactionWorld.start();
  world.write([['a', '1']]);
  world.write([['a', '2']]);
  await world.roll();
  const name = '00000000000000000000.log';
  const bytes = world.content(name);
  bytes[bytes.length - 1]! ^= 1;
  world.put(name, bytes);
  assert.equal(refused(await world.tryCompact()).code, Errors.CORRUPT_MESSAGE);
  assert.deepEqual(world.content(name), bytes);
  assert.deepEqual(
    world.names().filter(each => each.endsWith('.cleaned')),
    [],
  );
});

test('a log that is cut while it is compacted is left as it is then', async () => {
  const world = await CompactionWorld.start();
  for (let at = 0; at < 100; at++) world.write([['a', `${at}`]]);
  await world.roll();
  for (const cutAt of [1, 3, 5, 7]) {
    let turns = 0;
    const report = await world.tryCompact({
      turn: async () => {
        if (++turns === cutAt) ok(await world.log.truncateTo(asOffset(world.log.endOffset - 1n)));
      },
    });
    assert.equal(refused(report).code, Errors.OPERATION_NOT_ATTEMPTED, `${cutAt}`);
    assert.deepEqual(
      world.names().filter(each => /cleaned|swap/.test(each)),
      [],
    );
    world.write([['b', `${cutAt}`]]);
    await world.roll();
  }
  // Each cut took one record, and one followed it.
  assert.equal((await world.contents()).length, 100);
});

test('it ends early when the broker stops', async () => {
  const world = await CompactionWorld.start();
  for (let at = 0; at < 100; at++) world.write([['a', `${at}`]]);
  await world.roll();
  const report = await world.tryCompact({ isStopping: () => true });
  assert.equal(refused(report).code, Errors.OPERATION_NOT_ATTEMPTED);
  assert.equal(world.disk.exists(`${LOG_DIRECTORY}/00000000000000000000.log.cleaned`), false);
});

test('whatever is written and whenever the power fails, readers find the last value of every key', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const world = await CompactionWorld.start({ segmentBytes: 600, deleteRetentionMs: 3_000 }, { seed });
    const model = new Map<string, string | null>();
    const { random } = world;
    const under = (limit: number) => Math.floor(random.fraction() * limit);
    for (let step = 0; step < 60; step++) {
      const entries = Array.from({ length: 1 + under(4) }, () => {
        const value = under(5) === 0 ? null : `${seed}.${step}`;
        return [`key ${under(8)}`, value] as const;
      });
      world.write(entries);
      for (const [key, value] of entries) model.set(key, value);
      if (under(4) === 0) await world.roll();
      if (under(6) > 0) continue;
      await world.durable(world.log);
      if (under(2) === 0) {
        // The power fails in the midst of the compaction.
        void world.begin();
        await world.time.advance(under(30));
      } else if ((await world.tryCompact()) !== undefined) {
        await world.time.advance(1_000);
      }
      world.crash(under(2) === 0 ? 'drop-unsynced' : { random });
      world.cleanedUpTo = undefined;
      world.log = await world.open({
        config: {
          cleanupPolicy: { delete: false, compact: true },
          segmentBytes: 600,
          deleteRetentionMs: 3_000,
        },
        recoveryPoint: world.recoveryPoint,
      });
      world.log.setHighWatermark(world.log.endOffset);
    }
    const found = new Map<string, string | null>();
    for (const line of await world.contents()) {
      const [, key = '', value = ''] = /^\d+ (.*)=(.*)$/.exec(line)!;
      found.set(key, value === '-' ? null : value);
    }
    for (const [key, value] of model) assert.equal(found.get(key) ?? null, value, `seed ${seed}: ${key}`);
  }
});
