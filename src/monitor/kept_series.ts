/** Values of several names, the oldest first; null where there is none. */
export type SeriesOf<Name extends string> = Readonly<Record<Name, readonly (number | null)[]>>;

interface Kept<Name extends string> {
  readonly values: Readonly<Record<Name, Float64Array>>;
  /** Falls by and by, and rises with what is set: what is least goes for another. */
  weight: number;
  isSet: boolean;
}

/** How much of a weight a sample leaves: half of it is gone in some minutes. */
const FADING = 0.97;

/**
 * The last samples of many things, in rings of a fixed size; of as many things as there may be. One that is beyond takes
 * the place of that which had least lately, if it has more.
 */
export class KeptSeries<Name extends string> {
  readonly #names: readonly Name[];
  readonly #mostKeys: number;
  readonly #samples: number;
  readonly #kept = new Map<string, Kept<Name>>();
  /** Where the sample that is being taken stands in the rings. */
  #at = -1;

  constructor(names: readonly Name[], mostKeys: number, samples: number) {
    this.#names = names;
    this.#mostKeys = mostKeys;
    this.#samples = samples;
  }

  has(key: string): boolean {
    return this.#kept.has(key);
  }

  keys(): Iterable<string> {
    return this.#kept.keys();
  }

  /** The keys that had most lately. */
  greatest(count: number): string[] {
    return [...this.#kept]
      .sort(([, left], [, right]) => right.weight - left.weight)
      .slice(0, count)
      .map(([key]) => key);
  }

  /** Begins the next sample: until they are set, its values are not there. */
  advance(): void {
    this.#at = (this.#at + 1) % this.#samples;
    for (const kept of this.#kept.values()) {
      kept.weight *= FADING;
      kept.isSet = false;
      for (const name of this.#names) kept.values[name][this.#at] = Number.NaN;
    }
  }

  set(key: string, values: Readonly<Record<Name, number>>): void {
    const weight = values[this.#names[0]!];
    const kept = this.#kept.get(key) ?? this.#make(key, weight);
    if (kept === undefined) return;
    kept.weight += Number.isNaN(weight) ? 0 : weight;
    kept.isSet = true;
    for (const name of this.#names) kept.values[name][this.#at] = values[name];
  }

  /** Those that were not set in this sample had nothing. */
  fillZeros(): void {
    for (const kept of this.#kept.values()) {
      if (!kept.isSet) for (const name of this.#names) kept.values[name][this.#at] = 0;
    }
  }

  /** The last `count` samples. */
  read(key: string, count: number): SeriesOf<Name> {
    const kept = this.#kept.get(key);
    const of = (name: Name) =>
      Array.from({ length: count }, (_, index) => {
        const at = (this.#at - count + 1 + index + this.#samples) % this.#samples;
        const value = kept?.values[name][at] ?? Number.NaN;
        return Number.isNaN(value) ? null : value;
      });
    return Object.fromEntries(this.#names.map(name => [name, of(name)])) as unknown as SeriesOf<Name>;
  }

  #make(key: string, weight: number): Kept<Name> | undefined {
    if (this.#kept.size >= this.#mostKeys) {
      let least: [key: string, weight: number] = ['', Infinity];
      for (const [other, kept] of this.#kept) if (kept.weight < least[1]) least = [other, kept.weight];
      if (!(weight > least[1])) return undefined;
      this.#kept.delete(least[0]);
    }
    const rings = this.#names.map(name => [name, new Float64Array(this.#samples).fill(Number.NaN)]);
    const kept = { values: Object.fromEntries(rings) as Kept<Name>['values'], weight: 0, isSet: false };
    this.#kept.set(key, kept);
    return kept;
  }
}
