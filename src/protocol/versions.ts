/** A range of versions as Kafka's schemas write them: `3+`, `0-12`, `7`, `none`. */
export type VersionRange = `${number}+` | `${number}-${number}` | `${number}` | 'none';

export interface Versions {
  readonly lowest: number;
  /** Inclusive; {@link LAST_VERSION} for an open range; below `lowest` for `none`. */
  readonly highest: number;
}

/** Versions are int16. */
export const LAST_VERSION = 32767;

const parsed = new Map<string, Versions>();

/** Reads a range of versions; the same text gives the same object. */
export function parseVersions(range: VersionRange): Versions {
  let versions = parsed.get(range);
  if (versions === undefined) {
    versions = parse(range);
    parsed.set(range, versions);
  }
  return versions;
}

function parse(range: VersionRange): Versions {
  if (range === 'none') return { lowest: 0, highest: -1 };
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(range);
  if (match === null) throw new Error(`Cannot read "${range}" as a range of versions`);
  const lowest = Number(match[1]);
  if (match[2] === '+') return { lowest, highest: LAST_VERSION };
  return { lowest, highest: match[3] === undefined ? lowest : Number(match[3]) };
}

export function includesVersion(range: VersionRange, version: number): boolean {
  const versions = parseVersions(range);
  return version >= versions.lowest && version <= versions.highest;
}
