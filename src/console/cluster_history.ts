import { failed } from '../model/failure.ts';
import {
  HISTORY_INTERVAL_MS,
  HISTORY_SAMPLES,
  type HistoryQuery,
  type NodeHistory,
} from '../monitor/history.ts';
import type { BrokerSeries, GroupSeries, History, Series, Traffic } from './api/history.ts';
import type { TopicRates } from './api/topics.ts';
import type { ConsoleNode } from './console_node.ts';
import type { PeerNodes } from './peer_nodes.ts';
import { Refreshed } from './refreshed.ts';

/** `GET /api/v1/history/node`: what one node remembers, for the others. */
export interface NodeAnswer {
  readonly nodeId: number;
  readonly history: NodeHistory;
}

/** `GET /api/v1/history/rates`: `[topic, bytes in, bytes out, messages in]` a second. */
export interface RatesAnswer {
  readonly rates: readonly (readonly [string, number, number, number])[] | null;
}

const RATES_AGE = { freshMs: 5_000, usableMs: 60_000 };
/** Topics and groups of all nodes together. */
const MOST_SHOWN = 20;

/** The last hour of the cluster, put together of what each node remembers of its own. */
export class ClusterHistory {
  readonly #node: ConsoleNode;
  readonly #peers: PeerNodes;
  readonly #rates: Refreshed<ReadonlyMap<string, TopicRates> | undefined>;

  constructor(node: ConsoleNode, peers: PeerNodes) {
    this.#node = node;
    this.#peers = peers;
    this.#rates = new Refreshed(node.ports.clock, () => this.#askRates(), RATES_AGE);
  }

  ownRates(): RatesAnswer {
    const rates = this.#node.monitor.history.rates;
    if (rates === undefined) return { rates: null };
    return {
      rates: Array.from(rates, ([name, each]) => [name, each.bytesIn, each.bytesOut, each.messagesIn]),
    };
  }

  /** What all topics with traffic had lately; undefined while it is not known. */
  topicRates(): ReadonlyMap<string, TopicRates> | undefined {
    return this.#rates.peek();
  }

  async #askRates(): Promise<ReadonlyMap<string, TopicRates> | undefined> {
    const answers = [
      ...(await this.#peers.ask<RatesAnswer>('/api/v1/history/rates')).values(),
      this.ownRates(),
    ];
    const known = answers.flatMap(answer => (failed(answer) || answer.rates === null ? [] : [answer.rates]));
    if (known.length === 0) return undefined;
    const sums = new Map<string, TopicRates>();
    for (const [name, bytesIn, bytesOut, messagesIn] of known.flat()) {
      const sum = sums.get(name);
      sums.set(name, {
        bytesInPerSecond: (sum?.bytesInPerSecond ?? 0) + bytesIn,
        bytesOutPerSecond: (sum?.bytesOutPerSecond ?? 0) + bytesOut,
        messagesInPerSecond: (sum?.messagesInPerSecond ?? 0) + messagesIn,
      });
    }
    return sums;
  }

  own(query: HistoryQuery): NodeAnswer {
    return { nodeId: this.#node.parts.nodeId, history: this.#node.monitor.history.read(query) };
  }

  async read(query: HistoryQuery): Promise<History> {
    const parameters = new URLSearchParams(query as Record<string, string>);
    const others = await this.#peers.ask<NodeAnswer>(`/api/v1/history/node?${parameters}`);
    const answers = [this.own(query)];
    const nodes: { id: number; problem: string | null }[] = [{ id: this.#node.parts.nodeId, problem: null }];
    for (const [id, answer] of others) {
      nodes.push({ id, problem: failed(answer) ? answer.message : null });
      if (!failed(answer)) answers.push(answer);
    }
    return merge(answers, nodes);
  }
}

function merge(answers: readonly NodeAnswer[], nodes: History['nodes']): History {
  const all = new Set(answers.flatMap(({ history }) => history.timesMs));
  const last = Math.max(...all);
  // Without a hole where every node had one.
  const count =
    all.size === 0 ? 0 : Math.min(HISTORY_SAMPLES, (last - Math.min(...all)) / HISTORY_INTERVAL_MS + 1);
  const timesMs = Array.from(
    { length: count },
    (_, index) => last - (count - 1 - index) * HISTORY_INTERVAL_MS,
  );
  const place = (history: NodeHistory, series: Series): Series => {
    const byTime = new Map(history.timesMs.map((time, index) => [time, series[index] ?? null]));
    return timesMs.map(time => byTime.get(time) ?? null);
  };
  const brokers = answers.map(({ history, nodeId }): BrokerSeries => {
    const {
      bytesIn,
      bytesOut,
      connections,
      fetchP99Ms,
      isrShrinks,
      messagesIn,
      produceP99Ms,
      requests,
      underReplicated,
    } = history.node;
    const on = (series: Series) => place(history, series);
    return {
      id: nodeId,
      bytesIn: on(bytesIn),
      bytesOut: on(bytesOut),
      messagesIn: on(messagesIn),
      produceP99Ms: on(produceP99Ms),
      fetchP99Ms: on(fetchP99Ms),
      requests: on(requests),
      connections: on(connections),
      isrShrinks: on(isrShrinks),
      underReplicated: on(underReplicated),
    };
  });
  return {
    intervalMs: HISTORY_INTERVAL_MS,
    timesMs,
    nodes,
    total: sumTraffic(brokers, count),
    brokers: brokers.sort((left, right) => left.id - right.id),
    topics: mergeTopics(answers, place, count),
    groups: mergeGroups(answers, place, count),
  };
}

type Place = (history: NodeHistory, series: Series) => Series;

function mergeTopics(answers: readonly NodeAnswer[], place: Place, count: number): History['topics'] {
  const byName = new Map<string, Traffic[]>();
  for (const { history } of answers) {
    for (const { bytesIn, bytesOut, messagesIn, name } of history.topics) {
      const traffic = {
        bytesIn: place(history, bytesIn),
        bytesOut: place(history, bytesOut),
        messagesIn: place(history, messagesIn),
      };
      byName.set(name, [...(byName.get(name) ?? []), traffic]);
    }
  }
  return Array.from(byName, ([name, traffic]) => ({ name, ...sumTraffic(traffic, count) }))
    .sort((left, right) => total(right.bytesIn) - total(left.bytesIn))
    .slice(0, MOST_SHOWN);
}

/** A group's lag is what the node that was the active controller then saw. */
function mergeGroups(answers: readonly NodeAnswer[], place: Place, count: number): GroupSeries[] {
  const lags = new Map<string, Series[]>();
  const partitions = new Map<string, Map<string, { topic: string; partition: number; lags: Series[] }>>();
  for (const { history } of answers) {
    for (const { id, lag } of history.groups) lags.set(id, [...(lags.get(id) ?? []), place(history, lag)]);
    const [group] = history.groups;
    for (const { lag, partition, topic } of group === undefined ? [] : history.groupPartitions) {
      const known = partitions.get(group!.id) ?? new Map();
      partitions.set(group!.id, known);
      const key = `${topic}-${partition}`;
      const series = known.get(key) ?? { topic, partition, lags: [] };
      known.set(key, series);
      series.lags.push(place(history, lag));
    }
  }
  return Array.from(lags, ([id, series]) => ({
    id,
    lag: greatest(series, count),
    partitions: Array.from(partitions.get(id)?.values() ?? [], ({ lags: each, partition, topic }) => ({
      topic,
      partition,
      lag: greatest(each, count),
    })),
  }))
    .sort((left, right) => (right.lag.at(-1) ?? 0) - (left.lag.at(-1) ?? 0))
    .slice(0, MOST_SHOWN);
}

function sumTraffic(traffic: readonly Traffic[], count: number): Traffic {
  const sum = (name: keyof Traffic) =>
    combine(
      traffic.map(each => each[name]),
      count,
      (left, right) => left + right,
    );
  return { bytesIn: sum('bytesIn'), bytesOut: sum('bytesOut'), messagesIn: sum('messagesIn') };
}

function greatest(series: readonly Series[], count: number): Series {
  return combine(series, count, Math.max);
}

function combine(
  series: readonly Series[],
  count: number,
  of: (left: number, right: number) => number,
): Series {
  return Array.from({ length: count }, (_, at) => {
    let value: number | null = null;
    for (const each of series) {
      const next = each[at] ?? null;
      if (next !== null) value = value === null ? next : of(value, next);
    }
    return value;
  });
}

function total(series: Series): number {
  return series.reduce<number>((sum, each) => sum + (each ?? 0), 0);
}
