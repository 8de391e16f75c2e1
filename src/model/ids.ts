import type { Brand } from './brand.ts';

/*
 * One rule for numbers: what is int64 on the wire or on disk is a bigint in memory, everything smaller is a number.
 * So no offset, timestamp or producer id is ever rounded, whatever a client sends.
 */

/** Position of a record in a partition, from 0. Also used for the exclusive end of a range. */
export type Offset = Brand<bigint, 'Offset'>;
/** Counts the leaderships of a partition, from 0; -1 where unknown. */
export type LeaderEpoch = Brand<number, 'LeaderEpoch'>;
/** `node.id`: a node of the cluster, broker or controller, from 0; -1 where unknown. */
export type NodeId = Brand<number, 'NodeId'>;
/** Counts the registrations of a broker: the metadata offset of the registration's record; -1 where unknown. */
export type BrokerEpoch = Brand<bigint, 'BrokerEpoch'>;
/** A producer with idempotence or transactions, from 0; -1 for a producer without. */
export type ProducerId = Brand<bigint, 'ProducerId'>;
/** Fences earlier incarnations of a producer id, 0 to 32767; -1 for none. */
export type ProducerEpoch = Brand<number, 'ProducerEpoch'>;
/** Index of a partition in its topic, from 0. */
export type PartitionIndex = Brand<number, 'PartitionIndex'>;
/** 16 bytes in base64url without padding (22 characters), as Kafka's tools print them: topic ids, directory ids. */
export type Uuid = Brand<string, 'Uuid'>;

export const asOffset = (value: bigint): Offset => value as Offset;
export const asLeaderEpoch = (value: number): LeaderEpoch => value as LeaderEpoch;
export const asNodeId = (value: number): NodeId => value as NodeId;
export const asBrokerEpoch = (value: bigint): BrokerEpoch => value as BrokerEpoch;
export const asProducerId = (value: bigint): ProducerId => value as ProducerId;
export const asProducerEpoch = (value: number): ProducerEpoch => value as ProducerEpoch;
export const asPartitionIndex = (value: number): PartitionIndex => value as PartitionIndex;
export const asUuid = (value: string): Uuid => value as Uuid;

/** The offset `count` records after `base`. */
export const offsetAfter = (base: Offset, count: number | bigint): Offset => (base + BigInt(count)) as Offset;
export const maxOffset = (left: Offset, right: Offset): Offset => (left > right ? left : right);
export const minOffset = (left: Offset, right: Offset): Offset => (left < right ? left : right);

export const UNKNOWN_OFFSET = asOffset(-1n);
export const UNKNOWN_LEADER_EPOCH = asLeaderEpoch(-1);
export const NO_NODE = asNodeId(-1);
export const NO_PRODUCER_ID = asProducerId(-1n);
export const NO_PRODUCER_EPOCH = asProducerEpoch(-1);
