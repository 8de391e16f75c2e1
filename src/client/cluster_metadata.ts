import type { MetadataResponse } from '../messages/03_metadata.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import {
  asLeaderEpoch,
  asNodeId,
  asPartitionIndex,
  asUuid,
  type LeaderEpoch,
  NO_NODE,
  type NodeId,
  type PartitionIndex,
  type Uuid,
} from '../model/ids.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import type { TopicPartition } from './topic_partition.ts';

export interface BrokerNode extends Endpoint {
  readonly nodeId: NodeId;
  readonly rack: string | null;
}

export interface PartitionMetadata {
  readonly partition: PartitionIndex;
  /** {@link NO_NODE} while there is none. */
  readonly leader: NodeId;
  /** -1 from brokers that do not tell it. */
  readonly leaderEpoch: LeaderEpoch;
  readonly replicas: readonly NodeId[];
  readonly isr: readonly NodeId[];
  readonly offlineReplicas: readonly NodeId[];
}

export interface TopicMetadata {
  readonly name: string;
  /** All zero from brokers that do not know ids. */
  readonly topicId: Uuid;
  readonly isInternal: boolean;
  readonly errorCode: ErrorCode;
  /** By index. */
  readonly partitions: readonly PartitionMetadata[];
}

/** Who leads a partition, as a broker says that was asked for it in vain. */
export interface LeaderHint extends TopicPartition {
  readonly leader: NodeId;
  readonly leaderEpoch: LeaderEpoch;
}

/**
 * What the client knows of the cluster. A partition's leader is never replaced by one of an older epoch, which a
 * broker that is behind may tell, unless the topic is another of the same name.
 */
export class ClusterMetadata {
  #brokers: ReadonlyMap<NodeId, BrokerNode> = new Map();
  readonly #topics = new Map<string, TopicMetadata>();
  #clusterId: string | null = null;
  #controllerId = NO_NODE;

  get clusterId(): string | null {
    return this.#clusterId;
  }

  /** The broker that passes on what is for the controller; {@link NO_NODE} while there is none. */
  get controllerId(): NodeId {
    return this.#controllerId;
  }

  get brokers(): ReadonlyMap<NodeId, BrokerNode> {
    return this.#brokers;
  }

  get topics(): ReadonlyMap<string, TopicMetadata> {
    return this.#topics;
  }

  topic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name);
  }

  partition({ topic, partition }: TopicPartition): PartitionMetadata | undefined {
    return this.#topics.get(topic)?.partitions[partition];
  }

  /** The name of a topic that is known by its id. */
  topicName(topicId: string): string | undefined {
    for (const topic of this.#topics.values()) if (topic.topicId === topicId) return topic.name;
    return undefined;
  }

  apply(response: MetadataResponse): void {
    this.#clusterId = response.clusterId;
    this.#controllerId = asNodeId(response.controllerId);
    // A broker that knows of no other yet can't be right.
    if (response.brokers.length > 0) {
      this.#brokers = new Map(
        response.brokers.map(({ nodeId, ...place }) => [
          asNodeId(nodeId),
          { nodeId: asNodeId(nodeId), ...place },
        ]),
      );
    }
    for (const topic of response.topics) if (topic.name !== null) this.#applyTopic(topic.name, topic);
  }

  #applyTopic(name: string, topic: MetadataResponse['topics'][number]): void {
    const known = this.#topics.get(name);
    const isSame = known !== undefined && known.topicId === topic.topicId;
    const partitions: PartitionMetadata[] = [];
    for (const told of topic.partitions) {
      const before = isSame ? known.partitions[told.partitionIndex] : undefined;
      const isOlder = before !== undefined && told.leaderEpoch >= 0 && told.leaderEpoch < before.leaderEpoch;
      partitions[told.partitionIndex] = isOlder
        ? before
        : {
            partition: asPartitionIndex(told.partitionIndex),
            leader: asNodeId(told.leaderId),
            leaderEpoch: asLeaderEpoch(told.leaderEpoch),
            replicas: told.replicaNodes.map(asNodeId),
            isr: told.isrNodes.map(asNodeId),
            offlineReplicas: told.offlineReplicas.map(asNodeId),
          };
    }
    this.#topics.set(name, {
      name,
      topicId: asUuid(topic.topicId),
      isInternal: topic.isInternal,
      errorCode: topic.errorCode as ErrorCode,
      // While a topic can't be told, its partitions are what they were.
      partitions: topic.errorCode === Errors.NONE || known === undefined ? partitions : known.partitions,
    });
  }

  /** Takes over a leader that is newer than the known one; whether it was. */
  learnLeader({ topic, partition, leader, leaderEpoch }: LeaderHint): boolean {
    const known = this.#topics.get(topic);
    const before = known?.partitions[partition];
    if (known === undefined || before === undefined || leaderEpoch <= before.leaderEpoch) return false;
    if (!this.#brokers.has(leader)) return false;
    const partitions = [...known.partitions];
    partitions[partition] = { ...before, leader, leaderEpoch };
    this.#topics.set(topic, { ...known, partitions });
    return true;
  }

  /** Adds brokers that a response tells of. */
  learnBrokers(nodes: readonly { nodeId: number; host: string; port: number; rack: string | null }[]): void {
    if (nodes.length === 0) return;
    const brokers = new Map(this.#brokers);
    for (const node of nodes) brokers.set(asNodeId(node.nodeId), { ...node, nodeId: asNodeId(node.nodeId) });
    this.#brokers = brokers;
  }

  /** The cluster is another one than it was: its brokers are to be asked for anew. */
  forgetBrokers(): void {
    this.#brokers = new Map();
  }

  forgetTopic(name: string): void {
    this.#topics.delete(name);
  }
}
