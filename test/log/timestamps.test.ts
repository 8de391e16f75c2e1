import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asOffset } from '../../src/model/ids.ts';
import { CompressionType } from '../../src/records/record_batch.ts';
import { append, batchOf, LogWorld, NOW, ok } from '../support/log_world.ts';

test('a timestamp finds the first record that is not earlier, to the record, in any codec', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: -20, max: 60 }), { minLength: 1, maxLength: 5 }), {
        minLength: 1,
        maxLength: 25,
      }),
      fc.nat(3),
      fc.integer({ min: 0, max: 10 }),
      fc.boolean(),
      async (batches, cache, logStart, isReopened) => {
        const world = new LogWorld({ tailCacheBytes: cache * 1000, seed: 3 });
        const config = { segmentBytes: 700, indexIntervalBytes: 150 };
        let log = await world.open({ config });
        const records: { timestamp: bigint; offset: bigint }[] = [];
        for (const [index, deltas] of batches.entries()) {
          const timestamps = deltas.map(delta => NOW - 100_000n + BigInt(index * 20 + delta));
          for (const timestamp of timestamps) records.push({ timestamp, offset: BigInt(records.length) });
          const compression = index % 2 === 0 ? CompressionType.none : CompressionType.gzip;
          append(log, batchOf('a', { timestamps, compression, valueBytes: 30 }));
          await world.durable(log);
        }
        log.setHighWatermark(log.endOffset);
        const start = BigInt(Math.min(logStart, records.length - 1));
        ok(log.incrementLogStartOffset(asOffset(start)));
        if (isReopened) log = await world.reopen(log, { config, logStartOffset: asOffset(start) });
        for (let probe = -30; probe < batches.length * 20 + 70; probe += 7) {
          const wanted = NOW - 100_000n + BigInt(probe);
          const expected = records.find(record => record.timestamp >= wanted && record.offset >= start);
          const found = ok(await world.run(log.offsetForTimestamp(wanted)));
          assert.deepEqual(
            found && { timestamp: found.timestamp, offset: found.offset },
            expected,
            `probe ${probe}`,
          );
        }
        const found = ok(await world.run(log.maxTimestamp()));
        // Of what is deleted, a segment that has records above the start is still there.
        const [segment] = log.segments;
        const kept = records.filter(record => record.offset >= segment!.baseOffset);
        const [latest] = kept.map(record => record.timestamp).toSorted((a, b) => (a > b ? -1 : 1));
        assert.equal(found?.timestamp, latest);
        assert.equal(found?.offset, kept.find(record => record.timestamp === latest)!.offset);
      },
    ),
    { numRuns: 60 },
  );
});

test('records without timestamps are not found by time', async () => {
  const world = new LogWorld();
  const log = await world.open();
  append(log, batchOf('a', { timestamp: -1n }));
  assert.equal(ok(await world.run(log.offsetForTimestamp(0n))), undefined);
  assert.equal(ok(await world.run(log.maxTimestamp())), undefined);
});
