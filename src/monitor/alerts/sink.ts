import type { Failure } from '../../model/failure.ts';
import { MAX_NOTIFICATIONS_OF_SINK } from '../../model/limits.ts';
import type { Clock, Timer } from '../../model/ports.ts';

/** What a sink tells of itself. */
export interface SinkStatus {
  /** `webhook http://…` */
  readonly name: string;
  readonly sent: number;
  readonly failed: number;
  /** Messages that wait. */
  readonly waiting: number;
  /** Why the last attempt failed; undefined when it did not. */
  readonly failure: string | undefined;
}

export interface SinkOptions {
  readonly name: string;
  readonly clock: Clock;
}

/** Sends one message. */
type Send = () => Promise<Failure | undefined>;

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
/** From this attempt on, a sink counts as dead: nothing waits for it any more. */
const DEAD_AFTER_ATTEMPTS = 3;

/**
 * Sends messages to one place, one after the other, and again until they are taken. A newer message about the same
 * takes the place of one that still waits, so what waits is bounded by the number of rules; nobody waits for a sink.
 *
 *     idle → sending          there is a message
 *     sending → idle          it was taken, and there is no other
 *     sending → pausing       it was not taken: 1 s, then twice as long each time, up to a minute
 *     pausing → sending       the time is over
 */
export class Sink {
  readonly name: string;
  readonly #clock: Clock;
  /** By what they are about, in the order in which they came. */
  readonly #waiting = new Map<string, Send>();
  #sent = 0;
  #failed = 0;
  #attempts = 0;
  #failure: Failure | undefined;
  #isSending = false;
  #pause: Timer | undefined;
  #isClosed = false;

  constructor({ name, clock }: SinkOptions) {
    this.name = name;
    this.#clock = clock;
  }

  get status(): SinkStatus {
    return {
      name: this.name,
      sent: this.#sent,
      failed: this.#failed,
      waiting: this.#waiting.size,
      failure: this.#failure?.message,
    };
  }

  /** Whether a message about `key` still waits, in a sink that is not dead. */
  isWaitingFor(key: string): boolean {
    return this.#waiting.has(key) && this.#attempts < DEAD_AFTER_ATTEMPTS;
  }

  send(key: string, send: Send): void {
    if (this.#isClosed) return;
    this.#waiting.delete(key);
    this.#waiting.set(key, send);
    if (this.#waiting.size > MAX_NOTIFICATIONS_OF_SINK) {
      const [oldest] = this.#waiting.keys();
      this.#waiting.delete(oldest!);
    }
    if (!this.#isSending && this.#pause === undefined) void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    this.#pause?.cancel();
    this.#waiting.clear();
  }

  async #run(): Promise<void> {
    this.#isSending = true;
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || this.#isClosed) break;
      const [key, send] = next;
      const failure = await send();
      this.#failure = failure;
      if (failure !== undefined) {
        this.#failed++;
        this.#attempts++;
        this.#retryLater();
        break;
      }
      this.#sent++;
      this.#attempts = 0;
      // Unless a newer one took its place meanwhile.
      if (this.#waiting.get(key) === send) this.#waiting.delete(key);
    }
    this.#isSending = false;
  }

  #retryLater(): void {
    if (this.#isClosed) return;
    const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#attempts - 1));
    this.#pause = this.#clock.startTimer(delayMs, () => {
      this.#pause = undefined;
      void this.#run();
    });
  }
}
