import fs from 'node:fs';
import { OFFSET_INDEX_ENTRY_BYTES, OffsetIndex } from '../../log/offset_index.ts';
import { decodeProducerSnapshot } from '../../log/producer_snapshot.ts';
import { TIME_INDEX_ENTRY_BYTES, TimeIndex } from '../../log/time_index.ts';
import { TransactionIndex } from '../../log/transaction_index.ts';
import { asOffset, type Offset } from '../../model/ids.ts';
import { formatTime } from '../output/units.ts';

/** The entries of a file, and what is wrong with it. */
export interface DumpedEntries {
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  readonly problem: string | null;
}

const MAX_INT64 = asOffset(0x7fffffffffffffffn);

export function dumpOffsetIndex(file: string, baseOffset: Offset): DumpedEntries {
  const content = fs.readFileSync(file);
  const log = file.replace(/\.index/, '.log');
  const logSizeBytes = fs.existsSync(log) ? fs.statSync(log).size : Number.MAX_SAFE_INTEGER;
  const index = OffsetIndex.parse(baseOffset, content, logSizeBytes);
  const count =
    typeof index === 'string' ? Math.floor(content.length / OFFSET_INDEX_ENTRY_BYTES) : index.count;
  const entries = Array.from({ length: count }, (_, number) => {
    const at = number * OFFSET_INDEX_ENTRY_BYTES;
    return { offset: baseOffset + BigInt(content.readInt32BE(at)), position: content.readInt32BE(at + 4) };
  });
  return { entries, problem: typeof index === 'string' ? index : null };
}

export function dumpTimeIndex(file: string, baseOffset: Offset): DumpedEntries {
  const content = fs.readFileSync(file);
  const index = TimeIndex.parse(baseOffset, content, MAX_INT64);
  const count = typeof index === 'string' ? Math.floor(content.length / TIME_INDEX_ENTRY_BYTES) : index.count;
  const entries = Array.from({ length: count }, (_, number) => {
    const at = number * TIME_INDEX_ENTRY_BYTES;
    const timestamp = content.readBigInt64BE(at);
    return {
      timestamp,
      time: formatTime(timestamp),
      offset: baseOffset + BigInt(content.readInt32BE(at + 8)),
    };
  });
  return { entries, problem: typeof index === 'string' ? index : null };
}

export function dumpTransactionIndex(file: string, baseOffset: Offset): DumpedEntries {
  const index = TransactionIndex.parse(baseOffset, fs.readFileSync(file));
  if (typeof index === 'string') return { entries: [], problem: index };
  return { entries: index.transactions.map(each => ({ ...each })), problem: null };
}

export function dumpProducerSnapshot(file: string): DumpedEntries {
  const producers = decodeProducerSnapshot(fs.readFileSync(file));
  if (typeof producers === 'string') return { entries: [], problem: producers };
  const entries = producers.map(
    ({ batches, coordinatorEpoch, epoch, lastTimestamp, producerId, transactionFirstOffset }) => ({
      producerId,
      epoch,
      lastSequence: batches.at(-1)?.lastSequence ?? -1,
      lastOffset: batches.at(-1)?.lastOffset ?? -1n,
      lastTimestamp,
      coordinatorEpoch,
      transactionFirstOffset: transactionFirstOffset ?? null,
    }),
  );
  return { entries, problem: null };
}
