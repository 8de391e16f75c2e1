import { asPartitionIndex, NO_NODE, type PartitionIndex } from '../../model/ids.ts';
import type { Random } from '../../model/ports.ts';
import type { TopicMetadata } from '../cluster_metadata.ts';

const MULTIPLIER = 0x5bd1e995;
const SEED = 0x9747b28c;

/** MurmurHash 2 in 32 bits (Austin Appleby) with the seed that Kafka's clients use; an int32. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  let hash = SEED ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  const rest = length - at;
  if (rest > 2) hash ^= bytes[at + 2]! << 16;
  if (rest > 1) hash ^= bytes[at + 1]! << 8;
  if (rest > 0) hash = Math.imul(hash ^ bytes[at]!, MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** The partition of a key: the same for every client with Kafka's default partitioner. */
export function partitionOfKey(key: Uint8Array, partitionCount: number): PartitionIndex {
  return asPartitionIndex((murmur2(key) & 0x7fffffff) % partitionCount);
}

/**
 * Chooses partitions for records without a key: stays with one until a batch's worth of bytes went there, then goes
 * to another at random of those that have a leader (KIP-794).
 */
export class StickyPartitioner {
  readonly #random: Random;
  readonly #batchSizeBytes: number;
  /** By topic: as many as are produced to. */
  readonly #chosen = new Map<string, { partition: PartitionIndex; sentBytes: number }>();

  constructor(random: Random, batchSizeBytes: number) {
    this.#random = random;
    this.#batchSizeBytes = batchSizeBytes;
  }

  choose(topic: TopicMetadata, sizeBytes: number): PartitionIndex {
    let chosen = this.#chosen.get(topic.name);
    const isUsable = chosen !== undefined && topic.partitions[chosen.partition]?.leader !== NO_NODE;
    if (chosen === undefined || !isUsable || chosen.sentBytes >= this.#batchSizeBytes) {
      chosen = { partition: this.#pick(topic), sentBytes: 0 };
      this.#chosen.set(topic.name, chosen);
    }
    chosen.sentBytes += sizeBytes;
    return chosen.partition;
  }

  #pick({ partitions }: TopicMetadata): PartitionIndex {
    const led = partitions.filter(each => each.leader !== NO_NODE);
    const candidates = led.length > 0 ? led : partitions;
    return candidates[Math.floor(this.#random.fraction() * candidates.length)]!.partition;
  }
}
