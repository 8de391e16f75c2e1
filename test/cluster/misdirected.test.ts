import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Produce } from '../../src/messages/00_produce.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { ClusterWorld } from '../support/cluster_world.ts';

test('a producer at the wrong broker is told where to go, and that broker goes on', async () => {
  const world = new ClusterWorld({ combined: 3 });
  await world.start();
  await world.createTopic(1, 'led', { replicas: 3 });
  const { topics } = await world.metadata(1, 'led');
  const { leaderId } = topics[0]!.partitions[0]!;
  const wrong = world.all.find(machine => machine.id !== leaderId)!;
  const batch = buildBatch([{ timestamp: 0n, key: null, value: Buffer.from('a') }], {});
  const request = {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1_000,
    topicData: [{ name: 'led', partitionData: [{ index: 0, records: [batch.buffer] }] }],
  };
  for (let again = 0; again < 2; again++) {
    const answer = await world.ask(wrong.id, Produce, request, { maxVersion: 12 });
    const { errorCode } = answer.responses[0]!.partitionResponses[0]!;
    assert.equal(errorCode, Errors.NOT_LEADER_OR_FOLLOWER);
  }
});
