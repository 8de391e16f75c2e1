import type { DeleteTopicsRequest, DeleteTopicsResponse } from '../messages/20_delete_topics.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { Uuid } from '../model/ids.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { ControllerContext } from './controller_context.ts';
import { atomically, type Decision } from './decision.ts';
import type { MetadataImage } from './image/metadata_image.ts';
import type { TopicImage } from './image/topics_image.ts';
import { type MetadataRecord, metadataRecord } from './metadata_record.ts';
import { type ChargeMutations, FREE_OF_CHARGE } from './mutation_charge.ts';

type TopicResponse = MessageInput<typeof DeleteTopicsResponse>['responses'][number];

/** A topic as a client names it: by its name, or by its id (KIP-516). */
interface Asked {
  readonly name: string | null;
  readonly topicId: Uuid;
}

export interface DeleteTopicsOptions {
  /** Of the request. */
  readonly version: number;
  readonly charge?: ChargeMutations;
}

/** Deletes topics, each by its name or by its id. */
export function deleteTopics(
  { image, settings }: ControllerContext,
  request: DeleteTopicsRequest,
  { version: requestVersion, charge = FREE_OF_CHARGE }: DeleteTopicsOptions,
): Decision<MessageInput<typeof DeleteTopicsResponse>> | Failure {
  if (!settings.deleteTopicEnable) {
    const code = requestVersion < 3 ? Errors.INVALID_REQUEST : Errors.TOPIC_DELETION_DISABLED;
    return new Failure(code, 'Topics are not deleted here: delete.topic.enable is false');
  }
  const asked: Asked[] = [
    ...request.topicNames.map(name => ({ name, topicId: ZERO_UUID })),
    ...request.topics.map(({ name, topicId }) => ({ name, topicId: topicId as Uuid })),
  ];
  const records: MetadataRecord[] = [];
  const deleted = new Set<TopicImage>();
  const counts = countNames(asked);
  const responses: TopicResponse[] = [];
  for (const topic of uniqueOf(asked)) {
    const found = topicToDelete(image, topic, counts.get(keyOf(topic)) ?? 1);
    const once = failed(found) ? found : checkOnce(found, deleted);
    const checked = failed(once) ? once : (charge(once.partitions.length) ?? once);
    if (failed(checked)) {
      responses.push({ ...topic, errorCode: checked.code, errorMessage: checked.message });
      continue;
    }
    deleted.add(checked);
    records.push(metadataRecord('RemoveTopicRecord', 0, { topicId: checked.id }));
    responses.push({ name: checked.name, topicId: checked.id, errorCode: Errors.NONE, errorMessage: null });
  }
  return atomically({ throttleTimeMs: 0, responses }, records);
}

const refuse = (code: ErrorCode, why: string) => new Failure(code, `Cannot delete the topic: ${why}`);

function topicToDelete(image: MetadataImage, { name, topicId }: Asked, count: number): TopicImage | Failure {
  const what = name === null ? `the id ${topicId}` : `the name ${name}`;
  if (name === null && topicId === ZERO_UUID) {
    return refuse(Errors.INVALID_REQUEST, 'neither its name nor its id is given');
  }
  if (name !== null && topicId !== ZERO_UUID) {
    return refuse(Errors.INVALID_REQUEST, `both its name ${name} and its id ${topicId} are given`);
  }
  if (count > 1) return refuse(Errors.INVALID_REQUEST, `${what} is in the request ${count} times`);
  if (name === null) {
    return image.topics.byId(topicId) ?? refuse(Errors.UNKNOWN_TOPIC_ID, `there is none with ${what}`);
  }
  return image.topics.byName(name) ?? refuse(Errors.UNKNOWN_TOPIC_OR_PARTITION, `there is none with ${what}`);
}

function checkOnce(topic: TopicImage, deleted: ReadonlySet<TopicImage>): TopicImage | Failure {
  if (!deleted.has(topic)) return topic;
  return refuse(Errors.INVALID_REQUEST, `${topic.name} is in the request by its name and by its id`);
}

const keyOf = ({ name, topicId }: Asked): string => `${topicId} ${name ?? ''}`;

function countNames(asked: readonly Asked[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const topic of asked) counts.set(keyOf(topic), (counts.get(keyOf(topic)) ?? 0) + 1);
  return counts;
}

function uniqueOf(asked: readonly Asked[]): Iterable<Asked> {
  return new Map(asked.map(topic => [keyOf(topic), topic])).values();
}
