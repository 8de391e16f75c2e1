import { array, int16, int32, type MessageOf, message, string } from '../../protocol/schema.ts';

/* The topology of a streams group. */

const topicConfig = {
  key: string('0+'),
  value: string('0+'),
} as const;

const topicInfo = {
  name: string('0+'),
  partitions: int32('0+'),
  replicationFactor: int16('0+'),
  topicConfigs: array('0+', topicConfig),
} as const;

export const StreamsGroupTopologyKey = message(
  { name: 'StreamsGroupTopologyKey', key: 23, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
  },
);
export type StreamsGroupTopologyKey = MessageOf<typeof StreamsGroupTopologyKey>;

export const StreamsGroupTopologyValue = message(
  { name: 'StreamsGroupTopologyValue', key: 23, versions: '0', flexible: '0+' },
  {
    epoch: int32('0+'),
    subtopologies: array('0+', {
      subtopologyId: string('0+'),
      sourceTopics: array('0+', 'string'),
      sourceTopicRegex: array('0+', 'string'),
      stateChangelogTopics: array('0+', topicInfo),
      repartitionSinkTopics: array('0+', 'string'),
      repartitionSourceTopics: array('0+', topicInfo),
      copartitionGroups: array('0+', {
        sourceTopics: array('0+', 'int16'),
        sourceTopicRegex: array('0+', 'int16'),
        repartitionSourceTopics: array('0+', 'int16'),
      }),
    }),
  },
);
export type StreamsGroupTopologyValue = MessageOf<typeof StreamsGroupTopologyValue>;
