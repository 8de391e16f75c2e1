import { FetchSnapshot, type FetchSnapshotResponse } from '../messages/59_fetch_snapshot.ts';
import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import { MAX_QUORUM_FETCH_BYTES } from '../model/limits.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import { endpointsFromResponse } from './metadata_partition.ts';
import { compareOffsetAndEpoch, type OffsetAndEpoch } from './offset_and_epoch.ts';
import type { QuorumCore } from './quorum_core.ts';
import { METADATA_PARTITION, METADATA_TOPIC } from './quorum_settings.ts';
import { directoryIdOrZero } from './replica_key.ts';
import { readSnapshot } from './snapshot_format.ts';
import { type PartialSnapshot, snapshotName } from './snapshot_store.ts';

type ResponsePartition = FetchSnapshotResponse['topics'][number]['partitions'][number];

/**
 * Fetches a snapshot from the leader, piece after piece (KIP-630), checks it, and restarts the log behind it. A piece
 * that is lost is asked for again. Another leader may have other bytes under the same name, so with a new one it
 * starts over.
 */
export class SnapshotDownload {
  readonly #core: QuorumCore;
  readonly #lane: string;
  readonly #finished: (id: OffsetAndEpoch) => void;
  #partial: PartialSnapshot | undefined;

  constructor(core: QuorumCore, lane: string, finished: (id: OffsetAndEpoch) => void) {
    this.#core = core;
    this.#lane = lane;
    this.#finished = finished;
  }

  /** Whether pieces are missing. */
  get isUnderWay(): boolean {
    return this.#partial !== undefined;
  }

  /** The leader wants this node to start from a snapshot. Returns whether that can be done. */
  begin(id: OffsetAndEpoch): boolean {
    const { log, logger } = this.#core;
    if (log.snapshots.has(id)) {
      // It is here already, and its place in the log is not: a crash came between.
      void this.#restart(id);
      return false;
    }
    const partial = log.snapshots.create(id);
    if (failed(partial)) {
      this.#core.fatal(partial);
      return false;
    }
    this.#partial = partial;
    logger.info('a snapshot is fetched from the leader', { snapshot: snapshotName(id) });
    return true;
  }

  /** The leader changed. */
  abandon(): void {
    // Once whole it is put in place all the same: what it holds is committed.
    if (this.#core.log.isHeld) return;
    this.#partial?.discard();
    this.#partial = undefined;
  }

  /** Asks for the next piece. */
  fetch(endpoint: Endpoint, replicaId: number): void {
    const { clusterId, quorum, local, requests } = this.#core;
    const partial = this.#partial!;
    const partition = {
      partition: METADATA_PARTITION,
      currentLeaderEpoch: quorum.epoch,
      snapshotId: { endOffset: partial.id.offset, epoch: partial.id.epoch },
      position: BigInt(partial.sizeBytes),
      replicaDirectoryId: directoryIdOrZero(local),
    };
    const request = {
      clusterId: clusterId ?? null,
      replicaId,
      maxBytes: MAX_QUORUM_FETCH_BYTES,
      topics: [{ name: METADATA_TOPIC, partitions: [partition] }],
    };
    requests.send({ lane: this.#lane, endpoint, isLong: true }, FetchSnapshot, request, answer =>
      this.#heed(answer, partial),
    );
  }

  #heed(answer: FetchSnapshotResponse | Failure, partial: PartialSnapshot): boolean {
    const core = this.#core;
    if (failed(answer)) return false;
    const partition = answer.topics[0]?.partitions[0];
    if (answer.errorCode !== Errors.NONE || partition === undefined) {
      core.unexpected('a fetch of a snapshot', answer.errorCode);
      return false;
    }
    const { leaderId, leaderEpoch } = partition.currentLeader;
    const endpoints = endpointsFromResponse(leaderId, answer.nodeEndpoints, core.listenerName);
    const { errorCode } = partition;
    const isGone = errorCode === Errors.SNAPSHOT_NOT_FOUND || errorCode === Errors.POSITION_OUT_OF_RANGE;
    const news = { epoch: leaderEpoch, leaderId, endpoints };
    const isHandled = core.heed(isGone ? Errors.NONE : errorCode, news);
    if (isHandled !== undefined) return isHandled;
    if (core.quorum.role !== 'follower' || this.#partial !== partial) return true;
    core.quorum.noteFetched(core.now());
    if (isGone || !this.#isExpected(partition, partial)) {
      core.logger.info('the leader has the snapshot no more, or another: starting over', { errorCode });
      this.abandon();
      return isGone;
    }
    return this.#take(partition, partial);
  }

  #isExpected({ snapshotId, position, size }: ResponsePartition, partial: PartialSnapshot): boolean {
    const isSame = snapshotId.endOffset === partial.id.offset && snapshotId.epoch === partial.id.epoch;
    return isSame && position === BigInt(partial.sizeBytes) && size >= position;
  }

  #take({ unalignedRecords, size }: ResponsePartition, partial: PartialSnapshot): boolean {
    const failure = partial.append(unalignedRecords);
    if (failure !== undefined) {
      this.#core.fatal(failure);
      return false;
    }
    const sizeBytes = BigInt(partial.sizeBytes);
    if (sizeBytes > size) {
      this.#core.logger.error('the leader sent more of a snapshot than there is', { sizeBytes, size });
      this.abandon();
      return false;
    }
    if (sizeBytes === size) void this.#finish(partial);
    return unalignedRecords.length > 0;
  }

  async #finish(partial: PartialSnapshot): Promise<void> {
    this.#core.log.isHeld = true;
    const file = {
      name: snapshotName(partial.id),
      sizeBytes: partial.sizeBytes,
      read: (position: number, length: number) => partial.read(position, length),
    };
    const corrupt = await readSnapshot(file, () => undefined);
    if (corrupt !== undefined) {
      this.#core.logger.error('a fetched snapshot is damaged: starting over', { error: corrupt.message });
      partial.discard();
    } else {
      const failure = await partial.finish();
      if (failure !== undefined) this.#core.fatal(failure);
      else await this.#restart(partial.id);
    }
    this.#partial = undefined;
    this.#core.log.isHeld = false;
    this.#core.wake();
  }

  async #restart(id: OffsetAndEpoch): Promise<void> {
    const { log, logger } = this.#core;
    log.isHeld = true;
    const failure = await log.restartAtLatestSnapshot();
    log.isHeld = false;
    if (failure !== undefined) {
      this.#core.fatal(failure);
      return;
    }
    if (compareOffsetAndEpoch(log.latestSnapshot!, id) === 0) {
      logger.info('the log goes on behind a snapshot', {
        snapshot: snapshotName(id),
        endOffset: log.endOffset,
      });
    }
    this.#core.saveElection();
    this.#finished(id);
    this.#core.wake();
  }
}
