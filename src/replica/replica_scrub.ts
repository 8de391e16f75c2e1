import { type Damage, repairDamage, scrubLog } from '../log/log_scrub.ts';
import type { PartitionLog } from '../log/partition_log.ts';
import { Fetch } from '../messages/01_fetch.ts';
import { Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import type { NodeId, Offset } from '../model/ids.ts';
import { type Clock, DiskError, type Logger, type Timer } from '../model/ports.ts';
import type { PeerSender } from '../peers/peer_sender.ts';
import type { RecordBatch } from '../records/record_batch.ts';
import { splitBatches } from '../records/split_batches.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import type { Partition } from './partition.ts';
import type { ReplicaCluster } from './replica_cluster.ts';

export interface ReplicaScrubOptions {
  readonly nodeId: NodeId;
  readonly partitions: () => Iterable<Partition>;
  readonly cluster: ReplicaCluster;
  readonly peers: PeerSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: () => BrokerSettings;
}

/** How often it is looked whether a replica is due, at most and at least. */
const MAX_LOOK_MS = 60_000;
const MIN_LOOK_MS = 1_000;
const REQUEST_TIMEOUT_MS = 10_000;
const FETCH_BYTES = 1024 * 1024;
/** The first version that names topics by id and that a follower answers too. */
const MIN_FETCH_VERSION = 13;
const CONSUMER = -1;

/**
 * Reads the replicas of this broker from the disk, one after the other and slowly, and mends what has changed there: a
 * disk that returns other bytes than were written does not say so. The right ones come from another replica, under the
 * same checks. Nothing that fails them is taken by a follower or a consumer, so until then a damaged batch can't be
 * read from here; but it is not lost.
 *
 *     waiting → scrubbing (a replica is due) → mending (it is damaged) → waiting
 */
export class ReplicaScrub {
  readonly #options: ReplicaScrubOptions;
  /** When each replica was last read whole, monotonic; at the start of this process every one counts as read. */
  readonly #lastMs = new WeakMap<Partition, number>();
  readonly #startedMs: number;
  /** Those that are being read. */
  readonly #underWay = new Set<Partition>();
  #timer: Timer | undefined;
  #isStopped = false;
  /** What was found since the start. */
  #damaged = 0;
  #mended = 0;

  constructor(options: ReplicaScrubOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
  }

  /** Damages that were found, and those that are mended. */
  get counts(): { readonly damaged: number; readonly mended: number } {
    return { damaged: this.#damaged, mended: this.#mended };
  }

  start(): void {
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#isStopped) return;
    const { logScrubIntervalMs } = this.#options.settings();
    const lookMs = Math.min(MAX_LOOK_MS, Math.max(MIN_LOOK_MS, logScrubIntervalMs / 10));
    this.#timer = this.#options.clock.startTimer(
      lookMs,
      () => void this.#scrubDue().then(() => this.#schedule()),
    );
  }

  async #scrubDue(): Promise<void> {
    for (const partition of [...this.#options.partitions()]) {
      const { logScrubIntervalMs } = this.#options.settings();
      if (this.#isStopped || logScrubIntervalMs === 0) return;
      const nowMs = this.#options.clock.monotonicMs();
      const lastMs = this.#lastMs.get(partition) ?? this.#startedMs;
      if (partition.log === undefined || nowMs - lastMs < logScrubIntervalMs) continue;
      this.#lastMs.set(partition, nowMs);
      await this.scrub(partition);
    }
  }

  /** Reads one replica whole, unless that is under way, and mends it as far as others have what is missing. */
  async scrub(partition: Partition): Promise<void> {
    const { log } = partition;
    if (log === undefined || log.failure !== undefined || this.#underWay.has(partition)) return;
    this.#underWay.add(partition);
    try {
      for (const damage of await scrubLog(log, { wait: bytes => this.#wait(bytes) })) {
        await this.#mend(partition, log, damage);
      }
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      log.diskFailed(error);
    } finally {
      this.#underWay.delete(partition);
    }
  }

  #wait(bytes: number): Promise<void> {
    const { clock, settings } = this.#options;
    return new Promise(resolve => {
      clock.startTimer((1_000 * bytes) / settings().logScrubMaxBytesPerSecond, resolve);
    });
  }

  async #mend(partition: Partition, log: PartitionLog, found: Damage): Promise<void> {
    const { logger } = this.#options;
    const { segment, position, offset, problem } = found;
    const place = { partition: partition.name, path: segment.file.path, position, offset };
    this.#damaged++;
    logger.error('What is on the disk is not what was written', { ...place, problem });
    let damage: Damage | undefined = found;
    for (const source of this.#sources(partition)) {
      while (damage !== undefined && !this.#isStopped) {
        const batches = await this.#fetch(partition, source, damage.offset);
        if (batches.length === 0) break;
        const left: Damage | 'not ours' | undefined = await repairDamage(log, damage, batches);
        if (left === 'not ours') break;
        damage = left;
      }
      if (damage !== undefined) continue;
      this.#mended++;
      logger.warn('What had changed on the disk was replaced by what another replica has', {
        ...place,
        source,
      });
      return;
    }
    logger.error('No other replica has what is damaged here: it is tried again with the next scrub', place);
  }

  /** Replicas that may have the right bytes, those in sync first. */
  #sources({ isr, replicas }: Partition): NodeId[] {
    const { nodeId, cluster } = this.#options;
    const others = [...new Set([...isr, ...replicas])];
    return others.filter(id => id !== nodeId && cluster.isAlive(id));
  }

  /** Batches that another replica has from an offset on, each with its checksum right; none where it has not. */
  async #fetch(partition: Partition, source: NodeId, offset: Offset): Promise<RecordBatch[]> {
    const { cluster, peers } = this.#options;
    const endpoint = cluster.endpoint(source);
    if (endpoint === undefined) return [];
    const request = {
      replicaState: { replicaId: CONSUMER, replicaEpoch: -1n },
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: FETCH_BYTES,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [
        {
          topicId: partition.topicId,
          partitions: [
            {
              partition: partition.index,
              currentLeaderEpoch: partition.leaderEpoch,
              fetchOffset: offset,
              lastFetchedEpoch: -1,
              logStartOffset: -1n,
              partitionMaxBytes: FETCH_BYTES,
            },
          ],
        },
      ],
      forgottenTopicsData: [],
      rackId: '',
    };
    const response = await peers.send(endpoint, Fetch, request, {
      timeoutMs: REQUEST_TIMEOUT_MS,
      minVersion: MIN_FETCH_VERSION,
    });
    if (failed(response) || response.errorCode !== Errors.NONE) return [];
    const answer = response.responses[0]?.partitions[0];
    const bytes = answer?.records?.[0];
    if (answer?.errorCode !== Errors.NONE || bytes === undefined) return [];
    return intact(splitBatches(bytes).batches);
  }
}

/** The batches before the first that is damaged itself. */
function intact(batches: readonly RecordBatch[]): RecordBatch[] {
  const damaged = batches.findIndex(batch => !batch.isCrcValid());
  return damaged < 0 ? [...batches] : batches.slice(0, damaged);
}
