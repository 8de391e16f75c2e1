import { assert } from '../../model/assert.ts';
import { KRAFT_VERSION_FEATURE, METADATA_VERSION_FEATURE } from '../features.ts';
import { type MetadataRecord, type MetadataRecordValue, metadataRecord } from '../metadata_record.ts';
import { type MetadataVersion, metadataVersionOf } from '../metadata_version.ts';
import type { MetadataDelta } from './metadata_delta.ts';

/** The levels that the cluster runs at. */
export class FeaturesImage {
  readonly #levels: Map<string, number>;

  constructor(levels: ReadonlyMap<string, number> = new Map()) {
    this.#levels = new Map(levels);
  }

  /** By name, without those at level 0. */
  get levels(): ReadonlyMap<string, number> {
    return this.#levels;
  }

  /** 0 for a feature that was never set. */
  levelOf(name: string): number {
    return this.#levels.get(name) ?? 0;
  }

  /** Undefined before the first controller has written it: then there is nothing else in the log. */
  get metadataVersion(): MetadataVersion | undefined {
    return metadataVersionOf(this.levelOf(METADATA_VERSION_FEATURE));
  }

  clone(): FeaturesImage {
    return new FeaturesImage(this.#levels);
  }

  change(record: MetadataRecordValue<'FeatureLevelRecord'>, delta: MetadataDelta | undefined): void {
    const { name, featureLevel } = record;
    // The level of the quorum's own feature stands in its control records; older logs hold a copy that means nothing.
    if (name === KRAFT_VERSION_FEATURE) return;
    assert(
      name !== METADATA_VERSION_FEATURE || metadataVersionOf(featureLevel) !== undefined,
      `metadata.version ${featureLevel} is not known here`,
    );
    delta?.featureChanged(name, this.levelOf(name), featureLevel);
    if (featureLevel === 0) this.#levels.delete(name);
    else this.#levels.set(name, featureLevel);
  }

  /** The metadata.version comes first: readers need it for all that follows. */
  *records(): Iterable<MetadataRecord> {
    const names = [...this.#levels.keys()].filter(name => name !== METADATA_VERSION_FEATURE);
    for (const name of [METADATA_VERSION_FEATURE, ...names]) {
      const featureLevel = this.levelOf(name);
      if (featureLevel > 0) yield metadataRecord('FeatureLevelRecord', 0, { name, featureLevel });
    }
  }
}
