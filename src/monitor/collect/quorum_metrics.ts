import { counter, gauge, gauges, type MetricFamily } from '../metric.ts';
import type { NodeSource } from '../scrape_source.ts';

/** This node's part of the quorum. */
export function* quorumMetrics({ parts, sampler, clock, watch }: NodeSource): Iterable<MetricFamily> {
  const { status } = parts.quorum;
  const one = (name: string, help: string, value: number | bigint) =>
    gauge({ name: `kafka_server_raftmetrics_${name}`, help }, value);
  yield one('current_leader', 'Node that leads the quorum; -1 for none.', status.leaderId ?? -1);
  yield one('current_vote', 'Node that this one voted for; -1 for none.', status.votedKey?.id ?? -1);
  yield one('current_epoch', 'Epoch of the quorum.', status.epoch);
  yield one('high_watermark', 'Offset up to which metadata is committed.', status.highWatermark ?? -1n);
  yield one('log_end_offset', 'Offset behind the last metadata record.', status.logEndOffset);
  yield one('log_end_epoch', 'Epoch of the last metadata record.', status.logEndEpoch);
  yield one('number_of_voters', 'Nodes that vote.', status.voters.voters.length);
  const { appended, fetched } = sampler.metadataRates;
  yield one(
    'append_records_rate',
    'Metadata records a second that this node appended as the leader.',
    appended,
  );
  yield one('fetch_records_rate', 'Metadata records a second that this node fetched.', fetched);
  const { commitLatencyMs } = parts.metadata;
  const [median, most] = commitLatencyMs.quantiles([0.5, 1], clock.monotonicMs());
  const latency = 'from the append of metadata to its commit, in milliseconds, while this node leads';
  yield one('commit_latency_avg', `Median time ${latency}.`, zeroIfNone(median));
  yield one('commit_latency_max', `Longest time ${latency}.`, zeroIfNone(most));
  yield gauges({ name: 'kafka_server_raftmetrics_current_state', help: "This node's role in the quorum." }, [
    { labels: { current_state: stateName(status.role, status.isVoter) }, value: 1 },
  ]);
  const { traffic } = parts.quorumPeers;
  const channel = (name: string, help: string, value: number) =>
    counter({ name: `kafka_server_raftchannelmetrics_${name}`, help }, value);
  yield channel('request', "Requests of the quorum's own that were sent.", traffic.requests);
  yield channel('response', 'Their responses.', traffic.responses);
  yield channel('outgoing_byte', 'Bytes of these requests.', traffic.outgoingBytes);
  yield channel('incoming_byte', 'Bytes of these responses.', traffic.incomingBytes);
  yield counter(
    { name: 'odradek_quorum_leader_changes', help: 'Leaderships of the quorum that this node saw begin.' },
    watch.controllerChanges,
  );
}

/** Kafka's names: a follower that has no vote observes. */
function stateName(role: string, isVoter: boolean): string {
  return role === 'follower' && !isVoter ? 'observer' : role;
}

function zeroIfNone(value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? 0 : value;
}
