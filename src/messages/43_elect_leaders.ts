import { api, array, int8, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Elects the preferred, or without regard to loss an available, leader of partitions (KIP-460). */

export const ElectLeadersRequest = message(
  { name: 'ElectLeadersRequest', key: 43, versions: '0-2', flexible: '2+' },
  {
    electionType: int8('1+'),
    topicPartitions: array(
      '0+',
      {
        topic: string('0+'),
        partitions: array('0+', 'int32'),
      },
      { nullable: '0+' },
    ),
    timeoutMs: int32('0+', { default: 60000 }),
  },
);
export type ElectLeadersRequest = MessageOf<typeof ElectLeadersRequest>;

export const ElectLeadersResponse = message(
  { name: 'ElectLeadersResponse', key: 43, versions: '0-2', flexible: '2+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('1+'),
    replicaElectionResults: array('0+', {
      topic: string('0+'),
      partitionResult: array('0+', {
        partitionId: int32('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
      }),
    }),
  },
);
export type ElectLeadersResponse = MessageOf<typeof ElectLeadersResponse>;

export const ElectLeaders = api({
  key: 43,
  name: 'ElectLeaders',
  listeners: ['broker', 'controller'],
  request: ElectLeadersRequest,
  response: ElectLeadersResponse,
});
