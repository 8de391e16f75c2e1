import { int32, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A consumer group with its epoch. */

export const ConsumerGroupMetadataKey = message(
  { name: 'ConsumerGroupMetadataKey', key: 3, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
  },
);
export type ConsumerGroupMetadataKey = MessageOf<typeof ConsumerGroupMetadataKey>;

export const ConsumerGroupMetadataValue = message(
  { name: 'ConsumerGroupMetadataValue', key: 3, versions: '0', flexible: '0+' },
  {
    epoch: int32('0+'),
    metadataHash: int64('0+', { default: 0n, tag: 0 }),
  },
);
export type ConsumerGroupMetadataValue = MessageOf<typeof ConsumerGroupMetadataValue>;
