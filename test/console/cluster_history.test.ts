import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterHistory, type NodeAnswer } from '../../src/console/cluster_history.ts';
import type { ConsoleNode } from '../../src/console/console_node.ts';
import type { PeerNodes } from '../../src/console/peer_nodes.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asNodeId } from '../../src/model/ids.ts';
import type { NodeHistory } from '../../src/monitor/history.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

type Values = readonly (number | null)[];

function history(timesMs: readonly number[], bytesIn: Values, rest: Partial<NodeHistory> = {}): NodeHistory {
  const none = timesMs.map(() => null);
  const node = {
    bytesIn,
    bytesOut: none,
    messagesIn: none,
    produceP99Ms: none,
    fetchP99Ms: none,
    requests: none,
    connections: none,
    isrShrinks: none,
    underReplicated: none,
  };
  return { timesMs, node, topics: [], groups: [], groupPartitions: [], ...rest };
}

/** Of node 1, with what it and the others answer. */
function cluster(own: NodeHistory, others: ReadonlyMap<number, NodeHistory | Failure>) {
  const rates = new Map([['t', { bytesIn: 1, bytesOut: 2, messagesIn: 3 }]]);
  const node = {
    ports: { clock: new SimulatedClock(new SimulatedTime()) },
    parts: { nodeId: asNodeId(1) },
    monitor: { history: { read: () => own, rates } },
  } as unknown as ConsoleNode;
  const answers = new Map(
    Array.from(others, ([id, each]) => [
      id,
      each instanceof Failure ? each : ({ nodeId: id, history: each } satisfies NodeAnswer),
    ]),
  );
  const peers = {
    ask: async (path: string) =>
      path.endsWith('/rates') ? new Map([[2, { rates: [['t', 10, 20, 30]] }]]) : answers,
  } as unknown as PeerNodes;
  return new ClusterHistory(node, peers);
}

test('the samples of nodes stand beside each other, whenever each began', async () => {
  const traffic = cluster(
    history([20_000, 30_000], [1, 2]),
    new Map<number, NodeHistory | Failure>([
      [2, history([10_000, 20_000, 40_000], [10, 20, 40])],
      [3, new Failure(Errors.NETWORK_EXCEPTION, 'http://h:1 does not answer: ECONNREFUSED')],
    ]),
  );
  const { brokers, nodes, timesMs, total } = await traffic.read({});
  assert.deepEqual(timesMs, [10_000, 20_000, 30_000, 40_000]);
  assert.deepEqual(
    brokers.map(({ bytesIn, id }) => [id, bytesIn]),
    [
      [1, [null, 1, 2, null]],
      [2, [10, 20, null, 40]],
    ],
  );
  assert.deepEqual(total.bytesIn, [10, 21, 2, 40]);
  assert.deepEqual(total.bytesOut, [null, null, null, null]);
  assert.deepEqual(nodes, [
    { id: 1, problem: null },
    { id: 2, problem: null },
    { id: 3, problem: 'http://h:1 does not answer: ECONNREFUSED' },
  ]);
});

test('a topic is the sum of its leaders, a group what its controllers saw', async () => {
  const topic = (bytesIn: Values) => ({ name: 't', bytesIn, bytesOut: bytesIn, messagesIn: bytesIn });
  const own = history([10_000, 20_000], [0, 0], {
    topics: [topic([1, 1])],
    groups: [{ id: 'g', lag: [7, null] }],
    groupPartitions: [{ topic: 't', partition: 0, lag: [7, null] }],
  });
  const other = history([10_000, 20_000], [0, 0], {
    topics: [topic([5, null])],
    groups: [{ id: 'g', lag: [null, 9] }],
    groupPartitions: [{ topic: 't', partition: 0, lag: [null, 9] }],
  });
  const { groups, topics } = await cluster(own, new Map([[2, other]])).read({ group: 'g' });
  assert.deepEqual(topics, [{ name: 't', bytesIn: [6, 1], bytesOut: [6, 1], messagesIn: [6, 1] }]);
  assert.deepEqual(groups, [
    { id: 'g', lag: [7, 9], partitions: [{ topic: 't', partition: 0, lag: [7, 9] }] },
  ]);
});

test('nothing is there before the first sample', async () => {
  const { timesMs, total } = await cluster(history([], []), new Map()).read({});
  assert.deepEqual([timesMs, total.bytesIn], [[], []]);
});

test('rates of topics are those of all nodes together', async () => {
  const traffic = cluster(history([], []), new Map());
  assert.equal(traffic.topicRates(), undefined);
  await new Promise(setImmediate);
  assert.deepEqual(traffic.topicRates()?.get('t'), {
    bytesInPerSecond: 11,
    bytesOutPerSecond: 22,
    messagesInPerSecond: 33,
  });
});
