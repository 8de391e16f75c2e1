import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { Clock } from '../model/ports.ts';
import type { Endpoint, PeerSender, SendOptions } from '../peers/peer_sender.ts';
import type { Api, MessageInput, MessageOf } from '../protocol/schema.ts';

/** Failures in a row double the wait up to so many times. */
const MAX_DOUBLINGS = 3;

/** What is sent to one peer for one purpose: one request at a time, with a pause behind a failed one. */
interface Lane {
  /** The request whose answer is waited for. */
  inFlight: object | undefined;
  readyAtMs: number;
  failures: number;
}

export interface PeerPorts {
  readonly clock: Clock;
  readonly peers: PeerSender;
  /** For what the other side may keep for long: behind it nothing else is to wait. */
  readonly fetchPeers: PeerSender;
}

export interface PeerRequestEvents {
  /** An answer was heeded. */
  answered(): void;
  /** A peer answered as one of the same cluster, or as one of another. */
  clusterTold(endpoint: Endpoint, isForeign: boolean): void;
}

/**
 * The requests that this node has sent and still waits for, by lanes (a purpose and a peer). When the role changes,
 * all of them are forgotten: their answers belong to the past.
 */
export class PeerRequests {
  readonly #ports: PeerPorts;
  readonly #options: { readonly requestTimeoutMs: number; readonly retryBackoffMs: number };
  readonly #events: PeerRequestEvents;
  /** Those with a request on its way, or with a pause behind a failed one. */
  readonly #lanes = new Map<string, Lane>();

  constructor(
    ports: PeerPorts,
    options: { requestTimeoutMs: number; retryBackoffMs: number },
    events: PeerRequestEvents,
  ) {
    this.#ports = ports;
    this.#options = options;
    this.#events = events;
  }

  /** When the next request may go: Infinity while one is on its way. */
  readyAtMs(lane: string): number {
    const known = this.#lanes.get(lane);
    if (known === undefined) return Number.NEGATIVE_INFINITY;
    return known.inFlight === undefined ? known.readyAtMs : Number.POSITIVE_INFINITY;
  }

  /**
   * Sends a request in a lane that is ready. `heed` gets the answer, unless the lanes were forgotten meanwhile, and
   * returns whether the lane may go on at once: else it pauses, as it does after a failure.
   */
  send<A extends Api>(
    to: { readonly lane: string; readonly endpoint: Endpoint; readonly isLong?: true },
    api: A,
    request: MessageInput<A['request']>,
    heed: (answer: MessageOf<A['response']> | Failure) => boolean,
    options: Omit<SendOptions, 'timeoutMs'> = {},
  ): void {
    const lane = this.#lanes.get(to.lane) ?? { inFlight: undefined, readyAtMs: 0, failures: 0 };
    const token = {};
    lane.inFlight = token;
    this.#lanes.set(to.lane, lane);
    const timeoutMs = this.#options.requestTimeoutMs;
    const peers = to.isLong === true ? this.#ports.fetchPeers : this.#ports.peers;
    void peers.send(to.endpoint, api, request, { ...options, timeoutMs }).then(answer => {
      if (lane.inFlight !== token) return;
      lane.inFlight = undefined;
      if (!failed(answer)) {
        const isForeign = 'errorCode' in answer && answer['errorCode'] === Errors.INCONSISTENT_CLUSTER_ID;
        this.#events.clusterTold(to.endpoint, isForeign);
      }
      if (heed(answer)) this.#clear(to.lane, lane);
      else this.#pause(lane);
      this.#events.answered();
    });
  }

  /** A good answer: nothing is left to wait for, unless heeding it has sent the next request. */
  #clear(name: string, lane: Lane): void {
    lane.failures = 0;
    if (lane.inFlight === undefined && this.#lanes.get(name) === lane) this.#lanes.delete(name);
  }

  #pause(lane: Lane): void {
    const backoffMs = this.#options.retryBackoffMs * 2 ** Math.min(lane.failures, MAX_DOUBLINGS);
    lane.failures++;
    lane.readyAtMs = this.#ports.clock.monotonicMs() + backoffMs;
  }

  /** The role changed: nothing that is on its way counts any more. Pauses stay. */
  forget(): void {
    for (const [name, lane] of this.#lanes) {
      if (lane.failures === 0) this.#lanes.delete(name);
      lane.inFlight = undefined;
    }
  }
}
