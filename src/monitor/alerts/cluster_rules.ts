import type { BrokerRegistration } from '../../controller/image/broker_registration.ts';
import type { MetadataImage } from '../../controller/image/metadata_image.ts';
import type { PartitionRegistration } from '../../controller/image/partition_registration.ts';
import { minInsyncReplicas } from '../cluster_tally.ts';
import { partitionHealth } from '../partition_health.ts';
import type { Finding } from './alert.ts';
import type { PartitionVerdict } from './burrow.ts';
import type { Rule } from './rule.ts';

/** A group's partition, judged. */
export interface JudgedPartition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly lag: bigint;
  readonly verdict: PartitionVerdict;
}

export interface VoterView {
  readonly id: number;
  /** How long the voter has not had all that the leader had. */
  readonly behindMs: number;
}

/** What the active controller looks at. */
export interface ClusterAlertView {
  readonly image: MetadataImage;
  readonly defaultMinIsr: number;
  /** Partitions, by name, that got a leader which may lack records, in the last ten minutes. */
  readonly uncleanElections: readonly string[];
  /** Partitions, by name, whose in-sync replicas changed in the last minute. */
  readonly isrChanges: readonly string[];
  /** New leaders of the quorum in the last ten minutes. */
  readonly controllerChanges: readonly string[];
  /** Judges the groups with an allowed lag; undefined while not enough is known. */
  readonly groups: (allowedLag: bigint) => readonly JudgedPartition[] | undefined;
  /** Undefined when this node does not lead the quorum. */
  readonly voters: readonly VoterView[] | undefined;
}

/** How long elections and changes of the controller are counted. */
export const EVENT_WINDOW_MS = 600_000;
export const CHURN_WINDOW_MS = 60_000;

/** The rules about the whole cluster. */
export const CLUSTER_RULES: readonly Rule<ClusterAlertView>[] = [
  {
    name: 'OfflinePartitions',
    setting: 'offline.partitions',
    find: view =>
      partitions(view, ({ health, name, partition }) =>
        health.isOffline
          ? {
              text: `Partition ${name} has no leader: nobody can read or write it. Start ${brokers(partition.isr.length > 0 ? partition.isr : partition.elr)} again.`,
              value: 1,
            }
          : undefined,
      ),
  },
  {
    name: 'UnderMinIsr',
    setting: 'under.min.isr',
    find: view =>
      partitions(view, ({ health, name, partition, minIsr }) =>
        health.isUnderMinIsr && !health.isOffline
          ? {
              text: `Partition ${name} has ${partition.isr.length} in-sync replicas and min.insync.replicas wants ${minIsr}: writes with acks=all are refused. Out of sync: ${brokers(missing(partition))}.`,
              value: partition.isr.length,
              causes: missing(partition),
            }
          : undefined,
      ),
  },
  {
    name: 'UnderReplicatedPartitions',
    setting: 'under.replicated.partitions',
    find: view =>
      partitions(view, ({ health, name, partition }) =>
        health.isUnderReplicated && !health.isOffline
          ? {
              text: `Partition ${name} has ${partition.isr.length} of ${partition.replicas.length} replicas in sync. Out of sync: ${brokers(missing(partition))}.`,
              value: partition.isr.length,
              causes: missing(partition),
            }
          : undefined,
      ),
  },
  {
    name: 'UncleanLeaderElection',
    setting: 'unclean.leader.election',
    keepFiringForMs: EVENT_WINDOW_MS,
    find: ({ uncleanElections }) =>
      counted(uncleanElections).map(([name, count]) => ({
        labels: partitionLabels(name),
        value: count,
        summary: `Partition ${name} got a leader that may lack acknowledged records, because no in-sync replica was left.`,
        command: `odradek topic describe ${topicOf(name)}`,
      })),
  },
  { name: 'BrokerDown', setting: 'broker.down', find: downBrokers },
  {
    name: 'BrokersDown',
    setting: 'brokers.down',
    find: ({ image }) => {
      const all = [...image.cluster.brokers.values()];
      if (all.length === 0 || !all.every(({ fenced }) => fenced)) return [];
      return [
        {
          labels: {},
          value: all.length,
          summary: `None of the ${all.length} brokers is alive: nothing can be read or written.`,
          command: 'odradek broker list',
        },
      ];
    },
  },
  {
    name: 'IsrChurn',
    setting: 'isr.churn',
    find: ({ isrChanges }) => {
      const churned = counted(isrChanges);
      if (churned.length === 0) return [];
      const most = churned.sort(([, left], [, right]) => right - left).slice(0, 3);
      const names = most.map(([name]) => name).join(', ');
      return [
        {
          labels: {},
          value: isrChanges.length,
          summary: `In-sync replicas come and go: ${isrChanges.length} changes in the last minute, most of ${names}. A broker, its disk or its network is overloaded.`,
          command: `odradek topic describe ${topicOf(most[0]![0])}`,
        },
      ];
    },
  },
  {
    name: 'PreferredReplicaImbalance',
    setting: 'preferred.replica.imbalance',
    find: ({ image }, threshold) => {
      let count = 0;
      image.topics.forEachPartition(partition => {
        if (partitionHealth(partition, 1).isOffPreferred) count++;
      });
      if (count <= threshold) return [];
      return [
        {
          labels: {},
          value: count,
          summary: `${count} partitions are led by another than their preferred replica: load is not where it was meant to be.`,
          command: 'odradek cluster elect',
        },
      ];
    },
  },
  { name: 'ConsumerGroupStopped', setting: 'consumer.group.stopped', find: groupsThat('stop', 0n) },
  { name: 'ConsumerGroupStalled', setting: 'consumer.group.stalled', find: groupsThat('stall', 0n) },
  { name: 'ConsumerGroupRewound', setting: 'consumer.group.rewound', find: groupsThat('rewind', 0n) },
  {
    name: 'ConsumerGroupLagging',
    setting: 'consumer.group.lagging',
    find: (view, threshold) => groupsThat('warn', BigInt(Math.round(threshold)))(view),
  },
  {
    name: 'QuorumVoterLagging',
    setting: 'quorum.voter.lagging',
    find: ({ voters }, threshold) =>
      voters
        ?.filter(({ behindMs }) => behindMs > threshold)
        .map(({ id, behindMs }) => ({
          labels: { voter: String(id) },
          value: behindMs,
          summary: `Voter ${id} of the quorum ${Number.isFinite(behindMs) ? `has been behind for ${seconds(behindMs)}` : 'has not caught up with its leader'}: with another voter lost, the cluster may stop changing.`,
          command: 'odradek cluster quorum',
          causes: [id],
        })),
  },
  {
    name: 'ControllerElectionsTooMany',
    setting: 'controller.elections',
    find: ({ controllerChanges }, threshold) => {
      if (controllerChanges.length <= threshold) return [];
      return [
        {
          labels: {},
          value: controllerChanges.length,
          summary: `The quorum had ${controllerChanges.length} new leaders in ten minutes: voters are overloaded, or can't reach each other.`,
          command: 'odradek cluster quorum',
        },
      ];
    },
  },
];

interface Looked {
  readonly name: string;
  readonly partition: PartitionRegistration;
  readonly minIsr: number;
  readonly health: ReturnType<typeof partitionHealth>;
}

interface Said {
  readonly text: string;
  readonly value: number;
  readonly causes?: readonly number[];
}

function partitions(view: ClusterAlertView, say: (looked: Looked) => Said | undefined): Finding[] {
  const { image, defaultMinIsr } = view;
  const findings: Finding[] = [];
  for (const topic of image.topics.all()) {
    const minIsr = minInsyncReplicas(image, topic.name, defaultMinIsr);
    for (const [index, partition] of topic.partitions.entries()) {
      const name = `${topic.name}-${index}`;
      const said = say({ name, partition, minIsr, health: partitionHealth(partition, minIsr) });
      if (said === undefined) continue;
      findings.push({
        labels: { topic: topic.name, partition: String(index) },
        value: said.value,
        summary: said.text,
        command: `odradek topic describe ${topic.name}`,
        ...(said.causes && { causes: said.causes }),
      });
    }
  }
  return findings;
}

function downBrokers({ image }: ClusterAlertView): Finding[] {
  const down = [...image.cluster.brokers.values()].filter(({ fenced }) => fenced);
  return down.map(({ id, listeners }: BrokerRegistration) => {
    const at = listeners[0] === undefined ? '' : ` (${listeners[0].host}:${listeners[0].port})`;
    return {
      labels: { broker: String(id) },
      value: 1,
      summary: `Broker ${id}${at} is not alive. Start it again, or unregister it if it will not come back.`,
      command: `odradek broker describe ${id}`,
    };
  });
}

const SAID_OF_GROUPS: Readonly<Record<'stop' | 'stall' | 'rewind' | 'warn', string>> = {
  stop: 'no longer commits',
  stall: 'commits the same offset again and again',
  rewind: 'went back to an earlier offset',
  warn: 'falls further behind',
};

function groupsThat(verdict: keyof typeof SAID_OF_GROUPS, allowedLag: bigint) {
  return ({ groups }: ClusterAlertView): Finding[] | undefined =>
    groups(allowedLag)
      ?.filter(each => each.verdict === verdict)
      .map(({ group, topic, partition, lag }) => ({
        labels: { consumergroup: group, topic, partition: String(partition) },
        value: Number(lag),
        summary: `Group ${group} ${SAID_OF_GROUPS[verdict]} in ${topic}-${partition}, and is ${lag} records behind.`,
        command: `odradek group describe ${group}`,
      }));
}

function missing({ replicas, isr }: PartitionRegistration): number[] {
  return replicas.filter(node => !isr.includes(node));
}

function brokers(nodes: readonly number[]): string {
  if (nodes.length === 0) return 'a broker that has a replica of it';
  return nodes.length === 1 ? `broker ${nodes[0]}` : `brokers ${nodes.join(', ')}`;
}

function counted(names: readonly string[]): [name: string, count: number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts];
}

function topicOf(name: string): string {
  return name.slice(0, name.lastIndexOf('-'));
}

function partitionLabels(name: string): { topic: string; partition: string } {
  return { topic: topicOf(name), partition: name.slice(name.lastIndexOf('-') + 1) };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
