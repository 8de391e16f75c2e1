import type { BrokerParts } from '../broker/broker_parts.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { NodeId } from '../model/ids.ts';
import { minInsyncReplicas } from './cluster_tally.ts';
import { partitionHealth } from './partition_health.ts';

export type HealthStatus = 'green' | 'yellow' | 'red';

/** Why a cluster is not well. */
export interface HealthReason {
  readonly status: 'yellow' | 'red';
  /** A word for programs: `OfflinePartitions`. */
  readonly what: string;
  /** What is wrong, with what, and what to do about it. */
  readonly text: string;
  /** The partitions, brokers or directories: the first of them. */
  readonly subjects: readonly string[];
  readonly count: number;
  /** The command that shows more. */
  readonly command: string;
}

export interface ClusterHealth {
  readonly status: HealthStatus;
  readonly reasons: readonly HealthReason[];
}

export interface Readiness {
  readonly isReady: boolean;
  readonly reasons: readonly string[];
}

/** Metadata records that a node may be behind and still count as caught up. */
const CAUGHT_UP_RECORDS = 100n;
/** Subjects that a reason names. */
const MOST_SUBJECTS = 10;

/** Whether a node can serve, from its own view alone. A node without a controller may: it serves until it is fenced. */
export function readiness(parts: BrokerParts | undefined): Readiness {
  if (parts === undefined) {
    const text =
      'the node is starting: it opens its logs and looks for its cluster, which takes a majority of the voters';
    return { isReady: false, reasons: [text] };
  }
  const reasons = [...notReady(parts)];
  return { isReady: reasons.length === 0, reasons };
}

function* notReady({ state, lifecycle, metadata, quorum }: BrokerParts): Iterable<string> {
  if (lifecycle?.state === 'draining' || state === 'stopping') {
    yield 'the node is shutting down: its leaderships move to others';
    return;
  }
  if (lifecycle?.state === 'registering') {
    yield 'the broker is not registered: no active controller has answered it yet';
  }
  if (lifecycle?.state === 'fenced') {
    yield 'the broker is fenced: the controller has not heard of it, or it has still to catch up';
  }
  const { highWatermark } = quorum.status;
  const behind = highWatermark === undefined ? 0n : highWatermark - 1n - metadata.image.lastOffset;
  if (behind > CAUGHT_UP_RECORDS) yield `the node is ${behind} metadata records behind`;
}

export interface ClusterView {
  readonly image: MetadataImage;
  readonly leaderId: NodeId | undefined;
  readonly defaultMinIsr: number;
  /** Log directories of this node that failed. */
  readonly offlineDirectories: readonly string[];
}

/** The state of the cluster as far as this node knows it: the worst of the reasons, green without any. */
export function clusterHealth(view: ClusterView): ClusterHealth {
  const reasons = [...quorumReasons(view), ...brokerReasons(view), ...partitionReasons(view)];
  if (view.offlineDirectories.length > 0) reasons.push(directoryReason(view.offlineDirectories));
  const status = reasons.some(each => each.status === 'red')
    ? 'red'
    : reasons.length > 0
      ? 'yellow'
      : 'green';
  return { status, reasons };
}

function* quorumReasons({ leaderId }: ClusterView): Iterable<HealthReason> {
  if (leaderId !== undefined) return;
  yield {
    status: 'red',
    what: 'NoActiveController',
    text:
      'No node leads the quorum as far as this one knows, so nothing in the cluster can change: ' +
      'start voters until a majority of them runs, and look at their logs.',
    subjects: [],
    count: 1,
    command: 'odradek cluster quorum',
  };
}

function* brokerReasons({ image }: ClusterView): Iterable<HealthReason> {
  const brokers = [...image.cluster.brokers.values()];
  const fenced = brokers.filter(each => each.fenced).map(each => String(each.id));
  if (fenced.length === 0) return;
  const isNoneLeft = fenced.length === brokers.length;
  const which = fenced.length === 1 ? 'Broker' : 'Brokers';
  yield {
    status: isNoneLeft ? 'red' : 'yellow',
    what: isNoneLeft ? 'BrokersDown' : 'BrokerDown',
    text:
      `${which} ${list(fenced)} ${fenced.length === 1 ? 'is' : 'are'} not alive: start ${fenced.length === 1 ? 'it' : 'them'} again, ` +
      'or unregister for good what will not come back.',
    subjects: fenced.slice(0, MOST_SUBJECTS),
    count: fenced.length,
    command: 'odradek broker list',
  };
}

interface Findings {
  readonly offline: string[];
  readonly underMinIsr: string[];
  readonly underReplicated: string[];
}

function* partitionReasons({ image, defaultMinIsr }: ClusterView): Iterable<HealthReason> {
  const found: Findings = { offline: [], underMinIsr: [], underReplicated: [] };
  for (const topic of image.topics.all()) {
    const minIsr = minInsyncReplicas(image, topic.name, defaultMinIsr);
    for (const [index, partition] of topic.partitions.entries()) {
      const health = partitionHealth(partition, minIsr);
      const name = `${topic.name}-${index}`;
      if (health.isOffline) found.offline.push(name);
      else if (health.isUnderMinIsr) found.underMinIsr.push(name);
      else if (health.isUnderReplicated) found.underReplicated.push(name);
    }
  }
  yield* partitionReason(found.offline, {
    status: 'red',
    what: 'OfflinePartitions',
    problem: 'without a leader, so nobody can read or write them',
    remedy: 'start the brokers that have their in-sync replicas',
  });
  yield* partitionReason(found.underMinIsr, {
    status: 'red',
    what: 'UnderMinIsr',
    problem: 'with fewer in-sync replicas than min.insync.replicas, so writes with acks=all are refused',
    remedy: 'bring the brokers of the missing replicas back, or lower min.insync.replicas of the topic',
  });
  yield* partitionReason(found.underReplicated, {
    status: 'yellow',
    what: 'UnderReplicatedPartitions',
    problem: 'with replicas that are not in sync',
    remedy: 'bring the brokers of the missing replicas back, or wait for them to catch up',
  });
}

function* partitionReason(
  names: readonly string[],
  facts: Pick<HealthReason, 'status' | 'what'> & { readonly problem: string; readonly remedy: string },
): Iterable<HealthReason> {
  const [first] = names;
  if (first === undefined) return;
  yield {
    status: facts.status,
    what: facts.what,
    text: `${names.length} ${names.length === 1 ? 'partition' : 'partitions'} ${facts.problem}: ${list(names)}. To mend it, ${facts.remedy}.`,
    subjects: names.slice(0, MOST_SUBJECTS),
    count: names.length,
    command: `odradek topic describe ${first.slice(0, first.lastIndexOf('-'))}`,
  };
}

function directoryReason(paths: readonly string[]): HealthReason {
  return {
    status: 'yellow',
    what: 'OfflineLogDirectory',
    text: `Log directories of this node failed: ${list(paths)}. Mend or replace the disk and start the node again; the log of the node says what happened.`,
    subjects: paths.slice(0, MOST_SUBJECTS),
    count: paths.length,
    command: 'odradek logdirs',
  };
}

/** The first names, and how many there are besides. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SUBJECTS).join(', ');
  return names.length <= MOST_SUBJECTS ? shown : `${shown} and ${names.length - MOST_SUBJECTS} more`;
}
