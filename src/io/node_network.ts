import net from 'node:net';
import {
  type Connection,
  type ConnectionHandler,
  type Listener,
  type Logger,
  type Network,
  NetworkError,
} from '../model/ports.ts';
import { NodeConnection } from './node_connection.ts';
import { SocketReader } from './socket_reader.ts';

/** Connections that the system accepts for us before we do; systems cut it to their own limit. */
const LISTEN_BACKLOG = 1_024;
/** A silent peer is asked for a sign of life after this: one that lost its power would never say that it is gone. */
const KEEP_ALIVE_DELAY_MS = 60_000;
/** Failing to accept is logged at most so often: it comes in floods. */
const ACCEPT_WARNING_MS = 10_000;

const SOCKET_OPTIONS = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
} as const;

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  EACCES: 'the system does not allow it (ports below 1024 need a privilege)',
  EADDRINUSE: 'another process listens there; stop it or choose another port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'the name is not known',
  ETIMEDOUT: 'no answer in time',
};

/** TCP sockets of this machine. */
export class NodeNetwork implements Network {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  listen(
    host: string,
    port: number,
    accept: (connection: Connection) => ConnectionHandler,
  ): Promise<Listener> {
    const server = net.createServer({ ...SOCKET_OPTIONS, pauseOnConnect: true }, socket => {
      const connection = NodeConnection.ofAccepted(socket);
      connection.attach(accept(connection));
    });
    return new Promise((resolve, reject) => {
      server.once('error', error => reject(networkError(error, 'listen on', host, port)));
      server.listen({ host: host === '' ? undefined : host, port, backlog: LISTEN_BACKLOG }, () => {
        server.removeAllListeners('error');
        this.#warnOfAcceptErrors(server, host);
        resolve(new NodeListener(server));
      });
    });
  }

  connect(
    host: string,
    port: number,
    timeoutMs: number,
    attach: (connection: Connection) => ConnectionHandler,
  ): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const reader = new SocketReader();
      const socket = net.connect({ host, port, ...SOCKET_OPTIONS, ...reader.options });
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(networkError(error, 'connect to', host, port));
      };
      const timer = setTimeout(() => fail({ code: 'ETIMEDOUT' }), timeoutMs);
      // Stays, since an attempt that was given up may still fail once more.
      socket.on('error', fail);
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.off('error', fail);
        const connection = new NodeConnection(socket, reader);
        connection.attach(attach(connection));
        resolve(connection);
      });
    });
  }

  /** Too many open files, mostly: the system hangs up on the client, and the listener goes on. */
  #warnOfAcceptErrors(server: net.Server, host: string): void {
    let lastMs = -Infinity;
    server.on('error', error => {
      if (performance.now() - lastMs < ACCEPT_WARNING_MS) return;
      lastMs = performance.now();
      this.#logger.warn('Cannot accept a connection', { host, error });
    });
  }
}

class NodeListener implements Listener {
  readonly port: number;
  readonly #server: net.Server;

  constructor(server: net.Server) {
    this.#server = server;
    this.port = (server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    // The port is free when this returns; its callback would wait for all connections to end.
    this.#server.close();
  }
}

function networkError(error: unknown, action: string, host: string, port: number): NetworkError {
  const { code } = error as NodeJS.ErrnoException;
  // Node's own codes begin with ERR_: a mistake of ours, such as a port that is none.
  if (code === undefined || code.startsWith('ERR_')) throw error;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new NetworkError(
    code,
    `Cannot ${action} ${address}: ${code}: ${WHAT_TO_DO[code] ?? 'the system refuses'}`,
  );
}
