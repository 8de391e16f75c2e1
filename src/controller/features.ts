import {
  DEFAULT_METADATA_VERSION,
  HIGHEST_METADATA_VERSION,
  LOWEST_METADATA_VERSION,
} from './metadata_version.ts';

/*
 * The features of a cluster (KIP-584, KIP-1022): what all its nodes agree to speak.
 */

export const METADATA_VERSION_FEATURE = 'metadata.version';
/** The quorum's own feature: its level stands in the quorum's control records, not in the metadata. */
export const KRAFT_VERSION_FEATURE = 'kraft.version';
export const ELIGIBLE_LEADER_REPLICAS_FEATURE = 'eligible.leader.replicas.version';

export interface VersionBounds {
  readonly lowest: number;
  /** Inclusive. */
  readonly highest: number;
}

export interface FeatureFacts extends VersionBounds {
  readonly name: string;
  /** The level that a new cluster starts with. */
  readonly initial: number;
  /** The lowest metadata.version that each level needs, by level; 0 where it needs none. */
  readonly metadataVersions: readonly number[];
}

/** Everything that this version of Odradek can run at; the levels of Kafka 4.4 (class Feature). */
export const FEATURES: readonly FeatureFacts[] = [
  {
    name: METADATA_VERSION_FEATURE,
    lowest: LOWEST_METADATA_VERSION,
    highest: HIGHEST_METADATA_VERSION,
    initial: DEFAULT_METADATA_VERSION,
    metadataVersions: [],
  },
  { name: KRAFT_VERSION_FEATURE, lowest: 0, highest: 1, initial: 0, metadataVersions: [] },
  { name: 'transaction.version', lowest: 0, highest: 2, initial: 2, metadataVersions: [0, 0, 0] },
  { name: 'group.version', lowest: 0, highest: 1, initial: 1, metadataVersions: [0, 0] },
  {
    name: ELIGIBLE_LEADER_REPLICAS_FEATURE,
    lowest: 0,
    highest: 1,
    initial: 1,
    metadataVersions: [0, 23],
  },
  { name: 'share.version', lowest: 0, highest: 1, initial: 1, metadataVersions: [0, 0] },
  { name: 'streams.version', lowest: 0, highest: 1, initial: 1, metadataVersions: [0, 0] },
];

/** What stands for a feature that a node did not name: it has it at level 0 alone. */
export const UNSUPPORTED: VersionBounds = { lowest: 0, highest: 0 };

export function featureFacts(name: string): FeatureFacts | undefined {
  return FEATURES.find(feature => feature.name === name);
}

export function withinBounds(level: number, bounds: VersionBounds): boolean {
  return level >= bounds.lowest && level <= bounds.highest;
}
