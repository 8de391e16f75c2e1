import type { RequestKind, Stage } from '../../broker/request_statistics.ts';
import { ERROR_NAMES } from '../../model/error_codes.ts';
import type { RecentHistogram } from '../../model/recent_histogram.ts';
import { counters, type Labels, type MetricFamily, type Sample } from '../metric.ts';
import type { NodeSource } from '../scrape_source.ts';
import { summary } from './summary.ts';

const STAGES: readonly (readonly [Stage, name: string, help: string])[] = [
  ['total', 'totaltimems', 'Time of requests from their first look to their response'],
  ['queue', 'requestqueuetimems', 'Time of requests behind others of their connection'],
  ['local', 'localtimems', "Time of requests in this node's own work"],
  ['remote', 'remotetimems', 'Time of requests waiting for other nodes, the disk or new records'],
  ['responseQueue', 'responsequeuetimems', 'Time of responses behind others of their connection'],
  ['send', 'responsesendtimems', 'Time in which responses were handed to the network'],
];

/** Requests by their API: times in each stage, sizes, errors. */
export function* requestMetrics({ parts, clock }: NodeSource): Iterable<MetricFamily> {
  const { kinds } = parts.requests;
  const nowMs = clock.monotonicMs();
  const prefix = 'kafka_network_requestmetrics';
  const of = function* (
    pick: (kind: RequestKind) => RecentHistogram,
  ): Iterable<readonly [Labels, RecentHistogram]> {
    for (const [request, kind] of kinds) yield [{ request }, pick(kind)];
  };
  for (const [stage, name, help] of STAGES) {
    yield summary(
      of(kind => kind.stages[stage]),
      { name: `${prefix}_${name}`, help: `${help}, in milliseconds.`, scale: 0.001, nowMs },
    );
  }
  yield summary(
    of(kind => kind.requestBytes),
    { name: `${prefix}_requestbytes`, help: 'Sizes of requests.', scale: 1, nowMs },
  );
  yield summary(
    of(kind => kind.responseBytes),
    { name: `${prefix}_responsebytes`, help: 'Sizes of responses.', scale: 1, nowMs },
  );
  yield counters({ name: `${prefix}_requests`, help: 'Requests by API and version.' }, requests(kinds));
  yield counters(
    { name: `${prefix}_errors`, help: 'Error codes in responses, by name; NONE for success.' },
    errors(kinds),
  );
}

function* requests(kinds: ReadonlyMap<string, RequestKind>): Iterable<Sample> {
  for (const [request, { versions }] of kinds) {
    for (const [version, value] of versions) yield { labels: { request, version: String(version) }, value };
  }
}

function* errors(kinds: ReadonlyMap<string, RequestKind>): Iterable<Sample> {
  for (const [request, kind] of kinds) {
    for (const [code, value] of kind.errors) {
      const error = ERROR_NAMES.get(code as never) ?? String(code);
      yield { labels: { request, error }, value };
    }
  }
}
