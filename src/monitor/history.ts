import type { BrokerParts } from '../broker/broker_parts.ts';
import type { Stage } from '../broker/request_statistics.ts';
import { MAX_HISTORY_GROUP_PARTITIONS, MAX_HISTORY_GROUPS, MAX_HISTORY_TOPICS } from '../model/limits.ts';
import type { Clock, Timer } from '../model/ports.ts';
import type { TopicCounters } from '../replica/topic_statistics.ts';
import type { ClusterOffsets } from './cluster_offsets.ts';
import { KeptSeries, type SeriesOf } from './kept_series.ts';
import type { MetadataWatch } from './metadata_watch.ts';
import { partitionHealth } from './partition_health.ts';

/** One look each; on the clock's multiples of it, so that the samples of several nodes stand beside each other. */
export const HISTORY_INTERVAL_MS = 10_000;
/** One hour. */
export const HISTORY_SAMPLES = 360;

const TRAFFIC = ['bytesIn', 'bytesOut', 'messagesIn'] as const;
const NODE = [
  ...TRAFFIC,
  'produceP99Ms',
  'fetchP99Ms',
  'requests',
  'connections',
  'isrShrinks',
  'underReplicated',
] as const;

export type TrafficName = (typeof TRAFFIC)[number];
export type NodeSeriesName = (typeof NODE)[number];

/** A second. */
export type TrafficRates = Readonly<Record<TrafficName, number>>;

export interface HistorySource {
  readonly parts: BrokerParts;
  readonly watch: MetadataWatch;
  /** Filled at the active controller alone. */
  readonly offsets: ClusterOffsets;
}

interface Totals {
  readonly atMs: number;
  readonly all: TrafficRates;
  readonly topics: ReadonlyMap<string, TrafficRates>;
  readonly requests: number;
  readonly isrShrinks: number;
}

export interface HistoryQuery {
  /** One alone, with all that is kept of it; those with most without it. */
  readonly topic?: string;
  readonly group?: string;
}

/** What a node remembers of its last hour; null where there was no sample. */
export interface NodeHistory {
  readonly timesMs: readonly number[];
  readonly node: SeriesOf<NodeSeriesName>;
  readonly topics: readonly ({ readonly name: string } & SeriesOf<TrafficName>)[];
  readonly groups: readonly { readonly id: string; readonly lag: readonly (number | null)[] }[];
  /** Of the group that was asked for. */
  readonly groupPartitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly lag: readonly (number | null)[];
  }[];
}

/** Topics and groups in one answer, where none was asked for. */
const MOST_SHOWN = 20;

/** The last hour of a node in memory: as many samples, topics and groups as there are named limits. */
export class History {
  readonly #clock: Clock;
  readonly #source: () => HistorySource | undefined;
  readonly #times: number[] = [];
  readonly #node = new KeptSeries(NODE, 1, HISTORY_SAMPLES);
  readonly #topics = new KeptSeries(TRAFFIC, MAX_HISTORY_TOPICS, HISTORY_SAMPLES);
  readonly #groups = new KeptSeries(['lag'], MAX_HISTORY_GROUPS, HISTORY_SAMPLES);
  readonly #groupPartitions = new KeptSeries(['lag'], MAX_HISTORY_GROUP_PARTITIONS, HISTORY_SAMPLES);
  /** Of every topic that had traffic in the last interval. */
  #rates: ReadonlyMap<string, TrafficRates> | undefined;
  #before: Totals | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, source: () => HistorySource | undefined) {
    this.#clock = clock;
    this.#source = source;
  }

  start(): void {
    const delayMs = HISTORY_INTERVAL_MS - (this.#clock.nowMs() % HISTORY_INTERVAL_MS);
    this.#timer = this.#clock.startTimer(delayMs, () => {
      this.#sample();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** What the topics that had traffic had a second in the last interval; undefined before there was one. */
  get rates(): ReadonlyMap<string, TrafficRates> | undefined {
    return this.#rates;
  }

  read({ group, topic }: HistoryQuery): NodeHistory {
    const topics = topic === undefined ? this.#topics.greatest(MOST_SHOWN) : [topic];
    const groups = group === undefined ? this.#groups.greatest(MOST_SHOWN) : [group];
    return {
      timesMs: [...this.#times],
      node: this.#node.read('', this.#times.length),
      topics: topics
        .filter(name => this.#topics.has(name))
        .map(name => ({ name, ...this.#topics.read(name, this.#times.length) })),
      groups: groups
        .filter(id => this.#groups.has(id))
        .map(id => ({ id, lag: this.#groups.read(id, this.#times.length).lag })),
      groupPartitions: group === undefined ? [] : this.#partitionsOf(group),
    };
  }

  #partitionsOf(group: string): NodeHistory['groupPartitions'] {
    const prefix = `${group}\0`;
    return [...this.#groupPartitions.keys()]
      .filter(key => key.startsWith(prefix))
      .map(key => {
        const [, topic, partition] = key.split('\0');
        const { lag } = this.#groupPartitions.read(key, this.#times.length);
        return { topic: topic!, partition: Number(partition), lag };
      });
  }

  #sample(): void {
    const source = this.#source();
    if (source === undefined) return;
    const nowMs = this.#clock.nowMs();
    const slotMs = nowMs - (nowMs % HISTORY_INTERVAL_MS);
    const lastMs = this.#times.at(-1);
    // The wall clock went back, or the timer came early: the sample before it stands.
    if (lastMs !== undefined && slotMs <= lastMs) return;
    const totals = totalsOf(source, this.#clock.monotonicMs());
    const before = this.#before;
    this.#before = totals;
    if (before === undefined) return;
    const seconds = Math.max(0.001, (totals.atMs - before.atMs) / 1000);
    this.#times.push(slotMs);
    if (this.#times.length > HISTORY_SAMPLES) this.#times.shift();
    for (const series of [this.#node, this.#topics, this.#groups, this.#groupPartitions]) series.advance();
    const rates = new Map<string, TrafficRates>();
    for (const [topic, now] of totals.topics) {
      const rate = rateOf(before.topics.get(topic), now, seconds);
      if (TRAFFIC.some(name => rate[name] > 0)) rates.set(topic, rate);
    }
    this.#rates = rates;
    this.#node.set('', this.#nodeValues(source, { before, totals, seconds }));
    for (const [topic, rate] of rates) this.#topics.set(topic, rate);
    this.#topics.fillZeros();
    this.#sampleGroups(source.offsets);
  }

  #nodeValues(
    { parts }: HistorySource,
    {
      before,
      seconds,
      totals,
    }: { readonly before: Totals; readonly totals: Totals; readonly seconds: number },
  ): Record<NodeSeriesName, number> {
    const nowMs = this.#clock.monotonicMs();
    const p99 = (kind: string, stages: readonly Stage[]) => {
      const found = parts.requests.kinds.get(kind);
      const times = stages.map(stage => found?.stages[stage].quantiles([0.99], nowMs)[0] ?? Number.NaN);
      return times.reduce((sum, each) => sum + each, 0) / 1000;
    };
    return {
      ...rateOf(before.all, totals.all, seconds),
      produceP99Ms: p99('Produce', ['total']),
      // A fetch waits for records as long as its client wants: that is not what it costs.
      fetchP99Ms: p99('FetchConsumer', ['queue', 'local', 'responseQueue', 'send']),
      requests: Math.max(0, totals.requests - before.requests) / seconds,
      connections: parts.listeners.connectionCount,
      isrShrinks: Math.max(0, totals.isrShrinks - before.isrShrinks),
      underReplicated: underReplicated(parts),
    };
  }

  #sampleGroups(offsets: ClusterOffsets): void {
    for (const view of offsets.groups.values()) {
      let sum = 0n;
      for (const { lag, partition, topic } of offsets.lagOf(view)) {
        if (lag === undefined) continue;
        sum += lag;
        this.#groupPartitions.set(`${view.id}\0${topic}\0${partition}`, { lag: Number(lag) });
      }
      this.#groups.set(view.id, { lag: Number(sum) });
    }
  }
}

function totalsOf({ parts, watch }: HistorySource, atMs: number): Totals {
  const { all, topics } = parts.replicas.topicStatistics;
  let requests = 0;
  for (const [name, { versions }] of parts.requests.kinds) {
    // Each fetch is counted under another name, too.
    if (name === 'FetchConsumer' || name === 'FetchFollower') continue;
    for (const count of versions.values()) requests += count;
  }
  return {
    atMs,
    all: trafficOf(all),
    topics: new Map(Array.from(topics, ([name, counters]) => [name, trafficOf(counters)])),
    requests,
    isrShrinks: watch.isrShrinks,
  };
}

function trafficOf({ bytesIn, bytesOut, messagesIn }: TopicCounters): TrafficRates {
  return { bytesIn, bytesOut, messagesIn };
}

function rateOf(before: TrafficRates | undefined, now: TrafficRates, seconds: number): TrafficRates {
  // A topic that was deleted and came back counts from nothing.
  const rate = (name: TrafficName) => Math.max(0, now[name] - (before?.[name] ?? 0)) / seconds;
  return { bytesIn: rate('bytesIn'), bytesOut: rate('bytesOut'), messagesIn: rate('messagesIn') };
}

/** Partitions that the node leads and that miss replicas. */
function underReplicated({ metadata, nodeId }: BrokerParts): number {
  let count = 0;
  metadata.image.topics.forEachPartition(partition => {
    if (partition.leader === nodeId && partitionHealth(partition, 1).isUnderReplicated) count++;
  });
  return count;
}
