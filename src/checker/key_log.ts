import type { Operation, Value } from './history.ts';

/** What is at an offset: the value, and an operation that shows it. */
export interface Sighting {
  readonly value: Value;
  readonly operation: Operation;
}

/** What is known of the log of one key: who wrote what, and where it is. */
export class KeyLog {
  readonly key: string;
  /** Who sent a value. */
  readonly writers = new Map<Value, Operation>();
  /** A value that an ok operation polled, and the first one that did. */
  readonly readers = new Map<Value, Operation>();
  /** By offset: the first value seen there. */
  readonly #first = new Map<number, Sighting>();
  /** By offset: other values seen there. */
  readonly #others = new Map<number, Sighting[]>();
  #offsets: readonly number[] | undefined;
  /** By value: the least and the greatest index at which it is; an index is the place among the offsets that hold
   * something, as markers of transactions hold nothing that is read. */
  readonly #places = new Map<Value, { firstIndex: number; lastIndex: number }>();

  constructor(key: string) {
    this.key = key;
  }

  /** An operation shows `value` at `offset`. */
  see(offset: number, value: Value, operation: Operation): void {
    const first = this.#first.get(offset);
    if (first === undefined) {
      this.#first.set(offset, { value, operation });
      return;
    }
    if (first.value === value) return;
    const others = this.#others.get(offset);
    if (others === undefined) this.#others.set(offset, [{ value, operation }]);
    else if (others.every(other => other.value !== value)) others.push({ value, operation });
  }

  /** Gives each offset its index: to be called once, after all was seen. */
  arrange(): void {
    const offsets = Float64Array.from(this.#first.keys()).sort();
    this.#offsets = [...offsets];
    for (const [index, offset] of this.#offsets.entries()) {
      for (const { value } of this.sightings(offset)) {
        const place = this.#places.get(value);
        if (place === undefined) this.#places.set(value, { firstIndex: index, lastIndex: index });
        else place.lastIndex = index;
      }
    }
  }

  /** All offsets that hold something, ascending. */
  get offsets(): readonly number[] {
    return this.#offsets ?? [];
  }

  /** What was seen at an offset: one value, unless there is an anomaly. */
  sightings(offset: number): readonly Sighting[] {
    const first = this.#first.get(offset);
    if (first === undefined) return [];
    const others = this.#others.get(offset);
    return others === undefined ? [first] : [first, ...others];
  }

  get inconsistentOffsets(): readonly number[] {
    return [...this.#others.keys()].sort((left, right) => left - right);
  }

  /** Where a value is; undefined when nobody knows. */
  firstIndexOf(value: Value): number | undefined {
    return this.#places.get(value)?.firstIndex;
  }

  lastIndexOf(value: Value): number | undefined {
    return this.#places.get(value)?.lastIndex;
  }

  /** Values at two indexes or more. */
  *repeated(): Iterable<Value> {
    for (const [value, { firstIndex, lastIndex }] of this.#places) if (firstIndex < lastIndex) yield value;
  }

  /** The offsets at which a value is. */
  offsetsOf(value: Value): number[] {
    return this.offsets.filter(offset => this.sightings(offset).some(each => each.value === value));
  }
}
