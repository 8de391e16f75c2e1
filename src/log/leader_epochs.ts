import {
  asLeaderEpoch,
  asOffset,
  type LeaderEpoch,
  type Offset,
  UNKNOWN_LEADER_EPOCH,
  UNKNOWN_OFFSET,
} from '../model/ids.ts';
import type { CheckpointFormat } from './checkpoint_file.ts';

/** An epoch and the offset of its first record. */
export interface EpochEntry {
  readonly leaderEpoch: LeaderEpoch;
  readonly startOffset: Offset;
}

/** Where an epoch ends; both are -1 where that is unknown. */
export interface EpochEnd {
  readonly leaderEpoch: LeaderEpoch;
  readonly endOffset: Offset;
}

/** The lines of `leader-epoch-checkpoint`: epoch and start offset. */
export const LEADER_EPOCH_FORMAT: CheckpointFormat<EpochEntry> = {
  version: 0,
  encode: entry => `${entry.leaderEpoch} ${entry.startOffset}`,
  decode: line => {
    const match = /^(\d{1,10}) (\d{1,19})$/.exec(line);
    if (match === null) return undefined;
    return { leaderEpoch: asLeaderEpoch(Number(match[1])), startOffset: asOffset(BigInt(match[2]!)) };
  },
};

/**
 * Which leader epoch wrote which offsets of a log (KIP-101, KIP-279). Epochs and start offsets both rise from entry
 * to entry. Where the log begins inside an epoch, the first entry's start offset is the log's.
 */
export class LeaderEpochs {
  readonly #entries: EpochEntry[] = [];
  #version = 0;

  constructor(entries: readonly EpochEntry[] = []) {
    for (const entry of entries) this.assign(entry.leaderEpoch, entry.startOffset);
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries;
  }

  /** Counts the changes: what was stored at the same version needs no storing. */
  get version(): number {
    return this.#version;
  }

  /** The newest epoch, with or without records. */
  get latest(): EpochEntry | undefined {
    return this.#entries.at(-1);
  }

  /**
   * Notes that `leaderEpoch` begins at `startOffset`. What is known of the newest epoch stays, unless the start is
   * lower; entries that contradict the new one go.
   * @returns whether anything changed
   */
  assign(leaderEpoch: LeaderEpoch, startOffset: Offset): boolean {
    if (leaderEpoch < 0 || startOffset < 0n) return false;
    const latest = this.latest;
    if (latest?.leaderEpoch === leaderEpoch && latest.startOffset <= startOffset) return false;
    while (this.#entries.length > 0) {
      const last = this.#entries.at(-1)!;
      if (last.leaderEpoch < leaderEpoch && last.startOffset < startOffset) break;
      this.#entries.pop();
    }
    this.#entries.push({ leaderEpoch, startOffset });
    this.#version++;
    return true;
  }

  /**
   * The end of the largest epoch that is not above `leaderEpoch`: where the next one starts, the end of the log for
   * the newest. Below the oldest known epoch it is that one's start, under the epoch asked for. Unknown for -1 and
   * above the newest epoch.
   */
  endOffsetFor(leaderEpoch: LeaderEpoch, logEndOffset: Offset): EpochEnd {
    if (leaderEpoch >= 0 && this.latest?.leaderEpoch === leaderEpoch) {
      return { leaderEpoch, endOffset: logEndOffset };
    }
    const next = this.#entries.findIndex(entry => entry.leaderEpoch > leaderEpoch);
    if (leaderEpoch < 0 || next < 0) {
      return { leaderEpoch: UNKNOWN_LEADER_EPOCH, endOffset: UNKNOWN_OFFSET };
    }
    const found = next === 0 ? leaderEpoch : this.#entries[next - 1]!.leaderEpoch;
    return { leaderEpoch: found, endOffset: this.#entries[next]!.startOffset };
  }

  /** The epoch that wrote `offset`; undefined before the first known one. */
  epochAt(offset: Offset): LeaderEpoch | undefined {
    return this.#entries.findLast(entry => entry.startOffset <= offset)?.leaderEpoch;
  }

  /** Forgets the epochs that start at `endOffset` or later. */
  truncateFromEnd(endOffset: Offset): void {
    while (this.#entries.length > 0 && this.latest!.startOffset >= endOffset) {
      this.#entries.pop();
      this.#version++;
    }
  }

  /** Forgets the epochs that end before `startOffset`; the one that it lies in starts there from now on. */
  truncateFromStart(startOffset: Offset): void {
    const containing = this.#entries.findLastIndex(entry => entry.startOffset <= startOffset);
    if (containing < 0) return;
    const { leaderEpoch, startOffset: before } = this.#entries[containing]!;
    if (containing === 0 && before === startOffset) return;
    this.#entries.splice(0, containing + 1, { leaderEpoch, startOffset });
    this.#version++;
  }

  clear(): void {
    if (this.#entries.length === 0) return;
    this.#entries.length = 0;
    this.#version++;
  }
}
