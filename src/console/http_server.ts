import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hono } from 'hono';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { formatHostPort, type HostPort } from '../settings/address.ts';

/** A request's headers must be here by then, and a connection without one is closed: slow clients hold nothing. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** Connections at once: scrapers, probes and people. */
const MAX_CONNECTIONS = 500;

export type AppLoader = () => Promise<Hono>;

function listenerOf(loadApp: AppLoader): http.RequestListener {
  let loading: Promise<http.RequestListener> | undefined;
  return async (request, response) => {
    loading ??= loadListener(loadApp);
    try {
      (await loading)(request, response);
    } catch (error) {
      response.writeHead(500).end(`This node can not load what it serves over HTTP: ${error}`);
    }
  };
}

async function loadListener(loadApp: AppLoader): Promise<http.RequestListener> {
  const { getRequestListener } = await import('@hono/node-server');
  return getRequestListener((await loadApp()).fetch);
}

/** The listeners of a node for HTTP. */
export class HttpServer {
  readonly #servers: http.Server[] = [];
  readonly #addresses: HostPort[] = [];

  /**
   * Serves an app at an address. May be called for several. The app is loaded when something is asked for: loading it,
   * and what it needs, would take a tenth of the node's start.
   * @returns a failure when the address can't be had
   */
  async listen({ host, port }: HostPort, loadApp: AppLoader): Promise<HostPort | Failure> {
    const server = http.createServer({ maxHeaderSize: MAX_HEADER_BYTES }, listenerOf(loadApp));
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.maxConnections = MAX_CONNECTIONS;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port, exclusive: true }, resolve);
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why =
        code === 'EADDRINUSE'
          ? 'another process listens there. Give this node another address in http.listeners, or none'
          : message;
      const text = `Cannot listen on http://${formatHostPort({ host, port })}: ${why}`;
      return new Failure(Errors.INVALID_CONFIG, text);
    }
    this.#servers.push(server);
    const address = { host, port: (server.address() as AddressInfo).port };
    this.#addresses.push(address);
    return address;
  }

  /** Where it listens. */
  get addresses(): readonly HostPort[] {
    return this.#addresses;
  }

  /** Ends at once; requests under way are cut. */
  async close(): Promise<void> {
    const closed = this.#servers.splice(0).map(
      server =>
        new Promise<void>(resolve => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    await Promise.all(closed);
  }
}
