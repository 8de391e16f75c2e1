import type { ElectLeadersRequest, ElectLeadersResponse } from '../messages/43_elect_leaders.ts';
import { type ErrorCode, Errors, errorText } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { asPartitionIndex } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { ControllerContext } from './controller_context.ts';
import { type Decision, severally } from './decision.ts';
import type { TopicImage } from './image/topics_image.ts';
import type { MetadataRecord } from './metadata_record.ts';
import { PartitionChanger } from './partition_changer.ts';

/** Kafka's numbers of the kinds of elections that can be asked for (KIP-460). */
const ELECTION_TYPES: Readonly<Record<number, 'preferred' | 'unclean'>> = { 0: 'preferred', 1: 'unclean' };

/** Elections that the controller holds by itself in one round: leaderships move back gradually. */
const MAX_ELECTIONS_PER_ROUND = 100;

interface ElectionResult {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string | null;
}

const ELECTED: ElectionResult = { errorCode: Errors.NONE, errorMessage: null };

/** Gives partitions to their preferred leaders, or, when they have none, to any replica that is up. */
export function electLeaders(
  context: ControllerContext,
  request: ElectLeadersRequest,
): Decision<MessageInput<typeof ElectLeadersResponse>> | Failure {
  const type = ELECTION_TYPES[request.electionType];
  if (type === undefined) {
    return new Failure(
      Errors.INVALID_REQUEST,
      `There is no election of type ${request.electionType}: 0 elects preferred leaders, 1 any replica`,
    );
  }
  const changer = new PartitionChanger(context);
  const records: MetadataRecord[] = [];
  const elected = new Set<string>();
  const electOne = (topic: TopicImage | undefined, name: string, index: number) => {
    if (elected.has(`${name}-${index}`)) return { partitionId: index, ...ELECTED };
    const { record, ...result } = elect(changer, type, { topic, name, index });
    if (record !== undefined) {
      elected.add(`${name}-${index}`);
      records.push(record);
    }
    return { partitionId: index, ...result };
  };
  const { topics } = context.image;
  const replicaElectionResults =
    request.topicPartitions === null
      ? [...topics.all()].map(topic => ({
          topic: topic.name,
          partitionResult: topic.partitions
            .map((_, index) => electOne(topic, topic.name, index))
            .filter(result => result.errorCode !== Errors.ELECTION_NOT_NEEDED),
        }))
      : request.topicPartitions.map(({ topic, partitions }) => ({
          topic,
          partitionResult: partitions.map(index => electOne(topics.byName(topic), topic, index)),
        }));
  return severally({ throttleTimeMs: 0, errorCode: Errors.NONE, replicaElectionResults }, records);
}

interface Candidate {
  readonly topic: TopicImage | undefined;
  readonly name: string;
  readonly index: number;
}

function elect(
  changer: PartitionChanger,
  type: 'preferred' | 'unclean',
  { topic, name, index }: Candidate,
): ElectionResult & { readonly record?: MetadataRecord } {
  const partition = topic?.partitions[index];
  if (topic === undefined || partition === undefined) {
    const errorMessage =
      topic === undefined ? `There is no topic ${name}` : `Topic ${name} has no partition ${index}`;
    return { errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION, errorMessage };
  }
  const isNeeded = type === 'preferred' ? !partition.hasPreferredLeader : !partition.hasLeader;
  if (!isNeeded) return withText(Errors.ELECTION_NOT_NEEDED);
  const record = changer.change({ topic, index: asPartitionIndex(index), partition }, {}, type);
  if (record !== undefined) return { ...ELECTED, record };
  return withText(
    type === 'preferred' ? Errors.PREFERRED_LEADER_NOT_AVAILABLE : Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE,
  );
}

function withText(errorCode: ErrorCode): ElectionResult {
  return { errorCode, errorMessage: errorText(errorCode) };
}

/** Elections that the controller holds by itself. */
export interface ElectionRound {
  readonly records: readonly MetadataRecord[];
  /** Whether there may be more to elect. */
  readonly hasMore: boolean;
}

/** Gives partitions back to their preferred leaders, where those can lead. */
export function balanceLeaders(context: ControllerContext): ElectionRound {
  return electionRound(context, 'preferred', (_, { partition }) => !partition.hasPreferredLeader);
}

/** Elects any replica that is up for partitions without a leader, where the topic allows that. */
export function electUncleanLeaders(context: ControllerContext): ElectionRound {
  return electionRound(
    context,
    'unclean',
    (changer, { topic, partition }) => !partition.hasLeader && changer.policiesOf(topic).uncleanElection,
  );
}

type Place = Parameters<PartitionChanger['change']>[0];

function electionRound(
  context: ControllerContext,
  type: 'preferred' | 'unclean',
  isNeeded: (changer: PartitionChanger, place: Place) => boolean,
): ElectionRound {
  const changer = new PartitionChanger(context);
  const records: MetadataRecord[] = [];
  context.image.topics.forEachPartition((partition, index, topic) => {
    const place = { topic, index, partition };
    if (records.length >= MAX_ELECTIONS_PER_ROUND || !isNeeded(changer, place)) return;
    const record = changer.change(place, {}, type);
    if (record !== undefined) records.push(record);
  });
  return { records, hasMore: records.length >= MAX_ELECTIONS_PER_ROUND };
}
