import type { Clock, Timer } from '../model/ports.ts';
import type { Segment } from './segment.ts';

/** Removes the files of segments that are out of their log, when reads under way have had the time to end. */
export class SegmentDeletion {
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  /** Undefined while it is empty, as it is for most logs. */
  #waiting: Map<Segment, Timer> | undefined;

  /** @param failed told of what removing files throws */
  constructor(clock: Clock, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#failed = failed;
  }

  /** The files have their `.deleted` names already. */
  schedule(segment: Segment, delayMs: number): void {
    this.#waiting ??= new Map();
    this.#waiting.set(
      segment,
      this.#clock.startTimer(delayMs, () => this.#remove(segment)),
    );
  }

  #remove(segment: Segment): void {
    this.#waiting?.delete(segment);
    try {
      segment.remove();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Removes now what was to be removed later: the log is closed. */
  finish(): void {
    for (const [segment, timer] of this.#waiting ?? []) {
      timer.cancel();
      this.#remove(segment);
    }
  }

  /** Leaves the files to the next load of the log: the disk failed. */
  cancel(): void {
    for (const [segment, timer] of this.#waiting ?? []) {
      timer.cancel();
      segment.close();
    }
    this.#waiting = undefined;
  }
}
