import {
  api,
  array,
  int8,
  int16,
  int32,
  type MessageOf,
  message,
  string,
  struct,
} from '../protocol/schema.ts';

/* Hands in the description of a streams group's topology. */

const topologyDescriptionNode = {
  name: string('0+'),
  nodeType: int8('0+'),
  sourceTopics: array('0+', 'string'),
  sinkTopic: string('0+', { nullable: '0+', default: null }),
  stores: array('0+', 'string'),
  successors: array('0+', 'string'),
} as const;

const topologyDescriptionSubtopology = {
  subtopologyId: string('0+'),
  nodes: array('0+', topologyDescriptionNode),
} as const;

const topologyDescriptionGlobalStore = {
  source: struct('0+', topologyDescriptionNode),
  processor: struct('0+', topologyDescriptionNode),
} as const;

const topologyDescription = {
  subtopologies: array('0+', topologyDescriptionSubtopology),
  globalStores: array('0+', topologyDescriptionGlobalStore),
} as const;

export const StreamsGroupTopologyDescriptionUpdateRequest = message(
  { name: 'StreamsGroupTopologyDescriptionUpdateRequest', key: 93, versions: '0', flexible: '0+' },
  {
    groupId: string('0+'),
    memberId: string('0+'),
    topologyEpoch: int32('0+'),
    topologyDescription: struct('0+', topologyDescription),
  },
);
export type StreamsGroupTopologyDescriptionUpdateRequest = MessageOf<
  typeof StreamsGroupTopologyDescriptionUpdateRequest
>;

export const StreamsGroupTopologyDescriptionUpdateResponse = message(
  { name: 'StreamsGroupTopologyDescriptionUpdateResponse', key: 93, versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
  },
);
export type StreamsGroupTopologyDescriptionUpdateResponse = MessageOf<
  typeof StreamsGroupTopologyDescriptionUpdateResponse
>;

export const StreamsGroupTopologyDescriptionUpdate = api({
  key: 93,
  name: 'StreamsGroupTopologyDescriptionUpdate',
  listeners: ['broker'],
  request: StreamsGroupTopologyDescriptionUpdateRequest,
  response: StreamsGroupTopologyDescriptionUpdateResponse,
});
