import type { ClientInfo } from '../handlers/request_context.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { MAX_REQUEST_BYTES } from '../model/limits.ts';
import {
  type Clock,
  type Connection,
  type ConnectionHandler,
  type Listener,
  type Logger,
  type Network,
  NetworkError,
} from '../model/ports.ts';
import { LEAST_REQUEST_BYTES } from '../protocol/framing.ts';
import type { ListenerKind } from '../protocol/schema.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import { ClientConnection } from './client_connection.ts';
import { ListenerTraffic } from './listener_traffic.ts';
import type { RequestDispatcher } from './request_dispatcher.ts';
import { RequestMemory } from './request_memory.ts';

export interface ListenersOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: () => BrokerSettings;
  /** Counts a connection of an address; above 0 it is one more than the address may open now. */
  readonly connected: (host: string) => number;
  /** A connection has ended. */
  readonly closed: (connectionId: string) => void;
}

/** Where a listener was asked to listen. */
export interface ListenerPlace {
  readonly name: string;
  readonly kind: ListenerKind;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

interface AcceptOptions {
  readonly place: ListenerPlace;
  readonly traffic: ListenerTraffic;
  readonly dispatcher: RequestDispatcher;
}

/** Between two looks whether all connections are gone. */
const DRAIN_POLL_MS = 5;

/** The listeners of a node and the connections that came in by them. */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #open: Listener[] = [];
  readonly #connections = new Set<ClientConnection>();
  readonly #connectionsByHost = new Map<string, number>();
  readonly #memory: RequestMemory;
  /** The kinds that the node can answer by now; connections of the others wait. */
  readonly #serving = new Set<ListenerKind>();
  readonly #traffic = new Map<string, ListenerTraffic>();
  #accepted = 0;

  constructor(options: ListenersOptions) {
    this.#options = options;
    const { queuedMaxRequestBytes } = options.settings();
    this.#memory = new RequestMemory(queuedMaxRequestBytes > 0 ? queuedMaxRequestBytes : MAX_REQUEST_BYTES);
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** By listener, since the start. */
  get traffic(): Iterable<ListenerTraffic> {
    return this.#traffic.values();
  }

  /** Who is connected. */
  *clients(): Iterable<ClientInfo> {
    for (const { client } of this.#connections) yield client;
  }

  /**
   * Starts to listen.
   * @returns the port; a failure when the address can't be had
   */
  async open(place: ListenerPlace, dispatcher: RequestDispatcher): Promise<number | Failure> {
    const { host, port, name } = place;
    const traffic = new ListenerTraffic(name);
    this.#traffic.set(name, traffic);
    try {
      const listener = await this.#options.network.listen(host, port, connection =>
        this.#accept(connection, { place, traffic, dispatcher }),
      );
      this.#open.push(listener);
      return listener.port;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      const why =
        error.code === 'EADDRINUSE'
          ? 'another process listens there. Stop it, or give this node another port in listeners'
          : error.message;
      return new Failure(
        Errors.INVALID_CONFIG,
        `Cannot listen on ${host}:${port} (listener ${name}): ${why}`,
      );
    }
  }

  /** Answers the connections of a kind from now on. */
  serve(kind: ListenerKind): void {
    this.#serving.add(kind);
    for (const connection of this.#connections)
      if (connection.client.listenerKind === kind) connection.release();
  }

  #accept(connection: Connection, { place, traffic, dispatcher }: AcceptOptions): ConnectionHandler {
    const { clock, logger, settings } = this.#options;
    const host = connection.remoteHost;
    const tooMany = this.#tooMany(host);
    if (tooMany !== undefined) {
      logger.warn('Connection refused', { reason: tooMany, remote: `${host}:${connection.remotePort}` });
      traffic.refused++;
      connection.destroy();
      return { data() {}, drained() {}, closed() {} };
    }
    this.#accepted++;
    traffic.accepted++;
    this.#connectionsByHost.set(host, (this.#connectionsByHost.get(host) ?? 0) + 1);
    const client: ClientInfo = {
      connectionId: `${place.name}-${this.#accepted}`,
      listenerName: place.name,
      listenerKind: place.kind,
      host,
      principal: 'User:ANONYMOUS',
      softwareName: 'unknown',
      softwareVersion: 'unknown',
    };
    const { socketRequestMaxBytes, connectionsMaxIdleMs } = settings();
    const handler = new ClientConnection(connection, {
      client,
      limits: { leastBytes: LEAST_REQUEST_BYTES, mostBytes: socketRequestMaxBytes },
      clock,
      logger: logger.with({ connection: client.connectionId, remote: `${host}:${connection.remotePort}` }),
      memory: this.#memory,
      traffic,
      maxIdleMs: connectionsMaxIdleMs,
      isHeld: !this.#serving.has(place.kind),
      accept: (frame, from) => dispatcher.accept(frame, from),
      onClosed: () => {
        traffic.closed++;
        this.#forget(handler, host);
        this.#options.closed(client.connectionId);
      },
    });
    this.#connections.add(handler);
    return handler;
  }

  /** Why there may be no further connection of the host. */
  #tooMany(host: string): string | undefined {
    const { maxConnections, maxConnectionsPerIp, maxConnectionsPerIpOverrides } = this.#options.settings();
    const limit = maxConnectionsPerIpOverrides.get(host) ?? maxConnectionsPerIp;
    if ((this.#connectionsByHost.get(host) ?? 0) >= limit) {
      return `${host} has ${limit} connections, as many as max.connections.per.ip allows`;
    }
    if (this.#connections.size >= maxConnections) {
      return `there are ${maxConnections} connections, as many as max.connections allows`;
    }
    return this.#options.connected(host) > 0
      ? `${host} opens connections faster than its quota connection_creation_rate allows`
      : undefined;
  }

  #forget(connection: ClientConnection, host: string): void {
    this.#connections.delete(connection);
    const left = (this.#connectionsByHost.get(host) ?? 1) - 1;
    if (left > 0) this.#connectionsByHost.set(host, left);
    else this.#connectionsByHost.delete(host);
  }

  /** Accepts no further connections. */
  async stopAccepting(): Promise<void> {
    await Promise.all(this.#open.splice(0).map(listener => listener.close()));
  }

  /** Answers what is in flight and closes the connections; after `timeoutMs` those that are left are cut. */
  async drain(timeoutMs: number): Promise<void> {
    const { clock } = this.#options;
    for (const connection of [...this.#connections]) connection.drain();
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    while (this.#connections.size > 0 && clock.monotonicMs() < deadlineMs) {
      await new Promise<void>(resolve => {
        clock.startTimer(DRAIN_POLL_MS, resolve);
      });
    }
    for (const connection of [...this.#connections]) connection.destroy();
  }
}
