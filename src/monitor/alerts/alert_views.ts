import type { RequestKind } from '../../broker/request_statistics.ts';
import { CLUSTER_METADATA_TOPIC } from '../../model/topic_name.ts';
import type { ClusterOffsets } from '../cluster_offsets.ts';
import type { NodeSource } from '../scrape_source.ts';
import { CHURN_WINDOW_MS, type ClusterAlertView, EVENT_WINDOW_MS, type VoterView } from './cluster_rules.ts';
import type { CommitTail } from './commit_tail.ts';
import type { CommitWindows } from './commit_windows.ts';
import type { CertificateView, NodeAlertView, SinkView } from './node_rules.ts';
import type { SpaceHistory } from './space_history.ts';

/** What rules of the cluster look at, from the rooms of the active controller's node. */
export function clusterAlertView(
  { parts, watch, clock }: NodeSource,
  groups: {
    readonly offsets: ClusterOffsets;
    readonly tail: CommitTail;
    readonly windows: CommitWindows;
  },
): ClusterAlertView {
  const { offsets, tail, windows } = groups;
  return {
    image: parts.metadata.image,
    defaultMinIsr: parts.node.current.minInsyncReplicas,
    uncleanElections: watch.recentUncleanElections.within(EVENT_WINDOW_MS),
    isrChanges: watch.recentIsrChanges.within(CHURN_WINDOW_MS),
    controllerChanges: watch.recentControllerChanges.within(EVENT_WINDOW_MS),
    groups: allowedLag =>
      tail.isCaughtUp ? windows.judge(offsets, { nowMs: clock.nowMs(), allowedLag }) : undefined,
    voters: votersOf({ parts, watch, clock }),
  };
}

const DESCRIBE_VERSION = 2;

function votersOf({ parts, clock }: Pick<NodeSource, 'parts' | 'watch' | 'clock'>): VoterView[] | undefined {
  const request = { topics: [{ topicName: CLUSTER_METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }] };
  const context = { version: DESCRIBE_VERSION, listenerName: '' };
  const partition = parts.quorum.handleDescribeQuorum(request, context).topics[0]?.partitions[0];
  if (partition === undefined || partition.errorCode !== 0) return undefined;
  const nowMs = clock.nowMs();
  return partition.currentVoters.map(({ replicaId, lastCaughtUpTimestamp = -1n }) => ({
    id: replicaId,
    // One that has never been caught up with this leader has been behind since that began to lead.
    behindMs: lastCaughtUpTimestamp < 0n ? Number.POSITIVE_INFINITY : nowMs - Number(lastCaughtUpTimestamp),
  }));
}

/** What rules of one node look at. */
export function nodeAlertView(
  { parts, sampler, clock }: NodeSource,
  more: {
    readonly space: SpaceHistory;
    readonly sinks: readonly SinkView[];
    readonly certificates: readonly CertificateView[];
  },
): NodeAlertView {
  const nowMs = clock.monotonicMs();
  const { space: history, sinks, certificates } = more;
  return {
    nodeId: parts.nodeId,
    leaderId: parts.quorum.leaderAndEpoch.leaderId,
    directories: parts.directories.describe().map(({ path, failure, space }) => {
      if (space === undefined) return { path, failure: failure?.message, space: undefined };
      history.add(path, space.usableBytes, nowMs);
      return {
        path,
        failure: failure?.message,
        space: { ...space, predictedBytes: history.predict(path, nowMs) },
      };
    }),
    idleFraction: sampler.idleFraction,
    latencies: latenciesOf(parts.requests.kinds, nowMs),
    certificates,
    sinks,
  };
}

function latenciesOf(kinds: ReadonlyMap<string, RequestKind>, nowMs: number) {
  const latencies: { request: string; p95Ms: number }[] = [];
  const p95 = (kind: RequestKind, stage: keyof RequestKind['stages']) =>
    (kind.stages[stage].quantiles([0.95], nowMs)[0] ?? 0) / 1000 || 0;
  const produce = kinds.get('Produce');
  if (produce !== undefined) latencies.push({ request: 'Produce', p95Ms: p95(produce, 'total') });
  const fetches = kinds.get('FetchConsumer');
  // A fetch waits for records as long as its client wants: that is not what it costs.
  if (fetches !== undefined) {
    const p95Ms =
      p95(fetches, 'queue') + p95(fetches, 'local') + p95(fetches, 'responseQueue') + p95(fetches, 'send');
    latencies.push({ request: 'FetchConsumer', p95Ms });
  }
  return latencies;
}
