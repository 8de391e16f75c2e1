import { array, int32, type MessageOf, message, string, struct, uint16 } from '../../protocol/schema.ts';

/* A member of a streams group. */

const endpoint = {
  host: string('0+'),
  port: uint16('0+'),
} as const;

const keyValue = {
  key: string('0+'),
  value: string('0+'),
} as const;

export const StreamsGroupMemberMetadataKey = message(
  { name: 'StreamsGroupMemberMetadataKey', key: 19, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
    memberId: string('0'),
  },
);
export type StreamsGroupMemberMetadataKey = MessageOf<typeof StreamsGroupMemberMetadataKey>;

export const StreamsGroupMemberMetadataValue = message(
  { name: 'StreamsGroupMemberMetadataValue', key: 19, versions: '0', flexible: '0+' },
  {
    instanceId: string('0+', { nullable: '0+' }),
    rackId: string('0+', { nullable: '0+' }),
    clientId: string('0+'),
    clientHost: string('0+'),
    rebalanceTimeoutMs: int32('0+', { default: -1 }),
    topologyEpoch: int32('0+'),
    processId: string('0+'),
    userEndpoint: struct('0+', endpoint, { nullable: '0+', default: null }),
    clientTags: array('0+', keyValue),
  },
);
export type StreamsGroupMemberMetadataValue = MessageOf<typeof StreamsGroupMemberMetadataValue>;
