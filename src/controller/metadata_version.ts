import type { Brand } from '../model/brand.ts';

/*
 * The levels of the feature metadata.version: which records the metadata log may hold, and in which versions. Names
 * and levels as of Kafka 4.4 (class MetadataVersion).
 */

/** A level of the feature `metadata.version`. */
export type MetadataVersion = Brand<number, 'MetadataVersion'>;

interface LevelFacts {
  readonly level: number;
  readonly name: string;
  /** Whether the level brought records or fields that lower levels can't hold. */
  readonly metadataChanged: boolean;
}

const facts = (level: number, name: string, metadataChanged: boolean): LevelFacts => ({
  level,
  name,
  metadataChanged,
});

/** Ascending, without gaps. */
const LEVELS: readonly LevelFacts[] = [
  facts(7, '3.3-IV3', true),
  facts(8, '3.4-IV0', true),
  facts(9, '3.5-IV0', false),
  facts(10, '3.5-IV1', false),
  facts(11, '3.5-IV2', true),
  facts(12, '3.6-IV0', false),
  facts(13, '3.6-IV1', true),
  facts(14, '3.6-IV2', true),
  facts(15, '3.7-IV0', true),
  facts(16, '3.7-IV1', false),
  facts(17, '3.7-IV2', true),
  facts(18, '3.7-IV3', false),
  facts(19, '3.7-IV4', false),
  facts(20, '3.8-IV0', false),
  facts(21, '3.9-IV0', false),
  facts(22, '4.0-IV0', false),
  facts(23, '4.0-IV1', true),
  facts(24, '4.0-IV2', false),
  facts(25, '4.0-IV3', false),
  facts(26, '4.1-IV0', false),
  facts(27, '4.1-IV1', false),
  facts(28, '4.2-IV0', false),
  facts(29, '4.2-IV1', false),
  facts(30, '4.3-IV0', true),
  facts(31, '4.4-IV0', false),
  facts(32, '4.4-IV1', true),
  facts(33, '4.4-IV2', true),
];

const asMetadataVersion = (level: number): MetadataVersion => level as MetadataVersion;

/** The lowest level that this version of Odradek can run at; so for Kafka 4. */
export const LOWEST_METADATA_VERSION = asMetadataVersion(7);
/** The highest level whose records this version of Odradek understands. */
export const HIGHEST_METADATA_VERSION = asMetadataVersion(33);
/** 4.3-IV0: what a new cluster starts with. Brokers and tools of Kafka 4.3 and 4.4 understand it. */
export const DEFAULT_METADATA_VERSION = asMetadataVersion(30);

/** The level as a version; undefined for one that is not known here. */
export function metadataVersionOf(level: number): MetadataVersion | undefined {
  return LEVELS.some(each => each.level === level) ? asMetadataVersion(level) : undefined;
}

/** `4.3-IV0` */
export function metadataVersionName(version: MetadataVersion): string {
  return LEVELS.find(each => each.level === version)?.name ?? String(version);
}

/** Whether going from one level to the other could lose what the log holds, in either direction. */
export function metadataChangedBetween(left: MetadataVersion, right: MetadataVersion): boolean {
  const low = Math.min(left, right);
  const high = Math.max(left, right);
  return LEVELS.some(each => each.level > low && each.level <= high && each.metadataChanged);
}

/** Log directories in registrations and partitions (KIP-858). */
export const hasDirectories = (version: MetadataVersion): boolean => version >= 17;
/** Eligible leader replicas in partitions (KIP-966). */
export const hasEligibleLeaderReplicas = (version: MetadataVersion): boolean => version >= 23;
export const hasScramCredentials = (version: MetadataVersion): boolean => version >= 11;
export const hasDelegationTokens = (version: MetadataVersion): boolean => version >= 14;
/** Transactions of metadata records (KIP-868). */
export const hasMetadataTransactions = (version: MetadataVersion): boolean => version >= 13;
export const hasControllerRegistrations = (version: MetadataVersion): boolean => version >= 15;
/** UnregisterControllerRecord (KIP-1312). */
export const hasControllerUnregistration = (version: MetadataVersion): boolean => version >= 33;
/** Log directories that take no new replicas (KIP-1066). */
export const hasCordonedDirectories = (version: MetadataVersion): boolean => version >= 30;
/** Replica managers of older brokers miss a shrunken ISR without a new leader epoch (KAFKA-15021). */
export const needsLeaderEpochForIsrShrink = (version: MetadataVersion): boolean => version < 12;
