import { asPartitionIndex, type PartitionIndex } from '../model/ids.ts';

/**
 * The partition of the internal topic that holds a key (group id, transactional id), as Kafka places it: the absolute
 * value of Java's hash of the string (0 for the one that has none), modulo the number of partitions.
 */
export function partitionOf(key: string, partitionCount: number): PartitionIndex {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  const absolute = hash === -0x80000000 ? 0 : Math.abs(hash);
  return asPartitionIndex(absolute % partitionCount);
}
