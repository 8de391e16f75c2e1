import { CreateTopics } from '../../messages/19_create_topics.ts';
import { DeleteTopics } from '../../messages/20_delete_topics.ts';
import { CreatePartitions } from '../../messages/37_create_partitions.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { ZERO_UUID } from '../../model/uuid.ts';
import type { ClusterClient } from '../cluster_client.ts';
import { answeredFailure, notController, type Outcome } from './answers.ts';

export interface NewTopic {
  readonly name: string;
  /** -1 for the cluster's default. */
  readonly partitionCount: number;
  /** -1 for the cluster's default. */
  readonly replicationFactor: number;
  /** Brokers by partition, instead of the two numbers. */
  readonly assignments?: readonly (readonly number[])[];
  readonly configs: Readonly<Record<string, string>>;
}

export interface ChangeOptions {
  /** Looks whether it could be done, and does nothing. */
  readonly validateOnly?: boolean;
}

/** From this version on topics are deleted by id, too, in another field. */
const FIRST_DELETE_BY_ID = 6;

export interface CreatedTopic extends Outcome {
  /** -1 from brokers that do not tell it. */
  readonly partitionCount: number;
  readonly replicationFactor: number;
}

export async function createTopics(
  client: ClusterClient,
  topics: readonly NewTopic[],
  { validateOnly = false }: ChangeOptions = {},
): Promise<CreatedTopic[] | Failure> {
  const response = await client.request(
    'controller',
    CreateTopics,
    {
      topics: topics.map(({ assignments = [], configs, name, partitionCount, replicationFactor }) => ({
        name,
        numPartitions: assignments.length > 0 ? -1 : partitionCount,
        replicationFactor: assignments.length > 0 ? -1 : replicationFactor,
        assignments: assignments.map((brokerIds, partitionIndex) => ({
          partitionIndex,
          brokerIds: [...brokerIds],
        })),
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      })),
      timeoutMs: client.timeouts.requestTimeoutMs,
      validateOnly,
    },
    {
      errorOf: answer =>
        notController(
          answer.topics.map(each => each.errorCode),
          'Cannot create topics',
        ),
    },
  );
  if (failed(response)) return response;
  return response.topics.map(({ errorCode, errorMessage, name, numPartitions, replicationFactor }) => ({
    name,
    partitionCount: numPartitions,
    replicationFactor,
    failure: answeredFailure(errorCode, errorMessage, `Cannot create the topic "${name}"`),
  }));
}

export async function deleteTopics(
  client: ClusterClient,
  names: readonly string[],
): Promise<Outcome[] | Failure> {
  const timeoutMs = client.timeouts.requestTimeoutMs;
  const response = await client.request(
    'controller',
    DeleteTopics,
    version =>
      version >= FIRST_DELETE_BY_ID
        ? { topics: names.map(name => ({ name, topicId: ZERO_UUID })), timeoutMs }
        : { topics: [], topicNames: names, timeoutMs },
    {
      errorOf: answer =>
        notController(
          answer.responses.map(each => each.errorCode),
          'Cannot delete topics',
        ),
    },
  );
  if (failed(response)) return response;
  return response.responses.map(({ errorCode, errorMessage, name }) => ({
    name: name ?? '',
    failure: answeredFailure(errorCode, errorMessage, `Cannot delete the topic "${name}"`),
  }));
}

/** @param count partitions that the topic has afterwards */
export async function addPartitions(
  client: ClusterClient,
  { count, topic }: { readonly topic: string; readonly count: number },
  { validateOnly = false }: ChangeOptions = {},
): Promise<Failure | undefined> {
  const what = `Cannot add partitions to the topic "${topic}"`;
  const response = await client.request(
    'controller',
    CreatePartitions,
    {
      topics: [{ name: topic, count, assignments: null }],
      timeoutMs: client.timeouts.requestTimeoutMs,
      validateOnly,
    },
    {
      errorOf: answer =>
        notController(
          answer.results.map(each => each.errorCode),
          what,
        ),
    },
  );
  if (failed(response)) return response;
  const [result] = response.results;
  return answeredFailure(result?.errorCode ?? -1, result?.errorMessage, what);
}
