import assert from 'node:assert/strict';

/** One record, as it is sent and as it must come back. */
export interface Row {
  readonly partition: number;
  readonly key: Buffer | null;
  /** Null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: string, value: Buffer])[];
  readonly timestampMs: number;
}

export interface ReadRow extends Row {
  readonly offset: bigint;
}

/** 2023-11-14: old enough that a node which puts its own time in place of the client's is found out. */
export const FIRST_TIMESTAMP_MS = 1_700_000_000_000;

/**
 * Records of every shape, the same in each run: without key, tombstones, empty values, headers that repeat a name or
 * are empty, and one value of 200 KB that does not compress.
 */
export function makeRows(count: number, partitions: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({
    partition: index % partitions,
    key: index % 5 === 4 ? null : Buffer.from(`key-${index}`),
    value: makeValue(index),
    headers: makeHeaders(index),
    timestampMs: FIRST_TIMESTAMP_MS + index * 1000,
  }));
}

function makeValue(index: number): Buffer | null {
  if (index === 50) return noise(200_000);
  if (index % 7 === 6) return null;
  if (index % 11 === 10) return Buffer.alloc(0);
  return Buffer.from(`value-${index} `.repeat(1 + (index % 13)));
}

function makeHeaders(index: number): [string, Buffer][] {
  if (index % 3 !== 0) return [];
  return [
    ['trace', Buffer.from(`trace-${index}`)],
    ['trace', Buffer.from('again')],
    ['empty', Buffer.alloc(0)],
    ['bytes', Buffer.from([0, 255, 128, index % 256])],
  ];
}

/** Bytes that don't compress, by a linear congruential generator. */
export function noise(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  let state = 1;
  for (let index = 0; index < sizeBytes; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Every partition holds exactly the rows sent to it, in that order, at offsets without a gap from `firstOffset`. */
export function assertSame(read: readonly ReadRow[], sent: readonly Row[], firstOffset = 0n): void {
  for (const partition of new Set([...sent, ...read].map(row => row.partition))) {
    const expected = sent
      .filter(row => row.partition === partition)
      .map((row, index) => ({ ...row, offset: firstOffset + BigInt(index) }));
    const actual = read.filter(row => row.partition === partition);
    assert.equal(actual.length, expected.length, `records in partition ${partition}`);
    for (const [index, row] of expected.entries()) {
      assert.deepEqual(
        printable(actual[index]!),
        printable(row),
        `record ${index} of partition ${partition}`,
      );
    }
  }
}

/** Short enough that a difference fits on a screen. */
function printable(row: ReadRow): object {
  const show = (bytes: Buffer | null) =>
    bytes === null
      ? null
      : bytes.length > 300
        ? `${bytes.length} bytes, ${checksum(bytes)}`
        : bytes.toString('latin1');
  return {
    offset: row.offset,
    timestampMs: row.timestampMs,
    key: show(row.key),
    value: show(row.value),
    headers: row.headers.map(([name, value]) => [name, show(value)]),
  };
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return sum;
}
