import type { ClusterEvent } from '../../api/events.ts';
import { apiUrl } from './api_client.ts';
import { type LiveState, stateAfter } from './live_state.ts';
import { Store } from './store.ts';

export type EventKind = ClusterEvent['event'];

const KINDS: readonly EventKind[] = [
  'snapshot',
  'cluster',
  'broker',
  'leaders',
  'isr',
  'topics',
  'controller',
  'alerts',
];
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
/** A process that hangs keeps its connections: after so long without an event it is asked whether it lives. */
const SILENCE_MS = 8_000;
const ALIVE_TIMEOUT_MS = 4_000;

export const live = new Store<LiveState>({
  status: 'connecting',
  lostSinceMs: undefined,
  retryAtMs: undefined,
  cluster: undefined,
  alerts: [],
  feed: [],
});

type Listener = (event: ClusterEvent) => void;

/**
 * The one stream of events of the page. connecting → live with the first event; live, connecting → lost when it ends;
 * lost → connecting after a wait that doubles.
 */
class LiveStream {
  readonly #listeners = new Set<Listener>();
  #source: EventSource | undefined;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setInterval> | undefined;
  #lastEventMs = 0;

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  start(): void {
    this.stop();
    this.#connect();
    this.#silenceTimer = setInterval(() => void this.#lookForHanging(), SILENCE_MS / 2);
  }

  stop(): void {
    clearTimeout(this.#retryTimer);
    clearInterval(this.#silenceTimer);
    this.#source?.close();
    this.#source = undefined;
  }

  /** Without waiting for the next try. */
  retryNow(): void {
    if (live.value.status !== 'lost') return;
    clearTimeout(this.#retryTimer);
    this.#connect();
  }

  #connect(): void {
    this.#source?.close();
    const source = new EventSource(apiUrl('events'));
    this.#source = source;
    this.#lastEventMs = Date.now();
    for (const kind of KINDS) {
      source.addEventListener(kind, message => {
        if (this.#source === source)
          this.#take({ event: kind, data: JSON.parse(message.data) } as ClusterEvent);
      });
    }
    source.onerror = () => {
      if (this.#source === source) this.#lose();
    };
  }

  #lose(): void {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#retryTimer);
    const waitMs = this.#retryMs * (0.8 + 0.4 * Math.random());
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    this.#retryTimer = setTimeout(() => this.#connect(), waitMs);
    live.set({
      ...live.value,
      status: 'lost',
      lostSinceMs: live.value.lostSinceMs ?? Date.now(),
      retryAtMs: Date.now() + waitMs,
    });
  }

  async #lookForHanging(): Promise<void> {
    const source = this.#source;
    if (source === undefined || Date.now() - this.#lastEventMs < SILENCE_MS) return;
    try {
      await fetch(new URL('../health/live', document.baseURI), {
        signal: AbortSignal.timeout(ALIVE_TIMEOUT_MS),
      });
      this.#lastEventMs = Date.now();
    } catch {
      if (this.#source === source) this.#lose();
    }
  }

  #take(event: ClusterEvent): void {
    this.#lastEventMs = Date.now();
    this.#retryMs = FIRST_RETRY_MS;
    live.set(stateAfter(live.value, event));
    for (const listener of [...this.#listeners]) listener(event);
  }
}

export const liveStream = new LiveStream();
