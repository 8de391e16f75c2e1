import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { asNodeId, type PartitionIndex } from '../model/ids.ts';
import type { BrokerServices } from './broker_services.ts';
import { type BrokerNode, brokerNode } from './cluster_view.ts';

/** The leader of a partition, for who asked the wrong broker. */
export interface CurrentLeader {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** Errors that say that another broker leads, or that the client's knowledge of the leader is old. */
export function isLeadershipError(errorCode: ErrorCode): boolean {
  return errorCode === Errors.NOT_LEADER_OR_FOLLOWER || errorCode === Errors.FENCED_LEADER_EPOCH;
}

/**
 * Collects the leaders that a response names to clients which asked the wrong broker, and where those are, so that they
 * need not refresh their metadata first (KIP-951).
 */
export class CurrentLeaders {
  readonly #services: Pick<BrokerServices, 'metadata' | 'replicas'>;
  readonly #listenerName: string;
  readonly #isTold: boolean;
  readonly #nodes = new Map<number, BrokerNode>();

  /** @param isTold whether the response's version has room for leaders; else none is named */
  constructor(
    services: Pick<BrokerServices, 'metadata' | 'replicas'>,
    listenerName: string,
    { isTold }: { readonly isTold: boolean },
  ) {
    this.#services = services;
    this.#listenerName = listenerName;
    this.#isTold = isTold;
  }

  /**
   * The partition's leader as the metadata has it; undefined when there is no such partition, and when this broker is
   * cut off: it would send clients to itself again, and they would not look elsewhere.
   */
  of(topic: string, index: PartitionIndex): CurrentLeader | undefined {
    if (!this.#isTold || this.#services.replicas.isCutOff(topic, index)) return undefined;
    const { image } = this.#services.metadata;
    const partition = image.topics.byName(topic)?.partitions[index];
    if (partition === undefined) return undefined;
    const node = brokerNode(image, asNodeId(partition.leader), this.#listenerName);
    if (node !== undefined) this.#nodes.set(node.id, node);
    return { leaderId: partition.leader, leaderEpoch: partition.leaderEpoch };
  }

  /** The addresses of the leaders that were named. */
  get nodeEndpoints(): { nodeId: number; host: string; port: number; rack: string | null }[] {
    return Array.from(this.#nodes.values(), ({ id, ...node }) => ({ nodeId: id, ...node }));
  }
}
