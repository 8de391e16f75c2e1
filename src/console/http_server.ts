import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
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

/** The listeners of a node for HTTP. */
export class HttpServer {
  readonly #servers: http.Server[] = [];
  readonly #addresses: HostPort[] = [];

  /**
   * Serves an app at an address. May be called for several.
   * @returns a failure when the address can't be had
   */
  async listen({ host, port }: HostPort, app: Hono): Promise<HostPort | Failure> {
    const server = http.createServer({ maxHeaderSize: MAX_HEADER_BYTES }, getRequestListener(app.fetch));
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
