import { assert } from '../model/assert.ts';
import {
  type Connection,
  type ConnectionHandler,
  NetworkError,
  type Random,
  type Timer,
} from '../model/ports.ts';
import type { SimulatedClock } from './simulated_clock.ts';
import type { SimulatedLink } from './simulated_link.ts';

/** Bytes that a direction of a connection holds between the two processes, as the systems' buffers do. */
const WINDOW_BYTES = 256 * 1024;
/** The most that arrives at once. */
const SEGMENT_BYTES = 64 * 1024;
/** One segment in so many is cut at a random place: nobody may rely on where a stream is cut. */
const CUT_ONE_IN = 8;
/** Sending again what was lost: the first wait, the longest (each doubles the one before), and when to give up. */
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 120_000;
const MAX_RETRIES = 15;
/** As in the real connections. */
const FLUSH_STALL_MS = 10_000;
const HALF_OPEN_MS = 2_000;

type Segment = Buffer | 'end' | 'reset';

/** The wait before the next attempt; undefined when there have been enough. */
function retryDelayMs(failures: number): number | undefined {
  return failures > MAX_RETRIES
    ? undefined
    : Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
}

export interface SocketOptions {
  readonly clock: SimulatedClock;
  readonly random: Random;
  /** The way to the other side. */
  readonly link: SimulatedLink;
  readonly remoteHost: string;
  readonly remotePort: number;
  /** Called when the system has forgotten the socket. */
  readonly forget: (socket: SimulatedSocket) => void;
}

/**
 * One side of a connection in the simulated world: the process's handle and the system's part of it, which goes on
 * when the process is paused or dead.
 *
 * States: open → closing (by {@link close}, or when the peer ended its side: the rest is sent, what still comes is
 * dropped) → closed. In each, what the system took already is still on its way.
 */
export class SimulatedSocket implements Connection {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly #clock: SimulatedClock;
  readonly #random: Random;
  readonly #link: SimulatedLink;
  readonly #forget: (socket: SimulatedSocket) => void;
  #peer: SimulatedSocket | undefined;
  #handler: ConnectionHandler | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #isPaused = false;
  #timer: Timer | undefined;

  /** Given to write, not yet taken by the system. */
  readonly #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  /** Bytes were left unsent by a write, and `drained` was not told since. */
  #isBehind = false;
  /** Taken by the system, and not yet by the peer's process: at most {@link WINDOW_BYTES}. */
  #inFlightBytes = 0;
  /** Taken by the system and not yet on the link: empty unless {@link #retry} is set. */
  readonly #outgoing: Segment[] = [];
  #retry: Timer | undefined;
  #failures = 0;
  /** Until then nothing gets through from here, whatever the link does. */
  #stalledUntilMs = 0;
  #lastArrivalMs = 0;
  #isEndSent = false;

  /** Arrived, not yet delivered. */
  readonly #arrived: Buffer[] = [];
  #isEndReceived = false;
  /** Delivered, while the way back was blocked so that the sender does not know. */
  #unacknowledgedBytes = 0;
  #acknowledgementRetry: Timer | undefined;
  #acknowledgementFailures = 0;

  constructor({ clock, random, link, remoteHost, remotePort, forget }: SocketOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#link = link;
    this.remoteHost = remoteHost;
    this.remotePort = remotePort;
    this.#forget = forget;
  }

  /** Makes the two the ends of one connection. */
  static join(left: SimulatedSocket, right: SimulatedSocket): void {
    left.#peer = right;
    right.#peer = left;
  }

  /** Begins to tell `handler` what happens. */
  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#deliverSoon();
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  get unsentBytes(): number {
    return this.#state === 'closed' ? 0 : this.#unsentBytes;
  }

  write(chunks: readonly Uint8Array[]): void {
    if (this.#state !== 'open') return;
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      this.#unsent.push(chunk);
      this.#unsentBytes += chunk.length;
    }
    this.#takeUnsent();
    if (this.#unsentBytes > 0) this.#isBehind = true;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (this.#state !== 'open' || !this.#isPaused) return;
    this.#isPaused = false;
    this.#deliverSoon();
  }

  close(): void {
    if (this.#state === 'open') this.#beginClosing();
  }

  destroy(): void {
    if (this.#state === 'closed') return;
    this.#abandon();
    this.#tellClosed();
  }

  /** The process is dead: the system closes for it. */
  kill(): void {
    if (this.#state !== 'closed') this.#abandon();
  }

  /** The connection breaks for both sides, at once here. */
  reset(): void {
    const peer = this.#peer;
    this.#break('ECONNRESET');
    if (peer !== undefined) this.#clock.time.schedule(this.#link.delayMs(0), () => peer.#break('ECONNRESET'));
  }

  /** Nothing gets through from here until then: what is sent is sent again until it does. */
  stall(untilMs: number): void {
    this.#stalledUntilMs = untilMs;
  }

  get #isStalled(): boolean {
    return this.#stalledUntilMs > 0 && this.#clock.time.nowMs < this.#stalledUntilMs;
  }

  /** The power is gone: the peer is not told. */
  vanish(): void {
    this.#enterClosed();
    this.#stopSending();
  }

  // The sending side.

  /** Lets the system take as much as the window allows. */
  #takeUnsent(): void {
    while (this.#unsentBytes > 0 && this.#inFlightBytes < WINDOW_BYTES) {
      const room = Math.min(SEGMENT_BYTES, this.#unsentBytes, WINDOW_BYTES - this.#inFlightBytes);
      const isCut = this.#random.fraction() * CUT_ONE_IN < 1;
      const segment = this.#takeBytes(isCut ? 1 + Math.floor(this.#random.fraction() * room) : room);
      this.#unsentBytes -= segment.length;
      this.#inFlightBytes += segment.length;
      this.#send(segment);
    }
    if (this.#state === 'closing' && this.#unsentBytes === 0) this.#endSending();
  }

  /** Copies: once the system has taken bytes, their owner may change them. */
  #takeBytes(count: number): Buffer {
    const segment = Buffer.allocUnsafe(count);
    for (let filled = 0; filled < count; ) {
      const chunk = this.#unsent[0]!;
      const step = Math.min(chunk.length, count - filled);
      segment.set(step === chunk.length ? chunk : chunk.subarray(0, step), filled);
      filled += step;
      if (step === chunk.length) this.#unsent.shift();
      else this.#unsent[0] = chunk.subarray(step);
    }
    return segment;
  }

  #send(segment: Segment): void {
    this.#outgoing.push(segment);
    if (this.#retry === undefined) this.#transmit();
  }

  #transmit(): void {
    for (let segment = this.#outgoing[0]; segment !== undefined; segment = this.#outgoing[0]) {
      if (this.#isStalled || this.#link.loses()) {
        this.#transmitLater();
        return;
      }
      this.#failures = 0;
      this.#outgoing.shift();
      const { time } = this.#clock;
      const sizeBytes = typeof segment === 'string' ? 0 : segment.length;
      if (typeof segment !== 'string') this.#link.onSend?.(segment);
      // In order, whatever the jitter says.
      this.#lastArrivalMs = Math.max(this.#lastArrivalMs, time.nowMs + this.#link.delayMs(sizeBytes));
      const arriving = segment;
      time.schedule(this.#lastArrivalMs - time.nowMs, () => this.#peer!.#arrive(arriving));
    }
  }

  #transmitLater(): void {
    // One lost packet among others is noticed by what comes after it.
    const isQuick = this.#failures++ === 0 && !this.#link.isDown && !this.#isStalled;
    const delayMs = isQuick ? 2 * this.#link.quality.latencyMs : retryDelayMs(this.#failures);
    if (delayMs === undefined) {
      this.#break('ETIMEDOUT');
      return;
    }
    this.#retry = this.#clock.time.schedule(delayMs, () => {
      this.#retry = undefined;
      this.#transmit();
    });
  }

  #stopSending(): void {
    this.#outgoing.length = 0;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#acknowledgementRetry?.cancel();
  }

  /** The peer's process has taken bytes. */
  #acknowledged(count: number): void {
    this.#inFlightBytes -= count;
    assert(this.#inFlightBytes >= 0, 'more was acknowledged than sent');
    if (this.#state === 'closed') return;
    this.#takeUnsent();
    if (!this.#isBehind || this.#unsentBytes > 0 || this.#state !== 'open') return;
    this.#isBehind = false;
    this.#clock.deliver(() => {
      if (this.#state === 'open' && this.#unsentBytes === 0) this.#handler?.drained();
    });
  }

  // The receiving side.

  #arrive(segment: Segment): void {
    if (this.#state === 'closed') {
      // Nobody knows the connection here any more.
      if (typeof segment !== 'string') this.#refuse();
    } else if (segment === 'reset') this.#break('ECONNRESET');
    else {
      if (segment === 'end') this.#isEndReceived = true;
      else this.#arrived.push(segment);
      this.#clock.deliver(() => this.#deliver());
    }
  }

  #refuse(): void {
    if (this.#link.loses()) return;
    this.#clock.time.schedule(this.#link.delayMs(0), () => this.#peer!.#break('ECONNRESET'));
  }

  #deliverSoon(): void {
    this.#clock.time.schedule(0, () => this.#clock.deliver(() => this.#deliver()));
  }

  /** Hands over the next chunk, or the end behind the last one. */
  #deliver(): void {
    if (this.#handler === undefined || this.#state === 'closed') return;
    if (this.#isPaused && this.#state === 'open') return;
    const chunk = this.#arrived.shift();
    if (chunk === undefined) {
      if (this.#isEndReceived) this.#peerEnded();
      return;
    }
    this.#acknowledge(chunk.length);
    if (this.#arrived.length > 0 || this.#isEndReceived) this.#deliverSoon();
    if (this.#state === 'open') this.#handler.data(chunk);
    // As the next bytes would: who still looks there is found out.
    chunk.fill(0xbb);
  }

  #acknowledge(count: number): void {
    this.#unacknowledgedBytes += count;
    if (this.#acknowledgementRetry === undefined) this.#sendAcknowledgement();
  }

  #sendAcknowledgement(): void {
    this.#acknowledgementRetry = undefined;
    const peer = this.#peer!;
    if (this.#link.isDown) {
      const delayMs = retryDelayMs(++this.#acknowledgementFailures);
      if (delayMs === undefined) peer.#break('ETIMEDOUT');
      else {
        const { time } = this.#clock;
        this.#acknowledgementRetry = time.schedule(delayMs, () => this.#sendAcknowledgement());
      }
      return;
    }
    this.#acknowledgementFailures = 0;
    const count = this.#unacknowledgedBytes;
    this.#unacknowledgedBytes = 0;
    // A sender that has nothing to send does not notice when it hears: that saves an event.
    if (peer.#unsentBytes === 0) peer.#acknowledged(count);
    else this.#clock.time.schedule(this.#link.delayMs(0), () => peer.#acknowledged(count));
  }

  // The end.

  #beginClosing(): void {
    this.#state = 'closing';
    if (this.#unsentBytes === 0) this.#endSending();
    else this.#watchFlush();
    // What still comes is taken, and dropped.
    if (this.#arrived.length > 0) this.#deliverSoon();
  }

  /** A peer that takes nothing more does not hold the connection for ever. */
  #watchFlush(): void {
    const before = this.#unsentBytes;
    this.#timer = this.#clock.startTimer(FLUSH_STALL_MS, () => {
      if (this.#unsentBytes === before) this.destroy();
      else this.#watchFlush();
    });
  }

  #endSending(): void {
    if (this.#isEndSent) return;
    this.#isEndSent = true;
    this.#send('end');
    this.#timer?.cancel();
    if (this.#isEndReceived) this.#end();
    else this.#timer = this.#clock.startTimer(HALF_OPEN_MS, () => this.#end());
  }

  #peerEnded(): void {
    if (this.#state === 'open') this.#beginClosing();
    else if (this.#isEndSent) this.#end();
  }

  /** Both sides are done, or the other was waited for long enough. */
  #end(): void {
    if (this.#state === 'closed') return;
    this.#enterClosed();
    this.#handler?.closed();
  }

  #break(code: string): void {
    this.#stopSending();
    if (this.#state === 'closed') return;
    this.#enterClosed();
    const peer = `${this.remoteHost}:${this.remotePort}`;
    this.#tellClosed(new NetworkError(code, `The connection to ${peer} broke: ${code}`));
  }

  /** Closes as the system does for a process: what it took is sent, with unread bytes left it is a reset. */
  #abandon(): void {
    const hasUnread = this.#arrived.length > 0;
    this.#enterClosed();
    if (!this.#isEndSent || hasUnread) this.#send(hasUnread ? 'reset' : 'end');
    this.#isEndSent = true;
  }

  #enterClosed(): void {
    this.#state = 'closed';
    this.#unsent.length = 0;
    this.#unsentBytes = 0;
    this.#arrived.length = 0;
    this.#timer?.cancel();
    this.#forget(this);
  }

  #tellClosed(error?: NetworkError): void {
    const { time } = this.#clock;
    time.schedule(0, () => this.#clock.deliver(() => this.#handler?.closed(error)));
  }
}
