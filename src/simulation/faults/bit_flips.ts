import type { Partition } from '../../replica/partition.ts';
import type { SeededRandom } from '../seeded_random.ts';
import { SimulatedFile } from '../simulated_file.ts';
import type { World } from '../world/world.ts';
import type { WorldNode } from '../world/world_node.ts';

interface Flip {
  readonly node: WorldNode;
  readonly diskCount: number;
  readonly topicId: string;
  readonly index: number;
  readonly path: string;
  readonly position: number;
  readonly file: SimulatedFile;
  readonly byte: number;
}

/**
 * Flips bits of records at rest: of one replica of a partition at a time, so that there is a right one somewhere.
 *
 * Records are at rest when the disk knows that they are committed: behind them a recovery can't tell what was damaged
 * from what was torn. Where processes crash too, it has to take two replicas to commit anything: one alone would lose to
 * its recovery what it has committed behind the damage. And the base offset and the leader epoch of a batch are left
 * alone then: no checksum covers them, and a recovery makes the leader epochs of the log from what it reads there.
 */
export class BitFlips {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #withCrashes: boolean;
  #flips: Flip[] = [];

  constructor(world: World, random: SeededRandom, { withCrashes }: { readonly withCrashes: boolean }) {
    this.#world = world;
    this.#random = random;
    this.#withCrashes = withCrashes;
  }

  /** Flips a bit of a replica of the node whose other replicas are in sync and whole; undefined without one. */
  flip(node: WorldNode): Flip | undefined {
    const candidates = [...(node.services?.replicas.partitions() ?? [])].filter(
      partition =>
        partition.log !== undefined &&
        partition.isr.length > 1 &&
        partition.isr.length === partition.replicas.length &&
        (!this.#withCrashes || isKeptByOthers(partition)) &&
        this.#isWhole(partition.topicId, partition.index),
    );
    const partition = candidates[this.#random.below(Math.max(1, candidates.length))];
    if (partition === undefined) return undefined;
    // What was committed a while ago: of the rest nobody else may have a copy.
    const endOffset = storedHighWatermark(node, partition);
    const segments = partition.log!.segments.filter(segment => segment.baseOffset < endOffset);
    const segment = segments[this.#random.below(Math.max(1, segments.length))];
    if (segment === undefined || segment.sizeBytes === 0) return undefined;
    const file = fileAt(node, segment.file.path);
    if (file === undefined) return undefined;
    const batches = [...batchesBelow(file, endOffset)];
    const position = this.#random.below(batches.at(-1)?.end ?? 1);
    const batch = batches.find(({ end }) => position < end);
    if (batch === undefined) return undefined;
    if (this.#withCrashes && UNCHECKED.some(([from, to]) => isWithin(position - batch.start, from, to)))
      return undefined;
    const flip: Flip = {
      node,
      diskCount: node.diskCount,
      topicId: partition.topicId,
      index: partition.index,
      path: segment.file.path,
      position,
      file,
      byte: file.read(position, 1)[0]!,
    };
    file.flipBit(position, this.#random.below(8));
    this.#flips.push(flip);
    return flip;
  }

  /** Nodes on whose disks bits are not as they were. */
  get damagedNodes(): ReadonlySet<WorldNode> {
    this.#flips = this.#flips.filter(flip => !isMended(flip));
    return new Set(this.#flips.map(({ node }) => node));
  }

  #isWhole(topicId: string, index: number): boolean {
    this.#flips = this.#flips.filter(flip => !isMended(flip));
    const isServing = this.#world.brokers.every(({ isServing }) => isServing);
    return isServing && this.#flips.every(flip => flip.topicId !== topicId || flip.index !== index);
  }
}

function isMended({ node, diskCount, path, position, file, byte }: Flip): boolean {
  // Another disk, or another file of that name, or none.
  if (node.diskCount !== diskCount || fileAt(node, path) !== file) return true;
  return position >= file.sizeBytes || file.read(position, 1)[0] === byte;
}

function fileAt(node: WorldNode, path: string): SimulatedFile | undefined {
  const entry = node.disk.namespace.find(path);
  return entry instanceof SimulatedFile ? entry : undefined;
}

/** Whether what is committed of the partition is on the disks of two replicas at least, whoever crashes. */
function isKeptByOthers({ config }: Partition): boolean {
  return config.minInsyncReplicas > 1 && !config.writeCaching;
}

/** Up to where the node's disk says that the partition is committed. */
function storedHighWatermark(node: WorldNode, { log, name }: Partition): bigint {
  const { directory } = log!;
  const path = `${directory.slice(0, directory.lastIndexOf('/'))}/replication-offset-checkpoint`;
  const file = fileAt(node, path);
  if (file === undefined) return 0n;
  const line = name.replace(/-(\d+)$/, ' $1 ');
  const lines = file.read(0, file.sizeBytes).toString('utf8').split('\n');
  return BigInt(lines.find(each => each.startsWith(line))?.slice(line.length) ?? 0);
}

const LENGTH_AT = 8;
const EPOCH_AT = 12;
const MAGIC_AT = 16;
const LAST_OFFSET_DELTA_AT = 23;
const OVERHEAD_BYTES = 12;

/** Where a batch has its base offset and its leader epoch. */
const UNCHECKED = [
  [0, LENGTH_AT],
  [EPOCH_AT, MAGIC_AT],
] as const;

const isWithin = (value: number, from: number, to: number) => value >= from && value < to;

/** Where the batches at the start of the file are that are all below the offset. */
function* batchesBelow(
  file: SimulatedFile,
  endOffset: bigint,
): Iterable<{ readonly start: number; readonly end: number }> {
  const bytes = file.read(0, file.sizeBytes);
  for (let start = 0; start + LAST_OFFSET_DELTA_AT + 4 <= bytes.length; ) {
    const lastOffset = bytes.readBigInt64BE(start) + BigInt(bytes.readInt32BE(start + LAST_OFFSET_DELTA_AT));
    const end = start + OVERHEAD_BYTES + bytes.readInt32BE(start + LENGTH_AT);
    if (lastOffset >= endOffset || end > bytes.length) return;
    yield { start, end };
    start = end;
  }
}
