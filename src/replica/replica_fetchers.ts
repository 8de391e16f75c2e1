import type { NodeId } from '../model/ids.ts';
import { NO_NODE } from '../model/ids.ts';
import type { PeerClient } from '../peers/peer_client.ts';
import type { Partition, Role } from './partition.ts';
import type { ReplicaCluster } from './replica_cluster.ts';
import { ReplicaFetcher, type ReplicaFetcherOptions } from './replica_fetcher.ts';

export interface ReplicaFetchersOptions extends Omit<ReplicaFetcherOptions, 'leader' | 'endpoint' | 'peers'> {
  readonly cluster: ReplicaCluster;
  /** Makes the connection of one fetcher. */
  readonly newPeers: () => PeerClient;
}

/**
 * Who fetches which partition: for each leader there are `num.replica.fetchers` fetchers at most, each with a
 * connection of its own, among which its partitions are divided. A fetcher lives as long as it has partitions.
 */
export class ReplicaFetchers {
  readonly #options: ReplicaFetchersOptions;
  /** By leader and number. */
  readonly #fetchers = new Map<string, ReplicaFetcher>();
  readonly #placed = new Map<Partition, string>();
  /** Partitions whose role has changed since the last {@link settle}. */
  readonly #changed = new Set<Partition>();
  #fetchersPerLeader: number;
  #isClosed = false;

  constructor(options: ReplicaFetchersOptions) {
    this.#options = options;
    this.#fetchersPerLeader = options.settings().numReplicaFetchers;
  }

  get fetcherCount(): number {
    return this.#fetchers.size;
  }

  /** The partition has another role. */
  roleChanged(partition: Partition): void {
    if (this.#isClosed) return;
    this.#changed.add(partition);
    // A delta of the metadata changes many partitions in one turn: then each fetcher is touched once.
    if (this.#changed.size === 1) void Promise.resolve().then(() => this.#settle());
  }

  #settle(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    if (this.#isClosed) return;
    for (const partition of changed) this.#place(partition);
    for (const [key, fetcher] of this.#fetchers) {
      if (fetcher.size > 0) continue;
      fetcher.close();
      this.#fetchers.delete(key);
    }
  }

  #place(partition: Partition): void {
    const before = this.#placed.get(partition);
    const leader = leaderIn(partition.role);
    const key = leader === undefined ? undefined : this.#keyOf(partition, leader);
    if (before !== undefined && before !== key) {
      this.#fetchers.get(before)?.remove(partition);
      this.#placed.delete(partition);
    }
    if (leader === undefined || key === undefined) return;
    this.#placed.set(partition, key);
    this.#fetcher(key, leader).add(partition);
  }

  #keyOf({ topic, index }: Partition, leader: NodeId): string {
    let hash: number = index;
    for (let at = 0; at < topic.length; at++) hash = (Math.imul(hash, 31) + topic.charCodeAt(at)) | 0;
    return `${leader}/${Math.abs(hash % this.#fetchersPerLeader)}`;
  }

  #fetcher(key: string, leader: NodeId): ReplicaFetcher {
    let fetcher = this.#fetchers.get(key);
    if (fetcher === undefined) {
      const { newPeers, cluster } = this.#options;
      const endpoint = () => cluster.endpoint(leader);
      fetcher = new ReplicaFetcher({ ...this.#options, leader, endpoint, peers: newPeers() });
      this.#fetchers.set(key, fetcher);
    }
    return fetcher;
  }

  /** `num.replica.fetchers` may be another: the partitions are divided anew. */
  settingsChanged(): void {
    const { numReplicaFetchers } = this.#options.settings();
    if (numReplicaFetchers === this.#fetchersPerLeader) return;
    this.#fetchersPerLeader = numReplicaFetchers;
    for (const partition of [...this.#placed.keys()]) this.roleChanged(partition);
  }

  close(): void {
    this.#isClosed = true;
    for (const fetcher of this.#fetchers.values()) fetcher.close();
    this.#fetchers.clear();
    this.#placed.clear();
  }
}

function leaderIn(role: Role): NodeId | undefined {
  return role.kind === 'following' && role.leader !== NO_NODE ? role.leader : undefined;
}
