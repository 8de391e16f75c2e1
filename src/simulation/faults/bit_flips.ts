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

/** Flips bits of records at rest: of one replica of a partition at a time, so that there is a right one somewhere. */
export class BitFlips {
  readonly #world: World;
  readonly #random: SeededRandom;
  #flips: Flip[] = [];

  constructor(world: World, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
  }

  /** Flips a bit of a replica of the node whose other replicas are in sync and whole; undefined without one. */
  flip(node: WorldNode): Flip | undefined {
    const candidates = [...(node.services?.replicas.partitions() ?? [])].filter(
      partition =>
        partition.log !== undefined &&
        partition.isr.length > 1 &&
        partition.isr.length === partition.replicas.length &&
        this.#isWhole(partition.topicId, partition.index),
    );
    const partition = candidates[this.#random.below(Math.max(1, candidates.length))];
    if (partition === undefined) return undefined;
    // What is committed: of the rest nobody else may have a copy.
    const endOffset = partition.log!.highWatermark;
    const segments = partition.log!.segments.filter(segment => segment.baseOffset < endOffset);
    const segment = segments[this.#random.below(Math.max(1, segments.length))];
    if (segment === undefined || segment.sizeBytes === 0) return undefined;
    const isWhole = !segment.isGrowing && segment.endOffset <= endOffset;
    // Of a segment that grows the first half; the writes of a second are behind it.
    const position = this.#random.below(isWhole ? segment.sizeBytes : Math.ceil(segment.sizeBytes / 2));
    const file = fileAt(node, segment.file.path);
    if (file === undefined || position >= file.sizeBytes) return undefined;
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
