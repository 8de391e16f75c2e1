import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Cluster } from '../../src/console/api/cluster.ts';
import type { BrokerChange, LeaderChanges, Snapshot } from '../../src/console/api/events.ts';
import type { History } from '../../src/console/api/history.ts';
import type { Messages } from '../../src/console/api/messages.ts';
import { clusterPort } from '../support/cluster_port.ts';
import { EventReader } from '../support/event_reader.ts';
import { type NodeProcess, Workplace } from '../support/node_process.ts';
import { until } from '../support/until.ts';

const place = await Workplace.make();

describe('the console of a cluster of three', { skip: process.platform === 'win32' }, () => {
  let cluster: NodeProcess;
  /** By broker, from 1. */
  let nodes: { readonly url: string; readonly pid: number }[];

  before(async () => {
    cluster = place.run(['dev', '--port', String(await clusterPort(3)), '--data', place.path('console')]);
    await cluster.prints(/Ctrl-C stops all/);
    nodes = [...cluster.stdout.matchAll(/^ {2}\d {2,}\S+ +(http:\S+) +(\d+) +\S+$/gm)].map(
      ([, url, pid]) => ({
        url: url!,
        pid: Number(pid),
      }),
    );
  });
  after(async () => {
    cluster.signal('SIGINT');
    await cluster.ended();
  });

  async function get<T>(broker: number, path: string): Promise<T> {
    const response = await fetch(`${nodes[broker - 1]!.url}${path}`);
    assert.ok(response.ok, `${path} answers ${response.status}: ${await response.clone().text()}`);
    return (await response.json()) as T;
  }

  async function post(broker: number, path: string, body: unknown): Promise<void> {
    const response = await fetch(`${nodes[broker - 1]!.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, `${path} answers ${response.status}: ${await response.clone().text()}`);
  }

  test('each knows where the consoles of the others are, and what they remember', async () => {
    for (const broker of [1, 2, 3]) {
      await until(async () => {
        const { brokers } = await get<Cluster>(broker, '/api/v1/cluster');
        return brokers.every(({ httpAddress }) => httpAddress !== null);
      });
      const { brokers } = await get<Cluster>(broker, '/api/v1/cluster');
      assert.deepEqual(
        brokers.map(({ httpAddress }) => `http://${httpAddress}`),
        nodes.map(({ url }) => url),
      );
    }
    const history = await get<History>(2, '/api/v1/history');
    assert.deepEqual(
      history.nodes.map(({ problem }) => problem),
      [null, null, null],
    );
  });

  test('a broker is killed: the page of another sees it die and the promotion, and reads on', async () => {
    await post(2, '/api/v1/topics', { name: 'orders', partitions: 6, replicationFactor: 3 });
    for (let index = 0; index < 20; index++) {
      await post(2, '/api/v1/topics/orders/messages/produce', {
        value: { text: String(index) },
        key: { text: `k${index}` },
      });
    }
    const events = await EventReader.open(signal => fetch(`${nodes[1]!.url}/api/v1/events`, { signal }));
    const snapshot = await events.next<Snapshot>('snapshot');
    const led = snapshot.cluster.brokers.find(({ id }) => id === 1)!.leaders;
    assert.ok(led > 0, 'broker 1 leads something');
    process.kill(nodes[0]!.pid, 'SIGKILL');
    const change = await events.next<BrokerChange>('broker', ({ id, what }) => id === 1 && what === 'fenced');
    assert.equal(change.broker?.isFenced, true);
    const moved = await events.next<LeaderChanges>('leaders', ({ moves }) =>
      moves.some(({ from }) => from === 1),
    );
    assert.ok(moved.moves.every(({ to }) => to === 2 || to === 3));
    const view = await events.next<Cluster>('cluster', ({ brokers }) => brokers[0]?.leaders === 0);
    assert.equal(view.health.status, 'yellow');
    assert.equal(view.counts.offline, 0);
    await until(async () => {
      const { messages } = await get<Messages>(2, '/api/v1/topics/orders/messages?from=start&limit=100');
      return messages.length === 20;
    });
    const { nodes: asked } = await get<History>(2, '/api/v1/history');
    assert.match(asked.find(({ id }) => id === 1)?.problem ?? '', /does not answer|is not alive/);
    events.close();
  });
});
