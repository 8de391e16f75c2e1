import type { FetchSnapshotRequest, FetchSnapshotResponse } from '../messages/59_fetch_snapshot.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import { asLeaderEpoch, asOffset } from '../model/ids.ts';
import { MAX_QUORUM_FETCH_BYTES } from '../model/limits.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { leaderEndpoint, type RequestContext } from './metadata_partition.ts';
import { compareOffsetAndEpoch } from './offset_and_epoch.ts';
import type { QuorumCore } from './quorum_core.ts';
import { METADATA_PARTITION, METADATA_TOPIC } from './quorum_settings.ts';
import { replicaKey } from './replica_key.ts';
import { BOOTSTRAP_SNAPSHOT } from './snapshot_store.ts';

type Response = MessageInput<typeof FetchSnapshotResponse>;
type ResponsePartition = Response['topics'][number]['partitions'][number];
type RequestPartition = FetchSnapshotRequest['topics'][number]['partitions'][number];

const NO_SNAPSHOT = { endOffset: 0n, epoch: 0 };

/** Answers FetchSnapshot (KIP-630): a piece of a snapshot, from any position. */
export class SnapshotServer {
  readonly #core: QuorumCore;

  constructor(core: QuorumCore) {
    this.#core = core;
  }

  async handle(request: FetchSnapshotRequest, context: RequestContext): Promise<Response> {
    const [topic] = request.topics;
    const [partition] = topic?.partitions ?? [];
    const isOne = request.topics.length === 1 && topic?.partitions.length === 1;
    if (!isOne || topic === undefined || partition === undefined) {
      return { errorCode: Errors.INVALID_REQUEST, topics: [] };
    }
    if (topic.name !== METADATA_TOPIC || partition.partition !== METADATA_PARTITION) {
      const unknown = this.#part(Errors.UNKNOWN_TOPIC_OR_PARTITION, { index: partition.partition });
      return { errorCode: Errors.NONE, topics: [{ name: topic.name, partitions: [unknown] }] };
    }
    if (!(await this.#core.store.whenDurable()))
      return { errorCode: Errors.BROKER_NOT_AVAILABLE, topics: [] };
    const part = await this.#read(request, partition);
    const endpoint = leaderEndpoint(this.#core.quorum, context);
    return {
      errorCode: Errors.NONE,
      topics: [{ name: METADATA_TOPIC, partitions: [part] }],
      ...(endpoint === undefined || context.version < 1 ? {} : { nodeEndpoints: [endpoint] }),
    };
  }

  async #read(request: FetchSnapshotRequest, partition: RequestPartition): Promise<ResponsePartition> {
    const { quorum, log } = this.#core;
    const { currentLeaderEpoch, position, snapshotId } = partition;
    if (currentLeaderEpoch < quorum.epoch) return this.#part(Errors.FENCED_LEADER_EPOCH);
    if (currentLeaderEpoch > quorum.epoch) return this.#part(Errors.UNKNOWN_LEADER_EPOCH);
    const { state } = quorum;
    if (state.role !== 'leader') return this.#part(Errors.NOT_LEADER_OR_FOLLOWER);
    const id = { offset: asOffset(snapshotId.endOffset), epoch: asLeaderEpoch(snapshotId.epoch) };
    const sizeBytes = log.snapshots.sizeBytes(id);
    if (failed(sizeBytes) || compareOffsetAndEpoch(id, BOOTSTRAP_SNAPSHOT) === 0) {
      return this.#part(Errors.SNAPSHOT_NOT_FOUND);
    }
    if (position < 0n || position >= sizeBytes) return this.#part(Errors.POSITION_OUT_OF_RANGE);
    const length = Math.min(Math.max(request.maxBytes, 1), MAX_QUORUM_FETCH_BYTES);
    const bytes = await log.snapshots.read(id, Number(position), length);
    if (failed(bytes)) {
      if (log.snapshots.has(id)) this.#core.fatal(bytes);
      return this.#part(Errors.SNAPSHOT_NOT_FOUND);
    }
    const replica = replicaKey(request.replicaId, partition.replicaDirectoryId);
    if (quorum.state === state) state.leader.noteSnapshotFetch(replica, this.#core.now());
    return this.#part(Errors.NONE, {
      snapshotId,
      size: BigInt(sizeBytes),
      position,
      unalignedRecords: [bytes],
    });
  }

  #part(errorCode: ErrorCode, fields: Partial<ResponsePartition> = {}): ResponsePartition {
    const { quorum } = this.#core;
    return {
      index: METADATA_PARTITION,
      errorCode,
      snapshotId: NO_SNAPSHOT,
      currentLeader: { leaderId: quorum.leaderId ?? -1, leaderEpoch: quorum.epoch },
      size: 0n,
      position: 0n,
      unalignedRecords: [],
      ...fields,
    };
  }
}
