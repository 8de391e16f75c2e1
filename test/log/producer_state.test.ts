import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeProducerSnapshot, encodeProducerSnapshot } from '../../src/log/producer_snapshot.ts';
import { ProducerState } from '../../src/log/producer_state.ts';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { asOffset, asProducerId } from '../../src/model/ids.ts';
import { RecordBatch } from '../../src/records/record_batch.ts';
import { batchOf, DAY_MS, from, markerOf, NOW } from '../support/log_world.ts';

interface Step {
  readonly epoch?: number;
  readonly sequence: number;
  readonly count?: number;
  readonly transactional?: boolean;
  /** What comes of it: an error's name, `duplicate of` an offset, or nothing. */
  readonly expect?: string;
}

/** Gives batches of producer 5 one after the other to a log's state, as a log does; offsets count from 100. */
function play(state: ProducerState, steps: readonly Step[], start = 100n): bigint {
  let offset = start;
  for (const { epoch = 0, sequence, count = 1, transactional = false, expect = '' } of steps) {
    const batch = new RecordBatch(
      batchOf('a', { count, isTransactional: transactional, ...from(5n, sequence, epoch) }),
    );
    const checked = state.check(batch, 'client');
    const outcome = failed(checked)
      ? ERROR_NAMES.get(checked.code)
      : checked === undefined
        ? ''
        : `duplicate of ${checked.lastOffset - BigInt(checked.offsetDelta)}`;
    assert.equal(outcome, expect, `sequence ${sequence} of epoch ${epoch} at ${offset}`);
    if (outcome !== '') continue;
    batch.baseOffset = asOffset(offset);
    state.apply(batch);
    offset += BigInt(count);
  }
  return offset;
}

const fresh = (): ProducerState => new ProducerState(asOffset(0n));
const LAST = 0x7fffffff;

test('sequences of a producer follow each other', () => {
  const cases: Record<string, Step[]> = {
    'in order': [{ sequence: 0, count: 3 }, { sequence: 3 }, { sequence: 4, count: 2 }, { sequence: 6 }],
    'a gap': [{ sequence: 0 }, { sequence: 2, expect: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }, { sequence: 1 }],
    'an unknown producer goes on anywhere': [{ sequence: 77 }, { sequence: 78 }],
    'sent again': [
      { sequence: 0, count: 3 },
      { sequence: 0, count: 3, expect: 'duplicate of 100' },
      { sequence: 3 },
      { sequence: 3, expect: 'duplicate of 103' },
      { sequence: 0, count: 3, expect: 'duplicate of 100' },
    ],
    'the same start with another length is no duplicate': [
      { sequence: 0, count: 3 },
      { sequence: 0, count: 2, expect: 'OUT_OF_ORDER_SEQUENCE_NUMBER' },
    ],
    'five batches are remembered': [
      ...[0, 1, 2, 3, 4, 5].map(sequence => ({ sequence })),
      { sequence: 0, expect: 'OUT_OF_ORDER_SEQUENCE_NUMBER' },
      { sequence: 1, expect: 'duplicate of 101' },
      { sequence: 5, expect: 'duplicate of 105' },
    ],
    'sequences start over': [
      { sequence: LAST - 1, count: 2 },
      { sequence: 0, count: 2 },
      { sequence: LAST - 1, count: 2, expect: 'duplicate of 100' },
      { sequence: 2 },
    ],
    'a batch over the end of the sequences': [
      { sequence: LAST, count: 3 },
      { sequence: LAST, count: 3, expect: 'duplicate of 100' },
      { sequence: 2 },
    ],
    'a new epoch begins with 0': [
      { sequence: 0 },
      { epoch: 1, sequence: 1, expect: 'OUT_OF_ORDER_SEQUENCE_NUMBER' },
      { epoch: 1, sequence: 0 },
      { epoch: 1, sequence: 1 },
    ],
    'an older epoch is fenced': [
      { epoch: 1, sequence: 0 },
      { epoch: 0, sequence: 1, expect: 'INVALID_PRODUCER_EPOCH' },
      { epoch: 0, sequence: 0, expect: 'INVALID_PRODUCER_EPOCH' },
    ],
    'no batch outside of the open transaction': [
      { sequence: 0, transactional: true },
      { sequence: 1, expect: 'INVALID_TXN_STATE' },
      { sequence: 1, transactional: true },
    ],
  };
  for (const [name, steps] of Object.entries(cases)) {
    assert.doesNotThrow(() => play(fresh(), steps), name);
  }
});

test('a marker ends a transaction, and the coordinator’s epoch is fenced', () => {
  const state = fresh();
  play(state, [{ sequence: 0, transactional: true }]);
  const batch = new RecordBatch(markerOf('ABORT', 5n));
  batch.baseOffset = asOffset(101n);
  const marker = { type: 'ABORT', coordinatorEpoch: 4 } as const;
  assert.equal(state.checkMarker(batch, marker), undefined);
  const completed = state.applyMarker(batch, marker);
  assert.deepEqual(completed, { producerId: 5n, firstOffset: 100n, lastOffset: 101n, isAborted: true });
  assert.equal(state.firstUnstableOffset, 100n);
  assert.equal(state.complete(completed!), 102n);
  assert.equal(state.firstUnstableOffset, 100n, 'its end may be lost yet');
  state.replicated(asOffset(101n));
  assert.equal(state.firstUnstableOffset, 100n);
  state.replicated(asOffset(102n));
  assert.equal(state.firstUnstableOffset, undefined);
  const older = state.checkMarker(batch, { type: 'COMMIT', coordinatorEpoch: 3 });
  assert.equal(ERROR_NAMES.get(older!.code), 'TRANSACTION_COORDINATOR_FENCED');
  const fenced = state.checkMarker(new RecordBatch(markerOf('COMMIT', 5n, { epoch: -1 })), marker);
  assert.equal(ERROR_NAMES.get(fenced!.code), 'INVALID_PRODUCER_EPOCH');
  // A marker without a transaction changes nothing but the coordinator's epoch.
  assert.equal(state.applyMarker(batch, { type: 'COMMIT', coordinatorEpoch: 6 }), undefined);
  // The same epoch goes on with the next sequence, a bumped one begins anew.
  play(state, [{ sequence: 1 }], 110n);
  const bumped = new RecordBatch(markerOf('COMMIT', 5n, { epoch: 1 }));
  bumped.baseOffset = asOffset(111n);
  state.applyMarker(bumped, { type: 'COMMIT', coordinatorEpoch: 6 });
  play(
    state,
    [
      { epoch: 1, sequence: 2, expect: 'OUT_OF_ORDER_SEQUENCE_NUMBER' },
      { epoch: 1, sequence: 0 },
    ],
    112n,
  );
});

test('the last stable offset is before the first transaction that is open', () => {
  const state = fresh();
  const begin = (producer: bigint, offset: bigint): void => {
    const batch = new RecordBatch(batchOf('t', { isTransactional: true, ...from(producer, 0) }));
    batch.baseOffset = asOffset(offset);
    state.apply(batch);
  };
  const end = (producer: bigint, offset: bigint): bigint => {
    const batch = new RecordBatch(markerOf('ABORT', producer));
    batch.baseOffset = asOffset(offset);
    return state.complete(state.applyMarker(batch, { type: 'ABORT', coordinatorEpoch: 0 })!);
  };
  begin(1n, 10n);
  begin(2n, 11n);
  begin(3n, 12n);
  assert.equal(end(2n, 13n), 10n);
  assert.equal(end(1n, 14n), 12n);
  assert.equal(state.firstUnstableOffset, 10n);
  state.replicated(asOffset(14n));
  assert.equal(state.firstUnstableOffset, 10n);
  state.replicated(asOffset(15n));
  assert.equal(state.firstUnstableOffset, 12n);
});

test('producers are forgotten when they were idle for long, but not with an open transaction', () => {
  const state = fresh();
  for (const [producer, age] of [
    [1n, 0],
    [2n, DAY_MS - 1],
    [3n, DAY_MS],
  ] as const) {
    state.apply(new RecordBatch(batchOf('a', { timestamp: NOW - BigInt(age), ...from(producer, 0) })));
  }
  state.apply(new RecordBatch(batchOf('t', { timestamp: 0n, isTransactional: true, ...from(4n, 0) })));
  assert.equal(state.expire(Number(NOW), DAY_MS), 1);
  assert.deepEqual(
    [...state.producers].map(entry => entry.producerId),
    [1n, 2n, 4n],
  );
});

test('the number of producers is bounded: the longest idle ones are forgotten', () => {
  const state = fresh();
  const batch = new RecordBatch(batchOf('a', from(0n, 0)));
  for (let producer = 0n; producer <= 100_000n; producer++) {
    batch.buffer.writeBigInt64BE(NOW + producer, 35);
    batch.buffer.writeBigInt64BE(producer, 43);
    state.apply(batch);
  }
  assert.equal(state.count, 90_001);
  assert.equal(state.get(asProducerId(9_999n)), undefined);
  assert.notEqual(state.get(asProducerId(10_000n)), undefined);
});

test('a snapshot is written as Kafka writes it', () => {
  const state = fresh();
  const batch = new RecordBatch(batchOf('a', { count: 3, timestamp: 1_700_000_000_000n, ...from(5n, 7, 2) }));
  batch.baseOffset = asOffset(100n);
  state.apply(batch);
  const content = encodeProducerSnapshot(state.producers);
  const hex = content.toString('hex');
  assert.equal(
    hex.slice(0, 4) + hex.slice(12),
    [
      '0001',
      '00000001',
      '0000000000000005',
      '0002',
      '00000009',
      '0000000000000066',
      '00000002',
      '0000018bcfe56800',
      'ffffffff',
      'ffffffffffffffff',
    ].join(''),
  );
  const decoded = decodeProducerSnapshot(content);
  assert.ok(typeof decoded !== 'string');
  const restored = fresh();
  restored.restore(decoded);
  assert.deepEqual([...restored.producers], [...state.producers]);
  assert.equal(encodeProducerSnapshot([]).toString('hex'), '000148674bc700000000');
});

test('a snapshot with any bit flipped or any byte missing is refused', () => {
  const state = fresh();
  play(state, [{ sequence: 0, transactional: true }]);
  const content = encodeProducerSnapshot(state.producers);
  for (let length = 0; length < content.length; length++) {
    assert.equal(typeof decodeProducerSnapshot(content.subarray(0, length)), 'string');
  }
  for (let bit = 0; bit < content.length * 8; bit++) {
    const flipped = Buffer.from(content);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(typeof decodeProducerSnapshot(flipped), 'string', `bit ${bit}`);
  }
});

test('open transactions of a snapshot are known in the order of their offsets', () => {
  const state = fresh();
  for (const [producer, offset] of [
    [1n, 30n],
    [2n, 10n],
    [3n, 20n],
  ] as const) {
    const batch = new RecordBatch(batchOf('t', { isTransactional: true, ...from(producer, 0) }));
    batch.baseOffset = asOffset(offset);
    state.apply(batch);
  }
  const entries = decodeProducerSnapshot(encodeProducerSnapshot(state.producers));
  assert.ok(typeof entries !== 'string');
  const restored = fresh();
  restored.restore(entries);
  assert.equal(restored.firstUnstableOffset, 10n);
  const copy = fresh();
  copy.become(restored);
  assert.equal(copy.firstUnstableOffset, 10n);
  assert.equal(copy.count, 3);
});
