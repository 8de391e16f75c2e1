import { ProducerSnapshot } from '../messages/storage/producer_snapshot.ts';
import { failed } from '../model/failure.ts';
import { asOffset, asProducerEpoch, asProducerId } from '../model/ids.ts';
import { decode, encodeToBuffer } from '../protocol/codec.ts';
import { crc32c } from '../records/crc32c.ts';
import { lastSequenceOf, type ProducerEntry } from './producer_state.ts';

/*
 * `.snapshot`: the producers of a partition as of the offset in the file's name: int16 version, uint32 CRC-32C of
 * what follows it, entries. Of the remembered batches only the last is kept.
 */

const VERSION = 1;
const CRC_POSITION = 2;
const ENTRIES_POSITION = 6;

export function encodeProducerSnapshot(producers: Iterable<Readonly<ProducerEntry>>): Buffer {
  const producerEntries = Array.from(producers, entry => {
    const last = entry.batches.at(-1);
    return {
      producerId: entry.producerId,
      epoch: entry.epoch,
      lastSequence: lastSequenceOf(entry),
      lastOffset: last?.lastOffset ?? -1n,
      offsetDelta: last?.offsetDelta ?? 0,
      timestamp: entry.lastTimestamp,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTxnFirstOffset: entry.transactionFirstOffset ?? -1n,
    };
  });
  const body = encodeToBuffer(ProducerSnapshot, VERSION, { crc: 0, producerEntries });
  const content = Buffer.alloc(CRC_POSITION + body.length);
  content.writeInt16BE(VERSION, 0);
  body.copy(content, CRC_POSITION);
  content.writeUInt32BE(crc32c(content.subarray(ENTRIES_POSITION)), CRC_POSITION);
  return content;
}

/** @returns what is wrong with the content when it is corrupt */
export function decodeProducerSnapshot(content: Buffer): ProducerEntry[] | string {
  if (content.length < ENTRIES_POSITION) return `it has only ${content.length} bytes`;
  const version = content.readInt16BE(0);
  if (version !== VERSION) return `its version is ${version}, not ${VERSION}`;
  if (crc32c(content.subarray(ENTRIES_POSITION)) !== content.readUInt32BE(CRC_POSITION)) {
    return 'its checksum does not fit';
  }
  const snapshot = decode(ProducerSnapshot, VERSION, content.subarray(CRC_POSITION));
  if (failed(snapshot)) return snapshot.message;
  return snapshot.producerEntries.map(entry => ({
    producerId: asProducerId(entry.producerId),
    epoch: asProducerEpoch(entry.epoch),
    coordinatorEpoch: entry.coordinatorEpoch,
    lastTimestamp: entry.timestamp,
    transactionFirstOffset:
      entry.currentTxnFirstOffset >= 0n ? asOffset(entry.currentTxnFirstOffset) : undefined,
    batches:
      entry.lastOffset >= 0n
        ? [
            {
              lastSequence: entry.lastSequence,
              lastOffset: asOffset(entry.lastOffset),
              offsetDelta: entry.offsetDelta,
              timestamp: entry.timestamp,
            },
          ]
        : [],
  }));
}
