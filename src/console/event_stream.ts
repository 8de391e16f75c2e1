import { MAX_STREAM_UNSENT_BYTES } from '../model/limits.ts';
import type { Clock, Timer } from '../model/ports.ts';

/** Often enough for what stands between that closes idle connections. */
const HEARTBEAT_MS = 15_000;

export interface EventStreamOptions {
  readonly clock: Clock;
  /** Ends with the request of the reader. */
  readonly signal: AbortSignal;
  /** Called once when the stream has ended, by whichever side. */
  readonly closed?: () => void;
}

/** Server-sent events to one reader. What a slow one has not taken is bounded: above it nothing more is sent. */
export class EventStream {
  readonly response: Response;
  readonly #options: EventStreamOptions;
  readonly #encoder = new TextEncoder();
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #heartbeat: Timer | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    const body = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          this.#controller = controller;
        },
        cancel: () => this.close(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_STREAM_UNSENT_BYTES }),
    );
    this.response = new Response(body, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies that collect answers would keep events back.
        'x-accel-buffering': 'no',
      },
    });
    options.signal.addEventListener('abort', () => this.close(), { once: true });
    if (options.signal.aborted) this.close();
    else this.#beat();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the reader has taken so much that more may be sent. */
  get hasRoom(): boolean {
    return !this.#isClosed && (this.#controller.desiredSize ?? 0) > 0;
  }

  /** @returns whether it was sent: not when the stream has ended, or its reader is too slow */
  send(event: string, data: unknown): boolean {
    if (!this.hasRoom) return false;
    this.#lastId++;
    const text = `event: ${event}\nid: ${this.#lastId}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#controller.enqueue(this.#encoder.encode(text));
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#heartbeat?.cancel();
    try {
      this.#controller.close();
    } catch {
      // Its reader has cancelled it.
    }
    this.#options.closed?.();
  }

  #beat(): void {
    if (this.#isClosed) return;
    if (this.hasRoom) this.#controller.enqueue(this.#encoder.encode(': still here\n\n'));
    this.#heartbeat = this.#options.clock.startTimer(HEARTBEAT_MS, () => this.#beat());
  }
}
