import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import type { NodeId, Uuid } from '../../model/ids.ts';
import type { LogDirectory } from './log_directory.ts';

/** Which node of which cluster the directories belong to, as the quorum wants to know it. */
export class NodeIdentity {
  readonly nodeId: NodeId;
  readonly #forMetadata: LogDirectory;
  readonly #all: readonly LogDirectory[];

  constructor(nodeId: NodeId, forMetadata: LogDirectory, all: readonly LogDirectory[]) {
    this.nodeId = nodeId;
    this.#forMetadata = forMetadata;
    this.#all = all;
  }

  /** That of the metadata log's directory: durable, and new with every new directory. */
  get directoryId(): Uuid {
    return this.#forMetadata.id!;
  }

  /** Undefined as long as the metadata log's directory belongs to no cluster. */
  get clusterId(): string | undefined {
    return this.#forMetadata.meta?.clusterId;
  }

  /**
   * Makes all directories those of the cluster, durably. Those that fail in it go offline.
   * @returns INCONSISTENT_CLUSTER_ID when one belongs to another cluster; KAFKA_STORAGE_ERROR when the metadata log's
   *   directory fails
   */
  async adoptClusterId(clusterId: string): Promise<Failure | undefined> {
    for (const { path, meta, isOnline } of this.#all) {
      if (!isOnline || meta?.clusterId === undefined || meta.clusterId === clusterId) continue;
      return new Failure(
        Errors.INCONSISTENT_CLUSTER_ID,
        `The log directory ${path} belongs to cluster ${meta.clusterId}, and this node is about to belong to cluster ${clusterId}: give it back its metadata log, or remove the directory with its logs`,
      );
    }
    // The metadata's first: which cluster the node belongs to is what that one says.
    const failure = await this.#adopt(this.#forMetadata, clusterId);
    if (failure !== undefined) return failure;
    for (const directory of this.#all) await this.#adopt(directory, clusterId);
    return undefined;
  }

  async #adopt(directory: LogDirectory, clusterId: string): Promise<Failure | undefined> {
    const { meta, failure } = directory;
    if (failure !== undefined || meta === undefined) return failure;
    return meta.clusterId === clusterId ? undefined : directory.setMeta({ ...meta, clusterId });
  }
}
