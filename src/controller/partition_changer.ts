import { NO_NODE, type NodeId, type PartitionIndex, type Uuid } from '../model/ids.ts';
import type { ControllerContext } from './controller_context.ts';
import { ELIGIBLE_LEADER_REPLICAS_FEATURE } from './features.ts';
import { defaultDirectory, hasOnlineDirectory, isActive } from './image/broker_registration.ts';
import type { PartitionRegistration } from './image/partition_registration.ts';
import type { TopicImage } from './image/topics_image.ts';
import type { MetadataRecord } from './metadata_record.ts';
import { type Election, type PartitionTarget, partitionChange } from './partition_change.ts';
import { type TopicPolicies, topicPolicies } from './topic_policies.ts';

/** What the records of the same decision are about to change, and the image does not show yet. */
export interface BrokerChanges {
  /** They go: out of the in-sync replicas, and from leading. */
  readonly removed?: ReadonlySet<NodeId>;
  /** It comes: it may lead. */
  readonly added?: NodeId;
  /** They may have come back without the end of their logs: out of the in-sync and of the eligible replicas. */
  readonly unclean?: ReadonlySet<NodeId>;
  /** Of those, the ones that have nothing of their logs any more: not to be elected for having led last either. */
  readonly empty?: ReadonlySet<NodeId>;
}

const NO_BROKERS: ReadonlySet<NodeId> = new Set();

export interface PartitionPlace {
  readonly topic: TopicImage;
  readonly index: PartitionIndex;
  readonly partition: PartitionRegistration;
}

/** Makes the records that change partitions, within one decision. */
export class PartitionChanger {
  readonly #context: ControllerContext;
  readonly #removed: ReadonlySet<NodeId>;
  readonly #added: NodeId;
  readonly #unclean: ReadonlySet<NodeId>;
  readonly #empty: ReadonlySet<NodeId>;
  readonly #elrEnabled: boolean;
  readonly #policies = new Map<Uuid, TopicPolicies>();

  constructor(context: ControllerContext, changes: BrokerChanges = {}) {
    this.#context = context;
    this.#removed = changes.removed ?? NO_BROKERS;
    this.#added = changes.added ?? NO_NODE;
    this.#unclean = changes.unclean ?? NO_BROKERS;
    this.#empty = changes.empty ?? NO_BROKERS;
    this.#elrEnabled = context.image.features.levelOf(ELIGIBLE_LEADER_REPLICAS_FEATURE) > 0;
  }

  policiesOf(topic: TopicImage): TopicPolicies {
    let policies = this.#policies.get(topic.id);
    if (policies === undefined) {
      policies = topicPolicies(this.#context, topic);
      this.#policies.set(topic.id, policies);
    }
    return policies;
  }

  /** Without an election named, it is an unclean one where the topic allows that. */
  change(place: PartitionPlace, target: PartitionTarget, election?: Election): MetadataRecord | undefined {
    const { topic, index, partition } = place;
    const { cluster } = this.#context.image;
    const { metadataVersion } = this.#context;
    const policies = this.policiesOf(topic);
    return partitionChange({
      topicId: topic.id,
      index,
      partition,
      target,
      election: election ?? (policies.uncleanElection ? 'unclean' : 'online'),
      canLead: replica => this.#canLead(partition, replica),
      defaultDirectory: replica => defaultDirectory(cluster.brokers.get(replica), metadataVersion),
      minIsr: policies.minIsr,
      elrEnabled: this.#elrEnabled,
      uncleanReplicas: [...this.#unclean],
      emptyReplicas: [...this.#empty],
      metadataVersion,
    });
  }

  /**
   * The records that take the brokers that go and the unclean ones out of every partition of `affects`, with the
   * elections that follow.
   */
  removeBrokers(
    affects: (partition: PartitionRegistration, place: PartitionPlace) => boolean,
  ): MetadataRecord[] {
    const records: MetadataRecord[] = [];
    this.#context.image.topics.forEachPartition((partition, index, topic) => {
      const place = { topic, index, partition };
      if (!affects(partition, place)) return;
      const isr = partition.isr.filter(replica => !this.#removed.has(replica) && !this.#unclean.has(replica));
      const record = this.change(place, { isr });
      if (record !== undefined) records.push(record);
    });
    return records;
  }

  #canLead(partition: PartitionRegistration, replica: NodeId): boolean {
    if (this.#removed.has(replica) || this.#unclean.has(replica)) return false;
    const broker = this.#context.image.cluster.brokers.get(replica);
    if (broker === undefined || !(replica === this.#added || isActive(broker))) return false;
    const directory = partition.directoryOf(replica);
    return directory === undefined || hasOnlineDirectory(broker, directory);
  }
}

/** Whether the broker is in sync with the partition. */
export const isInSync = (brokerId: NodeId) => (partition: PartitionRegistration) =>
  partition.isr.includes(brokerId);

/** Whether the broker is in sync with the partition, or an eligible leader of it. */
export const isInSyncOrEligible = (brokerId: NodeId) => (partition: PartitionRegistration) =>
  partition.isr.includes(brokerId) || partition.elr.includes(brokerId);
