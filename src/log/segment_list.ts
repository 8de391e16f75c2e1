import { assert } from '../model/assert.ts';
import type { Offset } from '../model/ids.ts';
import type { Segment } from './segment.ts';

/** The segments of a log, by their base offsets; never empty once the log is open. The last is the active one. */
export class SegmentList {
  #segments: Segment[];

  constructor(segments: readonly Segment[]) {
    this.#segments = [...segments];
  }

  get all(): readonly Segment[] {
    return this.#segments;
  }

  get count(): number {
    return this.#segments.length;
  }

  get first(): Segment {
    return this.#segments[0]!;
  }

  get active(): Segment {
    return this.#segments.at(-1)!;
  }

  get sizeBytes(): number {
    let sum = 0;
    for (const segment of this.#segments) sum += segment.sizeBytes;
    return sum;
  }

  /** The segment that holds `offset` if any does: the last one whose base offset is not above. */
  floor(offset: Offset): Segment | undefined {
    return this.#segments[this.#floorIndex(offset)];
  }

  /** The segment behind; undefined behind the active one, and behind one that is not in the log any more. */
  after(segment: Segment): Segment | undefined {
    const index = this.#floorIndex(segment.baseOffset);
    return this.#segments[index] === segment ? this.#segments[index + 1] : undefined;
  }

  /** The segments that may hold offsets from `offset` on. */
  from(offset: Offset): readonly Segment[] {
    return this.#segments.slice(Math.max(0, this.#floorIndex(offset)));
  }

  #floorIndex(offset: Offset): number {
    let low = -1;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#segments[middle]!.baseOffset <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Adds a new active segment. */
  push(segment: Segment): void {
    assert(
      this.#segments.length === 0 || segment.baseOffset > this.active.baseOffset,
      `segment ${segment.baseOffset} does not follow the others`,
    );
    this.#segments.push(segment);
  }

  remove(segments: ReadonlySet<Segment>): void {
    this.#segments = this.#segments.filter(segment => !segments.has(segment));
  }

  /** Puts segments in the place of others. */
  replace(old: ReadonlySet<Segment>, made: readonly Segment[]): void {
    const left = this.#segments.filter(segment => !old.has(segment));
    this.#segments = [...left, ...made].sort((a, b) => (a.baseOffset < b.baseOffset ? -1 : 1));
  }
}
