import type { TopicCounterName } from '../../replica/topic_statistics.ts';
import { counters, type MetricFamily, NO_LABELS, type Sample } from '../metric.ts';
import type { NodeSource } from '../scrape_source.ts';

const COUNTERS: readonly (readonly [TopicCounterName, name: string, help: string])[] = [
  ['bytesIn', 'bytesin', 'Bytes that producers wrote.'],
  ['bytesOut', 'bytesout', 'Bytes that consumers read.'],
  ['messagesIn', 'messagesin', 'Records that producers wrote.'],
  ['bytesRejected', 'bytesrejected', 'Bytes of producers that were refused.'],
  ['replicationBytesIn', 'replicationbytesin', 'Bytes that were fetched from leaders.'],
  ['replicationBytesOut', 'replicationbytesout', 'Bytes that followers fetched.'],
  ['totalProduceRequests', 'totalproducerequests', 'Partitions that producers wanted to write to.'],
  ['totalFetchRequests', 'totalfetchrequests', 'Partitions that were to be read.'],
  ['failedProduceRequests', 'failedproducerequests', 'Partitions that could not be written to.'],
  ['failedFetchRequests', 'failedfetchrequests', 'Partitions that could not be read.'],
];

/** Names that Kafka has for the conversions of old message formats, which there are none of here. */
const NEVER = ['producemessageconversions', 'fetchmessageconversions'];

/** Traffic by topic, and of all topics without the label. */
export function* topicMetrics({ parts }: NodeSource): Iterable<MetricFamily> {
  const { all, topics } = parts.replicas.topicStatistics;
  const samples = function* (counter: TopicCounterName): Iterable<Sample> {
    yield { labels: NO_LABELS, value: all[counter] };
    for (const [topic, counts] of topics) yield { labels: { topic }, value: counts[counter] };
  };
  for (const [counter, name, help] of COUNTERS) {
    yield counters({ name: `kafka_server_brokertopicmetrics_${name}`, help }, samples(counter));
  }
  const none = function* (): Iterable<Sample> {
    yield { labels: NO_LABELS, value: 0 };
    for (const topic of topics.keys()) yield { labels: { topic }, value: 0 };
  };
  for (const name of NEVER) {
    const help = 'Always 0: there are no old message formats.';
    yield counters({ name: `kafka_server_brokertopicmetrics_${name}`, help }, none());
  }
}
