import { array, int16, int32, int64, type MessageOf, message, uint32 } from '../../protocol/schema.ts';

/* The producers that a partition remembers, as of the offset in the file's name. */

export const ProducerSnapshot = message(
  { name: 'ProducerSnapshot', versions: '1', flexible: 'none' },
  {
    crc: uint32('1'),
    producerEntries: array('1', {
      producerId: int64('1'),
      epoch: int16('1'),
      lastSequence: int32('1'),
      lastOffset: int64('1'),
      offsetDelta: int32('1'),
      timestamp: int64('1'),
      coordinatorEpoch: int32('1'),
      currentTxnFirstOffset: int64('1'),
    }),
  },
);
export type ProducerSnapshot = MessageOf<typeof ProducerSnapshot>;
