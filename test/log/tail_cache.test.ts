import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LogTail, TailCache } from '../../src/log/tail_cache.ts';
import { asOffset } from '../../src/model/ids.ts';
import { RecordBatch } from '../../src/records/record_batch.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import { batchOf } from '../support/log_world.ts';

/** A batch of `count` records at an offset, about so large, in memory of its own. */
function at(baseOffset: bigint, { count = 1, bytes = 100 } = {}): Buffer {
  const buffer = batchOf(`@${baseOffset}`, { count, valueBytes: Math.max(10, bytes - 80) });
  new RecordBatch(buffer).baseOffset = asOffset(baseOffset);
  // Node's pool would share memory among those of up to half its size, which differs from version to version.
  const own = Buffer.allocUnsafeSlow(buffer.length);
  buffer.copy(own);
  return own;
}

function offsetsOf(chunks: readonly Buffer[]): bigint[] {
  return chunks.flatMap(chunk => splitBatches(chunk).batches.map(batch => batch.baseOffset));
}

interface ModelBatch {
  readonly base: bigint;
  readonly next: bigint;
  readonly bytes: Buffer;
}

const command = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append'),
      log: fc.nat(2),
      count: fc.integer({ min: 1, max: 4 }),
      bytes: fc.oneof(fc.integer({ min: 80, max: 3000 }), fc.integer({ min: 15_000, max: 40_000 })),
      gap: fc.oneof(fc.constant(0), fc.nat(3)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('read'),
      log: fc.nat(2),
      start: fc.nat(80),
      maxBytes: fc.integer({ min: 0, max: 60_000 }),
      upTo: fc.nat(90),
      minOneBatch: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate'), log: fc.nat(2), start: fc.nat(80) }) },
);

test('what the cache gives is what a list of all batches would, or nothing', () => {
  fc.assert(
    fc.property(
      fc.array(command, { maxLength: 120 }),
      fc.integer({ min: 2_000, max: 200_000 }),
      (commands, limit) => {
        const cache = new TailCache(limit);
        const logs = [0, 1, 2].map(() => ({ tail: new LogTail(cache), all: [] as ModelBatch[], end: 0n }));
        for (const each of commands) {
          const log = logs[each.log]!;
          if (each.kind === 'append') {
            const { count, bytes, gap } = each as { count: number; bytes: number; gap: number };
            const base = log.end + BigInt(gap);
            const batch = at(base, { count, bytes: bytes / count });
            log.end = base + BigInt(count);
            log.tail.append(batch, asOffset(base), asOffset(log.end));
            log.all.push({ base, next: log.end, bytes: Buffer.from(batch) });
            assert.ok(cache.sizeBytes <= limit);
          } else if (each.kind === 'truncate') {
            const cut = BigInt((each as { start: number }).start);
            if (cut >= log.end) continue;
            log.tail.truncateTo(asOffset(cut));
            log.all = log.all.filter(batch => batch.next <= cut);
            log.end = cut;
          } else {
            checkRead(log, each as never);
          }
        }
        for (const { tail } of logs) tail.clear();
        assert.equal(cache.sizeBytes, 0);
      },
    ),
    { numRuns: 150 },
  );
});

function checkRead(
  { tail, all, end }: { tail: LogTail; all: readonly ModelBatch[]; end: bigint },
  {
    start,
    maxBytes,
    upTo,
    minOneBatch,
  }: { start: number; maxBytes: number; upTo: number; minOneBatch: boolean },
): void {
  if (BigInt(start) >= end) return;
  const bound = BigInt(upTo) < end ? BigInt(upTo) : end;
  const read = tail.read(asOffset(BigInt(start)), { maxBytes, upTo: asOffset(bound), minOneBatch });
  if (read === undefined) {
    assert.ok(tail.startOffset === undefined || BigInt(start) < tail.startOffset);
    return;
  }
  const expected: ModelBatch[] = [];
  let size = 0;
  for (const batch of all.filter(each => each.next > BigInt(start))) {
    const fits = size + batch.bytes.length <= maxBytes || (expected.length === 0 && minOneBatch);
    if (!fits || batch.next > bound) break;
    expected.push(batch);
    size += batch.bytes.length;
  }
  assert.deepEqual(
    offsetsOf(read.chunks),
    expected.map(batch => batch.base),
  );
  assert.ok(Buffer.concat([...read.chunks]).equals(Buffer.concat(expected.map(batch => batch.bytes))));
  assert.equal(read.sizeBytes, size);
  if (expected.length === 0) assert.equal(read.nextOffset, BigInt(start));
  else assert.ok(read.nextOffset >= expected.at(-1)!.next);
}

test('the longest cached batches go first, of whatever log', () => {
  const cache = new TailCache(100_000);
  const [first, second] = [new LogTail(cache), new LogTail(cache)];
  const fill = (tail: LogTail, base: bigint) =>
    tail.append(at(base, { bytes: 20_000 }), asOffset(base), asOffset(base + 1n));
  fill(first, 0n);
  fill(second, 0n);
  fill(first, 1n);
  fill(second, 1n);
  assert.deepEqual([first.startOffset, second.startOffset], [0n, 0n]);
  fill(second, 2n);
  assert.deepEqual([first.startOffset, second.startOffset], [1n, 0n]);
  fill(second, 3n);
  assert.deepEqual([first.startOffset, second.startOffset], [1n, 1n]);
});

test('a large batch is kept by reference, a small part of a large frame is copied', () => {
  const cache = new TailCache(10_000_000);
  const tail = new LogTail(cache);
  const large = at(0n, { bytes: 50_000 });
  tail.append(large, asOffset(0n), asOffset(1n));
  assert.equal(cache.sizeBytes, large.buffer.byteLength + 256);
  const frame = Buffer.alloc(1_000_000);
  const part = at(1n, { bytes: 50_000 });
  part.copy(frame, 1000);
  tail.append(frame.subarray(1000, 1000 + part.length), asOffset(1n), asOffset(2n));
  assert.ok(cache.sizeBytes < 200_000, 'the frame is not kept alive');
  const bounds = { maxBytes: 1_000_000, upTo: asOffset(2n), minOneBatch: true };
  assert.equal(tail.read(asOffset(0n), bounds)!.chunks[0]!.buffer, large.buffer);
  assert.notEqual(tail.read(asOffset(1n), bounds)!.chunks[0]!.buffer, frame.buffer);
});

test('memory that several batches share is counted once, and until the last of them is gone', () => {
  const cache = new TailCache(10_000_000);
  const tails = [new LogTail(cache), new LogTail(cache)];
  const parts = [at(0n, { bytes: 40_000 }), at(0n, { bytes: 40_000 })];
  const frame = Buffer.allocUnsafeSlow(parts[0]!.length + parts[1]!.length);
  parts[0]!.copy(frame);
  parts[1]!.copy(frame, parts[0]!.length);
  tails[0]!.append(frame.subarray(0, parts[0]!.length), asOffset(0n), asOffset(1n));
  tails[1]!.append(frame.subarray(parts[0]!.length), asOffset(0n), asOffset(1n));
  assert.equal(cache.sizeBytes, frame.buffer.byteLength + 2 * 256);
  tails[0]!.clear();
  assert.equal(cache.sizeBytes, frame.buffer.byteLength + 256);
  tails[1]!.clear();
  assert.equal(cache.sizeBytes, 0);
});

test('bytes that a reader holds are not written again after a truncation', () => {
  const tail = new LogTail(new TailCache(1_000_000));
  for (let base = 0n; base < 5n; base++) tail.append(at(base), asOffset(base), asOffset(base + 1n));
  const bounds = { maxBytes: 100_000, upTo: asOffset(5n), minOneBatch: true };
  const held = tail.read(asOffset(0n), bounds)!.chunks[0]!;
  const before = Buffer.from(held);
  tail.truncateTo(asOffset(2n));
  tail.append(at(2n, { count: 3 }), asOffset(2n), asOffset(5n));
  assert.ok(held.equals(before));
  assert.deepEqual(offsetsOf(tail.read(asOffset(0n), bounds)!.chunks), [0n, 1n, 2n]);
});

test('without memory nothing is cached', () => {
  const cache = new TailCache(0);
  const tail = new LogTail(cache);
  tail.append(at(0n), asOffset(0n), asOffset(1n));
  assert.equal(cache.sizeBytes, 0);
  assert.equal(tail.read(asOffset(0n), { maxBytes: 100, upTo: asOffset(1n), minOneBatch: true }), undefined);
});
