import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OffsetIndex } from '../../src/log/offset_index.ts';
import { TimeIndex } from '../../src/log/time_index.ts';
import { TransactionIndex } from '../../src/log/transaction_index.ts';
import { asOffset, asProducerId } from '../../src/model/ids.ts';

const BASE = asOffset(1000n);

test('an offset index is written as Kafka writes it', () => {
  const index = new OffsetIndex(BASE);
  index.append(asOffset(1005n), 4200);
  index.append(asOffset(1300n), 9000);
  assert.equal(index.content().toString('hex'), '00000005000010680000012c00002328');
  assert.equal(index.content(1).toString('hex'), '0000012c00002328');
  assert.deepEqual([index.lastOffset, index.lastPosition, index.count], [1300n, 9000, 2]);
});

test('a time index is written as Kafka writes it, and takes only later timestamps', () => {
  const index = new TimeIndex(BASE);
  index.append({ timestamp: 1_700_000_000_000n, offset: asOffset(1001n) });
  index.append({ timestamp: 1_700_000_000_000n, offset: asOffset(1002n) });
  index.append({ timestamp: 1_700_000_000_001n, offset: asOffset(1300n) });
  assert.equal(index.content().toString('hex'), '0000018bcfe56800000000010000018bcfe568010000012c');
  assert.deepEqual(index.last, { timestamp: 1_700_000_000_001n, offset: 1300n });
});

test('a transaction index is written as Kafka writes it', () => {
  const index = new TransactionIndex();
  index.append({
    producerId: asProducerId(7n),
    firstOffset: asOffset(1000n),
    lastOffset: asOffset(1010n),
    lastStableOffset: asOffset(1011n),
  });
  const hex = '0000000000000000000700000000000003e800000000000003f200000000000003f3';
  assert.equal(index.content().toString('hex'), hex);
  const parsed = TransactionIndex.parse(BASE, Buffer.from(hex, 'hex'));
  assert.ok(typeof parsed !== 'string');
  assert.deepEqual(parsed.transactions, index.transactions);
});

/** Entries that rise, as of random steps. */
const entries = fc.array(
  fc.record({ step: fc.integer({ min: 1, max: 50 }), bytes: fc.integer({ min: 1, max: 9999 }) }),
  {
    maxLength: 60,
  },
);

test('an offset index finds the last entry that is not above an offset, before and after a truncation', () => {
  fc.assert(
    fc.property(
      entries,
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 0, max: 3000 }),
      (steps, cut, wanted) => {
        const index = new OffsetIndex(BASE);
        let model: { offset: bigint; position: number }[] = [];
        let offset = BASE as bigint;
        let position = 0;
        for (const { step, bytes } of steps) {
          offset += BigInt(step);
          position += bytes;
          index.append(asOffset(offset), position);
          model.push({ offset, position });
        }
        const check = (): void => {
          const target = BASE + BigInt(wanted);
          const expected = model.findLast(entry => entry.offset <= target)?.position ?? 0;
          assert.equal(index.lookup(asOffset(target)), expected);
          assert.equal(index.count, model.length);
          assert.equal(index.lookup(asOffset(BASE - 1n)), 0);
          const parsed = OffsetIndex.parse(
            BASE,
            Buffer.concat([index.content(), Buffer.alloc(80)]),
            position + 1,
          );
          assert.ok(typeof parsed !== 'string');
          assert.deepEqual(parsed.content(), index.content());
        };
        check();
        index.truncateTo(asOffset(BASE + BigInt(cut)));
        model = model.filter(entry => entry.offset < BASE + BigInt(cut));
        check();
        index.append(asOffset(offset + 1n), position + 1);
        assert.equal(index.lookup(asOffset(offset + 1n)), position + 1);
      },
    ),
  );
});

test('a time index finds where to begin for a timestamp, before and after a truncation', () => {
  fc.assert(
    fc.property(
      entries,
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 0, max: 9999 }),
      (steps, cut, wanted) => {
        const index = new TimeIndex(BASE);
        let model: { timestamp: bigint; offset: bigint }[] = [];
        let offset = BASE as bigint;
        let timestamp = 0n;
        for (const { step, bytes } of steps) {
          offset += BigInt(step);
          timestamp += BigInt(bytes);
          index.append({ timestamp, offset: asOffset(offset) });
          model.push({ timestamp, offset });
        }
        const check = (): void => {
          const expected = model.findLast(entry => entry.timestamp < BigInt(wanted))?.offset ?? BASE;
          assert.equal(index.lookup(BigInt(wanted)), expected);
          const parsed = TimeIndex.parse(
            BASE,
            Buffer.concat([index.content(), Buffer.alloc(120)]),
            asOffset(offset + 1n),
          );
          assert.ok(typeof parsed !== 'string');
          assert.deepEqual(parsed.content(), index.content());
        };
        check();
        index.truncateTo(asOffset(BASE + BigInt(cut)));
        model = model.filter(entry => entry.offset < BASE + BigInt(cut));
        check();
      },
    ),
  );
});

test('what can not be an index is refused with what is wrong', () => {
  const offsets = (hex: string, size = 100_000) => OffsetIndex.parse(BASE, Buffer.from(hex, 'hex'), size);
  assert.match(String(offsets('000000')), /3 bytes is no multiple of 8/);
  assert.match(String(offsets('00000005000010680000000400002328')), /entry 1 \(4 at 9000\) does not follow/);
  assert.match(String(offsets('00000005000023280000000600001068')), /entry 1 \(6 at 4200\) does not follow/);
  assert.match(String(offsets('0000000500001068', 4200)), /in a log file of 4200 bytes/);
  assert.match(String(offsets('ffffffff00001068')), /entry 0 \(-1 at 4200\)/);
  const times = (hex: string) => TimeIndex.parse(BASE, Buffer.from(hex, 'hex'), asOffset(1100n));
  assert.match(String(times('00')), /1 bytes is no multiple of 12/);
  assert.match(
    String(times(`${'0000000000000005'}00000001${'0000000000000005'}00000002`)),
    /entry 1 \(5 at 2\)/,
  );
  assert.match(
    String(times(`${'0000000000000005'}00000003${'0000000000000006'}00000002`)),
    /entry 1 \(6 at 2\)/,
  );
  assert.match(String(times('000000000000000500000064')), /offsets 1000 to 1100/);
  const transactions = (hex: string) => TransactionIndex.parse(BASE, Buffer.from(hex, 'hex'));
  assert.match(String(transactions('00'.repeat(33))), /33 bytes is no multiple of 34/);
  assert.match(String(transactions(`0001${'00'.repeat(32)}`)), /version 1/);
  assert.match(String(transactions('00'.repeat(34))), /does not follow offset 999/);
});

test('random bytes are never taken for an index that leads out of the log', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), bytes => {
      const index = OffsetIndex.parse(BASE, Buffer.from(bytes), 5000);
      if (typeof index === 'string') return;
      for (let offset = 900n; offset < 1100n; offset += 7n) {
        const position = index.lookup(asOffset(offset));
        assert.ok(position >= 0 && position < 5000);
      }
    }),
  );
});

test('aborted transactions are collected as far as they may reach', () => {
  const entry = (producer: bigint, first: bigint, last: bigint, stable: bigint) => ({
    producerId: asProducerId(producer),
    firstOffset: asOffset(first),
    lastOffset: asOffset(last),
    lastStableOffset: asOffset(stable),
  });
  const all = [entry(1n, 10n, 20n, 5n), entry(2n, 5n, 30n, 31n), entry(3n, 40n, 50n, 51n)];
  const index = new TransactionIndex([...all]);
  const collect = (start: bigint, end: bigint) => {
    const found: typeof all = [];
    const isComplete = index.collect(asOffset(start), asOffset(end), found);
    return [found.map(each => Number(each.producerId)), isComplete];
  };
  assert.deepEqual(collect(0n, 100n), [[1, 2, 3], false]);
  assert.deepEqual(collect(0n, 11n), [[1, 2], true]);
  assert.deepEqual(collect(21n, 31n), [[2], true]);
  assert.deepEqual(collect(31n, 40n), [[], true]);
  assert.deepEqual(collect(51n, 60n), [[], false]);
  index.truncateTo(asOffset(50n));
  assert.deepEqual(collect(0n, 100n), [[1, 2], false]);
});
