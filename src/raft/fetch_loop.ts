import { Fetch, type FetchResponse } from '../messages/01_fetch.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asLeaderEpoch, asOffset, type NodeId, type Offset } from '../model/ids.ts';
import { MAX_QUORUM_FETCH_BYTES } from '../model/limits.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import type { RecordBatch } from '../records/record_batch.ts';
import { splitBatches } from '../records/split_batches.ts';
import { endpointsFromResponse } from './metadata_partition.ts';
import type { OffsetAndEpoch } from './offset_and_epoch.ts';
import type { QuorumCore } from './quorum_core.ts';
import { FETCH_MAX_WAIT_MS, METADATA_PARTITION, METADATA_TOPIC_ID } from './quorum_settings.ts';
import type { FollowerState } from './quorum_state.ts';
import { directoryIdOrZero } from './replica_key.ts';
import { SnapshotDownload } from './snapshot_download.ts';

const NEVER = Number.POSITIVE_INFINITY;
const LANE = 'fetch';
/** The first version that names the topic by its id; diverging epochs and snapshots are older. */
const MIN_FETCH_VERSION = 13;
/** A node without a leader asks one node after the other, so far apart. */
const SEARCH_INTERVAL_MS = 50;

export interface FetchLoopOptions {
  readonly core: QuorumCore;
  /** Where a leader may be found, or who knows of it: `controller.quorum.bootstrap.servers`, else the voters. */
  readonly bootstrap: readonly Endpoint[];
  /** The id to fetch with: -1 as long as the leader must not count what this node has. */
  readonly replicaId: () => number;
  /** The connection to the leader broke. */
  readonly leaderLost: (leader: NodeId) => void;
  /** The leader said that everything before it is committed, as far as this node has it. */
  readonly committed: (highWatermark: Offset) => void;
}

type ResponsePartition = FetchResponse['responses'][number]['partitions'][number];

/**
 * The fetches of a follower, one at a time: each asks for what is behind the durable end of the log, and so tells the
 * leader what is durable here. A node that knows no leader asks others with the same request, whose answers name it.
 */
export class FetchLoop {
  readonly #options: FetchLoopOptions;
  readonly #core: QuorumCore;
  readonly #download: SnapshotDownload;
  #searchAtMs = Number.NEGATIVE_INFINITY;
  /** The last fetch of an observer to its leader failed: others are asked in turn with it. */
  #isLeaderDoubtful = false;

  constructor(options: FetchLoopOptions) {
    this.#options = options;
    this.#core = options.core;
    this.#download = new SnapshotDownload(options.core, LANE, id => options.committed(id.offset));
  }

  /** The role changed: a snapshot of the old leader is not gone on with. */
  transitioned(): void {
    this.#download.abandon();
    this.#isLeaderDoubtful = false;
  }

  /** Does what is due; returns when there is more to do. */
  advance(nowMs: number): number {
    const { quorum, store, log } = this.#core;
    // The offset in a fetch is a promise too: that of having everything before it.
    if (!store.isDurable || log.durableEnd < log.endOffset) return NEVER;
    if (log.isChanging) return NEVER;
    const { state } = quorum;
    if (state.role === 'unattached') return this.#search(nowMs);
    if (state.role !== 'follower') return NEVER;
    const isDoubtful = this.#isLeaderDoubtful || nowMs >= state.fetchDeadlineMs;
    // It has to hear the cluster's id from the leader first, and that one may be gone.
    if (this.#core.clusterId === undefined) return isDoubtful ? this.#search(nowMs) : state.fetchDeadlineMs;
    const readyAtMs = this.#core.requests.readyAtMs(LANE);
    if (nowMs >= readyAtMs) {
      this.#follow(state);
      return NEVER;
    }
    return quorum.isVoter || !isDoubtful ? readyAtMs : Math.min(readyAtMs, this.#search(nowMs));
  }

  #follow(state: FollowerState): void {
    const endpoint = state.leaderEndpoints[0]!;
    if (this.#download.isUnderWay) {
      this.#download.fetch(endpoint, this.#options.replicaId());
      return;
    }
    this.#core.requests.send(
      { lane: LANE, endpoint, isLong: true },
      Fetch,
      this.#request(),
      answer => this.#heed(answer, state),
      {
        minVersion: MIN_FETCH_VERSION,
      },
    );
  }

  /** Asks some node that may know the leader; returns when the next is asked. */
  #search(nowMs: number): number {
    const lane = 'search';
    const dueAtMs = Math.max(this.#searchAtMs, this.#core.requests.readyAtMs(lane));
    if (nowMs < dueAtMs) return dueAtMs;
    const endpoints = this.#searchable();
    if (endpoints.length === 0) return NEVER;
    this.#searchAtMs = nowMs + SEARCH_INTERVAL_MS;
    const endpoint = endpoints[Math.floor(this.#core.random.fraction() * endpoints.length)]!;
    const request = { ...this.#request(), maxWaitMs: 0 };
    this.#core.requests.send(
      { lane, endpoint, isLong: true },
      Fetch,
      request,
      answer => this.#heed(answer, undefined),
      {
        minVersion: MIN_FETCH_VERSION,
      },
    );
    return this.#searchAtMs;
  }

  #searchable(): readonly Endpoint[] {
    const { voters, local, localVoter } = this.#core;
    const isOwn = (each: Endpoint) =>
      localVoter.endpoints.some(own => own.host === each.host && own.port === each.port);
    const known = voters.others(local).map(voter => voter.endpoints[0]!);
    const others = [...this.#options.bootstrap, ...known].filter(each => !isOwn(each));
    const names = new Set<string>();
    return others.filter(each => {
      const name = `${each.host}:${each.port}`;
      if (names.has(name)) return false;
      names.add(name);
      return true;
    });
  }

  #request() {
    const { clusterId, quorum, log, local } = this.#core;
    const { offset, epoch } = log.end;
    const partition = {
      partition: METADATA_PARTITION,
      currentLeaderEpoch: quorum.epoch,
      fetchOffset: offset,
      lastFetchedEpoch: epoch,
      partitionMaxBytes: MAX_QUORUM_FETCH_BYTES,
      replicaDirectoryId: directoryIdOrZero(local),
      highWatermark: this.#core.committedEnd ?? asOffset(-1n),
    };
    const replicaId = this.#options.replicaId();
    return {
      clusterId: clusterId ?? null,
      replicaState: { replicaId, replicaEpoch: -1n },
      maxWaitMs: Math.min(FETCH_MAX_WAIT_MS, Math.floor(this.#core.settings.fetchTimeoutMs / 4)),
      minBytes: 0,
      maxBytes: MAX_QUORUM_FETCH_BYTES,
      topics: [{ topicId: METADATA_TOPIC_ID, partitions: [partition] }],
      forgottenTopicsData: [],
    };
  }

  /** @param asked the state in which the leader was asked; undefined for a search */
  #heed(answer: FetchResponse | Failure, asked: FollowerState | undefined): boolean {
    const core = this.#core;
    if (failed(answer)) {
      if (asked === undefined) return false;
      this.#isLeaderDoubtful = true;
      if (answer.code === Errors.NETWORK_EXCEPTION) this.#options.leaderLost(asked.leaderId);
      return false;
    }
    const partition = partitionOf(answer);
    if (answer.errorCode !== Errors.NONE || partition === undefined) {
      if (answer.errorCode !== Errors.BROKER_NOT_AVAILABLE) core.unexpected('a fetch', answer.errorCode);
      return false;
    }
    const { leaderId, leaderEpoch } = partition.currentLeader;
    const endpoints = endpointsFromResponse(leaderId, answer.nodeEndpoints, core.listenerName);
    const isHandled = core.heed(partition.errorCode, { epoch: leaderEpoch, leaderId, endpoints });
    if (isHandled !== undefined) return isHandled;
    const { state } = core.quorum;
    // A search that has reached the leader itself is as good as a fetch.
    if (state.role !== 'follower' || (asked !== undefined && asked !== state)) return true;
    if (core.log.isChanging || core.clusterId === undefined) return false;
    this.#isLeaderDoubtful = false;
    const isUsed = this.#take(partition);
    if (isUsed) core.quorum.noteFetched(core.now());
    return isUsed;
  }

  /** Takes what the leader sent. */
  #take(partition: ResponsePartition): boolean {
    const { divergingEpoch, snapshotId } = partition;
    if (divergingEpoch.epoch >= 0 && divergingEpoch.endOffset >= 0n) {
      const { epoch, endOffset } = divergingEpoch;
      void this.#truncate({ epoch: asLeaderEpoch(epoch), offset: asOffset(endOffset) });
      return true;
    }
    if (snapshotId.epoch >= 0 && snapshotId.endOffset >= 0n) {
      const { epoch, endOffset } = snapshotId;
      return this.#download.begin({ epoch: asLeaderEpoch(epoch), offset: asOffset(endOffset) });
    }
    const isAppended = this.#append(partition.records ?? []);
    if (partition.highWatermark >= 0n) this.#options.committed(asOffset(partition.highWatermark));
    return isAppended;
  }

  async #truncate(divergence: OffsetAndEpoch): Promise<void> {
    const core = this.#core;
    const end = await core.log.truncateTo(divergence, core.committedEnd);
    if (failed(end)) {
      core.fatal(end);
      return;
    }
    core.logger.info('the log was cut where it differs from that of the leader', {
      endOffset: end,
      ...divergence,
    });
    core.wake();
  }

  #append(records: readonly Buffer[]): boolean {
    const core = this.#core;
    if (records.every(chunk => chunk.length === 0)) return true;
    const bytes = records.length === 1 ? records[0]! : Buffer.concat(records);
    const { batches, failure } = splitBatches(bytes);
    const used = this.#usable(batches);
    const wrong = failure ?? used.wrong;
    const unappended = used.batches.length === 0 ? undefined : core.log.append(used.batches);
    if (wrong === undefined && unappended === undefined) return true;
    core.logger.error('records of the leader were not taken', { error: (unappended ?? wrong)!.message });
    return false;
  }

  /** The batches up to the first that is damaged, or that the log can't go on with. */
  #usable(batches: readonly RecordBatch[]): { batches: RecordBatch[]; wrong: Failure | undefined } {
    const { log, quorum } = this.#core;
    let { offset, epoch } = log.end;
    const usable: RecordBatch[] = [];
    for (const batch of batches) {
      const batchEpoch = batch.partitionLeaderEpoch;
      let wrong: string | undefined;
      if (batch.baseOffset !== offset) wrong = `begins at ${batch.baseOffset}, and the log ends at ${offset}`;
      else if (batchEpoch < epoch || batchEpoch > quorum.epoch)
        wrong = `is of epoch ${batchEpoch} behind ${epoch}`;
      else if (!batch.isCrcValid()) wrong = 'fails its checksum';
      if (wrong !== undefined) {
        const message = `The batch at ${batch.baseOffset} ${wrong}`;
        return { batches: usable, wrong: new Failure(Errors.CORRUPT_MESSAGE, message) };
      }
      usable.push(batch);
      offset = batch.nextOffset;
      epoch = batchEpoch;
    }
    return { batches: usable, wrong: undefined };
  }
}

function partitionOf(answer: FetchResponse): ResponsePartition | undefined {
  const [topic] = answer.responses;
  const [partition] = topic?.partitions ?? [];
  return partition?.partitionIndex === METADATA_PARTITION ? partition : undefined;
}
