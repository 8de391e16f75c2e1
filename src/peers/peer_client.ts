import type { Failure } from '../model/failure.ts';
import { type Network, NetworkError } from '../model/ports.ts';
import type { Api, MessageOf } from '../protocol/schema.ts';
import { PeerConnection, type PeerConnectionOptions, type RequestOf } from './peer_connection.ts';
import type { Endpoint, PeerSender, ProbeResult, SendOptions } from './peer_sender.ts';
import { PeerTraffic } from './peer_traffic.ts';

/**
 * Sends requests to other nodes over the Network port: one connection an endpoint, opened when first needed and again
 * after it broke. Requests to one endpoint are answered in order, so what may be parked long (a follower's Fetch) has
 * a client of its own.
 */
export class PeerClient implements PeerSender {
  readonly traffic = new PeerTraffic();
  readonly #options: PeerConnectionOptions;
  /** By `host:port`; as many as there are nodes. */
  readonly #connections = new Map<string, PeerConnection>();

  constructor(options: Omit<PeerConnectionOptions, 'traffic'>) {
    this.#options = { ...options, traffic: this.traffic };
  }

  send<A extends Api>(
    endpoint: Endpoint,
    api: A,
    request: RequestOf<A>,
    options: SendOptions,
  ): Promise<MessageOf<A['response']> | Failure> {
    return this.#connectionTo(endpoint, options).send(api, request, options);
  }

  /** Sends a request that has no response: {@link PeerConnection.post}. */
  post<A extends Api>(
    endpoint: Endpoint,
    api: A,
    request: RequestOf<A>,
    options: SendOptions,
  ): Promise<Failure | undefined> {
    return this.#connectionTo(endpoint, options).post(api, request, options);
  }

  #connectionTo(endpoint: Endpoint, { connectTimeoutMs, timeoutMs }: SendOptions): PeerConnection {
    const key = `${endpoint.host}:${endpoint.port}`;
    const open = this.#connections.get(key);
    if (open !== undefined && !open.isClosed) return open;
    const connection = new PeerConnection(
      endpoint,
      Math.min(timeoutMs, connectTimeoutMs ?? timeoutMs),
      this.#options,
    );
    this.#connections.set(key, connection);
    return connection;
  }

  async probe(endpoint: Endpoint, timeoutMs: number): Promise<ProbeResult> {
    return await probe(this.#options.network, endpoint, timeoutMs);
  }

  /** Closes every connection; requests that wait fail. */
  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }
}

async function probe(network: Network, endpoint: Endpoint, timeoutMs: number): Promise<ProbeResult> {
  const ignore = { data() {}, drained() {}, closed() {} };
  try {
    const connection = await network.connect(endpoint.host, endpoint.port, timeoutMs, () => ignore);
    connection.destroy();
    return 'listening';
  } catch (error) {
    return error instanceof NetworkError && error.code === 'ECONNREFUSED' ? 'refused' : 'unknown';
  }
}
