import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { AlterPartitionRequest, AlterPartitionResponse } from '../../src/messages/56_alter_partition.ts';
import { type ErrorCode, Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asBrokerEpoch, asNodeId } from '../../src/model/ids.ts';
import type { MessageInput, MessageOf } from '../../src/protocol/schema.ts';
import { IsrChanges } from '../../src/replica/isr_changes.ts';
import type { Partition } from '../../src/replica/partition.ts';
import { NODE, PartitionWorld, stateOf } from '../support/partition_world.ts';

type Request = MessageInput<typeof AlterPartitionRequest>;
type Response = MessageOf<typeof AlterPartitionResponse>;

const OTHER = asNodeId(2);

let world: PartitionWorld;
let partition: Partition;
let requests: Request[];
/** What the controller says next; the last one is said again and again. */
let answers: (Response | Failure)[];
let changes: IsrChanges;

beforeEach(async () => {
  world = new PartitionWorld();
  requests = [];
  answers = [];
  changes = new IsrChanges({
    nodeId: NODE,
    brokerEpoch: () => asBrokerEpoch(7n),
    clock: world.clock,
    logger: world.logger,
    alterPartition: async request => {
      requests.push(request);
      return answers.length > 1 ? answers.shift()! : answers[0]!;
    },
  });
  partition = await world.leading();
  // Broker 2 is a replica that is caught up and out of sync.
  partition.apply(stateOf({ replicas: [NODE, OTHER], isr: [NODE], partitionEpoch: 4 }));
  const report = { fetchOffset: 0n, logStartOffset: 0n, brokerEpoch: 7n };
  assert.equal(partition.followerFetched(OTHER, report as never), undefined);
  assert.equal(world.isrChanges.length, 1);
});

const submit = () => changes.submit(partition, world.isrChanges[0]!);

function answer(errorCode: ErrorCode, isr: readonly number[] = []): Response {
  const answered = { partitionIndex: 0, errorCode, leaderId: 1, leaderEpoch: 0, isr: [...isr] };
  const partitions = [{ ...answered, leaderRecoveryState: 0, partitionEpoch: isr.length > 0 ? 5 : 0 }];
  return { throttleTimeMs: 0, errorCode: Errors.NONE, topics: [{ topicId: partition.topicId, partitions }] };
}

const refusedAtAll = (errorCode: ErrorCode): Response => ({ throttleTimeMs: 0, errorCode, topics: [] });

test('a change that is accepted is in force', async () => {
  answers = [answer(Errors.NONE, [1, 2])];
  submit();
  await world.time.advance(1);
  assert.deepEqual(partition.isr, [1, 2]);
  assert.equal(partition.leadership?.pending, undefined);
  const [sent] = requests[0]!.topics!;
  assert.equal(requests[0]?.brokerEpoch, 7n);
  assert.deepEqual(sent?.partitions[0]?.newIsrWithEpochs, [
    { brokerId: 1, brokerEpoch: 7n },
    { brokerId: 2, brokerEpoch: 7n },
  ]);
  assert.equal(sent?.partitions[0]?.partitionEpoch, 4);
});

test('what is not answered is sent again, until it is', async () => {
  const silence = new Failure(Errors.REQUEST_TIMED_OUT, 'nobody answers');
  answers = [
    silence,
    refusedAtAll(Errors.STALE_BROKER_EPOCH),
    answer(Errors.NOT_CONTROLLER),
    answer(Errors.UNKNOWN_SERVER_ERROR),
    { ...answer(Errors.NONE), topics: [] },
    answer(Errors.NONE, [1, 2]),
  ];
  submit();
  await world.time.advance(1_000);
  assert.equal(requests.length, 6);
  assert.deepEqual(partition.isr, [1, 2]);
});

test('a change that was not made may be proposed anew', async () => {
  for (const code of [Errors.OPERATION_NOT_ATTEMPTED, Errors.INELIGIBLE_REPLICA]) {
    answers = [answer(code)];
    changes.submit(partition, world.isrChanges.at(-1)!);
    await world.time.advance(1);
    assert.equal(partition.leadership?.pending, undefined, String(code));
    partition.reviewIsr();
    assert.notEqual(partition.leadership?.pending, undefined, 'proposed again');
  }
});

test('a change that the metadata will end stays open until it does, and is not sent again', async () => {
  const codes = [
    Errors.FENCED_LEADER_EPOCH,
    Errors.INVALID_UPDATE_VERSION,
    Errors.INVALID_REQUEST,
    Errors.UNKNOWN_TOPIC_ID,
    Errors.UNKNOWN_TOPIC_OR_PARTITION,
    Errors.NEW_LEADER_ELECTED,
  ];
  for (const code of codes) {
    answers = [answer(code)];
    requests = [];
    submit();
    await world.time.advance(1_000);
    assert.equal(requests.length, 1, String(code));
    assert.deepEqual(partition.leadership?.maximalIsr, [1, 2], 'it may have been made');
  }
  partition.apply(stateOf({ replicas: [NODE, OTHER], isr: [NODE], partitionEpoch: 5 }));
  assert.equal(partition.leadership?.pending?.partitionEpoch, 5, 'proposed again, of the new state');
});

test('what is not wanted any more is not sent again', async () => {
  answers = [new Failure(Errors.NETWORK_EXCEPTION, 'the connection broke')];
  submit();
  await world.time.advance(10);
  partition.apply(
    stateOf({ leader: OTHER, leaderEpoch: 1 as never, replicas: [NODE, OTHER], partitionEpoch: 6 }),
  );
  await world.time.advance(1_000);
  assert.equal(requests.length, 1);
});

test('after the end nothing is sent', async () => {
  answers = [new Failure(Errors.NETWORK_EXCEPTION, 'the connection broke')];
  submit();
  await world.time.advance(10);
  changes.stop();
  await world.time.advance(1_000);
  assert.equal(requests.length, 1);
});
