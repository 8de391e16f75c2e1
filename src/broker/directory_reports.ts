import type { MetadataImage } from '../controller/image/metadata_image.ts';
import { hasDirectories } from '../controller/metadata_version.ts';
import type { ControllerChannel } from '../handlers/controller_channel.ts';
import type { PartitionLog } from '../log/partition_log.ts';
import { AssignReplicasToDirs } from '../messages/73_assign_replicas_to_dirs.ts';
import { type ErrorCode, Errors, errorText } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import type { BrokerEpoch, NodeId, Uuid } from '../model/ids.ts';
import { MAX_REPORTED_REPLICAS } from '../model/limits.ts';
import type { Clock, Logger, Timer } from '../model/ports.ts';
import type { Partition } from '../replica/partition.ts';

export interface DirectoryReportsOptions {
  readonly nodeId: NodeId;
  /** Of the present registration; -1 without one. */
  readonly brokerEpoch: () => BrokerEpoch;
  readonly image: () => MetadataImage;
  readonly directoryIdOf: (log: PartitionLog) => Uuid | undefined;
  readonly controller: ControllerChannel;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Misplaced {
  readonly partition: Partition;
  readonly directoryId: Uuid;
}

const REQUEST_TIMEOUT_MS = 4_500;
/** The metadata has what was reported by then, or it is reported again. */
const REVIEW_MS = 200;

/**
 * Tells the controller which log directories this broker's replicas are in, where the metadata has them elsewhere
 * (KIP-858): behind a lost disk, in another directory of several, or not told yet. As long as it does not know, a
 * replica does not lead: its directory counts as offline.
 */
export class DirectoryReports {
  readonly #options: DirectoryReportsOptions;
  /** Replicas whose place may differ from what the metadata says. */
  readonly #doubtful = new Set<Partition>();
  #isReporting = false;
  #isStopped = false;
  #timer: Timer | undefined;

  constructor(options: DirectoryReportsOptions) {
    this.#options = options;
  }

  /** The log of a replica is open. */
  opened(partition: Partition): void {
    this.#doubtful.add(partition);
    this.#reportSoon();
  }

  /** The broker is registered: what waited for that is reported. */
  registered(): void {
    if (this.#doubtful.size > 0) this.#reportSoon();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #reportSoon(): void {
    if (this.#isStopped || this.#isReporting || this.#timer !== undefined) return;
    this.#timer = this.#options.clock.startTimer(REVIEW_MS, () => {
      this.#timer = undefined;
      void this.#report();
    });
  }

  async #report(): Promise<void> {
    const { controller, nodeId, brokerEpoch, image, logger } = this.#options;
    const { metadataVersion } = image();
    // Who has no registration is asked again when it has one.
    if (brokerEpoch() < 0n || metadataVersion === undefined || !hasDirectories(metadataVersion)) return;
    const misplaced = this.#misplaced();
    if (misplaced.length === 0) return;
    this.#isReporting = true;
    const request = { brokerId: nodeId, brokerEpoch: brokerEpoch(), directories: byDirectory(misplaced) };
    const response = await controller.send(AssignReplicasToDirs, request, REQUEST_TIMEOUT_MS);
    this.#isReporting = false;
    if (this.#isStopped) return;
    const code = failed(response) ? response.code : (response.errorCode as ErrorCode);
    if (code !== Errors.NONE) {
      const error = failed(response) ? response.message : errorText(code);
      logger.warn('Could not tell which log directories replicas are in: trying again', { error });
    }
    this.#reportSoon();
  }

  /** Those that the metadata has elsewhere; the others are in no doubt any more. */
  #misplaced(): Misplaced[] {
    const { nodeId, image, directoryIdOf } = this.#options;
    const { topics } = image();
    const found: Misplaced[] = [];
    for (const partition of this.#doubtful) {
      const { topicId, index, log } = partition;
      const told = topics.byId(topicId)?.partitions[index]?.directoryOf(nodeId);
      const directoryId = log === undefined ? undefined : directoryIdOf(log);
      if (told === undefined || directoryId === undefined || told === directoryId) {
        this.#doubtful.delete(partition);
      } else if (found.length < MAX_REPORTED_REPLICAS) {
        found.push({ partition, directoryId });
      }
    }
    return found;
  }
}

function byDirectory(misplaced: readonly Misplaced[]) {
  const directories = new Map<Uuid, Map<Uuid, { partitionIndex: number }[]>>();
  for (const { partition, directoryId } of misplaced) {
    const topics = directories.get(directoryId) ?? new Map<Uuid, { partitionIndex: number }[]>();
    directories.set(directoryId, topics);
    const partitions = topics.get(partition.topicId) ?? [];
    topics.set(partition.topicId, partitions);
    partitions.push({ partitionIndex: partition.index });
  }
  return [...directories].map(([id, topics]) => ({
    id,
    topics: [...topics].map(([topicId, partitions]) => ({ topicId, partitions })),
  }));
}
