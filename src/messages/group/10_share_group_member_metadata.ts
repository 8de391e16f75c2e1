import { array, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A member of a share group. */

export const ShareGroupMemberMetadataKey = message(
  { name: 'ShareGroupMemberMetadataKey', key: 10, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
    memberId: string('0'),
  },
);
export type ShareGroupMemberMetadataKey = MessageOf<typeof ShareGroupMemberMetadataKey>;

export const ShareGroupMemberMetadataValue = message(
  { name: 'ShareGroupMemberMetadataValue', key: 10, versions: '0', flexible: '0+' },
  {
    rackId: string('0+', { nullable: '0+' }),
    clientId: string('0+'),
    clientHost: string('0+'),
    subscribedTopicNames: array('0+', 'string'),
  },
);
export type ShareGroupMemberMetadataValue = MessageOf<typeof ShareGroupMemberMetadataValue>;
