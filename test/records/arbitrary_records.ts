import fc from 'fast-check';
import { asLeaderEpoch, asOffset, asProducerEpoch, asProducerId } from '../../src/model/ids.ts';
import type { BatchOptions, RecordInput } from '../../src/records/build_batch.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array));
const nullableBytes = fc.option(bytes, { nil: null });
const timestamp = fc.oneof(
  fc.bigInt({ min: 1_700_000_000_000n, max: 1_700_000_100_000n }),
  fc.bigInt({ min: -1n, max: 0x7fff_ffff_ffff_ffffn }),
);
const header = fc.record(
  { key: fc.string({ unit: 'grapheme' }), value: nullableBytes },
  { noNullPrototype: true },
);
const headers = fc.array(header, { maxLength: 4 });

export const arbitraryRecord: fc.Arbitrary<RecordInput> = fc.record(
  { timestamp, key: nullableBytes, value: nullableBytes, headers },
  { requiredKeys: ['timestamp', 'key', 'value'] },
);

export const arbitraryRecords = fc.array(arbitraryRecord, { minLength: 1, maxLength: 40 });

/** Options of a batch without those that change how its records read. */
export const arbitraryOptions: fc.Arbitrary<BatchOptions> = fc.record(
  {
    baseOffset: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(asOffset),
    leaderEpoch: fc.nat().map(asLeaderEpoch),
    producerId: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(asProducerId),
    producerEpoch: fc.nat(32767).map(asProducerEpoch),
    baseSequence: fc.nat(0x7fffffff),
    isTransactional: fc.boolean(),
  },
  { requiredKeys: [] },
);
