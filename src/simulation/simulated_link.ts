import type { Random } from '../model/ports.ts';
import type { SimulatedTime } from './simulated_time.ts';

/** How bytes travel from one host to another. */
export interface LinkQuality {
  /** One way. */
  readonly latencyMs: number;
  /** Up to so much more, by chance. */
  readonly jitterMs: number;
  /** All connections of the link together; Infinity for no limit. */
  readonly bytesPerMs: number;
  /** How probably a packet is lost and has to be sent again. */
  readonly loss: number;
}

/** The way from one host to another, in this direction alone; what happens to it counts for all connections. */
export class SimulatedLink {
  readonly #time: SimulatedTime;
  readonly #random: Random;
  readonly #isUp: () => boolean;
  /** When the last byte that was sent has left. */
  #busyUntilMs = 0;
  quality: LinkQuality;
  /** Nothing gets through: a partition, as long as it lasts. */
  isBlocked = false;
  /** Is shown what goes out on the link. */
  onSend: ((bytes: Uint8Array) => void) | undefined;

  constructor(time: SimulatedTime, random: Random, quality: LinkQuality, isUp: () => boolean) {
    this.#time = time;
    this.#random = random;
    this.quality = quality;
    this.#isUp = isUp;
  }

  /** Nothing gets through, as of now: the link is blocked, or a host at its ends has no power. */
  get isDown(): boolean {
    return this.isBlocked || !this.#isUp();
  }

  /** Whether the packet that is sent now is lost. */
  loses(): boolean {
    return this.isDown || (this.quality.loss > 0 && this.#random.fraction() < this.quality.loss);
  }

  /** How long a packet of this size that is sent now takes. */
  delayMs(sizeBytes: number): number {
    const { latencyMs, jitterMs, bytesPerMs } = this.quality;
    const now = this.#time.nowMs;
    this.#busyUntilMs = Math.max(this.#busyUntilMs, now) + sizeBytes / bytesPerMs;
    const jitter = jitterMs > 0 ? jitterMs * this.#random.fraction() : 0;
    return this.#busyUntilMs - now + latencyMs + jitter;
  }
}
