import type { Api, ListenerKind, MessageInput, MessageOf } from '../protocol/schema.ts';
import { parseVersions, type VersionRange, type Versions } from '../protocol/versions.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

type MaybePromise<T> = T | Promise<T>;

/**
 * What a handler gives where the protocol wants no response (Produce with acks 0): nothing, or the end of the
 * connection, the only way in which such a client learns that something went wrong.
 */
export class NoResponse {
  /** Why the connection is to be closed; undefined to go on. */
  readonly closeReason: string | undefined;

  /** How long the client has to wait until its next request is read, as its quotas say. */
  readonly throttleTimeMs: number;

  constructor({ closeReason, throttleTimeMs = 0 }: { closeReason?: string; throttleTimeMs?: number } = {}) {
    this.closeReason = closeReason;
    this.throttleTimeMs = throttleTimeMs;
  }
}

/** Answers requests of one API. */
export type Handle<A extends Api> = (
  request: MessageOf<A['request']>,
  context: RequestContext,
  services: BrokerServices,
) => MaybePromise<MessageInput<A['response']> | NoResponse>;

/** An API that this node serves. */
export interface ApiHandler {
  readonly api: Api;
  /** The versions that are answered. */
  readonly versions: Versions;
  /** What ApiVersions says the lowest version is: below the lowest answered one only for Produce (KAFKA-18659). */
  readonly advertisedLowest: number;
  readonly listeners: readonly ListenerKind[];
  /** Whether a broker passes it on to the active controller, in an envelope (KIP-590). */
  readonly isForwardable: boolean;
  /** Whether it takes effect when it starts, so that the next of its connection need not wait for its answer. */
  readonly isPipelined: boolean;
  readonly handle: Handle<Api>;
}

export interface ServeOptions {
  /** Where this node answers it, if not at all listeners that the API's declaration names. */
  readonly listeners?: readonly ListenerKind[];
  readonly advertisedLowest?: number;
  readonly isForwardable?: true;
  readonly isPipelined?: true;
}

/** An entry of the table of what this node serves. `versions` is what is answered, within the declared ones. */
export function serve<A extends Api>(
  api: A,
  versions: VersionRange,
  handle: Handle<A>,
  options: ServeOptions = {},
): ApiHandler {
  const range = parseVersions(versions);
  return {
    api,
    versions: range,
    advertisedLowest: options.advertisedLowest ?? range.lowest,
    listeners: options.listeners ?? api.listeners,
    isForwardable: options.isForwardable ?? false,
    isPipelined: options.isPipelined ?? false,
    handle: handle as unknown as Handle<Api>,
  };
}
