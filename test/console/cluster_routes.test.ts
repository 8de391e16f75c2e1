import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BrokerDetails, Cluster, Quorum, ReplicaMap } from '../../src/console/api/cluster.ts';
import type { Configs, Page } from '../../src/console/api/common.ts';
import type { Snapshot, TopicChanges } from '../../src/console/api/events.ts';
import type { SettingsTable } from '../../src/console/api/settings.ts';
import type { CreatedTopic, Topic, TopicDetails, TrimResult } from '../../src/console/api/topics.ts';
import { EventReader } from '../support/event_reader.ts';
import { MonitoredNode } from '../support/monitored_node.ts';
import { until } from '../support/until.ts';

describe('what a node tells of its cluster, and changes in it', () => {
  let node: MonitoredNode;

  before(async () => {
    node = await MonitoredNode.start();
    await until(() => node.monitor.readiness().isReady);
    for (const name of ['orders', 'audit', 'clicks']) {
      const made = await node.send('POST', '/api/v1/topics', { name, partitions: 2 });
      assert.equal(made.status, 201, await made.clone().text());
    }
  });
  after(async () => await node.stop());

  test('the cluster at a glance', async () => {
    const cluster = await node.json<Cluster>('/api/v1/cluster');
    assert.equal(cluster.clusterId, node.broker.parts.clusterId);
    assert.equal(cluster.controller?.id, cluster.nodeId);
    assert.equal(cluster.health.status, 'green');
    assert.equal(cluster.counts.topics, 3);
    assert.equal(cluster.counts.partitions, 6);
    const [broker] = cluster.brokers;
    assert.deepEqual(broker?.roles, ['broker', 'controller']);
    assert.equal(broker?.isFenced, false);
    assert.equal(broker?.leaders, 6);
    assert.equal(broker?.inSync, 6);
  });

  test('the quorum, with how far each is', async () => {
    const quorum = await node.json<Quorum>('/api/v1/quorum');
    assert.equal(quorum.voters.length, 1);
    const [voter] = quorum.voters;
    assert.equal(voter?.isLeader, true);
    assert.equal(voter?.lag, '0');
    assert.match(voter?.logEndOffset ?? '', /^\d+$/);
  });

  test('a broker with its disks; one that there is not is refused with those that there are', async () => {
    const { nodeId } = node.broker;
    const broker = await node.json<BrokerDetails>(`/api/v1/brokers/${nodeId}`);
    assert.equal(broker.logDirs?.length, 1);
    assert.equal(broker.logDirs[0]?.partitions, 6);
    const refused = await node.get('/api/v1/brokers/77');
    assert.equal(refused.status, 404);
    assert.deepEqual(await refused.json(), {
      error: `There is no broker 77: the cluster has ${nodeId}`,
      code: 'BROKER_ID_NOT_REGISTERED',
    });
  });

  test('who has what, in pieces', async () => {
    const map = await node.json<ReplicaMap>('/api/v1/replica-map?offset=1&limit=2');
    assert.equal(map.total, 6);
    assert.deepEqual(
      map.partitions.map(({ topic, partition }) => `${topic}-${partition}`),
      ['audit-1', 'clicks-0'],
    );
  });

  test('topics: filtered, sorted, in pages', async () => {
    const page = await node.json<Page<Topic>>('/api/v1/topics?filter=C&sort=name&order=desc&limit=1');
    assert.equal(page.total, 1);
    assert.equal(page.items[0]?.name, 'clicks');
    const all = await node.json<Page<Topic>>('/api/v1/topics?order=desc&limit=2');
    assert.deepEqual([all.total, ...all.items.map(({ name }) => name)], [3, 'orders', 'clicks']);
    const refused = await node.get('/api/v1/topics?sort=color');
    assert.equal(refused.status, 400);
    assert.match(
      ((await refused.json()) as { error: string }).error,
      /sort is "color": it must be one of name/,
    );
  });

  test('a topic with its partitions, sizes and offsets', async () => {
    const topic = await node.json<TopicDetails>('/api/v1/topics/orders');
    assert.equal(topic.partitionDetails.length, 2);
    const [first] = topic.partitionDetails;
    assert.deepEqual([first?.startOffset, first?.endOffset, first?.sizeBytes], ['0', '0', '0']);
    assert.deepEqual(first?.isr, [node.broker.nodeId]);
    assert.equal((await node.get('/api/v1/topics/nothing')).status, 404);
  });

  test('a topic is refused with why: its name, its settings, and when it is there', async () => {
    const refusals = [
      [{ name: 'a b' }, 400, /is not legal/],
      [{ name: 'x', configs: { 'retention.ms': 'soon' } }, 400, /retention\.ms/],
      [{ name: 'orders' }, 409, /orders/],
      [{ partitions: 3 }, 400, /name is missing/],
    ] as const;
    for (const [body, status, text] of refusals) {
      const answer = await node.send('POST', '/api/v1/topics', body);
      const { error } = (await answer.json()) as { error: string };
      assert.equal(answer.status, status, error);
      assert.match(error, text);
    }
  });

  test('a topic is made, changed, gets partitions, is trimmed and deleted', async () => {
    const made = await node.send('POST', '/api/v1/topics', {
      name: 'brief',
      configs: { 'retention.ms': '1000' },
    });
    assert.deepEqual(await made.json(), {
      name: 'brief',
      partitions: 1,
      replicationFactor: 1,
    } satisfies CreatedTopic);
    const changed = await node.send('PATCH', '/api/v1/topics/brief/configs', {
      set: { 'segment.ms': '5000' },
      unset: ['retention.ms'],
    });
    const { configs } = (await changed.json()) as Configs;
    const source = (name: string) => configs.find(each => each.name === name);
    assert.deepEqual([source('segment.ms')?.value, source('segment.ms')?.source], ['5000', 'topic']);
    assert.equal(source('retention.ms')?.source, 'default');
    assert.match(source('retention.ms')?.documentation ?? '', /\w/);
    assert.equal((await node.send('POST', '/api/v1/topics/brief/partitions', { count: 4 })).status, 204);
    await until(() => node.broker.image.topics.byName('brief')?.partitions.length === 4);
    const trimmed = (await (
      await node.send('POST', '/api/v1/topics/brief/trim', { before: 'end' })
    ).json()) as TrimResult;
    assert.deepEqual(
      trimmed.partitions.map(({ error, startOffset }) => [startOffset, error]),
      new Array(4).fill(['0', null]),
    );
    assert.equal((await node.send('DELETE', '/api/v1/topics/brief')).status, 204);
    assert.equal((await node.get('/api/v1/topics/brief')).status, 404);
  });

  test('settings of a broker with their sources, changed for one and for all', async () => {
    const { nodeId } = node.broker;
    const path = `/api/v1/brokers/${nodeId}/configs`;
    const { configs } = await node.json<Configs>(path);
    const dirs = configs.find(({ name }) => name === 'log.dirs');
    assert.equal(dirs?.isReadOnly, true);
    const all = await node.send('PATCH', '/api/v1/brokers/default/configs', {
      set: { 'log.retention.ms': '7000' },
    });
    assert.equal(all.status, 200, await all.clone().text());
    const one = await node.send('PATCH', path, { set: { 'log.retention.ms': '9000' } });
    const entry = ((await one.json()) as Configs).configs.find(({ name }) => name === 'log.retention.ms');
    assert.deepEqual([entry?.value, entry?.source], ['9000', 'broker']);
    assert.ok(entry?.synonyms.some(({ source, value }) => source === 'cluster default' && value === '7000'));
    const refused = await node.send('PATCH', path, { set: { 'log.dirs': '/elsewhere' } });
    assert.equal(refused.status, 400);
    await node.send('PATCH', path, { unset: ['log.retention.ms'] });
  });

  test('every setting there is, but none that is hidden', async () => {
    const { settings } = await node.json<SettingsTable>('/api/v1/settings');
    const auth = settings.find(({ name }) => name === 'console.auth');
    assert.deepEqual([auth?.type, auth?.default, auth?.isKafkas], ['password', null, false]);
    assert.ok(settings.length > 300);
    assert.equal(
      settings.some(({ name }) => name === 'alerts.state'),
      false,
    );
  });

  test('events: a snapshot, then what changes', async () => {
    const events = await EventReader.open(signal => node.app.request('/api/v1/events', { signal }));
    const { cluster } = await events.next<Snapshot>('snapshot');
    assert.equal(cluster.counts.topics, 3);
    await node.send('POST', '/api/v1/topics', { name: 'news' });
    const change = await events.next<TopicChanges>('topics', ({ created }) => created.includes('news'));
    assert.equal(change.text, 'Topic news was created');
    const view = await events.next<Cluster>('cluster', ({ counts }) => counts.topics === 4);
    assert.equal(view.counts.partitions, 7);
    assert.equal(
      events.received.some(({ event }) => event === 'broker'),
      false,
      'no broker changed',
    );
    events.close();
    await node.send('DELETE', '/api/v1/topics/news');
  });
});
