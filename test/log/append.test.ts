import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogConfig } from '../../src/log/log_config.ts';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { asLeaderEpoch, asOffset } from '../../src/model/ids.ts';
import { CompressionType, RecordBatch } from '../../src/records/record_batch.ts';
import { append, batchOf, EPOCH, from, LogWorld, markerOf, NOW, ok, shown } from '../support/log_world.ts';

const HOUR = 3_600_000n;

test('a leader refuses what must not be in the log, and appends nothing then', async () => {
  const damaged = batchOf('a', { valueBytes: 100 });
  damaged[90]! ^= 1;
  const offsetSet = batchOf('a');
  new RecordBatch(offsetSet).baseOffset = asOffset(1n);
  const appendTime = batchOf('a', { logAppendTimeMs: NOW });
  const cases: [string, Buffer, Partial<LogConfig>, string][] = [
    ['too large', batchOf('a', { valueBytes: 1000 }), { maxMessageBytes: 1000 }, 'MESSAGE_TOO_LARGE'],
    [
      'larger than a segment',
      batchOf('a', { valueBytes: 1000 }),
      { segmentBytes: 1000 },
      'RECORD_LIST_TOO_LARGE',
    ],
    ['damaged', damaged, {}, 'CORRUPT_MESSAGE'],
    ['a base offset', offsetSet, {}, 'INVALID_RECORD'],
    ['two batches', Buffer.concat([batchOf('a'), batchOf('b')]), {}, 'INVALID_RECORD'],
    ['a part of a batch', batchOf('a').subarray(0, 65), {}, 'INVALID_RECORD'],
    ['bytes behind it', Buffer.concat([batchOf('a'), Buffer.alloc(5)]), {}, 'INVALID_RECORD'],
    ['nothing', Buffer.alloc(0), {}, 'INVALID_RECORD'],
    ['no batch', Buffer.alloc(100), {}, 'CORRUPT_MESSAGE'],
    ['a control batch', markerOf('COMMIT', 1n), {}, 'INVALID_RECORD'],
    ['append time', appendTime, {}, 'INVALID_TIMESTAMP'],
    ['from the future', batchOf('a', { timestamp: NOW + HOUR + 5000n }), {}, 'INVALID_TIMESTAMP'],
    [
      'too old',
      batchOf('a', { timestamp: NOW - 5000n }),
      { messageTimestampBeforeMaxMs: 1000 },
      'INVALID_TIMESTAMP',
    ],
    [
      'one too old, compressed',
      batchOf('a', { timestamps: [NOW, NOW - 5000n, NOW], compression: CompressionType.gzip }),
      { messageTimestampBeforeMaxMs: 1000 },
      'INVALID_TIMESTAMP',
    ],
    [
      'no key',
      batchOf('a', { key: null }),
      { cleanupPolicy: { compact: true, delete: false } },
      'INVALID_RECORD',
    ],
  ];
  for (const [name, batch, config, expected] of cases) {
    const world = new LogWorld();
    const log = await world.open({ config });
    const result = log.appendAsLeader(batch, { leaderEpoch: EPOCH, origin: 'client' });
    assert.ok(failed(result), name);
    assert.equal(ERROR_NAMES.get(result.code), expected, `${name}: ${result.message}`);
    assert.deepEqual([log.endOffset, log.sizeBytes], [0n, 0], name);
  }
});

test('what a setting allows is taken', async () => {
  const cases: [Buffer, Partial<LogConfig>][] = [
    [batchOf('a', { timestamp: NOW - 5000n }), { messageTimestampBeforeMaxMs: 6000 }],
    [batchOf('a', { timestamp: -1n }), { messageTimestampBeforeMaxMs: 1000 }],
    [batchOf('a', { timestamp: NOW + HOUR }), {}],
    [batchOf('a', { timestamp: NOW + 10n * HOUR }), { messageTimestampType: 'LogAppendTime' }],
    [batchOf('a', { timestamp: 0n }), { messageTimestampBeforeMaxMs: 2 ** 63 }],
    [batchOf('a'), { cleanupPolicy: { compact: true, delete: false } }],
  ];
  for (const [batch, config] of cases) {
    const world = new LogWorld();
    append(await world.open({ config }), batch);
  }
});

test('the time of the append can be the records’ timestamp, under a checksum that is right', async () => {
  const world = new LogWorld();
  const log = await world.open({ config: { messageTimestampType: 'LogAppendTime' } });
  await world.time.advance(777);
  const nowMs = BigInt(world.clock.nowMs());
  const appended = append(log, batchOf('a', { timestamp: 5n }));
  assert.equal(appended.timestamp, nowMs);
  const [batch] = await world.batches(log);
  assert.deepEqual([batch!.maxTimestamp, batch!.isLogAppendTime, batch!.isCrcValid()], [nowMs, true, true]);
});

test('a batch that is sent again is answered with where it is', async () => {
  const world = new LogWorld();
  const log = await world.open();
  append(log, batchOf('before'));
  const first = append(log, batchOf('a', { count: 3, ...from(7n, 0) }));
  append(log, batchOf('b', { count: 2, ...from(7n, 3) }));
  const again = append(log, batchOf('a', { count: 3, ...from(7n, 0) }));
  assert.deepEqual(
    [again.isDuplicate, again.firstOffset, again.lastOffset, again.timestamp],
    [true, first.firstOffset, first.lastOffset, NOW],
  );
  assert.equal(log.endOffset, 6n);
});

test('a coordinator’s batches need no sequences, and only it may write markers', async () => {
  const world = new LogWorld();
  const log = await world.open();
  const asCoordinator = (batch: Buffer) =>
    log.appendAsLeader(batch, { leaderEpoch: EPOCH, origin: 'coordinator' });
  ok(asCoordinator(batchOf('a', { ...from(7n, -1) })));
  ok(asCoordinator(batchOf('b', { ...from(7n, -1) })));
  append(log, batchOf('t', { isTransactional: true, ...from(8n, 0) }));
  ok(asCoordinator(markerOf('ABORT', 8n, { coordinatorEpoch: 5 })));
  const fenced = asCoordinator(markerOf('COMMIT', 8n, { coordinatorEpoch: 4 }));
  assert.ok(failed(fenced));
  assert.equal(ERROR_NAMES.get(fenced.code), 'TRANSACTION_COORDINATOR_FENCED');
});

test('the quorum’s leader appends several batches with one write', async () => {
  const world = new LogWorld();
  const log = await world.open();
  const writes: number[] = [];
  world.device.faults = ({ kind, length }) => {
    if (kind === 'write') writes.push(length);
    return undefined;
  };
  const records = Buffer.concat([batchOf('a', { count: 2 }), batchOf('b'), batchOf('c', { count: 4 })]);
  const appended = ok(log.appendAsLeader(records, { leaderEpoch: EPOCH, origin: 'raft' }));
  assert.deepEqual([appended.firstOffset, appended.lastOffset], [0n, 6n]);
  assert.deepEqual(writes, [records.length]);
  assert.deepEqual(
    (await world.batches(log)).map(batch => batch.baseOffset),
    [0n, 2n, 3n],
  );
});

/** The bytes of a leader's log. */
async function leaderRecords(): Promise<{ records: Buffer; shown: string[] }> {
  const world = new LogWorld();
  const log = await world.open();
  append(log, batchOf('a', { count: 3 }), asLeaderEpoch(1));
  append(log, batchOf('b', { count: 2 }), asLeaderEpoch(1));
  append(log, batchOf('c'), asLeaderEpoch(4));
  const batches = await world.batches(log);
  return { records: Buffer.concat(batches.map(batch => batch.buffer)), shown: shown(batches) };
}

test('a follower takes whole batches as they are, with their epochs', async () => {
  const { records, shown: expected } = await leaderRecords();
  for (const cut of [0, 1, 30, 70]) {
    const world = new LogWorld();
    const log = await world.open();
    const appended = log.appendAsFollower(Buffer.from(records.subarray(0, records.length - cut)), {
      leaderEpoch: asLeaderEpoch(4),
    });
    assert.ok(appended !== undefined && !failed(appended));
    assert.deepEqual(shown(await world.batches(log)), cut === 0 ? expected : expected.slice(0, 2));
    assert.deepEqual(
      log.leaderEpochs.map(entry => [entry.leaderEpoch, entry.startOffset]),
      cut === 0
        ? [
            [1, 0n],
            [4, 5n],
          ]
        : [[1, 0n]],
    );
  }
});

test('a follower leaves out what is of a newer epoch than its leader', async () => {
  const { records } = await leaderRecords();
  const world = new LogWorld();
  const log = await world.open();
  log.appendAsFollower(Buffer.from(records), { leaderEpoch: asLeaderEpoch(3) });
  assert.equal(log.endOffset, 5n);
  assert.equal(log.appendAsFollower(Buffer.alloc(0), { leaderEpoch: asLeaderEpoch(3) }), undefined);
});

test('a follower refuses damaged batches and offsets that do not follow', async () => {
  const { records } = await leaderRecords();
  const world = new LogWorld();
  const log = await world.open();
  const leaderEpoch = asLeaderEpoch(4);
  const damaged = Buffer.from(records);
  damaged[damaged.length - 1]! ^= 1;
  const codeOf = (bytes: Buffer) => {
    const result = log.appendAsFollower(bytes, { leaderEpoch });
    return failed(result) ? ERROR_NAMES.get(result.code) : 'taken';
  };
  assert.equal(codeOf(damaged), 'CORRUPT_MESSAGE');
  assert.equal(log.endOffset, 0n);
  assert.equal(codeOf(Buffer.from(records)), 'taken');
  assert.equal(codeOf(Buffer.from(records)), 'OFFSET_OUT_OF_RANGE');
  const first = Buffer.from(records.subarray(0, 12 + records.readInt32BE(8)));
  new RecordBatch(first).baseOffset = asOffset(9n);
  assert.equal(codeOf(Buffer.concat([first, first])), 'OFFSET_OUT_OF_RANGE');
  assert.equal(codeOf(first), 'taken', 'a gap, of a compacted log');
  assert.equal(log.endOffset, 12n);
});

test('what a follower takes at once is spread over segments, and far gaps begin one of their own', async () => {
  const world = new LogWorld();
  const log = await world.open({ config: { segmentBytes: 500, indexIntervalBytes: 100 } });
  const batches: Buffer[] = [];
  for (const base of [0n, 1n, 2n, 3n, 4n, 5n, 10_000_000_000n, 10_000_000_001n]) {
    const batch = new RecordBatch(batchOf('a', { valueBytes: 150, leaderEpoch: EPOCH }));
    batch.baseOffset = asOffset(base);
    batches.push(batch.buffer);
  }
  ok(log.appendAsFollower(Buffer.concat(batches), { leaderEpoch: EPOCH }));
  await world.durable(log);
  assert.ok(world.names().includes('00000000010000000000.log'));
  const expected = shown(await world.batches(log));
  assert.equal(expected.length, 8);
  world.kill();
  const again = await world.open({ config: { segmentBytes: 500, indexIntervalBytes: 100 } });
  assert.deepEqual(shown(await world.batches(again)), expected);
});

test('a full index closes its segment', async () => {
  const world = new LogWorld();
  const log = await world.open({ config: { segmentIndexBytes: 80, indexIntervalBytes: 0 } });
  for (let index = 0; index < 30; index++) {
    append(log, batchOf('a', { timestamp: NOW + BigInt(index) }));
    await world.durable(log);
  }
  assert.ok(log.segmentCount >= 5, `${log.segmentCount} segments`);
  for (const name of world.names()) {
    if (name.endsWith('.index') || name.endsWith('.timeindex')) assert.ok(world.content(name).length <= 80);
  }
});

test('an error of the disk fails the log for good: no retry, one report, all who wait are told', async () => {
  for (const kind of ['write', 'sync'] as const) {
    const world = new LogWorld();
    const log = await world.open();
    append(log, batchOf('kept'));
    await world.durable(log);
    const waiting = kind === 'sync' ? [append(log, batchOf('a')), append(log, batchOf('b'))] : [];
    const waits = waiting.map(() => log.awaitDurable(log.endOffset));
    let faults = 0;
    world.device.faults = operation => {
      if (operation.kind !== kind || !operation.path.endsWith('.log')) return undefined;
      faults++;
      return { code: 'EIO' };
    };
    // The first sync runs already; the one after it fails.
    if (kind === 'sync') append(log, batchOf('c'));
    const last = log.appendAsLeader(batchOf('d'), { leaderEpoch: EPOCH, origin: 'client' });
    const outcome = failed(last) ? last : await world.run(log.awaitDurable(log.endOffset));
    assert.equal(ERROR_NAMES.get(outcome!.code), 'KAFKA_STORAGE_ERROR');
    await Promise.all(waits);
    world.device.faults = undefined;
    await world.time.advance(100);
    assert.equal(faults, 1, 'never retried');
    assert.equal(world.diskErrors.length, 1);
    const after = [
      log.appendAsLeader(batchOf('e'), { leaderEpoch: EPOCH, origin: 'client' }),
      await log.read(asOffset(0n), { maxBytes: 100, upTo: asOffset(1n), minOneBatch: true }),
      await world.run(log.awaitDurable(log.endOffset)),
      await world.run(log.deleteOldSegments()),
      await world.run(log.truncateTo(asOffset(0n))),
      await world.run(log.checkpoint()),
      await world.run(log.close()),
    ];
    for (const result of after) {
      assert.ok(failed(result));
      assert.equal(ERROR_NAMES.get(result.code), 'KAFKA_STORAGE_ERROR');
    }
    assert.equal(world.diskErrors.length, 1);
    world.crash();
    assert.match(shown(await world.batches(await world.open()))[0]!, /kept/);
  }
});

test('a full disk is an error of the disk, and what was acknowledged stays', async () => {
  const world = new LogWorld();
  const log = await world.open();
  append(log, batchOf('kept', { valueBytes: 1000 }));
  await world.durable(log);
  world.device.capacityBytes = world.device.usedBytes + 4096;
  let refusal: unknown;
  for (let index = 0; index < 10 && refusal === undefined; index++) {
    const result = log.appendAsLeader(batchOf('more', { valueBytes: 3000 }), {
      leaderEpoch: EPOCH,
      origin: 'client',
    });
    if (failed(result)) refusal = ERROR_NAMES.get(result.code);
  }
  assert.equal(refusal, 'KAFKA_STORAGE_ERROR');
  assert.equal(world.diskErrors[0]?.code, 'ENOSPC');
  world.kill();
  world.device.capacityBytes = 2 ** 30;
  const again = await world.open();
  assert.match(shown(await world.batches(again))[0]!, /kept/);
  append(again, batchOf('more'));
});
