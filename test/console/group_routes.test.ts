import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import type { Outcomes, Page } from '../../src/console/api/common.ts';
import type { Group, GroupDetails, GroupReset } from '../../src/console/api/groups.ts';
import type { TopicDetails } from '../../src/console/api/topics.ts';
import { MonitoredNode } from '../support/monitored_node.ts';
import { until } from '../support/until.ts';

describe('the groups of a cluster over HTTP', () => {
  let node: MonitoredNode;
  let kafka: Kafka;

  before(async () => {
    node = await MonitoredNode.start('group.initial.rebalance.delay.ms=0', 'offsets.topic.num.partitions=2');
    await until(() => node.monitor.readiness().isReady);
    kafka = new Kafka({ brokers: [node.bootstrap], logLevel: logLevel.NOTHING });
    for (const topic of ['orders', 'other'])
      await node.send('POST', '/api/v1/topics', { name: topic, partitions: 2 });
    for (const partition of [0, 1]) {
      const record = { partition, value: { text: 'x' }, count: 10, timestampMs: 1_700_000_000_000 };
      await node.send('POST', '/api/v1/topics/orders/messages/produce', record);
    }
    await commit('slow', [2, 4]);
    await commit('fast', [10, 9]);
  });
  after(async () => await node.stop());

  async function commit(groupId: string, offsets: readonly number[]): Promise<void> {
    const admin = kafka.admin();
    await admin.connect();
    const partitions = offsets.map((offset, partition) => ({ partition, offset: String(offset) }));
    await admin.setOffsets({ groupId, topic: 'orders', partitions });
    await admin.disconnect();
  }

  const post = (path: string, body: unknown) => node.send('POST', path, body);

  test('groups by their lag, and those of a topic', async () => {
    await until(async () => (await node.json<Page<Group>>('/api/v1/groups')).items[1]?.lag === '14');
    const { items } = await node.json<Page<Group>>('/api/v1/groups?sort=lag&order=desc');
    assert.deepEqual(
      items.map(({ id, lag, topics }) => [id, lag, topics]),
      [
        ['slow', '14', ['orders']],
        ['fast', '1', ['orders']],
      ],
    );
    assert.equal((await node.json<Page<Group>>('/api/v1/groups?topic=other')).total, 0);
    assert.deepEqual((await node.json<TopicDetails>('/api/v1/topics/orders')).groups, ['fast', 'slow']);
  });

  test('a group with its partitions', async () => {
    const group = await node.json<GroupDetails>('/api/v1/groups/slow');
    assert.deepEqual([group.state, group.members, group.lag, group.status], ['Empty', 0, '14', 'ok']);
    assert.deepEqual(group.partitions[0], {
      topic: 'orders',
      partition: 0,
      offset: '2',
      startOffset: '0',
      endOffset: '10',
      lag: '8',
      status: 'ok',
      memberId: null,
      metadata: null,
    });
    const missing = await node.get('/api/v1/groups/nobody');
    assert.equal(missing.status, 404);
  });

  const GOALS: readonly (readonly [to: unknown, offsets: readonly string[]])[] = [
    ['start', ['0', '0']],
    ['end', ['10', '10']],
    [{ offset: '3' }, ['3', '3']],
    [{ offset: '99' }, ['10', '10']],
    [{ shift: '-3' }, ['0', '1']],
    [{ shift: '2' }, ['4', '6']],
    [{ timeMs: 1_700_000_000_000 }, ['0', '0']],
    [{ timeMs: 1_800_000_000_000 }, ['10', '10']],
  ];
  for (const [to, offsets] of GOALS) {
    test(`a reset to ${JSON.stringify(to)} would go to ${offsets.join(' and ')}`, async () => {
      const answer = await post('/api/v1/groups/slow/reset', { to });
      assert.equal(answer.status, 200, await answer.clone().text());
      const reset = (await answer.json()) as GroupReset;
      assert.equal(reset.isExecuted, false);
      assert.deepEqual(
        reset.partitions.map(each => each.to),
        offsets,
      );
      assert.deepEqual(
        reset.partitions.map(({ from }) => from),
        ['2', '4'],
      );
    });
  }

  test('a reset is refused with what is wrong', async () => {
    const refusals = [
      [{}, 400, /to must be "start", "end"/],
      [{ to: { offset: 'far' } }, 400, /offset is "far"/],
      [{ to: 'end', topics: [{ topic: 'nothing' }] }, 404, /There is no topic "nothing"/],
      [{ to: 'end', topics: [{ topic: 'orders', partitions: [7] }] }, 404, /has no partition 7/],
    ] as const;
    for (const [body, status, text] of refusals) {
      const answer = await post('/api/v1/groups/slow/reset', body);
      const { error } = (await answer.json()) as { error: string };
      assert.equal(answer.status, status, error);
      assert.match(error, text);
    }
  });

  test('a reset that is executed moves the group; a new group is made by one', async () => {
    const body = { to: 'end', topics: [{ topic: 'orders', partitions: [1] }], execute: true };
    const reset = (await (await post('/api/v1/groups/slow/reset', body)).json()) as GroupReset;
    assert.deepEqual(
      reset.partitions.map(({ error, from, lag, partition, to }) => [partition, from, to, lag, error]),
      [[1, '4', '10', '0', null]],
    );
    const group = await node.json<GroupDetails>('/api/v1/groups/slow');
    assert.deepEqual(
      group.partitions.map(({ offset }) => offset),
      ['2', '10'],
    );
    const fresh = { to: 'start', topics: [{ topic: 'orders' }], execute: true };
    assert.equal((await post('/api/v1/groups/fresh/reset', fresh)).status, 200);
    assert.equal((await node.json<GroupDetails>('/api/v1/groups/fresh')).partitions.length, 2);
  });

  test('offsets are deleted, and groups', async () => {
    const body = { topics: [{ topic: 'orders', partitions: [0] }] };
    const answer = await post('/api/v1/groups/fresh/delete-offsets', body);
    const { outcomes } = (await answer.json()) as Outcomes;
    assert.deepEqual(outcomes, [{ name: 'orders-0', error: null }]);
    assert.equal((await node.json<GroupDetails>('/api/v1/groups/fresh')).partitions.length, 1);
    assert.equal((await node.send('DELETE', '/api/v1/groups/fresh')).status, 204);
    assert.equal((await node.get('/api/v1/groups/fresh')).status, 404);
    assert.equal((await node.send('DELETE', '/api/v1/groups/fresh')).status, 404);
  });

  test('a group with members is shown with them, and neither moved nor deleted', async () => {
    const consumer = kafka.consumer({ groupId: 'busy' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'orders' });
    await consumer.run({ eachMessage: async () => {} });
    await until(async () => {
      const answer = await node.get('/api/v1/groups/busy');
      return answer.ok && ((await answer.json()) as GroupDetails).memberDetails[0]?.partitions.length === 2;
    });
    const { memberDetails, partitions } = await node.json<GroupDetails>('/api/v1/groups/busy');
    assert.deepEqual(
      partitions.map(({ memberId }) => memberId),
      new Array(2).fill(memberDetails[0]!.memberId),
    );
    const moved = await post('/api/v1/groups/busy/reset', {
      to: 'start',
      topics: [{ topic: 'orders' }],
      execute: true,
    });
    assert.equal(moved.status, 409);
    assert.match(
      ((await moved.json()) as { error: string }).error,
      /"busy" has 1 members, which would commit over it/,
    );
    assert.equal((await node.send('DELETE', '/api/v1/groups/busy')).status, 409);
    await consumer.disconnect();
  });
});
