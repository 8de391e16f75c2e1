import { int32, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A share group with its epoch. */

export const ShareGroupMetadataKey = message(
  { name: 'ShareGroupMetadataKey', key: 11, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
  },
);
export type ShareGroupMetadataKey = MessageOf<typeof ShareGroupMetadataKey>;

export const ShareGroupMetadataValue = message(
  { name: 'ShareGroupMetadataValue', key: 11, versions: '0', flexible: '0+' },
  {
    epoch: int32('0+'),
    metadataHash: int64('0+'),
  },
);
export type ShareGroupMetadataValue = MessageOf<typeof ShareGroupMetadataValue>;
