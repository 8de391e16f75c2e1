import type { Failure } from '../model/failure.ts';
import type { Api, MessageInput, MessageOf } from '../protocol/schema.ts';

/** Where a node listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface SendOptions {
  /** From the call to the whole response, connecting included. */
  readonly timeoutMs: number;
  /** How much of it connecting may take; all without it. */
  readonly connectTimeoutMs?: number;
  /** The lowest version that says what the request means; a peer that speaks only older ones is a failure. */
  readonly minVersion?: number;
  /** The highest version to use, where not the newest that both sides know. */
  readonly maxVersion?: number;
}

/**
 * What a look at a listener found: a process listens there; the machine answered that none does (the process is
 * gone); or nothing was learned in time.
 */
export type ProbeResult = 'listening' | 'refused' | 'unknown';

/** Sends requests to other nodes; each node that is told something has its own connection behind it. */
export interface PeerSender {
  /**
   * Sends one request and waits for its response, in the newest version that both sides know.
   * @returns the response, whatever errors it holds; or NETWORK_EXCEPTION when there is no connection or it broke,
   * REQUEST_TIMED_OUT when the time is over, UNSUPPORTED_VERSION when the two sides share no version. After a failure
   * the peer may have acted on the request or not, unless it is {@link NotSent}.
   */
  send<A extends Api>(
    endpoint: Endpoint,
    api: A,
    request: MessageInput<A['request']>,
    options: SendOptions,
  ): Promise<MessageOf<A['response']> | Failure>;
  /**
   * Looks whether a process listens at `endpoint`, by a connection of its own that carries nothing. `refused` proves
   * that the process is gone; everything else proves nothing.
   * @param timeoutMs until the answer is `unknown`
   */
  probe(endpoint: Endpoint, timeoutMs: number): Promise<ProbeResult>;
}
