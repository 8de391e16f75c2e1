import { int16, type MessageOf, message } from '../../protocol/schema.ts';

/* The value of a control record with the version of the quorum's protocol (KIP-853). */

export const KRaftVersionRecord = message(
  { name: 'KRaftVersionRecord', versions: '0', flexible: '0+' },
  {
    version: int16('0+'),
    kRaftVersion: int16('0+'),
  },
);
export type KRaftVersionRecord = MessageOf<typeof KRaftVersionRecord>;
