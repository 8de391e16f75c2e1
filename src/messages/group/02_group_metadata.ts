import { array, bytes, int32, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A classic group with its members. */

const memberMetadata = {
  memberId: string('0+'),
  groupInstanceId: string('3+', { nullable: '3+', default: null, ignorable: true }),
  clientId: string('0+'),
  clientHost: string('0+'),
  rebalanceTimeout: int32('1+', { default: -1, ignorable: true }),
  sessionTimeout: int32('0+'),
  subscription: bytes('0+'),
  assignment: bytes('0+'),
} as const;

export const GroupMetadataKey = message(
  { name: 'GroupMetadataKey', key: 2, versions: '0', flexible: 'none' },
  {
    group: string('0'),
  },
);
export type GroupMetadataKey = MessageOf<typeof GroupMetadataKey>;

export const GroupMetadataValue = message(
  { name: 'GroupMetadataValue', key: 2, versions: '0-4', flexible: '4+' },
  {
    protocolType: string('0+'),
    generation: int32('0+'),
    protocol: string('0+', { nullable: '0+' }),
    leader: string('0+', { nullable: '0+' }),
    currentStateTimestamp: int64('2+', { default: -1n, ignorable: true }),
    members: array('0+', memberMetadata),
  },
);
export type GroupMetadataValue = MessageOf<typeof GroupMetadataValue>;
