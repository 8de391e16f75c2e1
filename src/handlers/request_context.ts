import type { ListenerKind } from '../protocol/schema.ts';

/** Who asks, through which connection, and how: what a handler may need besides the request itself. */
export interface RequestContext {
  readonly apiVersion: number;
  /** As the client calls itself; empty when it gave none. */
  readonly clientId: string;
  readonly client: ClientInfo;
  /** Of a request in an envelope, which another node looks after: it wants to know when this is the wrong place. */
  readonly forwarded?: { isNotController: boolean };
  /** Set by a handler: why the connection ends behind the answer. The client goes elsewhere then. */
  closeReason?: string;
}

/** A connection, as the handlers see it. */
export interface ClientInfo {
  /** Unique among the connections of this process, for log lines. */
  readonly connectionId: string;
  /** The listener that accepted it: `PLAINTEXT`. Metadata names the addresses of the same listener. */
  readonly listenerName: string;
  readonly listenerKind: ListenerKind;
  readonly host: string;
  /** `User:ANONYMOUS` without authentication. */
  readonly principal: string;
  /** As the client introduced itself in ApiVersions (KIP-511); `unknown` before. */
  softwareName: string;
  softwareVersion: string;
}

/** The same as the quorum's room wants it. */
export function quorumContext({ apiVersion, client }: RequestContext): {
  readonly version: number;
  readonly listenerName: string;
} {
  return { version: apiVersion, listenerName: client.listenerName };
}
