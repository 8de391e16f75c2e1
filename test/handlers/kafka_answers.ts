import { InitProducerId } from '../../src/messages/22_init_producer_id.ts';
import { Errors } from '../../src/model/error_codes.ts';
import type { Api, MessageInput } from '../../src/protocol/schema.ts';
import { clusterQuestions } from './questions/cluster.ts';
import { configsQuestions } from './questions/configs.ts';
import type { Question } from './questions/question.ts';
import { recordsQuestions } from './questions/records.ts';
import { topicsQuestions } from './questions/topics.ts';

/** Sends a request to a broker and decodes the answer; undefined when the connection ended instead. */
export type Ask = (api: Api, version: number, request: MessageInput<Api['request']>) => Promise<unknown>;

/** What a node answers: plain JSON, without what differs from run to run. */
export type Answers = Record<string, unknown>;

/** Asked one after the other: the later ones build upon what the earlier ones made. */
export const QUESTIONS: Readonly<Record<string, Question>> = {
  ...topicsQuestions,
  ...recordsQuestions,
  ...configsQuestions,
  ...clusterQuestions,
};

/** Different in every run, or another's in every product: texts above all. */
const VARYING: ReadonlySet<string> = new Set([
  'brokerEpoch',
  'clusterId',
  'errorMessage',
  'batchIndexErrorMessage',
  'finalizedFeaturesEpoch',
  'host',
  'highWatermark',
  'lastCaughtUpTimestamp',
  'lastFetchTimestamp',
  'leaderDirectoryId',
  'leaderEpoch',
  'logAppendTimeMs',
  'logDir',
  'logEndOffset',
  'port',
  'producerId',
  'replicaDirectoryId',
  'topicId',
  'totalBytes',
  'usableBytes',
]);

/** What names an element of a list whose order has no meaning. */
const NAMES = [
  'name',
  'resourceName',
  'resourceType',
  'topic',
  'topicName',
  'partitionIndex',
  'apiKey',
  'feature',
  'producerEpoch',
] as const;

/** Asks everything of a node with nothing in it. */
export async function takeAnswers(ask: Ask): Promise<Answers> {
  await producerIdsAreThere(ask);
  const answers: Answers = {};
  for (const [name, { api, version, request }] of Object.entries(QUESTIONS)) {
    answers[name] = comparable(await ask(api, version, request)) ?? 'the connection ended';
  }
  return answers;
}

/** The first producer id may take a while: the broker asks for a block of them. */
async function producerIdsAreThere(ask: Ask): Promise<void> {
  const request = { transactionalId: null, transactionTimeoutMs: 1000 };
  for (;;) {
    const { errorCode } = (await ask(InitProducerId, 4, request as never)) as { errorCode: number };
    if (errorCode !== Errors.COORDINATOR_LOAD_IN_PROGRESS) return;
  }
}

function comparable(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Buffer.isBuffer(value)) return `${value.length} bytes`;
  // None, said in two ways: of aborted transactions.
  if (Array.isArray(value) && value.length === 0) return null;
  if (Array.isArray(value)) return value.map(comparable).sort(byName);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !VARYING.has(key));
  return Object.fromEntries(entries.map(([key, each]) => [key, comparable(each)]));
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const fields = value as Record<string, unknown>;
  return NAMES.map(name => `${fields[name] ?? ''}`.padStart(10)).join('/');
}

function byName(left: unknown, right: unknown): number {
  const [a, b] = [nameOf(left), nameOf(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}
