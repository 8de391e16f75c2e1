import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_TABLE } from '../../src/handlers/api_table.ts';
import { Produce } from '../../src/messages/00_produce.ts';
import { Fetch } from '../../src/messages/01_fetch.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { ZERO_UUID } from '../../src/model/uuid.ts';
import { encodeRequest } from '../../src/protocol/framing.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { SingleNode } from '../support/single_node.ts';
import { QUESTIONS } from './kafka_answers.ts';
import { ask, type Question } from './questions/question.ts';

/** The question in every version that is served and can ask it. */
function* inEveryVersion({ api, request }: Question): Iterable<Question> {
  const { lowest, highest } = API_TABLE.find(handler => handler.api.key === api.key)!.versions;
  for (let version = lowest; version <= highest; version++) {
    try {
      encodeRequest(api, version, { correlationId: 0, clientId: '' }, request);
    } catch {
      // The version has no room for what is asked.
      continue;
    }
    yield { api, version, request };
  }
}

test('every question is answered in every version that can ask it', async () => {
  const node = await SingleNode.start();
  let count = 0;
  for (const question of Object.values(QUESTIONS)) {
    for (const { api, version, request } of inEveryVersion(question)) {
      await node.send(api, version, request);
      count++;
    }
  }
  assert.ok(count > 800, `${count} requests`);
  assert.deepEqual(node.fatals, []);
  await node.stop();
});

const topicData = (name: string, topicId: string) => [
  {
    name,
    topicId,
    partitionData: [
      { index: 0, records: [buildBatch([{ timestamp: 1n, key: null, value: Buffer.from('v') }]).buffer] },
    ],
  },
];

test('who is no leader any more says so in every version of Produce and Fetch', async () => {
  const node = await SingleNode.start();
  const topics = [{ name: 'events', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }];
  const created = await node.send(CreateTopics, 7, { topics, timeoutMs: 1000 });
  const { topicId } = created.topics[0]!;
  // Another epoch of leadership begins: the first is over.
  await node.restart();
  const fetched: number[] = [];
  for (let version = 9; version <= 18; version++) {
    const id = version < 13 ? {} : { topicId };
    const { api, request } = ask(Fetch, version, {
      maxWaitMs: 0,
      minBytes: 0,
      sessionEpoch: -1,
      forgottenTopicsData: [],
      topics: [
        {
          ...(version < 13 && { topic: 'events' }),
          ...id,
          partitions: [{ partition: 0, currentLeaderEpoch: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }],
        },
      ],
    });
    const { responses } = (await node.send(api, version, request)) as {
      responses: { partitions: { errorCode: number }[] }[];
    };
    fetched.push(responses[0]!.partitions[0]!.errorCode);
  }
  assert.deepEqual(fetched, Array(10).fill(Errors.FENCED_LEADER_EPOCH));

  // The disk takes its time, and meanwhile the node stops leading.
  node.disk.faults = ({ kind }) => (kind === 'sync' ? { delayMs: 2_000 } : undefined);
  const answers = Array.from({ length: 11 }, (_, at) => {
    const version = 3 + at;
    const { api, request } = ask(Produce, version, {
      acks: -1,
      timeoutMs: 10_000,
      topicData: version < 13 ? topicData('events', ZERO_UUID) : topicData('', topicId),
    });
    return node.ask(`produce ${version}`, api, version, request);
  });
  await node.time.advance(50);
  const stopped = node.broker.stop();
  const produced = (await node.time.run(Promise.all(answers))) as {
    responses: { partitionResponses: { errorCode: number }[] }[];
  }[];
  const codes = produced.map(({ responses }) => responses[0]!.partitionResponses[0]!.errorCode);
  // But for the first, whose sync may have been at its end.
  const misdirected = codes.filter(code => code === Errors.NOT_LEADER_OR_FOLLOWER);
  assert.ok(misdirected.length >= 10, codes.join(' '));
  assert.ok(codes.every(code => code === Errors.NONE || code === Errors.NOT_LEADER_OR_FOLLOWER));
  await node.time.run(stopped);
});
