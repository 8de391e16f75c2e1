import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countProduced } from '../../src/handlers/count_produced.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asOffset } from '../../src/model/ids.ts';
import type { Partition } from '../../src/replica/partition.ts';
import { TopicStatistics } from '../../src/replica/topic_statistics.ts';

const NOTHING = { partition: undefined, baseOffset: -1n, endOffset: undefined };
const TOO_LARGE = new Failure(Errors.MESSAGE_TOO_LARGE, 'too large');
const MOVED = new Failure(Errors.NOT_LEADER_OR_FOLLOWER, 'moved');

test('what was appended counts for its topic', () => {
  const statistics = new TopicStatistics();
  const partition = { topic: 'orders' } as Partition;
  countProduced({ failure: undefined, partition, baseOffset: 5n, endOffset: asOffset(8n) }, 100, statistics);
  assert.deepEqual(
    [statistics.all.messagesIn, statistics.all.bytesIn, statistics.all.failedProduceRequests],
    [3, 100, 0],
  );
});

for (const [what, outcome] of [
  ['a refusal', TOO_LARGE],
  ['a refusal of the log, with what else the producer is told', { ...NOTHING, failure: TOO_LARGE }],
] as const) {
  test(`${what} counts as failed`, () => {
    const statistics = new TopicStatistics();
    countProduced(outcome, 100, statistics);
    assert.deepEqual(
      [statistics.all.messagesIn, statistics.all.bytesRejected, statistics.all.failedProduceRequests],
      [0, 100, 1],
    );
  });
}

test('a request that came to the wrong broker did not fail', () => {
  const statistics = new TopicStatistics();
  countProduced(MOVED, 100, statistics);
  countProduced({ ...NOTHING, failure: MOVED }, 100, statistics);
  assert.deepEqual([statistics.all.totalProduceRequests, statistics.all.failedProduceRequests], [2, 0]);
});
