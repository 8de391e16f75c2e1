import { type Failure, failed } from '../model/failure.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import { MAX_QUORUM_BATCH_BYTES } from '../model/limits.ts';
import { readControlRecord } from '../records/control_records.ts';
import { readRecords } from '../records/read_records.ts';
import type { RecordBatch } from '../records/record_batch.ts';
import { VoterSet } from './voter_set.ts';

interface Entry<Value> {
  readonly offset: Offset;
  readonly value: Value;
}

/** Values by the offset from which on they hold, ascending. */
class History<Value> {
  readonly #entries: Entry<Value>[] = [];

  get last(): Entry<Value> | undefined {
    return this.#entries.at(-1);
  }

  /** The value that holds at `offset`. */
  at(offset: Offset): Value | undefined {
    return this.#entries.findLast(entry => entry.offset <= offset)?.value;
  }

  add(offset: Offset, value: Value): void {
    this.truncate(offset);
    this.#entries.push({ offset, value });
  }

  truncate(endOffset: Offset): void {
    while (this.last !== undefined && this.last.offset >= endOffset) this.#entries.pop();
  }

  /** Forgets what no offset from `startOffset` on needs. */
  forgetBefore(startOffset: Offset): void {
    const first = this.#entries.findLastIndex(entry => entry.offset <= startOffset);
    if (first > 0) this.#entries.splice(0, first);
  }
}

/**
 * The voters and the protocol's version (`kraft.version`) as the log has them, committed or not: a change holds from
 * the moment when it is appended (KIP-853). Follows every append and every truncation of the log.
 */
export class VoterHistory {
  /** Those of `controller.quorum.voters`: they hold as long as the log names none. */
  staticVoters: VoterSet;
  readonly #voters = new History<VoterSet>();
  readonly #versions = new History<number>();

  constructor(staticVoters: VoterSet) {
    this.staticVoters = staticVoters;
  }

  get voters(): VoterSet {
    return this.#voters.last?.value ?? this.staticVoters;
  }

  /** Where the log has the last voters; -1 for those that a directory was formatted with; undefined for static ones. */
  get votersOffset(): Offset | undefined {
    return this.#voters.last?.offset;
  }

  get kraftVersion(): number {
    return this.#versions.last?.value ?? 0;
  }

  /** The voters before the last change; undefined when the log has none. */
  get votersBefore(): VoterSet | undefined {
    const { last } = this.#voters;
    return last === undefined ? undefined : this.#voters.at(asOffset(last.offset - 1n));
  }

  /** The voters in the log at `offset`; undefined when it names none up to there. */
  votersAt(offset: Offset): VoterSet | undefined {
    return this.#voters.at(offset);
  }

  kraftVersionAt(offset: Offset): number {
    return this.#versions.at(offset) ?? 0;
  }

  /**
   * Follows an appended batch.
   * @param at where its records count as being, for those of a snapshot
   * @returns a failure when the batch is not what it says
   */
  follow(batch: RecordBatch, at?: Offset): Failure | undefined {
    if (!batch.isControl) return undefined;
    const records = readRecords(batch, MAX_QUORUM_BATCH_BYTES);
    if (failed(records)) return records;
    for (const record of records) {
      const control = readControlRecord(record);
      if (failed(control)) return control;
      const offset = at ?? record.offset;
      if (control.type === 'KRAFT_VOTERS') {
        const voters = VoterSet.fromRecord(control.value);
        if (failed(voters)) return voters;
        this.#voters.add(offset, voters);
      } else if (control.type === 'KRAFT_VERSION') this.#versions.add(offset, control.value.kRaftVersion);
    }
    return undefined;
  }

  /** The log ends at `endOffset` now. */
  truncate(endOffset: Offset): void {
    this.#voters.truncate(endOffset);
    this.#versions.truncate(endOffset);
  }

  /** The log begins at `startOffset` now. */
  forgetBefore(startOffset: Offset): void {
    this.#voters.forgetBefore(startOffset);
    this.#versions.forgetBefore(startOffset);
  }
}
