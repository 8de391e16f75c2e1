import { Fetch } from '../../src/messages/01_fetch.ts';
import { OffsetCommitKey, OffsetCommitValue } from '../../src/messages/group/01_offset_commit.ts';
import { GroupMetadataKey, GroupMetadataValue } from '../../src/messages/group/02_group_metadata.ts';
import { asUuid } from '../../src/model/ids.ts';
import type { Message } from '../../src/protocol/schema.ts';
import { decodeRecordKey, decodeVersioned, recordTypeOf } from '../../src/protocol/stored.ts';
import { readRecords } from '../../src/records/read_records.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import { ok } from '../support/log_world.ts';
import type { Say } from './kafka_transcript.ts';

const DECLARATIONS = new Map<number, { key: Message; value: Message }>([
  [1, { key: OffsetCommitKey, value: OffsetCommitValue }],
  [2, { key: GroupMetadataKey, value: GroupMetadataValue }],
]);

interface StoredRecord {
  readonly type: number;
  readonly key: unknown;
  readonly value: unknown;
}

/** Every record of the one partition of __consumer_offsets, decoded, with its versions; as any consumer may read it. */
export async function storedGroupRecords(say: Say): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for (let offset = 0n; ; ) {
    const { responses } = await say('fetch', Fetch, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      topics: [
        {
          topic: '__consumer_offsets',
          topicId: asUuid('AAAAAAAAAAAAAAAAAAAAAA'),
          partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1_000_000 }],
        },
      ],
      forgottenTopicsData: [],
    });
    const [bytes] = responses[0]?.partitions[0]?.records ?? [];
    if (bytes === undefined || bytes.length === 0) return tombstonesInOrder(records);
    for (const batch of splitBatches(bytes).batches) {
      for (const { key, value } of ok(readRecords(batch, 1_000_000))) {
        const type = recordTypeOf(key!)!;
        const declared = DECLARATIONS.get(type)!;
        records.push({
          type,
          key: ok(decodeRecordKey(declared.key, key!)),
          value: value === null ? null : ok(decodeVersioned(declared.value, value)),
        });
      }
      offset = batch.nextOffset;
    }
  }
}

/** The tombstones of a deleted group's offsets come in no order. */
function tombstonesInOrder(records: readonly StoredRecord[]): StoredRecord[] {
  const ordered: StoredRecord[] = [];
  let tombstones: StoredRecord[] = [];
  const flush = () => {
    const keyOf = ({ key }: StoredRecord) => JSON.stringify(key);
    ordered.push(...tombstones.toSorted((left, right) => keyOf(left).localeCompare(keyOf(right))));
    tombstones = [];
  };
  for (const record of records) {
    if (record.value === null) tombstones.push(record);
    else {
      flush();
      ordered.push(record);
    }
  }
  flush();
  return ordered;
}
