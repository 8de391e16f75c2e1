import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asLeaderEpoch, asNodeId, asPartitionIndex } from '../../src/model/ids.ts';
import { ZERO_UUID } from '../../src/model/uuid.ts';
import {
  type FetchBounds,
  type FetchedPartition,
  FetchOperation,
} from '../../src/replica/fetch_operation.ts';
import type { FetchPartition } from '../../src/replica/fetch_sessions.ts';
import type { Partition } from '../../src/replica/partition.ts';
import { from, ok } from '../support/log_world.ts';
import { PartitionWorld, producerBatch, stateOf } from '../support/partition_world.ts';

let world: PartitionWorld;
let partition: Partition;

beforeEach(async () => {
  world = new PartitionWorld({ syncMs: 5 });
  partition = await world.leading();
});

const ALL = { requiredAcks: -1, origin: 'client' } as const;

function want(change: Partial<FetchPartition> = {}): FetchPartition {
  return {
    topic: 'events',
    topicId: ZERO_UUID,
    index: asPartitionIndex(0),
    fetchOffset: 0n,
    maxBytes: 1_000_000,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    logStartOffset: -1n,
    ...change,
  };
}

/** A fetch under way; `result` is set when it is answered. */
interface Fetched {
  result: readonly FetchedPartition[] | undefined;
  /** What was read of the first partition. */
  first(): FetchedPartition;
}

/** Starts a fetch. */
function fetch(
  targets: readonly { want: FetchPartition; partition: Partition | Failure }[],
  bounds: Partial<FetchBounds> = {},
): Fetched {
  const all = {
    minBytes: 1,
    maxBytes: 10_000_000,
    maxWaitMs: 500,
    isReadCommitted: false,
    mayReadFollowers: false,
    ...bounds,
  };
  const fetched: Fetched = {
    result: undefined,
    first() {
      const [first] = this.result ?? [];
      assert.ok(first, 'answered');
      return first;
    },
  };
  void new FetchOperation(targets, all, world.clock).run().then(result => {
    fetched.result = result;
  });
  return fetched;
}

const append = (count = 1) => ok(partition.append(producerBatch({ count }), ALL));

test('what is committed is given at once', async () => {
  append(3);
  await world.time.advance(20);
  const fetched = fetch([{ want: want(), partition }]);
  await world.time.advance(0);
  assert.equal(fetched.result?.length, 1);
  const [read] = fetched.result!;
  assert.equal(read?.highWatermark, 3n);
  assert.ok((read?.sizeBytes ?? 0) > 0);
  assert.equal(read?.failure, undefined);
});

test('what is not committed is not shown, and waited for', async () => {
  append();
  const fetched = fetch([{ want: want(), partition }]);
  await world.time.advance(0);
  assert.equal(fetched.result, undefined);
  await world.time.advance(20);
  assert.equal(fetched.first().highWatermark, 1n);
  assert.ok(world.time.nowMs < 100, 'long before the wait was over');
});

test('without news the fetch ends with its time', async () => {
  const fetched = fetch([{ want: want(), partition }], { maxWaitMs: 200 });
  await world.time.advance(199);
  assert.equal(fetched.result, undefined);
  await world.time.advance(2);
  assert.equal(fetched.first().sizeBytes, 0);
});

test('a fetch that must not wait is answered empty', async () => {
  const fetched = fetch([{ want: want(), partition }], { maxWaitMs: 0 });
  await world.time.advance(0);
  assert.equal(fetched.first().sizeBytes, 0);
});

test('it waits for the bytes that it wants', async () => {
  append();
  await world.time.advance(20);
  const oneBatch = fetch([{ want: want(), partition }], { maxWaitMs: 0 });
  await world.time.advance(0);
  const { sizeBytes } = oneBatch.result![0]!;
  const fetched = fetch([{ want: want(), partition }], { minBytes: sizeBytes * 3, maxWaitMs: 5000 });
  append();
  await world.time.advance(20);
  assert.equal(fetched.result, undefined);
  append();
  await world.time.advance(20);
  assert.equal(fetched.first().sizeBytes, sizeBytes * 3);
});

test('the bytes of all partitions together are bounded, but for a first batch', async () => {
  append(10);
  append(10);
  await world.time.advance(20);
  const fetched = fetch(
    [
      { want: want(), partition },
      { want: want(), partition },
    ],
    { maxBytes: 1 },
  );
  await world.time.advance(0);
  const [first, second] = fetched.result!;
  assert.ok(first!.sizeBytes > 1);
  assert.equal(second!.sizeBytes, 0);
});

test('an error of one partition is told at once', async () => {
  const cases: [Partial<FetchPartition>, number][] = [
    [{ fetchOffset: 5n }, Errors.OFFSET_OUT_OF_RANGE],
    [{ fetchOffset: -1n }, Errors.OFFSET_OUT_OF_RANGE],
    [{ currentLeaderEpoch: 9 }, Errors.UNKNOWN_LEADER_EPOCH],
    [{ lastFetchedEpoch: 3, fetchOffset: 0n }, Errors.OFFSET_OUT_OF_RANGE],
  ];
  for (const [change, code] of cases) {
    const fetched = fetch([
      { want: want(), partition },
      { want: want(change), partition },
    ]);
    await world.time.advance(0);
    assert.equal(fetched.result?.[1]?.failure?.code, code, JSON.stringify(Object.keys(change)));
    assert.equal(fetched.result?.[0]?.failure, undefined);
  }
  const refusal = new Failure(Errors.UNKNOWN_TOPIC_OR_PARTITION, 'nothing here');
  const fetched = fetch([{ want: want(), partition: refusal }]);
  await world.time.advance(0);
  assert.equal(fetched.result?.[0]?.failure, refusal);
});

test('a reader whose log parts ways with this one is told where', async () => {
  append(2);
  partition.apply(stateOf({ leaderEpoch: asLeaderEpoch(5), partitionEpoch: 1 }));
  append(2);
  await world.time.advance(20);
  const fetched = fetch([{ want: want({ fetchOffset: 3n, lastFetchedEpoch: 2 }), partition }]);
  await world.time.advance(0);
  assert.deepEqual(fetched.result?.[0]?.divergingEpoch, { epoch: 0, endOffset: 2n });
  assert.equal(fetched.first().sizeBytes, 0);
});

test('a fetch that waits learns that the leadership is gone', async () => {
  const fetched = fetch([{ want: want(), partition }], { maxWaitMs: 60_000 });
  await world.time.advance(10);
  partition.apply(stateOf({ leader: asNodeId(2), leaderEpoch: asLeaderEpoch(1), partitionEpoch: 1 }));
  await world.time.advance(0);
  assert.equal(fetched.result?.[0]?.failure?.code, Errors.NOT_LEADER_OR_FOLLOWER);
});

test('what is committed while another partition is read from the disk is not missed', async () => {
  const small = new PartitionWorld({ syncMs: 1, readMs: 50, tailCacheBytes: 0 });
  world = small;
  partition = await small.leading();
  append();
  await small.time.advance(20);
  // The read takes 50 ms; meanwhile a second batch is committed, and the fetch wants both.
  const fetched = fetch([{ want: want(), partition }], { minBytes: 100, maxWaitMs: 10_000 });
  await small.time.advance(10);
  append();
  await small.time.advance(300);
  assert.ok(fetched.result !== undefined, 'answered before the wait was over');
});

test('with read committed the records behind an open transaction wait for its end', async () => {
  const origin = { requiredAcks: 1, origin: 'client' } as const;
  ok(partition.append(producerBatch({ ...from(7n, 0), isTransactional: true }), origin));
  await world.time.advance(20);
  const committed = fetch([{ want: want(), partition }], { isReadCommitted: true, maxWaitMs: 0 });
  const all = fetch([{ want: want(), partition }], { maxWaitMs: 0 });
  await world.time.advance(5);
  assert.equal(committed.result?.[0]?.sizeBytes, 0);
  assert.equal(committed.result?.[0]?.lastStableOffset, 0n);
  assert.deepEqual(committed.result?.[0]?.abortedTransactions, []);
  assert.ok((all.result?.[0]?.sizeBytes ?? 0) > 0);
});
