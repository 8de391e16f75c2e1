import type { Clock, Logger, Timer } from '../../model/ports.ts';
import type { PartitionLog } from '../partition_log.ts';

/** Opening the logs of a directory says how far it is when it takes longer, and so often. */
const INTERVAL_MS = 1_000;

/** Tells of the opening of a directory's logs, when it takes long or finds something. */
export class LoadProgress {
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Logs that are asked for and not open yet. */
  #remaining = 0;
  #timer: Timer | undefined;
  #startedMs = 0;
  #opened = 0;
  #failed = 0;
  #checkedBytes = 0;
  #truncatedLogs = 0;
  #truncatedBytes = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** A log is asked for. */
  began(): void {
    if (this.#remaining++ > 0) return;
    this.#startedMs = this.#clock.monotonicMs();
    this.#startTimer();
  }

  #startTimer(): void {
    this.#timer = this.#clock.startTimer(INTERVAL_MS, () => {
      this.#logger.info('opening logs', { remaining: this.#remaining, ...this.#facts() });
      this.#startTimer();
    });
  }

  /** A log is open, or could not be opened. */
  ended(log: PartitionLog | undefined): void {
    this.#remaining--;
    if (log === undefined) this.#failed++;
    else this.#note(log);
    if (this.#remaining > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    const facts = this.#facts();
    if (this.#truncatedLogs > 0 || this.#failed > 0) this.#logger.warn('opened logs', facts);
    else if (facts.durationMs >= INTERVAL_MS) this.#logger.info('opened logs', facts);
    this.#opened = 0;
    this.#failed = 0;
    this.#checkedBytes = 0;
    this.#truncatedLogs = 0;
    this.#truncatedBytes = 0;
  }

  #note({ recoveryReport }: PartitionLog): void {
    const { checkedBytes, truncatedBytes, deletedBytes, reason } = recoveryReport;
    this.#opened++;
    this.#checkedBytes += checkedBytes;
    this.#truncatedBytes += truncatedBytes + deletedBytes;
    if (reason !== undefined) this.#truncatedLogs++;
  }

  #facts() {
    return {
      opened: this.#opened,
      failed: this.#failed,
      checkedBytes: this.#checkedBytes,
      truncatedLogs: this.#truncatedLogs,
      truncatedBytes: this.#truncatedBytes,
      durationMs: Math.round(this.#clock.monotonicMs() - this.#startedMs),
    };
  }

  /** Says no more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
