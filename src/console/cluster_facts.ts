import { describeLogDirs } from '../client/admin/cluster.ts';
import { partitionKey } from '../client/topic_partition.ts';
import { aliveBrokerNodes } from '../handlers/cluster_view.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asPartitionIndex, type NodeId } from '../model/ids.ts';
import { ClusterOffsets } from '../monitor/cluster_offsets.ts';
import { ClusterPoll } from '../monitor/cluster_poll.ts';
import type { ConsoleNode } from './console_node.ts';
import { Refreshed } from './refreshed.ts';

/** What is on the disks of the brokers. */
export interface StoredSizes {
  /** All replicas of a topic, in bytes. */
  readonly topics: ReadonlyMap<string, bigint>;
  /** By `topic-partition`, then broker. */
  readonly replicas: ReadonlyMap<string, ReadonlyMap<NodeId, bigint>>;
}

const SIZES_AGE = { freshMs: 5_000, usableMs: 60_000 };
const GROUPS_AGE = { freshMs: 2_000, usableMs: 15_000 };

/** What only the brokers together know of the cluster; as many rows as it has partitions and watched groups. */
export class ClusterFacts {
  readonly #node: ConsoleNode;
  readonly sizes: Refreshed<StoredSizes>;
  /** Offsets and groups, as the active controller's monitor has them, or as the brokers tell. */
  readonly groups: Refreshed<ClusterOffsets>;
  #poll: { readonly poll: ClusterPoll; readonly offsets: ClusterOffsets } | undefined;

  constructor(node: ConsoleNode) {
    const { clock } = node.ports;
    this.#node = node;
    this.sizes = new Refreshed(clock, () => this.#askSizes(), SIZES_AGE);
    this.groups = new Refreshed(clock, () => this.#askGroups(), GROUPS_AGE);
  }

  async #askSizes(): Promise<StoredSizes | Failure> {
    const { client, image, listenerName } = this.#node;
    const answers = await Promise.all(
      aliveBrokerNodes(image, listenerName).map(async ({ id }) => ({
        id,
        dirs: await describeLogDirs(client, id),
      })),
    );
    const topics = new Map<string, bigint>();
    const replicas = new Map<string, Map<NodeId, bigint>>();
    for (const { dirs, id } of answers) {
      // What one broker does not tell is missing from the sums until it is back.
      if (failed(dirs)) continue;
      for (const { name, partitions } of dirs.flatMap(dir => dir.topics)) {
        for (const { isFutureKey, partitionIndex, partitionSize } of partitions) {
          if (isFutureKey) continue;
          topics.set(name, (topics.get(name) ?? 0n) + partitionSize);
          const key = partitionKey({ topic: name, partition: asPartitionIndex(partitionIndex) });
          const held = replicas.get(key) ?? new Map<NodeId, bigint>();
          replicas.set(key, held.set(id, partitionSize));
        }
      }
    }
    return { topics, replicas };
  }

  async #askGroups(): Promise<ClusterOffsets | Failure> {
    const { monitor, parts } = this.#node;
    if (parts.controller?.isActive === true && monitor.offsets.groups.size > 0) return monitor.offsets;
    if (parts.state !== 'running')
      return new Failure(Errors.COORDINATOR_NOT_AVAILABLE, 'The node is not running');
    if (this.#poll === undefined) {
      const offsets = new ClusterOffsets();
      const poll = new ClusterPoll({
        peers: parts.peers,
        image: () => this.#node.image,
        listenerName: () => this.#node.listenerName,
        offsets,
      });
      this.#poll = { poll, offsets };
    }
    await this.#poll.poll.run();
    return this.#poll.offsets;
  }
}
