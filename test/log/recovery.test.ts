import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionLog } from '../../src/log/partition_log.ts';
import { asLeaderEpoch, asOffset } from '../../src/model/ids.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import { append, batchOf, from, LOG_DIRECTORY, LogWorld, markerOf, ok, shown } from '../support/log_world.ts';

const SMALL = { segmentBytes: 2000, indexIntervalBytes: 300 };

/** A world with a log of some segments, everything on the disk, that was not closed. */
async function written(
  count: number,
  config = SMALL,
): Promise<{ world: LogWorld; log: PartitionLog; before: string[] }> {
  const world = new LogWorld();
  const log = await world.open({ config });
  for (let index = 0; index < count; index++) {
    append(log, batchOf(`value ${index}`, { count: 1 + (index % 3), valueBytes: 60 + (index % 7) * 20 }));
    if (index % 5 === 0) await world.durable(log);
  }
  await world.durable(log);
  const before = shown(await world.batches(log));
  return { world, log, before };
}

async function expectEqual(world: LogWorld, log: PartitionLog, expected: readonly string[]): Promise<void> {
  assert.deepEqual(shown(await world.batches(log)), expected);
  for (const batch of await world.batches(log)) assert.ok(batch.isCrcValid());
  // Every offset is found, through whatever the indexes say.
  for (let offset = log.logStartOffset; offset < log.endOffset; offset = asOffset(offset + 1n)) {
    const read = ok(
      await world.time.run(
        Promise.resolve(log.read(offset, { maxBytes: 1, upTo: log.endOffset, minOneBatch: true })),
      ),
    );
    const [shownBatch] = shown(splitBatches(read.chunks[0]!).batches);
    const [first, last] = shownBatch!.split(' ')[0]!.split('-').map(BigInt);
    assert.ok(first! <= offset && offset <= last!, `offset ${offset} is read as ${shownBatch}`);
  }
}

test('after a kill everything is there, whatever the recovery point', async () => {
  for (const point of [0n, 20n, 57n, 80n]) {
    const { world, before } = await written(40);
    world.kill();
    world.recoveryPoint = asOffset(point);
    const log = await world.open({ config: SMALL });
    await expectEqual(world, log, before);
    assert.equal(log.recoveryReport.reason, undefined);
    assert.equal(append(log, batchOf('next')).firstOffset, log.endOffset - 1n);
  }
});

test('a log that is cut at any byte of its last batches ends with the last whole one', async () => {
  const { world, before } = await written(12, { segmentBytes: 100_000, indexIntervalBytes: 300 });
  const name = '00000000000000000000.log';
  const whole = world.content(name);
  const sizes: number[] = [];
  for (let at = 0; at < whole.length; at += 12 + whole.readInt32BE(at + 8)) sizes.push(at);
  sizes.push(whole.length);
  for (let length = sizes.at(-4)!; length < whole.length; length++) {
    world.kill();
    world.put(name, whole.subarray(0, length));
    const log = await world.open({ config: SMALL });
    const left = sizes.findLastIndex(size => size <= length);
    await expectEqual(world, log, before.slice(0, left));
    assert.equal(log.recoveryReport.truncatedBytes, length - sizes[left]!);
    assert.equal(world.content(name).length, sizes[left]);
  }
});

test('a flipped bit anywhere in a batch ends the log before it, and later segments go', async () => {
  const { world, before } = await written(30);
  const names = world.names().filter(name => name.endsWith('.log'));
  assert.ok(names.length > 2);
  const files = names.map(name => ({ name, content: world.content(name) }));
  const second = files[1]!.content;
  const batchBytes = 12 + second.readInt32BE(8);
  const inFirst = files[0]!.content;
  let firstBatches = 0;
  for (let at = 0; at < inFirst.length; at += 12 + inFirst.readInt32BE(at + 8)) firstBatches++;
  for (let byte = 0; byte < batchBytes; byte++) {
    // Neither the base offset's low bits, if it still rises, nor the leader epoch are under the checksum.
    if (byte < 8 || (byte >= 12 && byte < 16)) continue;
    world.kill();
    for (const { name, content } of files) world.put(name, content);
    world.device.flipBit(`${LOG_DIRECTORY}/${names[1]}`, byte, byte % 8);
    const log = await world.open({ config: SMALL });
    assert.deepEqual(shown(await world.batches(log)), before.slice(0, firstBatches), `byte ${byte}`);
    assert.deepEqual(
      log.recoveryReport.deletedSegments.map(offset => `${offset.toString().padStart(20, '0')}.log`),
      names.slice(2),
    );
    assert.ok(world.logger.lines.some(line => line.message === 'truncated a log'));
  }
});

test('indexes that are missing, empty, cut or garbage are made anew', async () => {
  for (const isClean of [true, false]) {
    for (const damage of ['missing', 'empty', 'cut', 'garbage', 'zeros', 'padded'] as const) {
      for (const suffix of ['.index', '.timeindex']) {
        const { world, log: first, before } = await written(40);
        await world.time.run(first.close());
        world.kill();
        for (const name of world.names().filter(each => each.endsWith(suffix))) {
          const content = world.content(name);
          if (damage === 'missing') world.disk.remove(`${LOG_DIRECTORY}/${name}`);
          else if (damage === 'empty') world.put(name, '');
          else if (damage === 'cut') world.put(name, content.subarray(0, Math.max(0, content.length - 5)));
          else if (damage === 'garbage') world.put(name, Buffer.from(world.random.bytes(content.length)));
          else if (damage === 'zeros') world.put(name, Buffer.alloc(content.length));
          else world.put(name, Buffer.concat([content, Buffer.alloc(8 * 12 * 10)]));
        }
        const log = await world.open({ config: SMALL, isClean });
        await expectEqual(world, log, before);
        const found = ok(await world.time.run(log.offsetForTimestamp(1n)));
        assert.equal(found?.offset, 0n);
        append(log, batchOf('more'));
        await world.durable(log);
        await expectEqual(world, log, shown(await world.batches(log)));
      }
    }
  }
});

test('files that a crash left behind are removed, and those that are not the log’s are left alone', async () => {
  const { world, before } = await written(20);
  world.kill();
  const foreign = [
    'quorum-state',
    '00000000000000000010-0000000003.checkpoint',
    'x.checkpoint.deleted',
    'notes.tmp',
  ];
  for (const name of foreign) world.put(name, 'foreign');
  const left = [
    '00000000000000000000.log.deleted',
    '00000000000000000000.index.deleted',
    '00000000000000000007.snapshot.deleted',
    '00000000000000000000.log.cleaned',
    '00000000000000000000.timeindex.cleaned',
    'leader-epoch-checkpoint.tmp',
    'partition.metadata.tmp',
    '00000000000000000005.snapshot.tmp',
    '00000000000000000003.index',
    '00000000000000000099.txnindex',
  ];
  for (const name of left) world.put(name, 'left');
  const log = await world.open({ config: SMALL });
  await expectEqual(world, log, before);
  const names = world.names();
  for (const name of foreign) assert.ok(names.includes(name), name);
  for (const name of left) assert.ok(!names.includes(name), name);
});

test('a compaction that had reached its segments’ last names is finished', async () => {
  const { world, before } = await written(40);
  world.kill();
  const bases = world.names().filter(name => name.endsWith('.log'));
  const merged = Buffer.concat([world.content(bases[0]!), world.content(bases[1]!)]);
  world.put(`${bases[0]}.swap`, merged);
  const log = await world.open({ config: SMALL });
  await expectEqual(world, log, before);
  const names = world.names();
  assert.ok(!names.includes(bases[1]!) && names.includes(bases[0]!));
  assert.equal(world.content(bases[0]!).length, merged.length);
});

test('a compaction that had not is undone, and a corrupt result of one is dropped', async () => {
  for (const extra of [`00000000000000000000.log.cleaned`, undefined]) {
    const { world, before } = await written(40);
    world.kill();
    const bases = world.names().filter(name => name.endsWith('.log'));
    const content = world.content(bases[1]!);
    if (extra === undefined) content[content.length - 1]! ^= 1;
    else world.put(extra, content);
    world.put(`${bases[1]}.swap`, content);
    const log = await world.open({ config: SMALL });
    await expectEqual(world, log, before);
    assert.ok(!world.names().some(name => name.endsWith('.swap') || name.endsWith('.cleaned')));
  }
});

test('a log whose end is before its stored start begins there, empty', async () => {
  const { world } = await written(10);
  world.kill();
  const log = await world.open({ config: SMALL, logStartOffset: asOffset(500n) });
  assert.deepEqual([log.logStartOffset, log.endOffset, log.highWatermark], [500n, 500n, 500n]);
  assert.match(log.recoveryReport.reason!, /before its start offset 500/);
  assert.equal(append(log, batchOf('a')).firstOffset, 500n);
});

test('the producers are known after a kill and after a close: a batch that is sent again is recognized', async () => {
  for (const isClean of [true, false]) {
    const world = new LogWorld();
    let log = await world.open({ config: SMALL });
    for (let sequence = 0; sequence < 40; sequence++) {
      append(log, batchOf('a', { valueBytes: 100, ...from(9n, sequence) }));
      if (sequence % 7 === 0) await world.durable(log);
    }
    await world.durable(log);
    if (isClean) log = await world.reopen(log, { config: SMALL });
    else {
      world.kill();
      log = await world.open({ config: SMALL });
    }
    const again = append(log, batchOf('a', { valueBytes: 100, ...from(9n, 39) }));
    assert.deepEqual([again.isDuplicate, again.firstOffset, log.endOffset], [true, 39n, 40n]);
    assert.equal(append(log, batchOf('a', { ...from(9n, 40) })).firstOffset, 40n);
  }
});

test('open and aborted transactions are known after a kill and after a close', async () => {
  for (const isClean of [true, false]) {
    const world = new LogWorld();
    let log = await world.open({ config: SMALL });
    const transactional = (producer: bigint, sequence: number) =>
      append(log, batchOf('t', { valueBytes: 150, isTransactional: true, ...from(producer, sequence) }));
    const end = (type: 'COMMIT' | 'ABORT', producer: bigint) =>
      ok(
        log.appendAsLeader(markerOf(type, producer), {
          leaderEpoch: log.latestLeaderEpoch!,
          origin: 'coordinator',
        }),
      );
    for (let sequence = 0; sequence < 8; sequence++) {
      transactional(1n, sequence);
      transactional(2n, sequence);
      await world.durable(log);
    }
    end('ABORT', 1n);
    transactional(3n, 0);
    end('COMMIT', 2n);
    await world.durable(log);
    const look = async () => {
      log.setHighWatermark(log.endOffset);
      return {
        lastStableOffset: log.lastStableOffset,
        aborted: ok(await world.time.run(log.abortedTransactions(asOffset(0n), log.endOffset))),
        producers: [...log.producers].map(({ producerId, transactionFirstOffset, coordinatorEpoch }) => [
          producerId,
          transactionFirstOffset,
          coordinatorEpoch,
        ]),
      };
    };
    const before = await look();
    assert.equal(before.lastStableOffset, 17n);
    assert.deepEqual(before.aborted, [
      { producerId: 1n, firstOffset: 0n, lastOffset: 16n, lastStableOffset: 1n },
    ]);
    if (isClean) log = await world.reopen(log, { config: SMALL });
    else {
      world.kill();
      log = await world.open({ config: SMALL });
    }
    assert.deepEqual(await look(), before);
    end('COMMIT', 3n);
    log.setHighWatermark(log.endOffset);
    assert.equal(log.lastStableOffset, log.endOffset);
  }
});

test('a corrupt producer snapshot is removed and the state made of an older one and the log', async () => {
  const world = new LogWorld();
  let log = await world.open({ config: SMALL });
  for (let sequence = 0; sequence < 30; sequence++) {
    append(log, batchOf('a', { valueBytes: 100, ...from(9n, sequence) }));
    await world.durable(log);
  }
  world.recoveryPoint = ok(await world.time.run(log.close()));
  world.kill();
  for (const name of world.names().filter(each => each.endsWith('.snapshot'))) {
    world.device.flipBit(`${LOG_DIRECTORY}/${name}`, 20, 1);
  }
  log = await world.open({ config: SMALL });
  assert.equal(append(log, batchOf('a', { valueBytes: 100, ...from(9n, 29) })).isDuplicate, true);
});

test('leader epochs are known after a kill, and after their file is lost', async () => {
  for (const damage of ['none', 'missing', 'garbage']) {
    for (const isClean of [true, false]) {
      const world = new LogWorld();
      let log = await world.open({ config: SMALL });
      for (let index = 0; index < 30; index++) {
        append(log, batchOf('a', { valueBytes: 100 }), asLeaderEpoch(Math.floor(index / 10)));
        await world.durable(log);
      }
      const before = log.leaderEpochs;
      assert.equal(before.length, 3);
      if (isClean) world.recoveryPoint = ok(await world.time.run(log.close()));
      world.kill();
      if (damage === 'missing') world.disk.remove(`${LOG_DIRECTORY}/leader-epoch-checkpoint`);
      if (damage === 'garbage') world.put('leader-epoch-checkpoint', '0\n1\nnonsense\n');
      log = await world.open({ config: SMALL, isClean });
      assert.deepEqual(log.leaderEpochs, before);
    }
  }
});

test('a check that takes long says how far it is', async () => {
  const world = new LogWorld({ readMs: 600 });
  let log = await world.open({ config: { segmentBytes: 3_000_000 } });
  for (let index = 0; index < 12; index++) {
    append(log, batchOf('a', { valueBytes: 1_000_000 }));
    await world.durable(log);
  }
  world.kill();
  log = await world.open();
  const lines = world.logger.lines.filter(line => line.message === 'checking a log that was not closed');
  assert.ok(lines.length >= 2);
  assert.ok(lines.every(line => Number(line.fields['percent']) <= 100));
  assert.equal(log.endOffset, 12n);
});
