import { crc32c } from '../../records/crc32c.ts';
import type { SimulatedTime } from '../simulated_time.ts';

/** Entries that the transcript keeps. */
const MAX_ENTRIES = 4_000;

export interface TraceEntry {
  readonly atMs: number;
  readonly eventCount: number;
  /** A node, a client, or the world. */
  readonly who: string;
  readonly what: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * What happened in a world: a hash over every event, every byte that was sent and every line that was logged, and the
 * last entries for people. Two runs of a seed have the same hash.
 */
export class WorldTrace {
  readonly #time: SimulatedTime;
  #low = 0x811c9dc5;
  #high = 0x2545f491;
  /** A ring: the next entry goes to {@link #next}. */
  readonly #entries: TraceEntry[] = [];
  #next = 0;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  get hash(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  event(sequence: number): void {
    this.#mix(Math.imul(sequence, 0x9e3779b1) ^ (this.#time.nowMs * 1024));
  }

  sent(bytes: Uint8Array): void {
    this.#mix(crc32c(bytes));
  }

  note(who: string, what: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#mix(crc32c(Buffer.from(who + what)));
    const entry = { atMs: this.#time.nowMs, eventCount: this.#time.executedCount, who, what, fields };
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % MAX_ENTRIES;
  }

  /** The last entries, oldest first, as lines of a transcript. */
  transcript(maxLines = MAX_ENTRIES): string[] {
    const ordered = [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
    return ordered.slice(-maxLines).map(({ atMs, eventCount, who, what, fields }) => {
      const facts = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
      return `${(atMs / 1000).toFixed(6).padStart(12)} #${eventCount} ${who.padEnd(10)} ${what}${facts.length > 0 ? ` ${facts.join(' ')}` : ''}`;
    });
  }

  #mix(word: number): void {
    this.#low = Math.imul(this.#low ^ word, 0x01000193);
    this.#high = Math.imul(this.#high ^ this.#low, 0x85ebca6b) ^ (this.#high >>> 15);
  }
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null && !(value instanceof Error)) {
    return JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? String(each) : each));
  }
  return String(value);
}
