import type { LeaderEpoch, Offset } from '../../model/ids.ts';
import type {
  CommittedBatch,
  LeaderAndEpoch,
  QuorumListener,
  SnapshotId,
} from '../../raft/metadata_quorum.ts';
import { crc32c } from '../../records/crc32c.ts';
import { logFilesOf } from '../simulated_log_files.ts';
import type { NodeProcess, WorldNode } from '../world/world_node.ts';

const METADATA_DIRECTORY = '/data/__cluster_metadata-0';

interface Committed {
  readonly lastOffset: Offset;
  readonly epoch: LeaderEpoch;
  readonly checksum: number;
}

interface Seen {
  readonly process: NodeProcess;
  epoch: number;
  highWatermark: bigint;
}

/**
 * What must hold of the quorum, kept apart from its own code: what one node was told at an offset, every node is told;
 * an epoch has one leader; no node's epoch or high watermark goes back; what a node is told is on its disk.
 */
export class QuorumInvariants {
  readonly #fail: (text: string) => void;
  /** By base offset: what was committed there. */
  readonly #committed = new Map<bigint, Committed>();
  /** By epoch. */
  readonly #leaders = new Map<number, number>();
  /** By node: its present process. */
  readonly #seen = new Map<number, Seen>();
  /** By end offset: the contents of snapshots. */
  readonly #snapshots = new Map<bigint, number>();
  #committedEnd = 0n;

  constructor(fail: (text: string) => void) {
    this.#fail = fail;
  }

  /** Behind the last batch of metadata that some node was told. */
  get committedEnd(): bigint {
    return this.#committedEnd;
  }

  opened(node: WorldNode, process: NodeProcess): void {
    this.#seen.set(node.id, { process, epoch: -1, highWatermark: -1n });
    process.services!.quorum.register(this.#listener(node, process));
  }

  #listener(node: WorldNode, process: NodeProcess): QuorumListener {
    return {
      committed: batches => {
        for (const batch of batches) this.#told(node, batch);
        this.#checkOnDisk(node, process, batches.at(-1)!);
      },
      loadSnapshot: (id, values) => this.#loaded(node, id, values),
      leaderChanged: leader => this.#led(node, leader),
    };
  }

  #told(node: WorldNode, { baseOffset, lastOffset, epoch, values }: CommittedBatch): void {
    let checksum = 0;
    for (const value of values) checksum = crc32c(value, checksum);
    const known = this.#committed.get(baseOffset);
    if (known === undefined) {
      if (baseOffset < this.#committedEnd) {
        this.#fail(`${node.name} was told a batch of metadata at ${baseOffset}, where others were told none`);
      }
      this.#committed.set(baseOffset, { lastOffset, epoch, checksum });
      this.#committedEnd = lastOffset + 1n;
    } else if (known.lastOffset !== lastOffset || known.epoch !== epoch || known.checksum !== checksum) {
      this.#fail(
        `${node.name} was told other metadata at ${baseOffset} (epoch ${epoch}) than others (epoch ${known.epoch})`,
      );
    }
  }

  /** Where a node is told of all that its log has, a power cut would leave all of it. */
  #checkOnDisk({ name, disk }: WorldNode, process: NodeProcess, { lastOffset }: CommittedBatch): void {
    if (lastOffset + 1n < process.services!.quorum.status.logEndOffset) return;
    if (logFilesOf(disk, METADATA_DIRECTORY).every(({ isOnDisk }) => isOnDisk)) return;
    this.#fail(`${name} is told of metadata up to ${lastOffset}, and its disk does not have all of that`);
  }

  #loaded(node: WorldNode, { endOffset }: SnapshotId, values: readonly Buffer[]): void {
    if (endOffset > this.#committedEnd && endOffset > 0n && this.#committedEnd > 0n) {
      this.#fail(`${node.name} loads a snapshot up to ${endOffset}; committed is ${this.#committedEnd}`);
    }
    // Nodes may write the same state in another order.
    let sum = 0;
    for (const value of values) sum = (sum + crc32c(value)) | 0;
    const known = this.#snapshots.get(endOffset);
    if (known === undefined) this.#snapshots.set(endOffset, sum);
    else if (known !== sum)
      this.#fail(`${node.name} loads a snapshot up to ${endOffset} that is not that of others`);
  }

  #led(node: WorldNode, { leaderId, epoch }: LeaderAndEpoch): void {
    const seen = this.#seen.get(node.id)!;
    if (epoch < seen.epoch) this.#fail(`the epoch of ${node.name} goes back from ${seen.epoch} to ${epoch}`);
    seen.epoch = epoch;
    if (leaderId === undefined) return;
    const known = this.#leaders.get(epoch);
    this.#leaders.set(epoch, leaderId);
    if (known !== undefined && known !== leaderId) {
      this.#fail(`nodes ${known} and ${leaderId} both lead the quorum in epoch ${epoch}`);
    }
  }

  /** Behind an event of the node. */
  check(node: WorldNode, process: NodeProcess): void {
    const seen = this.#seen.get(node.id);
    if (seen?.process !== process) return;
    const highWatermark = process.services!.quorum.highWatermark ?? -1n;
    if (highWatermark < seen.highWatermark && highWatermark >= 0n) {
      this.#fail(
        `the high watermark of the quorum goes back at ${node.name}, from ${seen.highWatermark} to ${highWatermark}`,
      );
    }
    if (highWatermark >= 0n) seen.highWatermark = highWatermark;
  }
}
