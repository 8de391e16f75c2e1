import type { EpochEntry } from '../../log/leader_epochs.ts';
import { asLeaderEpoch } from '../../model/ids.ts';
import type { Partition } from '../../replica/partition.ts';
import { areLogFilesOnDisk } from '../simulated_log_files.ts';
import { findDamage } from '../stored_batches.ts';
import type { NodeProcess, WorldNode } from '../world/world_node.ts';
import { type Cut, committedBefore, type Ledger, type Ledgers } from './ledger.ts';
import { firstDifference, lineage } from './lineage.ts';

/** A replica as it was behind the last event of its node that changed it. */
interface Seen {
  readonly highWatermark: bigint;
  readonly endOffset: bigint;
  readonly durableOffset: bigint;
  readonly leaderEpoch: number;
  readonly isLeader: boolean;
  readonly hasEnded: boolean;
  readonly truncationCount: number;
}

const UNSEEN: Seen = {
  highWatermark: -1n,
  endOffset: -1n,
  durableOffset: -1n,
  leaderEpoch: -1,
  isLeader: false,
  hasEnded: false,
  truncationCount: 0,
};

/** A replica of a process; `seen` and `ledger` are undefined while its log is being opened. */
interface Replica {
  readonly partition: Partition;
  seen: Seen | undefined;
  ledger: Ledger | undefined;
}

/** The replicas of a node's process, so that they need not be collected behind each event. */
interface Watched {
  readonly process: NodeProcess;
  replicas: Replica[];
  /** Replicas came or went: they are collected anew behind this event. */
  isStale: boolean;
  checks: number;
}

export interface PartitionInvariantsOptions {
  readonly fail: (text: string) => void;
  readonly ledgers: Ledgers;
  /** A replica was opened, or has less than before. */
  readonly shrank: (node: WorldNode, partition: Partition) => void;
}

/** Once in so many events of a node it is made sure that no replica was overlooked. */
const CHECKS_PER_REVIEW = 512;

/**
 * What must hold of the replicas of every partition behind every event: a leader has all that is committed, one node
 * leads in an epoch, and nothing counts as committed that is not on the disk of each in-sync replica.
 */
export class PartitionInvariants {
  readonly #options: PartitionInvariantsOptions;
  readonly #ledgers: Ledgers;
  /** By node: its present process. */
  readonly #watched = new Map<number, Watched>();

  constructor(options: PartitionInvariantsOptions) {
    this.#options = options;
    this.#ledgers = options.ledgers;
  }

  /** A node's process has its rooms. */
  opened(node: WorldNode, process: NodeProcess): void {
    this.#watched.set(node.id, { process, replicas: [], isStale: true, checks: 0 });
  }

  /** The node is told of other metadata, by which alone replicas come and go. */
  metadataChanged(node: WorldNode): void {
    this.#watched.get(node.id)!.isStale = true;
  }

  /** Behind an event of the node. */
  check(node: WorldNode, process: NodeProcess): void {
    const watched = this.#watched.get(node.id);
    if (watched?.process !== process) return;
    if (watched.isStale) this.#collect(watched);
    else if (++watched.checks % CHECKS_PER_REVIEW === 0) this.#review(node, watched);
    for (const replica of watched.replicas) {
      if (hasChanged(replica)) this.#checkReplica(node, replica);
    }
  }

  #collect(watched: Watched): void {
    const before = new Map(watched.replicas.map(replica => [replica.partition, replica]));
    const partitions = watched.process.services!.replicas.partitions();
    watched.replicas = Array.from(
      partitions,
      partition => before.get(partition) ?? { partition, seen: undefined, ledger: undefined },
    );
    watched.isStale = false;
  }

  #review(node: WorldNode, watched: Watched): void {
    const known = new Set(watched.replicas.map(({ partition }) => partition));
    this.#collect(watched);
    const isSame =
      watched.replicas.length === known.size &&
      watched.replicas.every(({ partition }) => known.has(partition));
    if (!isSame) this.#options.fail(`replicas of ${node.name} came or went without new metadata`);
  }

  #checkReplica(node: WorldNode, replica: Replica): void {
    const { partition } = replica;
    const { highWatermark, endOffset, durableOffset, truncationCount } = partition.log!;
    const { isLeader, leaderEpoch } = partition;
    replica.ledger ??= this.#ledgers.of(partition.topicId, partition.index, partition.name);
    const { ledger } = replica;
    const before = replica.seen ?? UNSEEN;
    if (replica.seen === undefined) this.#checkReopened(node, partition, ledger);
    const hasEnded = partition.log!.failure !== undefined;
    replica.seen = {
      highWatermark,
      endOffset,
      durableOffset,
      leaderEpoch,
      isLeader,
      hasEnded,
      truncationCount,
    };
    const known = ledger.durable.get(node.id) ?? 0n;
    // What is being cut counts as durable at the log until that is done.
    const durable = minimum(endOffset, maximum(durableOffset, known));
    ledger.durable.set(node.id, durable);
    if (before === UNSEEN || durable < known) this.#options.shrank(node, partition);
    // A log that has ended is cut no more: what its last cut left undone stays so.
    if (truncationCount !== before.truncationCount && !before.hasEnded) noteCut(node, partition, ledger);
    this.#checkOffsets(node, partition, before);
    // What is mended is written over in place, and is on the disk a little later.
    const isDamaged = ledger.damaged.has(node.id);
    if (durableOffset > before.durableOffset && !isDamaged) this.#checkOnDisk(node, partition);
    if (!isLeader) return;
    if (!before.isLeader || leaderEpoch > before.leaderEpoch) this.#checkNewLeader(node, partition, ledger);
    if (highWatermark > before.highWatermark) this.#checkCommitted(node, partition, ledger);
  }

  /** A node is told of a leader epoch: who leads in an earlier one need not have what is committed from now on. */
  epochTold(
    topicId: string,
    index: number,
    { name, leaderEpoch }: { name: string; leaderEpoch: number },
  ): void {
    const { told, committedEnd } = this.#ledgers.of(topicId, index, name);
    if (leaderEpoch > (told.at(-1)?.leaderEpoch ?? -1)) told.push({ leaderEpoch, committedEnd });
  }

  /** What was synced before the process ended is there when the next one opens the log, but for what was being cut. */
  #checkReopened(node: WorldNode, partition: Partition, ledger: Ledger): void {
    const { name, log, config } = partition;
    const known = ledger.durable.get(node.id);
    const cut = ledger.cuts.get(node.id);
    const durable = known === undefined || cut === undefined ? known : minimum(known, keptEnd(cut, ledger));
    ledger.cuts.delete(node.id);
    if (!ledger.damaged.has(node.id)) this.#checkWhole(node, partition);
    if (durable === undefined || config.writeCaching || log!.endOffset >= durable) return;
    if (ledger.damaged.delete(node.id)) {
      noteLoss(ledger, node);
      return;
    }
    this.#options.fail(
      `${name} at ${node.name} ends at ${log!.endOffset}; up to ${durable} it was synced before`,
    );
  }

  /** What a crash tore is cut off, and nothing is left behind it, when a log is opened: whoever reads it finds no end. */
  #checkWhole(node: WorldNode, { name, log, config }: Partition): void {
    if (log!.failure !== undefined) return;
    const damage = findDamage(node.disk, log!.directory, { mayHaveGaps: config.cleanupPolicy.compact });
    if (damage !== undefined) this.#options.fail(`${name} is opened at ${node.name}, and ${damage}`);
  }

  #checkOffsets(node: WorldNode, { log, name, isLeader, leaderEpoch }: Partition, before: Seen): void {
    const { logStartOffset, highWatermark, endOffset, durableOffset } = log!;
    // A follower whose log is being cut still counts as durable what was.
    const isDurableBehind = isLeader && durableOffset > endOffset;
    if (highWatermark > endOffset || isDurableBehind || logStartOffset > endOffset) {
      this.#options.fail(
        `${name} at ${node.name} ends at ${endOffset}, and begins at ${logStartOffset}, has its high watermark at ` +
          `${highWatermark} and is durable up to ${durableOffset}`,
      );
    }
    if (leaderEpoch < before.leaderEpoch) {
      this.#options.fail(
        `${name} at ${node.name} goes back from leader epoch ${before.leaderEpoch} to ${leaderEpoch}`,
      );
    }
    if (isLeader && before.isLeader && leaderEpoch === before.leaderEpoch) {
      if (highWatermark < before.highWatermark) {
        this.#options.fail(
          `the high watermark of ${name} goes back at its leader ${node.name}, from ${before.highWatermark} to ${highWatermark}`,
        );
      }
      if (endOffset < before.endOffset) {
        this.#options.fail(
          `the log of ${name} is cut at its leader ${node.name}, from ${before.endOffset} to ${endOffset}`,
        );
      }
    }
  }

  /** Where all of a log counts as durable, a power cut would leave all of it. */
  #checkOnDisk(node: WorldNode, { log, name }: Partition): void {
    const { durableOffset, endOffset, failure, config, directory } = log!;
    if (durableOffset < endOffset || failure !== undefined || config.writeCaching) return;
    if (areLogFilesOnDisk(node.disk, directory)) return;
    this.#options.fail(
      `${name} at ${node.name} counts as durable up to ${durableOffset}, and its disk does not have all of that`,
    );
  }

  #checkNewLeader(node: WorldNode, partition: Partition, ledger: Ledger): void {
    const { name, leaderEpoch } = partition;
    const log = partition.log!;
    const other = ledger.leaders.get(leaderEpoch);
    if (other !== undefined && other !== node.id) {
      this.#options.fail(`nodes ${other} and ${node.id} both lead ${name} in epoch ${leaderEpoch}`);
    }
    ledger.leaders.set(leaderEpoch, node.id);
    // A follower whose last record is of an epoch that this log has nothing of would ask until the next append.
    if (leaderEpoch > 0 && log.endOffsetForEpoch(asLeaderEpoch(leaderEpoch - 1)).endOffset < 0n) {
      this.#options.fail(
        `${node.name} leads ${name} in epoch ${leaderEpoch} and can't tell where the epochs before it end`,
      );
    }
    // It may have slept, or been cut off, since it was elected, and know nothing of those who lead after it.
    const end = committedBefore(ledger, leaderEpoch);
    if (log.endOffset < end) {
      this.#options.fail(
        `${node.name} leads ${name} in epoch ${leaderEpoch} and ends at ${log.endOffset}; committed is ${end}`,
      );
      return;
    }
    this.#checkLineage(`${node.name} leads ${name} in epoch ${leaderEpoch}`, partition, {
      ledger,
      end,
    });
  }

  /** Up to `end` the log has the committed records, and no others in their place. */
  #checkLineage(
    text: string,
    { log }: Partition,
    { ledger, end }: { readonly ledger: Ledger; readonly end: bigint },
  ): void {
    const from = log!.logStartOffset;
    const own = lineage(log!.leaderEpochs, from, end);
    const committed = lineage(ledger.epochs, from, end);
    const difference = firstDifference(own, committed);
    if (difference === undefined) return;
    this.#options.fail(
      `${text} and has other records at ${difference} than were committed there: epochs ${shown(own)}, committed ${shown(committed)}`,
    );
  }

  /** The leader has found that its log is committed up to its high watermark. */
  #checkCommitted(node: WorldNode, partition: Partition, ledger: Ledger): void {
    if (partition.leaderEpoch < ledger.firstEpoch) return;
    const log = partition.log!;
    const { highWatermark } = log;
    // A leader that was replaced and does not know it may find that as much is committed as was before it was.
    this.#checkLineage(`${node.name}, which leads ${partition.name}`, partition, {
      ledger,
      end: minimum(highWatermark, ledger.committedEnd),
    });
    if (highWatermark > ledger.committedEnd) {
      const added = lineage(log.leaderEpochs, ledger.committedEnd, highWatermark);
      for (const piece of added) {
        if (ledger.epochs.at(-1)?.leaderEpoch !== piece.leaderEpoch) ledger.epochs.push(piece);
      }
      ledger.committedEnd = highWatermark;
    }
    if (!partition.config.writeCaching) this.#checkDurable(node, partition, ledger);
  }

  #checkDurable(node: WorldNode, partition: Partition, ledger: Ledger): void {
    const { highWatermark } = partition.log!;
    for (const id of partition.isr) {
      const durable = ledger.durable.get(id) ?? 0n;
      if (durable >= highWatermark || partition.leaderEpoch <= (ledger.lost.get(id) ?? -1)) continue;
      this.#options.fail(
        `${node.name} shows ${partition.name} as committed up to ${highWatermark}; node ${id}, which is in sync, ` +
          `has it on disk up to ${durable}`,
      );
    }
  }

  /**
   * A client was told that the record is written by all in-sync replicas.
   * @param topicId of the topic when it was written
   */
  acknowledged(topicId: string, index: number, offset: bigint): void {
    const ledger = this.#ledgers.find(topicId, index);
    if (ledger !== undefined && offset < ledger.committedEnd) return;
    this.#options.fail(
      `offset ${offset} of ${ledger?.name ?? topicId} is acknowledged; committed is ${ledger?.committedEnd ?? 'nothing'}`,
    );
  }

  /** The node gives its replica up, with what is on its disk. */
  removed(node: WorldNode, topicId: string, index: number): void {
    const ledger = this.#ledgers.find(topicId, index);
    if (ledger === undefined) return;
    ledger.durable.delete(node.id);
    // Who led before may find only now that everybody had something.
    noteLoss(ledger, node);
  }

  /** The node's disk is gone: nothing of it counts any more. */
  diskLost(node: WorldNode): void {
    for (const ledger of this.#ledgers.all()) {
      ledger.durable.delete(node.id);
      noteLoss(ledger, node);
    }
  }

  /** Bits of the node's replica were flipped where it lies. */
  diskDamaged(node: WorldNode, topicId: string, index: number): void {
    this.#ledgers.find(topicId, index)?.damaged.add(node.id);
  }
}

function noteLoss({ lost, leaders }: Ledger, { id }: WorldNode): void {
  lost.set(id, Math.max(-1, ...leaders.keys()));
}

/** A cut has begun, is done, or ended with its log. Until it is done the log shows what was there before. */
function noteCut({ id }: WorldNode, { log, leaderEpoch }: Partition, { cuts }: Ledger): void {
  const { truncationCount, failure, leaderEpochs, logStartOffset } = log!;
  // It counts where a cut begins and where it ends, also when it fails: then the files may be cut, and may be not.
  const isUnderWay = truncationCount % 2 === 1;
  if (isUnderWay || (failure !== undefined && !cuts.has(id))) {
    cuts.set(id, { epochs: [...leaderEpochs], logStartOffset, leaderEpoch });
  } else if (failure === undefined) {
    cuts.delete(id);
  }
}

/**
 * Up to where a cut leaves the log in any case: the leader, whose log it is made like, has all that was committed before
 * another came, and what is the same in both stays.
 */
function keptEnd({ epochs, logStartOffset, leaderEpoch }: Cut, ledger: Ledger): bigint {
  const end = committedBefore(ledger, leaderEpoch);
  const own = lineage(epochs, logStartOffset, end);
  return firstDifference(own, lineage(ledger.epochs, logStartOffset, end)) ?? end;
}

/** Whether the replica is not what it was when it was looked at last. */
function hasChanged({ partition, seen }: Replica): boolean {
  const { log } = partition;
  if (log === undefined) return false;
  return (
    seen === undefined ||
    seen.highWatermark !== log.highWatermark ||
    seen.endOffset !== log.endOffset ||
    seen.durableOffset !== log.durableOffset ||
    seen.leaderEpoch !== partition.leaderEpoch ||
    seen.isLeader !== partition.isLeader ||
    seen.hasEnded !== (log.failure !== undefined) ||
    seen.truncationCount !== log.truncationCount
  );
}

const maximum = (left: bigint, right: bigint) => (left > right ? left : right);
const minimum = (left: bigint, right: bigint) => (left < right ? left : right);

function shown(epochs: readonly EpochEntry[]): string {
  return epochs.map(({ leaderEpoch, startOffset }) => `${leaderEpoch}@${startOffset}`).join(' ') || 'none';
}
