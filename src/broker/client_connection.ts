import type { ClientInfo } from '../handlers/request_context.ts';
import { failed } from '../model/failure.ts';
import { MAX_CONNECTION_REQUEST_BYTES, MAX_CONNECTION_UNSENT_BYTES } from '../model/limits.ts';
import type { Clock, Connection, ConnectionHandler, Logger, Timer } from '../model/ports.ts';
import { FrameAssembler, type FrameLimits } from '../protocol/frame_assembler.ts';
import type { Encoded } from '../protocol/writer.ts';
import type { ListenerTraffic } from './listener_traffic.ts';
import type { RequestMemory } from './request_memory.ts';
import type { RequestSizes, RequestTimes } from './request_statistics.ts';

/** The answer to a request. */
export interface Answered {
  /** Undefined where the protocol wants no response. */
  readonly frame: Encoded | undefined;
  /** Nothing more is read from the connection for so long: the client has used more than its quotas allow. */
  readonly muteMs: number;
  /** Why the connection ends behind the answer; undefined when it goes on. */
  readonly closeReason?: string | undefined;
}

/** What becomes of a request: an answer, or the end of the connection with the reason. */
export type Outcome = Answered | { readonly close: string };

/** A request whose header has been read. */
export interface PendingRequest {
  /** Whether it may run while earlier ones of the same kind still wait: it takes effect when it starts. */
  readonly isPipelined: boolean;
  /** Starts it. */
  run(): Promise<Outcome> | Outcome;
  /** Told once, when it is answered; not when the connection ends before. */
  done(times: RequestTimes, sizes: RequestSizes): void;
}

export interface ClientConnectionOptions {
  readonly client: ClientInfo;
  readonly limits: FrameLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memory: RequestMemory;
  /** Of the listener. */
  readonly traffic: ListenerTraffic;
  /** `connections.max.idle.ms`: a connection without a request for so long is closed. */
  readonly maxIdleMs: number;
  /** Nothing is answered before {@link ClientConnection.release}: the node is not ready. */
  readonly isHeld: boolean;
  /** Reads a frame's header; a text is the reason to close the connection. */
  readonly accept: (frame: Buffer, client: ClientInfo) => PendingRequest | string;
  readonly onClosed: () => void;
}

/** A request on its way; `outcome` is set when it is done. Times are monotonic milliseconds. */
interface InFlight {
  readonly request: PendingRequest;
  readonly frameBytes: number;
  readonly arrivedMs: number;
  readonly startedMs: number;
  /** When this node had done its own part: from then on the request waited for others. */
  localDoneMs: number;
  doneMs: number;
  outcome: Outcome | undefined;
}

/** A request that was taken out of the bytes that came, and not started yet. */
interface Taken {
  readonly request: PendingRequest;
  readonly frameBytes: number;
  readonly arrivedMs: number;
}

/**
 * The server's side of a client's connection. Requests start in the order in which they came and are answered in that
 * order. One runs at a time, as in Kafka, but for those that take effect when they start (Produce): they run side by
 * side, so that those which wait for the disk share its next sync.
 *
 * Memory is bounded: while more than {@link MAX_CONNECTION_REQUEST_BYTES} of requests wait or run, or more than
 * {@link MAX_CONNECTION_UNSENT_BYTES} of responses are unsent, nothing is read and nothing is started.
 */
export class ClientConnection implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #options: ClientConnectionOptions;
  readonly #assembler: FrameAssembler;
  /** Started and not answered yet, in their order. */
  readonly #inFlight: InFlight[] = [];
  /** Taken out of the assembler, but not started: it has to wait for those in flight. */
  #next: Taken | undefined;
  /** Bytes of the frames of {@link #inFlight} and {@link #next}. */
  #requestBytes = 0;
  #isPaused = false;
  #isClosed = false;
  /** Nothing more is started: what is in flight is answered, then the connection ends. */
  #isDraining = false;
  #isPumping = false;
  #isHeld: boolean;
  /** Pending while the connection is muted. */
  #muteTimer: Timer | undefined;
  #idleTimer: Timer;
  #lastActiveMs: number;

  constructor(connection: Connection, options: ClientConnectionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#isHeld = options.isHeld;
    this.#assembler = new FrameAssembler(options.limits);
    this.#lastActiveMs = options.clock.monotonicMs();
    this.#idleTimer = this.#startIdleTimer(options.maxIdleMs);
  }

  get client(): ClientInfo {
    return this.#options.client;
  }

  data(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#assembler.add(chunk);
    this.#pump();
    this.#assembler.keep();
  }

  drained(): void {
    this.#pump();
  }

  closed(error?: Error): void {
    if (this.#isClosed) return;
    this.#options.logger.debug('Connection ended', { error: error?.message });
    this.#finish();
  }

  /** The node is ready: what came meanwhile is answered. */
  release(): void {
    this.#isHeld = false;
    this.#pump();
  }

  /** Starts nothing more, answers what is in flight, and closes. */
  drain(): void {
    this.#isDraining = true;
    this.#pump();
  }

  /** Cuts the connection: what is in flight is not answered. */
  destroy(): void {
    if (this.#isClosed) return;
    this.#finish();
    this.#connection.destroy();
  }

  /** Starts what may start; called when there are more bytes, or fewer that hold it up. */
  #pump(): void {
    // A request that is answered at once comes back here.
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#isClosed && this.#startNext());
    this.#isPumping = false;
    if (this.#isClosed) return;
    if (this.#isDraining && this.#inFlight.length === 0) {
      this.#end('drained');
      return;
    }
    this.#setPaused(this.#next !== undefined || this.#isFull());
  }

  #isFull(): boolean {
    return (
      this.#isHeld ||
      this.#muteTimer !== undefined ||
      this.#isDraining ||
      this.#connection.unsentBytes > MAX_CONNECTION_UNSENT_BYTES ||
      this.#requestBytes > MAX_CONNECTION_REQUEST_BYTES ||
      (this.#requestBytes > 0 && this.#options.memory.isFull)
    );
  }

  /** Starts one request; whether there may be another. */
  #startNext(): boolean {
    if (this.#isFull()) return false;
    if (this.#next === undefined && !this.#takeNext()) return false;
    const next = this.#next;
    if (next === undefined || !this.#mayStart(next.request)) return false;
    this.#next = undefined;
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    this.#lastActiveMs = startedMs;
    const { request, frameBytes, arrivedMs } = next;
    // Written out: copied with `...` it takes as long as half of what else is done here.
    const entry: InFlight = {
      request,
      frameBytes,
      arrivedMs,
      startedMs,
      localDoneMs: startedMs,
      doneMs: startedMs,
      outcome: undefined,
    };
    this.#inFlight.push(entry);
    const outcome = request.run();
    entry.localDoneMs = clock.monotonicMs();
    if (!(outcome instanceof Promise)) {
      this.#done(entry, outcome);
      return true;
    }
    outcome.then(
      result => {
        this.#done(entry, result);
        this.#pump();
      },
      error => {
        this.#options.logger.error('A request failed unexpectedly', { error });
        this.#done(entry, { close: 'an unexpected error' });
      },
    );
    return true;
  }

  #mayStart(request: PendingRequest): boolean {
    if (this.#inFlight.length === 0) return true;
    return request.isPipelined && this.#inFlight.every(each => each.request.isPipelined);
  }

  /** Reads the next frame's header into {@link #next}; whether there is one. */
  #takeNext(): boolean {
    const frame = this.#assembler.next();
    if (frame === undefined) return false;
    if (failed(frame)) {
      this.#end(frame.message);
      return false;
    }
    const request = this.#options.accept(frame, this.client);
    if (typeof request === 'string') {
      this.#end(request);
      return false;
    }
    this.#next = { request, frameBytes: frame.length, arrivedMs: this.#options.clock.monotonicMs() };
    this.#requestBytes += frame.length;
    this.#options.memory.add(frame.length);
    return true;
  }

  /** Sends the responses that are due: a response waits for those of the requests before it. */
  #done(entry: InFlight, outcome: Outcome): void {
    if (this.#isClosed) return;
    entry.doneMs = this.#options.clock.monotonicMs();
    this.#lastActiveMs = entry.doneMs;
    entry.outcome = outcome;
    const chunks: Buffer[] = [];
    const answered: InFlight[] = [];
    let closeReason: string | undefined;
    while (closeReason === undefined && this.#inFlight[0]?.outcome !== undefined) {
      const first = this.#inFlight.shift()!;
      const { outcome: due, frameBytes } = first;
      answered.push(first);
      this.#requestBytes -= frameBytes;
      this.#options.memory.remove(frameBytes);
      if (due === undefined) continue;
      if ('close' in due) {
        if (chunks.length > 0) this.#connection.write(chunks);
        this.#end(due.close);
        return;
      }
      if (due.muteMs > 0) this.#mute(due.muteMs);
      if (due.frame !== undefined) for (const chunk of due.frame.chunks) chunks.push(chunk);
      closeReason = due.closeReason;
    }
    if (answered.length === 0) return;
    const sendingMs = this.#options.clock.monotonicMs();
    if (chunks.length > 0) this.#connection.write(chunks);
    this.#report(answered, sendingMs);
    if (closeReason !== undefined) this.#end(closeReason);
  }

  /** Says how long the answered requests took, and where. */
  #report(answered: readonly InFlight[], sendingMs: number): void {
    const sendMs = this.#options.clock.monotonicMs() - sendingMs;
    for (const { request, frameBytes, arrivedMs, startedMs, localDoneMs, doneMs, outcome } of answered) {
      const frame = outcome !== undefined && 'frame' in outcome ? outcome.frame : undefined;
      const responseBytes = frame?.sizeBytes ?? 0;
      request.done(
        {
          queueMs: startedMs - arrivedMs,
          localMs: localDoneMs - startedMs,
          remoteMs: doneMs - localDoneMs,
          responseQueueMs: sendingMs - doneMs,
          sendMs,
        },
        { requestBytes: frameBytes, responseBytes },
      );
      this.#options.traffic.incomingBytes += frameBytes;
      this.#options.traffic.outgoingBytes += responseBytes;
    }
  }

  /** The longest of several counts from the last one on, as each is told to the client. */
  #mute(muteMs: number): void {
    this.#muteTimer?.cancel();
    this.#muteTimer = this.#options.clock.startTimer(muteMs, () => {
      this.#muteTimer = undefined;
      this.#pump();
    });
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) {
      this.#connection.pause();
      this.#options.memory.whenFree(this, () => this.#pump());
    } else {
      this.#options.memory.forget(this);
      this.#connection.resume();
    }
  }

  /** Closes from this side. */
  #end(reason: string): void {
    if (this.#isClosed) return;
    this.#options.logger.debug('Closing a connection', { reason });
    this.#finish();
    this.#connection.close();
  }

  #finish(): void {
    this.#isClosed = true;
    this.#idleTimer.cancel();
    this.#muteTimer?.cancel();
    this.#options.memory.forget(this);
    this.#options.memory.remove(this.#requestBytes);
    this.#requestBytes = 0;
    this.#next = undefined;
    this.#options.onClosed();
  }

  #startIdleTimer(delayMs: number): Timer {
    return this.#options.clock.startTimer(delayMs, () => {
      const { clock, maxIdleMs } = this.#options;
      const idleMs = clock.monotonicMs() - this.#lastActiveMs;
      if (idleMs >= maxIdleMs && this.#inFlight.length === 0) {
        this.#end(`nothing came for ${Math.round(idleMs)} ms`);
        return;
      }
      this.#idleTimer = this.#startIdleTimer(Math.max(1, maxIdleMs - idleMs));
    });
  }
}
