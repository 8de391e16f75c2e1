/*
 * npm run bench:monitor: what measuring costs. CPU time of this process, so that others on the machine count little.
 *
 *     requests   the statistics of one Produce and one Fetch, as the dispatcher and the handlers keep them
 *     scrape     /metrics of a node with so many partitions as a leader, written out in pieces
 */
import { RequestStatistics } from '../src/broker/request_statistics.ts';
import { NodeClock } from '../src/io/node_clock.ts';
import { Produce } from '../src/messages/00_produce.ts';
import { Fetch } from '../src/messages/01_fetch.ts';
import { expose } from '../src/monitor/exposition.ts';
import { gauges, type MetricFamily, type Sample } from '../src/monitor/metric.ts';
import type { Api } from '../src/protocol/schema.ts';
import { TopicStatistics } from '../src/replica/topic_statistics.ts';

const REQUESTS = 1_000_000;
const PARTITIONS = 2_000;
/** Families with a sample a partition that a leader and active controller has. */
const FAMILIES = 17;
const SCRAPES = 20;

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function requests(): void {
  const clock = new NodeClock();
  const statistics = new RequestStatistics(clock);
  const topics = new TopicStatistics();
  const produced = {
    responses: [{ name: 't', partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 0n }] }],
  };
  const fetched = {
    errorCode: 0,
    responses: [{ topic: 't', partitions: [{ partitionIndex: 0, errorCode: 0 }] }],
  };
  const body = { replicaId: -1, replicaState: { replicaId: -1 } };
  const times = { queueMs: 0.01, localMs: 0.2, remoteMs: 1.5, responseQueueMs: 0, sendMs: 0.05 };
  const sizes = { requestBytes: 16_384, responseBytes: 60 };
  const one = (api: Api, response: unknown) => {
    const kinds = statistics.begun(api, 12, body);
    statistics.answered(api, kinds, response);
    const nowMs = clock.monotonicMs();
    for (const kind of kinds) kind.done(times, sizes, nowMs);
  };
  const work = () => {
    for (let index = 0; index < REQUESTS; index++) {
      one(Produce as unknown as Api, produced);
      topics.add('t', 'totalProduceRequests', 1);
      topics.add('t', 'bytesIn', 16_384);
      topics.add('t', 'messagesIn', 16);
      one(Fetch as unknown as Api, fetched);
      topics.add('t', 'totalFetchRequests', 1);
      topics.add('t', 'bytesOut', 16_384);
    }
  };
  work();
  const micros = (cpuMs(work) * 1000) / REQUESTS;
  console.log(`requests: ${micros.toFixed(2)} µs of CPU for one Produce and one Fetch together`);
}

function* families(): Iterable<MetricFamily> {
  for (let family = 0; family < FAMILIES; family++) {
    const samples = function* (): Iterable<Sample> {
      for (let partition = 0; partition < PARTITIONS; partition++)
        yield { labels: { topic: 'orders', partition: String(partition) }, value: partition };
    };
    yield gauges({ name: `kafka_family_${family}`, help: 'A family.' }, samples());
  }
}

function scrape(): void {
  let longestMs = 0;
  let bytes = 0;
  const work = () => {
    const pieces = expose(families(), { format: 'prometheus', staticLabels: {} });
    for (;;) {
      const startedMs = performance.now();
      const next = pieces.next();
      longestMs = Math.max(longestMs, performance.now() - startedMs);
      if (next.done === true) return;
      bytes += next.value.length;
    }
  };
  work();
  longestMs = 0;
  bytes = 0;
  const ms = cpuMs(() => {
    for (let each = 0; each < SCRAPES; each++) work();
  });
  console.log(
    `scrape: ${(ms / SCRAPES).toFixed(1)} ms of CPU for ${FAMILIES * PARTITIONS} samples (${Math.round(bytes / SCRAPES / 1024)} KB), the longest piece ${longestMs.toFixed(1)} ms by the clock`,
  );
}

requests();
scrape();
